"""What lesson 12 states, held against runs: signs of faults, experiments, the floor, the leak, and every stored run."""

from __future__ import annotations

import importlib
import importlib.util
import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import ROOT, TRACKS

from course_lib.data import digits
from course_lib.instructor.hidden.l12_capstone.truth import final_numbers, named_by_rule, planted
from course_lib.instructor.proof.bank import entries
from course_lib.lessons.l12_capstone.broken import EXPERIMENTS, KINDS, Run, train_with
from course_lib.lessons.l12_capstone.explorer import fault_bench
from course_lib.lessons.l12_capstone.lab import CONFIGS, Lab, rows_of
from course_lib.lessons.l12_capstone.my_faults import PROOFS
from course_lib.lessons.l12_capstone.project import Project
from course_lib.lessons.l12_capstone.variants import DATA, LETTERS, SEEDS, SHEETS, SPLITS, Variant

SEEDS_TRIED = (0, 1, 2, 3, 4)
MATERIAL = ROOT / "course_lib" / "lessons" / "l12_capstone" / "material"
SECRET = ROOT / "course_lib" / "instructor" / "hidden" / "l12_capstone"
ALL_SHEETS = [Variant("x", data, number, tuple(range(6)), 0, ()) for data in DATA for number in range(SHEETS)]


@cache
def runs(kind: str) -> list[Run]:
    return [train_with(kind, "digits", 3, seed) for seed in SEEDS_TRIED]


def jitter(curve: list[float]) -> float:
    return float(np.std([curve[k] - np.mean(curve[k - 2 : k + 3]) for k in range(8, len(curve) - 2)]))


def stored_bench() -> dict[str, Any]:
    return json.loads((MATERIAL / "bench.json").read_text())


@pytest.mark.parametrize("kind", KINDS)
def test_each_fault_is_told_from_the_two_curves(kind: str) -> None:
    pairs = zip(runs(kind), runs("healthy"), strict=True)
    named = [named_by_rule(run.train, run.val, healthy.train, healthy.val, "digits") for run, healthy in pairs]
    assert named.count(kind) >= 4  # a healthy run may happen to be rough, and hide one; the sheets leave such runs out


@pytest.mark.parametrize(("experiment", "fault"), EXPERIMENTS.items())
def test_an_experiment_proves_its_fault_and_no_other(experiment: str, fault: str) -> None:
    for kind in KINDS:
        for run in runs(kind):
            assert PROOFS[fault](run.measured[experiment]) == (kind == fault), (kind, run.measured)


@pytest.mark.slow
def test_only_what_happens_in_training_changes_the_training_curve() -> None:
    for kind in ("dropout in validation", "validation scaled differently", "sums for means"):
        for run, healthy in zip(runs(kind), runs("healthy"), strict=True):
            assert run.train[0] == pytest.approx(healthy.train[0])
    for run, healthy in zip(runs("sums for means"), runs("healthy"), strict=True):
        assert np.array(run.val) / healthy.val == pytest.approx(np.full(25, 12.5))
    for run, healthy in zip(runs("validation scaled differently"), runs("healthy"), strict=True):
        assert run.val[0] / healthy.val[0] < 1.7
        assert run.val[-1] / healthy.val[-1] > 3
    for run, healthy in zip(runs("schedule too short"), runs("healthy"), strict=True):
        assert jitter(run.train) > 1.3 * jitter(healthy.train)
        assert jitter(run.val) > 4 * jitter(healthy.val)


@pytest.mark.parametrize("classes", [2, 10])
def test_the_floor_of_a_double_softmax(classes: int) -> None:
    probabilities = np.eye(classes)[0]
    loss = -math.log(math.exp(probabilities[0]) / np.exp(probabilities).sum())
    assert loss == pytest.approx(math.log(math.e + classes - 1) - 1)
    assert round(loss, 3) == {2: 0.313, 10: 1.461}[classes]


def _network(track: str, seed: int, softmax: bool = False, idle: bool = True) -> Any:
    if track == "keras":
        import keras

        keras.utils.set_random_seed(seed)
        layers = [keras.layers.Dense(64, activation="relu"), keras.layers.Dropout(0.3), keras.layers.Dense(10)]
        extra = [keras.layers.Softmax(), *([keras.layers.Rescaling(1.0)] if idle else [])] if softmax else []
        return keras.Sequential([keras.Input((64,)), *layers, *extra])
    import torch
    from torch import nn

    torch.manual_seed(seed)
    layers = [nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 10)]
    return nn.Sequential(*layers, nn.Softmax(dim=1)) if softmax else nn.Sequential(*layers)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS_TRIED)
