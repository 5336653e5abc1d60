"""What lesson 09 states, held against runs and against the libraries: rates, counts, plateaus, resumes, drops."""

from __future__ import annotations

import copy
import importlib
import importlib.util
import json
import math
import re
from collections.abc import Callable
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support import ROOT, TRACKS

from course_lib.data import digits
from course_lib.lessons.l09_schedules.explorer import BASE, EPOCHS, KERAS, TORCH, counting, rates
from course_lib.lessons.l09_schedules.resume_hunt import TRACES, UNBROKEN, WAYS, goes_wrong, measured
from course_lib.lessons.l09_schedules.shown import (
    full_batch,
    label_noise_run,
    limit_at_the_start,
    network_loss,
    quadratic,
)

SEEDS = (0, 1, 2, 3, 4)
LN10 = math.log(10)


def model(track: str, seed: int) -> Any:
    if track == "keras":
        import keras

        keras.utils.set_random_seed(seed)
        layers = [keras.Input((64,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10)]
        return keras.Sequential(layers)
    import torch
    from torch import nn

    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))


def dead(track: str, network: Any, rows: Any) -> float:
    if track == "keras":
        hidden = np.asarray(network.layers[0](rows.x))
    else:
        import torch

        with torch.no_grad():
            hidden = network[1](network[0](torch.from_numpy(rows.x))).numpy()
    return float((hidden == 0).all(axis=0).mean())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("track", TRACKS)
def test_far_too_high_and_far_too_low_are_told_apart_by_the_highest_batch_loss(track: str, seed: int) -> None:
    fit = importlib.import_module(f"course_lib.{track}").fit
    data, begin, ends, highest, share, runs = digits(scale="unit", seed=0), [], [], [], [], []
    for rate in (0.001, 5.0):
        network = model(track, seed)
        run = fit(network, data.train, data.val, loss="cross_entropy", optimizer="sgd", lr=rate, epochs=12, seed=seed)
        ends.append((run.train_loss[-1], run.val_loss[-1], run.batch_loss.min()))
        runs.append(run)
        begin.append(run.batch_loss[0])
        highest.append(run.batch_loss.max())
        share.append(dead(track, network, data.train))
    assert begin[0] == pytest.approx(begin[1], rel=1e-5)
    differences = np.abs(np.array(ends[1]) - np.array(ends[0]))
    assert highest[1] - highest[0] > 5 * max(differences)
    assert all(abs(loss - LN10) < (0.15 if seed == 0 else 0.25) for pair in ends for loss in pair[:2])
    assert (np.diff(runs[0].train_loss) < 0).all()  # too low: it still falls, but by little
    assert runs[0].train_loss[0] - runs[0].train_loss[-1] < 0.25
    assert share[0] < 0.2
    assert share[1] > 0.9


def test_on_a_parabola_the_limit_is_two_over_the_curvature() -> None:
    assert quadratic(0.98 * 0.5) < 0.05
    assert quadratic(0.5) == 1
    assert quadratic(1.02 * 0.5) > 20
    assert quadratic(1.1 * 0.5) > 1e10


def test_a_rise_at_a_high_rate_need_not_be_divergence() -> None:
    low, high = full_batch(1), full_batch(7)
    assert 1.2 < limit_at_the_start() < 3  # between the two rates
    assert (np.diff(low) > 0).sum() == 0
    assert (np.diff(high) > 0).sum() > 5
    assert high[1] < high[0]  # one good step first
    assert max(high) > 2 * high[0]
    assert high[-1] < low[-1] / 2


