"""What lesson 11 states: about logs on disk, about TensorBoard, and about what others write into event files."""

from __future__ import annotations

import importlib.metadata
import json
import math
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from packaging.requirements import Requirement
from support import ROOT, TRACKS

from course_lib.data import digits
from course_lib.explorers import on_disk
from course_lib.lessons.l11_logging.log_hunt import READ, STEPS, TRACES, WAYS, goes_wrong
from course_lib.notebook.tensorboard import Server, start
from course_lib.training.event_files import EventWriter, read_events

TEXT = (ROOT / "solutions" / "11_logging.md").read_text(encoding="utf-8")


def run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", script], cwd=folder, check=False, capture_output=True, text=True)


# --- the mean so far ---------------------------------------------------------------------------------


def lesson_loop(track: str, seed: int) -> tuple[list[float], list[float]]:
    """Run the lesson's own cell from another seed; return what is shown at each batch, and the batches' own losses."""
    cell = next(c for c in re.findall(rf":tags: \[{track}\]\n(.*?)```", TEXT, re.DOTALL) if "running_figure" in c)
    names: dict[str, Any] = {"np": np, "train": digits(scale="unit", seed=0).train, "batches": 45}
    if track == "pytorch":
        import torch
        from torch import nn

        torch.manual_seed(seed)
        names |= {"torch": torch, "nn": nn}
        names["make_model"] = lambda: nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    else:
        import keras

        keras.utils.set_random_seed(seed)
        layers = [keras.Input((64,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10)]
        names |= {"keras": keras, "make_model": lambda: keras.Sequential(layers)}
    exec(cell.replace("default_rng(0)", f"default_rng({seed})"), names)
    return names["shown"], names["own"]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("track", TRACKS)
def test_the_mean_so_far_is_far_above_the_last_batch_of_the_first_epoch(track: str, seed: int) -> None:
    shown, own = lesson_loop(track, seed)
    assert shown[44] > 1.35 * own[44]
    assert shown[45] == pytest.approx(own[45], rel=1e-5)
    assert shown[45] < shown[44] / 1.25  # the mean starts over, and jumps down


def test_keras_hands_callbacks_the_mean_so_far_and_its_tensorboard_writes_it(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    import keras

    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(12, 3)), rng.normal(size=(12, 1))
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.0), "mse")  # the weights stay, so each batch's loss is known
    own = [model.evaluate(x[k : k + 3], y[k : k + 3], verbose=0) for k in range(0, 12, 3)]
    board = keras.callbacks.TensorBoard(tmp_path, update_freq="batch")
    model.fit(x, y, batch_size=3, epochs=2, shuffle=False, verbose=0, validation_data=(x, y), callbacks=[board])
    points = read_events(tmp_path / "train")
    so_far = [float(np.mean(own[:k])) for k in (1, 2, 3, 4)]
    assert [p.step for p in points if p.tag == "batch_loss"] == list(range(1, 9))
    assert [p.value for p in points if p.tag == "batch_loss"] == pytest.approx(so_far * 2, rel=1e-5)
    assert [p.step for p in points if p.tag == "epoch_loss"] == [0, 1]
    validation = read_events(tmp_path / "validation")
    assert [p.step for p in validation if p.tag == "evaluation_loss_vs_iterations"] == [4, 8]


