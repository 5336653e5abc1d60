"""What lesson 06 says about early stopping, held against the libraries and against real runs."""

from __future__ import annotations

import contextlib
import copy
import math
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from peers import ignite_outcome, keras_outcome, lightning_outcome, skorch_outcome

from course_lib.lessons.l06_early_stopping.row_losses import RowLosses
from course_lib.training.early_stopping import EarlyStopping

NAN = math.nan
STUCK = [1.0, 0.9, *[0.95] * 20]


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


# ------------------------------------------------------------------ fact 25: the table of patience


@pytest.mark.slow
@pytest.mark.parametrize(("patience", "runs"), [(0, 3), (1, 3), (3, 5)])
def test_keras_and_lightning_stop_when_the_counter_reaches_the_patience(patience: int, runs: int) -> None:
    assert keras_outcome(STUCK, patience=patience)[0] == runs
    assert lightning_outcome(STUCK, patience=patience)[0] == runs


@pytest.mark.parametrize(("patience", "runs"), [(1, 3), (3, 5)])
def test_ignite_stops_when_the_counter_reaches_the_patience(patience: int, runs: int) -> None:
    assert ignite_outcome(STUCK, patience, 0.0, "min", False, False)[0] == runs


def test_ignite_refuses_a_patience_of_zero() -> None:
    with pytest.raises(ValueError, match="patience"):
        ignite_outcome(STUCK, 0, 0.0, "min", False, False)


@pytest.mark.slow
@pytest.mark.parametrize(("patience", "runs"), [(0, 1), (1, 3), (3, 5)])
def test_skorch_with_patience_zero_stops_while_improving(patience: int, runs: int) -> None:
    assert skorch_outcome(STUCK, patience, 1e-4, "min", True, False)[0] == runs


@pytest.mark.parametrize(("patience", "cut"), [(0, 3), (1, 4), (3, 6)])
def test_torch_scheduler_acts_when_the_counter_exceeds_the_patience(patience: int, cut: int) -> None:
    import torch

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=patience)
    rates = []
    for loss in STUCK:
        scheduler.step(loss)
        rates.append(optimizer.param_groups[0]["lr"])
    assert next(epoch for epoch, rate in enumerate(rates, start=1) if rate < 1.0) == cut


@pytest.mark.slow
@pytest.mark.parametrize(("patience", "cut"), [(0, 3), (1, 3), (3, 5)])
def test_keras_scheduler_acts_when_the_counter_reaches_the_patience(patience: int, cut: int) -> None:
    import keras

    model = keras_model()
    model.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse")
    callback = keras.callbacks.ReduceLROnPlateau(patience=patience)
    callback.set_model(model)
    callback.on_train_begin()
    rates = []
    for epoch, loss in enumerate(STUCK):
        callback.on_epoch_end(epoch, {"val_loss": loss})
        rates.append(float(model.optimizer.learning_rate))
    assert next(epoch for epoch, rate in enumerate(rates, start=1) if rate < 1.0) == cut


# ------------------------------------------------------------------ facts 26 and 27: best, min_delta


def test_a_rule_that_never_updates_its_best_runs_on() -> None:
    curve = [1.0, 0.5, 0.6, 0.7, 0.8, 0.9]
    rule = EarlyStopping(patience=2)
    assert next(epoch for epoch, loss in enumerate(curve, start=1) if rule.step(loss)) == 4
    wait = 0
    for loss in curve:  # the published form: the best stays the first loss
        wait = 0 if loss < curve[0] else wait + 1
    assert wait < 2


@pytest.mark.slow
def test_small_steady_gains_add_up_except_in_ignite() -> None:
    steady = [1 - 0.004 * epoch for epoch in range(20)]
    assert keras_outcome(steady, patience=3, min_delta=0.01)[0] is None
    assert lightning_outcome(steady, patience=3, min_delta=0.01)[0] is None
    assert skorch_outcome(steady, 3, 0.01, "min", False, False)[0] is None
    assert ignite_outcome(steady, 3, 0.01, "min", False, False)[0] == 4
    assert ignite_outcome(steady, 3, 0.01, "min", False, True)[0] is None, "cumulative, it counts as the others do"
    assert keras_outcome(steady, patience=2, min_delta=0.01)[0] == 3, "too short a patience to let them add up"