def range_losses(track: str, seed: int, tried: np.ndarray) -> list[float]:
    """Return the losses of the lesson's range test."""
    rows, network, rng = digits(scale="unit", seed=0).train, model(track, seed), np.random.default_rng(seed)
    batches = [rng.choice(len(rows.x), 64, replace=False) for _ in tried]
    losses = []
    if track == "keras":
        import keras

        loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        network.compile(optimizer=keras.optimizers.SGD(), loss=loss_fn)
        for rate, picked in zip(tried, batches, strict=True):
            network.optimizer.learning_rate = rate
            network.reset_metrics()
            losses.append(float(network.train_on_batch(rows.x[picked], rows.y[picked])))
        return losses
    import torch
    from torch.nn.functional import cross_entropy

    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    for rate, picked in zip(tried, batches, strict=True):
        loss = cross_entropy(network(torch.from_numpy(rows.x[picked])), torch.from_numpy(rows.y[picked]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.param_groups[0]["lr"] = rate
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("track", TRACKS)
def test_the_late_average_puts_the_minimum_at_a_higher_rate(track: str, seed: int) -> None:
    tried = np.geomspace(1e-4, 100, 120)
    assert tried[1] / tried[0] == pytest.approx(1.12, abs=0.005)
    series = pd.Series(range_losses(track, seed, tried))
    late = tried[int(series.ewm(alpha=0.1).mean().argmin())]
    centered = tried[int(series.rolling(9, center=True).mean().argmin())]
    assert late > 1.3 * centered


@pytest.mark.slow
@pytest.mark.parametrize("track", TRACKS)
def test_a_tenth_of_the_minimum_is_safe_and_the_rates_up_to_the_minimum_end_lower(track: str) -> None:
    fit, data = importlib.import_module(f"course_lib.{track}").fit, digits(scale="unit", seed=0)
    tried = np.geomspace(1e-4, 100, 120)
    lower = 0
    for seed in SEEDS:
        minimum = tried[int(pd.Series(range_losses(track, seed, tried)).rolling(9, center=True).mean().argmin())]
        shared = {"loss": "cross_entropy", "optimizer": "sgd", "epochs": 8, "seed": seed}
        tenth, between, at = (
            fit(model(track, seed), data.train, data.val, lr=minimum * share, **shared).val_loss[-1]
            for share in (0.1, 0.3, 1.0)
        )
        assert 0.2 < tenth < 0.5
        assert between < tenth - 0.05
        lower += at < tenth - 0.02
    # One of ten was not, on one kind of processor: sums in another order put its minimum at a much higher rate.
    assert lower >= len(SEEDS) - 1


SCHEDULES: dict[str, Callable[[float], float]] = {
    "constant": lambda over: 1.0,
    "step": lambda over: 0.1 ** ((over >= 0.5) + (over >= 0.75)),
    "cosine": lambda over: (1 + math.cos(math.pi * over)) / 2,
    "warm-up, cosine": lambda over: (
        (over + 0.01) / 0.11 if over < 0.1 else (1 + math.cos(math.pi * (over - 0.1) / 0.9)) / 2
    ),
}


def test_the_curvature_at_the_start_is_that_of_the_loss() -> None:
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    x = np.hstack([x / 16, np.ones((len(x), 1))])
    rows = np.random.default_rng(0).permutation(len(x))[:1437]
    x, y = x[rows], y[rows]
    direction = np.zeros((65, 10))
    direction[:, 0], direction[:, 1] = (sign * np.linalg.eigh(x.T @ x)[1][:, -1] / math.sqrt(2) for sign in (1, -1))

    def loss(w: np.ndarray) -> float:
        z = x @ w
        return float((np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]).mean())

    h = 1e-3
    curvature = (loss(h * direction) - 2 * loss(0 * direction) + loss(-h * direction)) / h**2
    assert 2 / curvature == pytest.approx(limit_at_the_start(), rel=1e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_which_schedule_is_best_depends_on_the_base_rate(seed: int) -> None:
    low, middle, high = (
        {name: network_loss(base, share, seed) for name, share in SCHEDULES.items()} for base in (0.05, 0.2, 0.5)
    )
    assert low["constant"] < min(low["step"], low["cosine"])
    assert max(middle.values()) < 0.15
    assert high["constant"] > max(high["step"], high["cosine"])


@pytest.mark.slow
def test_at_a_high_base_rate_a_schedule_s_loss_depends_on_the_seed() -> None:
    middle, high = (
        {name: np.array([network_loss(base, share, seed) for seed in range(11)]) for name, share in SCHEDULES.items()}
        for base in (0.2, 0.5)
    )
    for seeds in (slice(8), slice(3, 11)):
        others = [losses[seeds].mean() for name, losses in middle.items() if name != "constant"]
        assert 1.6 * max(others) < middle["constant"][seeds].mean() < 2.3 * min(others)
        means = {name: losses[seeds].mean() for name, losses in high.items()}
        assert means["constant"] > means["step"] > 2 * max(means["cosine"], means["warm-up, cosine"])
    for name in ("cosine", "warm-up, cosine"):
        assert (high[name] < high["constant"]).all()
    assert (high["step"] > high["constant"]).any()
    assert all(losses.max() > 2 * losses.min() for losses in high.values())


def test_adam_s_later_steps_are_shorter_where_gradients_are_noisy() -> None:
    import torch

    weight = torch.zeros(1000, requires_grad=True)
    optimizer, noise = torch.optim.Adam([weight], lr=0.01), torch.Generator().manual_seed(0)
    moved = []
    for _ in range(100):
        before = weight.detach().clone()
        weight.grad = torch.randn(1000, generator=noise)
        optimizer.step()
        moved.append(float((weight.detach() - before).abs().mean()))
    assert moved[0] == pytest.approx(0.01, rel=1e-3)
    assert max(moved[1:]) < 0.01
    assert np.mean(moved[50:]) < 0.004


@pytest.mark.parametrize("gradient", [1e-4, 1.0, 1e4])
def test_adam_s_first_step_is_as_long_as_the_rate(gradient: float) -> None:
    import torch

    weight = torch.zeros(1, requires_grad=True)
    weight.grad = torch.tensor([gradient])
    torch.optim.Adam([weight], lr=0.01).step()
    assert weight.item() == pytest.approx(-0.01, rel=1e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_averaged_weights_get_nearly_the_whole_drop(seed: int) -> None:
    cut = label_noise_run(seed)
    before = np.mean(cut.high[-10:], axis=0)
    assert cut.low[0][0] < before[0] - 0.04
    assert (before[0] - cut.averaged[0]) / (before[0] - cut.low[0][0]) > 0.8
    assert cut.averaged[1] < before[1]


# --- the explorer against the libraries --------------------------------------------------------------


@pytest.mark.parametrize(("kind", "unit"), list(product(("cosine", "step", "exponential"), ("batches", "epochs"))))
@pytest.mark.parametrize("length", [5, 10, 50, 200])
def test_the_explorer_s_rates_are_torch_s(kind: str, unit: str, length: int) -> None:
    import torch
    from torch.optim import lr_scheduler

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=BASE)
    scheduler: Any = {
        "cosine": lambda: lr_scheduler.CosineAnnealingLR(optimizer, length),
        "step": lambda: lr_scheduler.StepLR(optimizer, length),
        "exponential": lambda: lr_scheduler.ExponentialLR(optimizer, 0.1 ** (1 / length)),
    }[kind]()
    used = []
    for _ in range(EPOCHS):
        for _ in range(20):
            used.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if unit == "batches":
                scheduler.step()
        if unit == "epochs":
            scheduler.step()
    np.testing.assert_allclose(rates(TORCH, kind, unit, length, 20), used, atol=1e-9)


@pytest.mark.parametrize("kind", ["cosine", "step", "exponential"])
@pytest.mark.parametrize("length", [5, 10, 50, 200])
def test_the_explorer_s_rates_are_keras_s(kind: str, length: int) -> None:
    from keras.optimizers import schedules

    schedule = {
        "cosine": lambda: schedules.CosineDecay(BASE, length),
        "step": lambda: schedules.ExponentialDecay(BASE, length, 0.1, staircase=True),
        "exponential": lambda: schedules.ExponentialDecay(BASE, length, 0.1),
    }[kind]()
    asked = [float(schedule(step)) for step in range(0, 200, 7)]
    np.testing.assert_allclose(rates(KERAS, kind, "batches", length, 20)[::7], asked, rtol=2e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("lost", "state"), [("the schedule's state", "optimizer"), ("the optimizer's state", "scheduler")]
)
def test_the_explorer_s_resumes_are_torch_s(lost: str, state: str) -> None:
    import torch
    from torch.optim.lr_scheduler import CosineAnnealingLR

    def new() -> tuple[Any, Any]:
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=BASE)
        return optimizer, CosineAnnealingLR(optimizer, 200)

    def steps(optimizer: Any, scheduler: Any, count: int) -> None:
        for _ in range(count):
            used.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()

    used: list[float] = []
    first = new()
    steps(*first, 80)
    second = new()
    place = ("optimizer", "scheduler").index(state)
    second[place].load_state_dict(first[place].state_dict())
    steps(*second, 120)
    np.testing.assert_allclose(rates(TORCH, "cosine", "batches", 200, 20, 4, lost), used, atol=1e-9)


def test_the_explorer_s_cuts_are_those_of_the_libraries() -> None:
    spec = importlib.util.spec_from_file_location("plateaus", ROOT / "scripts" / "precompute_plateaus.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert json.loads(Path(script.TARGET).read_text(encoding="utf-8")) == script.all_cuts()


def test_the_explorer_says_what_the_text_says_of_it() -> None:
    explorer = counting()
    half = explorer.answer({"length": 100}).words
    assert re.search(r"PyTorch: .*the last step has 0\.1, .*rises at times\. Keras: .*the last step has 0, ", half)
    assert rates(KERAS, "cosine", "batches", 100, 20)[100:] == [0.0] * 100
    assert rates(TORCH, "cosine", "batches", 200, 40)[200] == pytest.approx(0, abs=1e-12)
    assert rates(KERAS, "cosine", "batches", 200, 40)[200:] == [0.0] * 200
    assert rates(TORCH, "cosine", "batches", 200, 20, 4, "the optimizer's state")[80] == 0.1
    unbroken = rates(KERAS, "cosine", "batches", 200, 20)
    assert rates(KERAS, "cosine", "batches", 200, 20, 4, "the schedule's state") == unbroken
    assert rates(KERAS, "cosine", "batches", 200, 20, 4, "the optimizer's state")[80:] == unbroken[:120]
    words = explorer.answer({"view": "plateau rule", "patience": 3}).words
    assert "PyTorch cuts after epochs 6, 10, 14, 18. Keras cuts after epochs 5, 8, 11, 14, 17, 20." in words
    words = explorer.answer({"level": 100.0, "curve": "gains a little"}).words
    assert "PyTorch cuts after epochs 6, 12, 17. Keras never cuts." in words
    resumed = explorer.answer(
        {"view": "count what?", "length": 200, "resume": 4, "lost": "the optimizer's state"}
    ).words
    assert resumed.count("the resumed run with 0.1 after 0.0662") == 2
    kept = explorer.answer({"lost": "nothing"}).words
    assert kept.count("the resumed run with 0.0655 after 0.0662") == 2


def test_a_length_in_epochs_counted_in_batches() -> None:
    used = rates(TORCH, "cosine", "batches", 10, 20)
    for start in range(0, 200, 20):
        assert used[start] == pytest.approx(0.1)
        assert used[start + 10] == pytest.approx(0, abs=1e-9)
    assert np.mean(used) == pytest.approx(0.05, rel=0.01)
    assert rates(KERAS, "cosine", "batches", 10, 20)[10:] == [0.0] * 190
    assert min(rates(TORCH, "cosine", "epochs", 200, 20)) > 0.099


# --- the six ways to resume --------------------------------------------------------------------------


@pytest.mark.parametrize("track", TRACKS)
def test_the_ways_in_the_text_are_those_that_are_judged(track: str) -> None:
    text = (ROOT / "solutions" / "09_schedules.md").read_text(encoding="utf-8")
    exercise = text.split("### Exercise `resume_hunt`")[1].split("The ways are judged in pairs")[0]
    part = exercise.split('+++ {"tags": ["keras"]}')[TRACKS.index(track)]
    shown = re.findall(r"^\*\*([A-F])\.\*\*.*?^```python\n(.*?)^```", part, re.DOTALL | re.MULTILINE)
    assert dict(shown) == WAYS[track]


@pytest.mark.parametrize("track", TRACKS)
def test_each_pair_has_one_way_that_goes_wrong(track: str) -> None:
    assert [sum(goes_wrong(track, letter) for letter in pair) for pair in ("AB", "CD", "EF")] == [1, 1, 1]
    assert "0.05, 0.03455" in measured(track, "A")


@pytest.mark.filterwarnings("ignore:Detected call of")
def test_the_ways_of_torch_begin_their_epochs_with_these_rates() -> None:
    import torch
    from torch.optim.lr_scheduler import CosineAnnealingLR

    found: list[float] = []

    def train_epoch(network: Any, optimizer: Any) -> None:
        found.append(round(optimizer.param_groups[0]["lr"], 5))
        optimizer.zero_grad()
        network(torch.ones(1, 2)).sum().backward()
        optimizer.step()

    def new() -> tuple[Any, Any]:
        network = torch.nn.Linear(2, 1)
        return network, torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)

    network, optimizer = new()
    scheduler = CosineAnnealingLR(optimizer, T_max=10)
    parts = {"model": network, "optimizer": optimizer, "scheduler": scheduler}
    for epoch in range(10):
        if epoch == 5:
            saved = copy.deepcopy({name: part.state_dict() for name, part in parts.items()})
        train_epoch(network, optimizer)
        scheduler.step()
    assert tuple(found[5:]) == UNBROKEN
    for letter, code in WAYS["pytorch"].items():
        network, optimizer = new()
        found.clear()
        names = {"model": network, "optimizer": optimizer, "saved": copy.deepcopy(saved), "train_epoch": train_epoch}
        exec(code, names | {"CosineAnnealingLR": CosineAnnealingLR, "math": math})
        assert tuple(found) == pytest.approx(TRACES["pytorch"][letter], abs=1e-5), letter


@pytest.mark.slow
def test_the_ways_of_keras_begin_their_epochs_with_these_rates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import keras
    from keras.callbacks import LearningRateScheduler
    from keras.optimizers import SGD
    from keras.optimizers.schedules import CosineDecay

    monkeypatch.chdir(tmp_path)
    found: list[float] = []
    x, y = np.ones((20, 2), "float32"), np.ones((20, 1), "float32")

    class Spy(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            if batch == 0:
                found.append(round(float(self.model.optimizer.learning_rate), 5))

    def make_model() -> Any:
        return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])

    plain = keras.Model.fit
    monkeypatch.setattr(
        keras.Model,
        "fit",
        lambda self, *data, callbacks=(), **more: plain(
            self, *data, callbacks=[*callbacks, Spy()], batch_size=1, verbose=0, **more
        ),
    )
    by_epoch = LearningRateScheduler(lambda epoch: 0.1 * (1 + math.cos(math.pi * epoch / 10)) / 2)
    for letter, code in WAYS["keras"].items():
        called = "LearningRateScheduler" in code
        network = make_model()
        network.compile(optimizer=SGD(0.1 if called else CosineDecay(0.1, 200)), loss="mse")
        network.fit(x, y, epochs=5, callbacks=[by_epoch] if called else [])
        found.clear()
        names = {"model": network, "make_model": make_model, "SGD": SGD, "CosineDecay": CosineDecay, "keras": keras}
        names |= {"loss": "mse", "x": x, "y": y, "np": np, "math": math, "LearningRateScheduler": LearningRateScheduler}
        exec(code, names)
        assert tuple(found) == pytest.approx(TRACES["keras"][letter], abs=2e-5), letter


