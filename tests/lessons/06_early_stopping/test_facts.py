"""What lesson 06 says about early stopping, held against the libraries and against real runs."""

from __future__ import annotations

import contextlib
import copy
import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from peers import ignite_outcome, keras_outcome, lightning_outcome, skorch_outcome

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
    from course_lib.training.early_stopping import EarlyStopping

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


# ------------------------------------------------------------------ fact 31, and optimism


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


def test_the_minimum_of_a_flat_noisy_curve_is_optimistic() -> None:
    rng = np.random.default_rng(0)
    measured, fresh = 0.5 + 0.045 * rng.normal(size=(2, 2000, 100))
    chosen = measured.argmin(axis=1)
    runs = np.arange(2000)
    assert measured[runs, chosen].mean() == pytest.approx(0.39, abs=0.005)
    assert fresh[runs, chosen].mean() == pytest.approx(0.50, abs=0.005)


# ------------------------------------------------------------------ the demonstration, under five seeds


def moons_run(track: str, seed: int) -> Any:
    from course_lib.data import moons

    data = moons(rows=900, val_size=800, seed=3)
    val = data.val.x[:400], data.val.y[:400]
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
    settings = {"loss": "cross_entropy", "optimizer": "adam", "lr": 5e-3, "batch_size": 16, "epochs": 120}
    return fit(model, data.train, val, seed=seed, metrics=["accuracy"], **settings)


@pytest.mark.slow
@pytest.mark.parametrize("track", ["pytorch", "keras"])
def test_five_seeds_tell_the_same_story(track: str) -> None:
    from course_lib.training.early_stopping import EarlyStopping

    for seed in range(5):
        run = moons_run(track, seed)
        losses, accuracies = run.val_loss, run["val_accuracy"]
        rule = EarlyStopping(patience=10)
        stop = next(epoch for epoch, loss in enumerate(losses, start=1) if rule.step(float(loss)))
        assert stop <= 80, "the rule stops before the last third"
        assert stop - rule.best_epoch == 10
        assert losses[stop - 1] > rule.best, "without restoring, worse weights are kept"
        assert losses[-1] > 1.2 * losses.min(), "left alone, the validation loss rises"
        fell = accuracies[run.best_epoch - 1] - accuracies[-1]
        assert 0 < fell < 0.05, "the accuracy falls, but only a little"