@pytest.mark.slow
def test_keras_takes_the_sign_from_min_delta_and_lightning_does_not() -> None:
    curve = [1.0, 0.9, 0.92, 0.94, 0.96, 0.98]
    assert keras_outcome(curve, patience=3, min_delta=-0.05)[0] == 5
    assert lightning_outcome(curve, patience=3, min_delta=-0.05)[0] is None


@pytest.mark.slow
def test_a_gain_of_exactly_min_delta_is_no_improvement_anywhere() -> None:
    curve = [1.0, 0.75, 0.5]
    assert keras_outcome(curve, patience=1, min_delta=0.25)[0] == 2
    assert lightning_outcome(curve, patience=1, min_delta=0.25)[0] == 2
    assert ignite_outcome(curve, 1, 0.25, "min", False, False)[0] == 2
    assert skorch_outcome(curve, 1, 0.25, "min", False, False)[0] == 2


# ------------------------------------------------------------------ fact 28: aliases and copies


def test_state_dict_is_an_alias_and_so_is_a_dict_of_it() -> None:
    import torch

    model = torch.nn.Linear(1, 1)
    alias, shallow = model.state_dict(), dict(model.state_dict())
    deep = copy.deepcopy(model.state_dict())
    cloned = {name: value.clone() for name, value in model.state_dict().items()}
    with torch.no_grad():
        model.weight += 1.0
    assert torch.equal(alias["weight"], model.weight)
    assert torch.equal(shallow["weight"], model.weight)
    assert not torch.equal(deep["weight"], model.weight)
    assert not torch.equal(cloned["weight"], model.weight)


@pytest.mark.slow
def test_keras_get_weights_copies_and_weights_does_not() -> None:
    model = keras_model()
    copied, alias = model.get_weights(), model.weights
    model.weights[0].assign_add(np.ones(model.weights[0].shape))
    assert not np.array_equal(copied[0], model.get_weights()[0])
    assert np.array_equal(np.asarray(alias[0]), model.get_weights()[0])


# ------------------------------------------------------------------ facts 29 and 30: restoring, NaN


def keras_model() -> Any:
    import keras

    return keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])