# --- other statements --------------------------------------------------------------------------------


def test_get_last_lr_after_a_step_is_the_next_step_s_rate() -> None:
    import torch
    from torch.optim.lr_scheduler import StepLR

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler = StepLR(optimizer, 3)
    used, told = [], []
    for _ in range(6):
        used.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
        told.append(scheduler.get_last_lr()[0])
    assert told[:-1] == used[1:]


def test_a_step_of_the_scheduler_before_the_optimizer_s_skips_the_first_rate_with_one_warning(
    recwarn: pytest.WarningsRecorder,
) -> None:
    import torch
    from torch.optim.lr_scheduler import StepLR

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler, used = StepLR(optimizer, 3), []
    for _ in range(4):
        scheduler.step()
        used.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
    assert used == pytest.approx([0.1, 0.1, 0.01, 0.01])
    assert sum("before `optimizer.step" in str(warning.message) for warning in recwarn) == 1


def test_a_scheduler_changes_the_rates_of_all_groups() -> None:
    import torch
    from torch.optim.lr_scheduler import CosineAnnealingLR

    weights = [torch.nn.Parameter(torch.zeros(1)) for _ in range(2)]
    optimizer = torch.optim.SGD([{"params": weights[:1], "lr": 0.1}, {"params": weights[1:], "lr": 0.01}])
    scheduler = CosineAnnealingLR(optimizer, 2)
    optimizer.step()
    scheduler.step()
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([0.05, 0.005])