@pytest.mark.parametrize("track", TRACKS)
def test_the_predictions(track: str, seed: int) -> None:
    fit = importlib.import_module(f"course_lib.{track}").fit
    data = digits(val_size=400, test_size=597, seed=0)
    how: dict[str, Any] = {"loss": "cross_entropy", "optimizer": "sgd", "lr": 0.1, "epochs": 25, "seed": seed}
    picked = np.random.default_rng(seed).choice(800, 360, replace=False)
    train, val = data.train, data.val
    leaky = np.concatenate([train.x[picked], val.x[360:]]), np.concatenate([train.y[picked], val.y[360:]])
    healthy = fit(_network(track, seed), train, val, **how)
    leaking = fit(_network(track, seed), train, leaky, **how)
    assert leaking.val_loss[-1] < 2 / 3 * healthy.val_loss[-1]
    assert healthy.val_loss[0] < healthy.train_loss[0]
    assert leaking.train_loss == pytest.approx(healthy.train_loss, rel=1e-5)
    double = fit(_network(track, seed, softmax=True), train, val, **how)
    assert 1.461 < double.train_loss.min() < 1.9
    assert 1.461 < double.val_loss.min() < 1.9
    assert double.train_loss[0] == pytest.approx(math.log(10), abs=0.1)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*from_logits.*")
def test_keras_undoes_a_softmax_that_comes_last() -> None:
    from course_lib.keras import fit

    data = digits(val_size=400, test_size=597, seed=0)
    how: dict[str, Any] = {"loss": "cross_entropy", "optimizer": "sgd", "lr": 0.1, "epochs": 4}
    assert fit(_network("keras", 0, softmax=True, idle=False), data.train, **how).train_loss[-1] < 0.6
    assert fit(_network("keras", 0, softmax=True), data.train, **how).train_loss[-1] > 1.461


def test_the_explorer_shows_what_the_text_says() -> None:
    bench = {kind: np.array(found) for kind, found in stored_bench().items()}

    def counted(kind: str, low: float = 0.75, jitter: float = 4.0) -> str:
        words = fault_bench().answer({"fault": kind, "low": low, "jitter": jitter}).words
        return words.split("Seeds of ten that show a sign: ")[1].split(". Training")[0]

    assert counted("last batch logged") == "jagged training 10"
    assert counted("dropout in validation") == "jagged validation 9"
    assert counted("dropout in validation", jitter=3.0) == "jagged validation 10"
    assert counted("schedule too short") == "jagged training 6, jagged validation 10"
    assert counted("schedule too short", jitter=2.0) == "jagged training 10, jagged validation 10"
    assert counted("leaked rows") == counted("leaked rows", low=0.5) == "validation far below 10"
    assert counted("leaked rows", low=0.4) == "validation far below 8"
    for kind in ("double softmax", "validation scaled differently", "sums for means", "shuffled labels"):
        assert "validation far above 10" in counted(kind)
    for kind in KINDS[1:]:  # on the gray curve, to the last stored digit
        same = bool((bench[kind][:, 0] == bench["healthy"][:, 0]).all())
        assert same == (kind in ("validation scaled differently", "sums for means"))
    scaled = bench["validation scaled differently"][:, 1] / bench["healthy"][:, 1]
    assert scaled[:, 0].max() < 1.5
    assert scaled[:, -5:].min() > 4
    assert (bench["sums for means"][:, 1] / bench["healthy"][:, 1]) == pytest.approx(np.full((10, 25), 12.5), rel=2e-3)
    for kind in ("dropout in validation", "validation scaled differently", "sums for means", "leaked rows"):
        assert np.abs(bench[kind][:, 0, 0] / bench["healthy"][:, 0, 0] - 1).max() < 0.06
    assert counted("healthy") == "none"


@pytest.mark.parametrize("mine", ALL_SHEETS, ids=lambda v: f"{v.data} {v.sheet}")
def test_the_solution_names_every_sheet(mine: Variant) -> None:
    (solution,) = (
        entry
        for entry in entries(ROOT / "tests" / "lessons", "12_capstone", "pytorch", "my_faults")
        if entry.name == "reference solution"
    )
    names: dict[str, Any] = {}
    exec(solution.before, names)
    names["project"] = Project(mine)
    exec(solution.source, names)
    assert names["my_faults"] == planted(mine)


@pytest.mark.parametrize("mine", ALL_SHEETS, ids=lambda v: f"{v.data} {v.sheet}")
def test_how_far_runs_of_a_sheet_lie_from_the_healthy_one(mine: Variant) -> None:
    project = Project(mine)
    for letter, (fault, _) in planted(mine).items():
        val, usual = np.array(project[letter].val), np.array(project.healthy.val)
        end = val[-5:].mean() / usual[-5:].mean()
        if fault == "healthy":
            assert 0.8 < end < 1.2
        elif fault == "leaked rows":
            assert end < 0.75
        elif fault == "schedule too short":
            assert val[0] < 0.5 * usual[0]
        elif fault in ("last batch logged", "dropout in validation"):
            assert 0.8 < val[0] / usual[0] < 1.25