def keras_run(losses: list[float], on_epoch: Callable[[int], None] = lambda epoch: None, **arguments: Any) -> float:
    """Run a real fit in which epoch k sets the weight to k and reports a scripted loss; return the last weight."""
    import keras

    model = keras_model()
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss="mse", run_eagerly=True)

    class Script(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            assert logs is not None
            logs["val_loss"] = losses[epoch]
            self.model.weights[0].assign([[float(epoch + 1)]])
            on_epoch(epoch + 1)

    stopper = keras.callbacks.EarlyStopping(monitor="val_loss", **arguments)
    rows = np.zeros((1, 1)), np.zeros((1, 1))
    with contextlib.suppress(KeyboardInterrupt):
        model.fit(*rows, epochs=len(losses), callbacks=[Script(), stopper], verbose=0)
    return float(model.get_weights()[0][0, 0])


@pytest.mark.slow
def test_keras_restores_only_when_asked_and_then_also_without_stopping() -> None:
    turns = [1.0, 0.5, 0.6, 0.7, 0.8]
    assert keras_run(turns, patience=2) == 4
    assert keras_run(turns, patience=2, restore_best_weights=True) == 2
    assert keras_run(turns, patience=10, restore_best_weights=True) == 2


@pytest.mark.slow
def test_keras_does_not_restore_on_an_interrupt() -> None:
    def interrupt(epoch: int) -> None:
        if epoch == 4:
            raise KeyboardInterrupt

    assert keras_run([1.0, 0.5, 0.6, 0.7, 0.8], interrupt, patience=10, restore_best_weights=True) == 4


@pytest.mark.slow
def test_what_nan_does() -> None:
    middle = [1.0, 0.9, NAN, 0.8, 0.7, 0.6]
    first = [NAN, 0.9, 0.8, 0.7, 0.6]
    assert lightning_outcome(middle, patience=3)[0] == 3
    assert ignite_outcome([1.0, *[NAN] * 10], 2, 0.0, "min", False, False)[0] is None
    assert ignite_outcome([1.0, 0.9, NAN, *[2.0] * 5], 2, 0.0, "min", False, False)[0] == 6  # 2.0 was the new best
    assert keras_outcome(middle, patience=1)[0] == 3  # one miss, as any other
    assert skorch_outcome(middle, 1, 0.0, "min", False, False)[0] == 3
    assert keras_outcome(first, patience=2, restore_best_weights=True) == (3, 1, 1)
    assert skorch_outcome(first, 2, 0.0, "min", False, False)[0] is None


@pytest.mark.slow
def test_keras_warns_about_a_missing_metric_and_lightning_raises() -> None:
    import keras
    from lightning.pytorch.callbacks import EarlyStopping as Lightning

    callback = keras.callbacks.EarlyStopping(monitor="val_loss")
    model = keras_model()
    model.compile(loss="mse")
    rows = np.zeros((1, 1)), np.zeros((1, 1))
    with pytest.warns(UserWarning, match="val_loss"):
        history = model.fit(*rows, epochs=3, callbacks=[callback], verbose=0)  # without validation rows
    assert len(history.history["loss"]) == 3
    with pytest.raises(RuntimeError, match="val_loss"):
        Lightning("val_loss")._validate_condition_metric({})


# ------------------------------------------------------------------ fact 31


@pytest.mark.slow
def test_the_training_loss_of_an_epoch_is_measured_before_the_weights_that_are_saved() -> None:
    import keras

    model = keras_model()
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
    rows = np.array([[1.0], [2.0]]), np.array([[1.0], [-3.0]])
    before = model.evaluate(*rows, verbose=0)
    reported = model.fit(*rows, batch_size=2, epochs=1, verbose=0).history["loss"][0]
    assert reported == pytest.approx(before, rel=1e-5)
    assert abs(model.evaluate(*rows, verbose=0) - reported) > 0.01


# ------------------------------------------------------------------ predictions, explorer and quiz


BY_HAND = [1.00, 0.80, 0.70, 0.62, 0.65, 0.63, 0.58, 0.60, 0.61, 0.59, 0.64, 0.70, 0.78]


def stops_after(losses: list[float], patience: int) -> int | None:
    rule = EarlyStopping(patience=patience)
    return next((epoch for epoch, loss in enumerate(losses, start=1) if rule.step(loss)), None)


def test_each_option_of_the_first_prediction_is_a_rule_that_somebody_has_in_mind() -> None:
    rises = [epoch for epoch in range(2, 14) if BY_HAND[epoch - 1] > BY_HAND[epoch - 2]]
    in_a_row = [epoch for epoch in range(4, 14) if {epoch - 2, epoch - 1, epoch} <= set(rises)]
    assert rises[0] == 5, "the first rise"
    assert rises[2] == 9, "the third rise"
    assert stops_after(BY_HAND, 3) == 10
    assert stops_after(BY_HAND, 4) == 11, "when the counter exceeds 3"
    assert in_a_row[0] == 13, "when any dip resets the counter"


def explored(curve: str, patience: int) -> dict[str, str]:
    from course_lib import explorers

    at = {"epoch": 30, "patience": patience, "min_delta": 0.0, "curve": curve}
    return dict(explorers.early_stopping().answer(at).rows)


def test_after_the_turn_each_epoch_of_patience_costs_one_epoch() -> None:
    for patience in (1, 3, 5, 10):
        found = explored("turns at epoch 9", patience)
        assert (found["best epoch"], found["stopped"]) == ("9", f"after epoch {9 + patience}")


def test_a_plateau_is_crossed_by_a_patience_larger_than_it_is_long() -> None:
    stops = {patience: explored("a plateau, then better", patience)["stopped"] for patience in (1, 3, 5, 7, 8, 10)}
    edge = {7: "after epoch 15"}  # epochs 9 to 15 are seven without a new best
    assert stops == {1: "after epoch 9", 3: "after epoch 11", 5: "after epoch 13"} | edge | {8: "no", 10: "no"}


def test_a_longer_patience_lets_small_gains_add_up() -> None:
    from course_lib import explorers

    at = {"epoch": 30, "min_delta": 0.02, "curve": "slow and steady"}
    stops = [dict(explorers.early_stopping().answer(at | {"patience": n}).rows)["stopped"] for n in (3, 10)]
    assert stops == ["after epoch 4", "no"]


def test_the_quiz_on_nan_and_on_two_rules_at_once() -> None:
    import torch

    assert stops_after([0.9, 0.7, 0.8, 0.75, 0.72], 3) == 5
    loss, best, wait = NAN, 0.5, 2
    assert (0 if loss < best else wait + 1) == 3
    assert (wait + 1 if loss >= best else 0) == 0
    assert (0 if not loss >= best else wait + 1) == 0

    losses = [*(2.0 - 0.1 * k for k in range(10)), *[1.5] * 10]  # lowest in epoch 10
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=5)
    for loss in losses[:15]:
        scheduler.step(loss)
    assert stops_after(losses, 5) == 15
    assert optimizer.param_groups[0]["lr"] == 1.0