def test_in_keras_the_warm_up_comes_on_top_of_the_decay() -> None:
    from keras.optimizers.schedules import CosineDecay

    schedule = CosineDecay(0.0, decay_steps=10, warmup_target=0.1, warmup_steps=4)
    assert [float(schedule(step)) for step in (0, 4, 9, 14)] == pytest.approx([0.0, 0.1, 0.05, 0.0], abs=1e-6)


def test_equal_patience_stops_with_the_rate_hardly_used() -> None:
    from course_lib.early_stopping import EarlyStopping

    losses = [1.0, 0.9] + [0.95] * 12
    rule = EarlyStopping(patience=5)
    stop = next(epoch for epoch, loss in enumerate(losses, start=1) if rule.step(loss))
    assert stop == 7  # torch with patience 5 cuts after epoch 8, Keras after epoch 7


@pytest.mark.slow
def test_a_keras_schedule_refuses_callbacks_at_once_and_a_plateau_late() -> None:
    import keras

    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    x, y = np.ones((8, 2), "float32"), np.ones((8, 1), "float32")

    def fit(callback: Any, epochs: int) -> Any:
        network.compile(optimizer=keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 40)), loss="mse")
        return network.fit(x, y, epochs=epochs, verbose=0, callbacks=[callback])

    with pytest.raises(TypeError):
        fit(keras.callbacks.LearningRateScheduler(lambda epoch: 0.1), 1)
    plateau = {"monitor": "loss", "patience": 2, "min_delta": 1e9}
    history = fit(keras.callbacks.ReduceLROnPlateau(**plateau), 2)
    with pytest.raises(TypeError):
        fit(keras.callbacks.ReduceLROnPlateau(**plateau), 4)
    assert len(history.history["loss"]) == 2
    network.compile(optimizer=keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 40)), loss="mse")
    assert list(network.fit(x, y, epochs=1, verbose=0).history) == ["loss"]


def test_past_its_end_torch_s_cosine_rises_and_keras_s_stays() -> None:
    after = {library: rates(library, "cosine", "batches", 50, 20)[50:80] for library in (TORCH, KERAS)}
    assert all(b > a for a, b in pairwise(after[TORCH]))
    assert set(after[KERAS]) == {0.0}