def test_a_second_experiment_is_refused() -> None:
    project = Project(Variant("", "digits", 0, tuple(range(6)), 0, ()))
    first = project.experiment("A", "shared rows")
    assert project.experiment("A", "shared rows") == first
    with pytest.raises(ValueError, match="has had its one experiment, 'shared rows'"):
        project.experiment("A", "evaluate twice")
    with pytest.raises(ValueError, match="there is no experiment 'look'"):
        project.experiment("B", "look")
    for letter in ("G", "", "AB"):
        with pytest.raises(ValueError, match="there is no run"):
            project[letter]


def _precompute() -> Any:
    spec = importlib.util.spec_from_file_location("precompute_capstone", ROOT / "scripts" / "precompute_capstone.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_what_is_stored_comes_from_the_script() -> None:
    script = _precompute()
    kept = json.loads((MATERIAL / "sheets.json").read_text())
    faults = json.loads((SECRET / "faults.json").read_text())
    for data, number in (("digits", 0), ("breast cancer", SHEETS - 1)):
        made, kinds = script.make_sheet(data, number)
        assert kinds == faults[data][number]
        for run, stored in zip(
            [made["healthy"], *made["runs"]], [kept[data][number]["healthy"], *kept[data][number]["runs"]], strict=True
        ):
            assert run["train"] == pytest.approx(stored["train"], rel=1e-3)
            assert run["val"] == pytest.approx(stored["val"], rel=1e-3)
            assert run["measured"] == pytest.approx(stored["measured"], rel=1e-2, abs=1e-4)
    again = script.stored(train_with("leaked rows", "digits", 0, 7))
    assert again["val"] == pytest.approx(stored_bench()["leaked rows"][7][1], rel=1e-3)


def test_stored_files_are_small_and_do_not_say_what_is_planted() -> None:
    assert sum(path.stat().st_size for path in MATERIAL.iterdir()) < 300_000
    text = (MATERIAL / "sheets.json").read_text()
    assert not any(fault in text for fault in KINDS if fault != "healthy")
    faults = json.loads((SECRET / "faults.json").read_text())
    assert all(len(set(sheet)) == 6 for sheets in faults.values() for sheet in sheets)
    assert set(faults["digits"][0]) & {"healthy"} == set()


@pytest.mark.parametrize("track", TRACKS)
@pytest.mark.parametrize("data", DATA)
def test_the_lab_gives_what_the_grader_knows(track: str, data: str) -> None:
    mine = Variant("", data, 0, (), 2, (6, 1))
    lab = Lab(mine, track)
    known = json.loads((SECRET / "finals.json").read_text())
    for config in CONFIGS:
        model = lab.fit(config, 6)
        rows = lab.test_losses(model)
        three = lab.val_loss(model), rows.mean(), rows.std(ddof=1) / math.sqrt(len(rows))
        assert three == pytest.approx(known[f"{data} 2 {config} 6"], rel=5e-4)
        assert lab.history is not None
        assert lab.history.val_loss[-1] == pytest.approx(three[0], rel=1e-4)
    assert lab.opened == 2


@pytest.mark.parametrize("data", DATA)
def test_what_the_text_and_the_sample_report_say_of_the_run(data: str) -> None:
    for split in range(SPLITS):
        rows = rows_of(Variant("", data, 0, (), split, ()))
        sizes = {"digits": (800, 400, 597), "breast cancer": (280, 140, 149)}[data]
        assert (len(rows.train.x), len(rows.val.x), len(rows.test.x)) == sizes
    known = json.loads((SECRET / "finals.json").read_text())
    assert len(known) == len(DATA) * SPLITS * len(CONFIGS) * SEEDS
    if data == "digits":
        found = final_numbers(Variant("", "digits", 0, (), 0, (0, 1, 2, 3, 4)))
        assert f"{found['baseline']:.2f} {found['val_loss']:.2f}" == "2.30 0.21"
        assert f"{found['test_loss']:.3f} {found['test_error']:.3f}" == "0.201 0.020"
        assert f"{np.mean([known[f'digits 0 narrow {seed}'][0] for seed in range(5)]):.2f}" == "0.39"


def test_letters_and_lessons_agree() -> None:
    assert len(LETTERS) == 6
    assert set(EXPERIMENTS.values()) == set(KINDS) - {"healthy"} == set(PROOFS)
    assert Path(MATERIAL / "bench.json").is_file()