@pytest.mark.slow
def test_keras_epoch_losses_vanish_with_a_whole_number_as_interval(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    import keras

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.ones((8, 1))
    for every, expected in ((3, [2, 5]), (2, [0, 1, 2, 3, 4, 5])):
        board = keras.callbacks.TensorBoard(tmp_path / str(every), update_freq=every)
        model.fit(x, x, batch_size=2, epochs=6, verbose=0, validation_data=(x, x), callbacks=[board])
        for part in ("train", "validation"):
            points = read_events(tmp_path / str(every) / part)
            assert [p.step for p in points if p.tag == "epoch_loss"] == expected


def test_keras_csv_logger_erases_the_first_run_or_counts_from_zero_again(tmp_path: Path) -> None:
    import keras
    import pandas as pd

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.ones((4, 1))
    for append, epochs in ((False, [0, 1]), (True, [0, 1, 0, 1])):
        path = tmp_path / f"{append}.csv"
        for _ in range(2):
            model.fit(x, x, epochs=2, verbose=0, callbacks=[keras.callbacks.CSVLogger(path, append=append)])
        assert pd.read_csv(path)["epoch"].tolist() == epochs


# --- on disk -----------------------------------------------------------------------------------------

KILLED = """
import json, os
file = open("killed.jsonl", "w")
for step in range(1, {lines} + 1):
    print(json.dumps({{"step": step, "loss": 1 / step}}), file=file, flush={flush})
os._exit(9)
"""


def test_what_is_not_flushed_is_gone_and_a_cut_line_is_no_json(tmp_path: Path) -> None:
    found = {}
    for lines, flush in ((100, False), (100, True), (1000, False)):
        run(KILLED.format(lines=lines, flush=flush), tmp_path)
        found[lines, flush] = (tmp_path / "killed.jsonl").read_text()
    assert found[100, False] == ""
    assert found[100, True].count("\n") == 100
    assert 0 < found[1000, False].count("\n") < 1000
    cut = found[1000, False][:-12]
    assert not cut.endswith("\n")
    with pytest.raises(json.JSONDecodeError):
        json.loads(cut.splitlines()[-1])


@pytest.mark.parametrize("letter", WAYS)
def test_the_ways_of_the_hunt_were_run(letter: str, tmp_path: Path) -> None:
    script = f"""
import csv, json, os, sqlite3
from pathlib import Path
done, dies = int(Path("done").read_text()), {{dies}}
history = [1 / k for k in range(1, done + 1)]
def run_epoch(epoch):
    if epoch == dies:
        os._exit(9)
    if epoch % 2 == 0:
        Path("done").write_text(str(epoch))
    return 1 / epoch
{WAYS[letter]}"""
    (tmp_path / "done").write_text("0")
    assert run(script.replace("{dies}", "6"), tmp_path).returncode == 9
    assert (tmp_path / "done").read_text() == "4"
    ended = run(script.replace("{dies}", "None"), tmp_path)
    assert ended.returncode == 0, ended.stderr
    read = run(f"import csv, json, sqlite3\nprint({READ[letter]})", tmp_path)
    assert json.loads(read.stdout) == list(TRACES[letter])
    assert goes_wrong(letter) == (TRACES[letter] != STEPS)


def test_the_text_shows_the_ways_as_they_were_run() -> None:
    found = dict(re.findall(r"\*\*([A-F])\.\*\*\n\n```python\n(.*?)```", TEXT, re.DOTALL))
    assert found == WAYS


def test_each_pair_of_the_hunt_has_one_that_misleads() -> None:
    assert [goes_wrong(a) + goes_wrong(b) for a, b in (("A", "B"), ("C", "D"), ("E", "F"))] == [1, 1, 1]


# --- TensorBoard -------------------------------------------------------------------------------------


def test_tensorflow_does_not_bring_tensorboard() -> None:
    brought = [Requirement(text) for text in importlib.metadata.requires("tensorflow") or []]
    always = [r.name for r in brought if r.marker is None or r.marker.evaluate({"extra": ""})]
    assert always
    assert "tensorboard" not in always


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 3000 steps, one that was resumed from step 4 without a mark, and the same with one, in both files."""
    folder = tmp_path_factory.mktemp("runs")
    long = EventWriter(folder / "long")
    for step in range(3000):
        long.add(step, {"loss": step / 7})
    for name, mark in (("bare", None), ("marked", 4)):
        for first, steps in ((mark and 0, range(6)), (mark, range(4, 9))):
            writer = EventWriter(folder / name, first_step=first)
            for step in steps:
                writer.add(step, {"loss": float(step)})
            writer.close()
    long.close()
    return folder


def served(server: Server, expected: dict[str, int]) -> dict[str, list[int]]:
    """Return the steps that are served of each run, once as many have been read as are expected."""
    url = f"http://localhost:{server.port}/data/plugin/scalars/scalars?tag=loss&run="
    deadline = time.monotonic() + 60
    while True:
        try:
            found = {name: [row[1] for row in json.load(urllib.request.urlopen(url + name))] for name in expected}
        except OSError:  # not read yet
            found = {}
        if {name: len(steps) for name, steps in found.items()} == expected or time.monotonic() > deadline:
            return found


@pytest.fixture(params=["fast", "slow"])
def loader(request: pytest.FixtureRequest, runs: Path) -> Iterator[tuple[str, Any]]:
    pytest.importorskip("tensorboard")
    servers = []

    def started(*extra: str) -> Server:
        servers.append(start(runs, extra=[f"--load_fast={str(request.param == 'fast').lower()}", *extra]))
        return servers[-1]

    yield request.param, started
    for server in servers:
        server.stop()


@pytest.mark.slow
def test_every_point_is_served_and_a_resumed_run_once_if_it_says_so(loader: Any) -> None:
    kind, started = loader
    bare = list(range(9)) if kind == "fast" else [*range(6), *range(4, 9)]
    expected = {"long": list(range(3000)), "bare": bare, "marked": list(range(9))}
    assert served(started(), {name: len(steps) for name, steps in expected.items()}) == expected


@pytest.mark.slow
def test_scalars_0_shows_nothing_and_the_default_a_thousand(loader: Any) -> None:
    _, started = loader
    server = started("--samples_per_plugin", "scalars=1000")
    thousand = served(server, {"long": 1000})["long"]
    assert 500 < len(thousand) <= 1000  # the slow loader thins what it has when it has too many
    assert served(started("--samples_per_plugin", "scalars=0"), {"long": 0})["long"] == []


def test_both_files_hold_the_steps_that_were_run_twice(runs: Path) -> None:
    for name in ("bare", "marked"):
        assert [point.step for point in read_events(runs / name)] == [*range(6), *range(4, 9)]


@pytest.mark.slow
def test_the_command_runs_without_tensorflow(runs: Path, tmp_path: Path) -> None:
    """A module named tensorflow that says so when it is loaded stands before the real one."""
    pytest.importorskip("tensorboard")
    (tmp_path / "tensorflow.py").write_text("open('loaded', 'w'); raise ImportError('not here')")
    script = (
        "import os, sys; sys.path.insert(0, os.getcwd()); os.environ['PYTHONPATH'] = os.getcwd()\n"
        f"from course_lib.notebook.tensorboard import start\nserver = start({str(runs)!r})\nserver.stop()"
    )
    ended = run(script, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert not (tmp_path / "loaded").exists()


@pytest.mark.slow
def test_torchs_writer_as_the_lesson_tells_it(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    script = """
import sys
from torch.utils.tensorboard import SummaryWriter
writer = SummaryWriter("stepless")
for value in (3.0, 2.0, 1.0):
    writer.add_scalar("loss", value)
writer.close()
writer = SummaryWriter("together")
writer.add_scalars("loss", {"train": 1.0, "val": 2.0}, 1)
writer.close()
for first, steps in ((None, range(6)), (4, range(4, 9))):
    writer = SummaryWriter("purged", purge_step=first)
    for step in steps:
        writer.add_scalar("loss", float(step), step)
    writer.close()
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
reader = EventAccumulator("purged")
reader.Reload()
print([event.step for event in reader.Scalars("loss")], "tensorflow" in sys.modules)
"""
    ended = run(script, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip() == f"{list(range(9))} True"
    assert [(p.step, p.value) for p in read_events(tmp_path / "stepless")] == [(0, 3.0), (0, 2.0), (0, 1.0)]
    further = [path.name for path in (tmp_path / "together").iterdir() if path.is_dir()]
    assert sorted(further) == ["loss_train", "loss_val"]
    assert read_events(tmp_path / "together") == []


@pytest.mark.parametrize("seed", range(5))
def test_a_spike_of_one_step_is_seen_in_a_third_of_the_pictures(seed: int) -> None:
    rng = np.random.default_rng(seed)
    seen = np.mean([1500 in rng.choice(3000, 1000, replace=False) for _ in range(2000)])
    assert math.isclose(seen, 1 / 3, abs_tol=0.05)


# --- the explorer ------------------------------------------------------------------------------------

SETTINGS = {"crash": 18, "flush": 1, "resume": 8, "folder": "the same folder", "marks": False, "count": "goes on"}


def said(**values: Any) -> str:
    return on_disk().answer({**SETTINGS, **values}).words


def test_the_explorer_answers_as_the_text_tells() -> None:
    assert "10 records of the first run are on disk, 8 are lost" in said(flush=10)
    assert "steps 9 to 18 are there twice" in said()
    assert "No step is there twice" in said(marks=True)
    assert "10 records of the first run are void" in said(marks=True)
    assert "18 records of the first run are void" in said(marks=True, count="begins again at 1")
    assert "steps 1 to 16 are there twice" in said(count="begins again at 1")
    assert "the second has steps 9 to 24" in said(folder="a folder of its own")


def test_the_second_attempt_of_the_explorer_is_another_curve() -> None:
    from course_lib.lessons.l11_logging.explorer import losses

    gaps = [b - a for a, b in zip(losses(1), losses(2), strict=True)]
    assert sum(abs(gap) > 0.03 for gap in gaps) > 12
    assert sum(b < a for a, b in pairwise(losses(1))) > 12