# ------------------------------------------------------------------ the demonstration, under five seeds


@cache
def moons_run(track: str, seed: int) -> tuple[Any, np.ndarray]:
    """Return the lesson's run, and the loss of each of 4,000 more rows after every epoch."""
    from course_lib.data import moons

    data = moons(rows=900, val_size=800, seed=3)
    val = data.val.x[:400], data.val.y[:400]
    more = moons(rows=5000, val_size=4000, seed=4).val
    rows = RowLosses((more.x, more.y))
    if track == "pytorch":
        import torch
        from torch import nn

        from course_lib.pytorch import fit

        torch.manual_seed(seed)
        layers = (nn.Linear(2, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 2))
        model: Any = nn.Sequential(*layers)
    else:
        import keras

        from course_lib.keras import fit

        keras.utils.set_random_seed(seed)
        hidden = [keras.layers.Dense(128, activation="relu") for _ in range(2)]
        model = keras.Sequential([keras.Input((2,)), *hidden, keras.layers.Dense(2)])
    settings: dict[str, Any] = {
        "loss": "cross_entropy",
        "optimizer": "adam",
        "lr": 5e-3,
        "batch_size": 16,
        "epochs": 120,
    }
    run = fit(model, data.train, val, seed=seed, metrics=["accuracy"], callbacks=[rows], **settings)
    return run, rows.losses


@pytest.mark.slow
@pytest.mark.parametrize(("track", "seeds"), [("pytorch", 5), ("keras", 3)])  # Keras takes ten times as long
def test_every_seed_tells_the_same_story(track: str, seeds: int) -> None:
    for seed in range(seeds):
        run, _ = moons_run(track, seed)
        losses, accuracies = [float(loss) for loss in run.val_loss], run["val_accuracy"]
        rule = EarlyStopping(patience=10)
        stop = next(epoch for epoch, loss in enumerate(losses, start=1) if rule.step(loss))
        assert stop <= 80, "the rule stops before the last third"
        assert stop - (rule.best_epoch or 0) == 10
        assert losses[stop - 1] > (rule.best or 0), "without restoring, worse weights are kept"
        rise = losses[-1] / min(losses) - 1
        fall = 1 - accuracies[-1] / accuracies[run.best_epoch - 1]
        assert fall > 0, "the accuracy falls"
        assert rise > 5 * fall, "and the loss gets worse by far more"


def thousand(losses: np.ndarray, size: int, others_in_every_epoch: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Draw 1000 validation sets; return the lowest loss on each, and that of the chosen weights on all rows."""
    rng, all_rows = np.random.default_rng(0), losses.mean(axis=1)
    lowest, true = np.empty(1000), np.empty(1000)
    for k in range(1000):
        shape = (len(losses) if others_in_every_epoch else 1, size)
        drawn = rng.integers(losses.shape[1], size=shape)
        drawn = np.broadcast_to(drawn, (len(losses), size))
        val_loss = np.take_along_axis(losses, drawn, axis=1).mean(axis=1)
        chosen = val_loss.argmin()
        lowest[k], true[k] = val_loss[chosen], all_rows[chosen]
    return lowest, true


@pytest.mark.slow
@pytest.mark.parametrize("track", ["pytorch", "keras"])
def test_the_lowest_validation_loss_is_optimistic_the_more_so_the_fewer_rows(track: str) -> None:
    for seed in range(5):
        _, losses = moons_run(track, seed)
        (few, few_true), (many, many_true) = thousand(losses, 50), thousand(losses, 400)
        error, many_error = few - few_true, many - many_true
        assert 600 < (error < 0).sum() < 775, "of the options, about 700 is the nearest"
        assert -0.11 < error.mean() < -0.05
        assert -0.02 < many_error.mean() < 0, "with 400 rows it is small,"
        assert abs(many_error.mean()) < 0.4 * many_error.std(), "compared with the spread, too"
        assert few_true.mean() > many_true.mean() + 0.01, "few rows also choose worse weights"
        new, new_true = thousand(losses, 50, others_in_every_epoch=True)
        assert ((new - new_true) < 0).sum() > 950
        assert (new - new_true).mean() < 3 * error.mean(), "independent epochs would be several times as optimistic"
        short, short_true = thousand(losses[:30], 400)
        assert (short - short_true).mean() == pytest.approx(many_error.mean(), abs=0.006), "a longer run adds little"
