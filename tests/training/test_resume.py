"""Resuming with other arguments: each is obeyed and named, or refused, the same in both frameworks."""

from __future__ import annotations

import types
import warnings

import numpy as np
import pytest

from course_lib.training.callbacks import Callback, Checkpoint
from course_lib.training.early_stopping import EarlyStopping
from course_lib.training.resume import ResumeWarning

keras = pytest.importorskip("keras")
torch = pytest.importorskip("torch")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(64, 4)).astype("float32")
Y = (X[:, 0] + 0.3 * RNG.normal(size=64) > 0).astype("int64")
CE = {"loss": "cross_entropy"}


def torch_model():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))


def keras_model():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(2)])


@pytest.fixture(params=["pytorch", pytest.param("keras", marks=pytest.mark.slow)])
def lib(request):
    if request.param == "pytorch":
        from course_lib.pytorch import fit

        def adam(model, lr, beta=0.9):
            return torch.optim.Adam(model.parameters(), lr=lr, betas=(beta, 0.999))

        return types.SimpleNamespace(fit=fit, model=torch_model, adam=adam)
    from course_lib.keras import fit

    def adam(model, lr, beta=0.9):
        return keras.optimizers.Adam(lr, beta_1=beta)

    return types.SimpleNamespace(fit=fit, model=keras_model, adam=adam)


class Slower(Callback):
    """Halves the learning rate after every epoch."""

    def on_epoch_end(self, epoch, logs=None):
        optimizer = self.run.optimizer
        if hasattr(optimizer, "param_groups"):
            optimizer.param_groups[0]["lr"] /= 2
        else:
            optimizer.learning_rate = float(optimizer.learning_rate) / 2


def begun(lib, folder, epochs=2, callbacks=(), **arguments):
    """Return the file of a run of some epochs."""
    point = Checkpoint(folder)
    lib.fit(lib.model(), (X, Y), (X, Y), epochs=epochs, callbacks=[point, *callbacks], **{**CE, **arguments})
    return point.last


def resumed(lib, file, epochs=3, **arguments):
    return lib.fit(lib.model(), (X, Y), (X, Y), epochs=epochs, resume=file, **{**CE, **arguments})


@pytest.fixture
def quiet():
    """Turn a `ResumeWarning` into an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResumeWarning)
        yield


def test_another_learning_rate_is_obeyed_and_named(lib, tmp_path):
    file = begun(lib, tmp_path, lr=0.01)
    with pytest.warns(ResumeWarning, match=r"(lr|learning_rate) 0.0001 \(was 0.01\)"):
        history = resumed(lib, file, lr=0.0001)
    assert history.lr.tolist() == pytest.approx([0.01, 0.01, 0.0001])


def test_the_same_learning_rate_or_none_goes_on_where_a_schedule_was(lib, tmp_path, quiet):
    file = begun(lib, tmp_path, lr=0.01, callbacks=[Slower()])
    for arguments in ({}, {"lr": 0.01}):
        assert resumed(lib, file, **arguments).lr[-1] == pytest.approx(0.0025, rel=1e-5)


def test_a_rate_that_was_not_given_again_is_still_the_rate_the_run_began_with(lib, tmp_path, quiet):
    file = begun(lib, tmp_path, lr=0.02)
    point = Checkpoint(tmp_path / "second")
    resumed(lib, file, epochs=3, callbacks=[point])
    assert resumed(lib, point.last, epochs=4, lr=0.02).lr[-1] == pytest.approx(0.02)


def test_an_optimizer_object_keeps_its_own_settings(lib, tmp_path):
    first = lib.model()
    point = Checkpoint(tmp_path)
    lib.fit(first, (X, Y), epochs=2, optimizer=lib.adam(first, 0.01), callbacks=[point], **CE)
    model = lib.model()
    with pytest.warns(ResumeWarning, match=r"0\.003.*was.*0\.01"):
        history = lib.fit(model, (X, Y), epochs=3, optimizer=lib.adam(model, 0.003, 0.5), resume=point.last, **CE)
    assert history.lr[-1] == pytest.approx(0.003)


def test_an_optimizer_of_another_kind_is_refused(lib, tmp_path):
    file = begun(lib, tmp_path)
    for name in ("sgd", "adamw"):
        with pytest.raises(ValueError, match=r"the checkpoint's optimizer is Adam, this one is (SGD|AdamW)"):
            resumed(lib, file, optimizer=name)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"batch_size": 16}, r"batch_size 16 \(was 32\)"),
        ({"seed": 5}, r"seed 5 \(was 0\)"),
        ({"shuffle": False}, r"shuffle False \(was True\)"),
        ({"class_weight": [1.0, 3.0]}, r"loss .*3\.0.*was "),
    ],
)
def test_what_changes_is_obeyed_and_named(lib, tmp_path, arguments, words):
    file = begun(lib, tmp_path)
    with pytest.warns(ResumeWarning, match=words):
        history = resumed(lib, file, **arguments)
    plain = resumed(lib, file)
    assert history.batch_loss[:4].tolist() == plain.batch_loss[:4].tolist()
    assert history.batch_loss[4:].tolist() != plain.batch_loss[4:].tolist()


def test_metrics_that_are_new_are_measured_from_there_on(lib, tmp_path, quiet):
    history = resumed(lib, begun(lib, tmp_path), metrics=["accuracy"], remeasure=True)
    for name in ("train_accuracy", "val_accuracy", "train_loss_remeasured"):
        assert np.isnan(history[name]).tolist() == [True, True, False]


def test_fewer_epochs_than_there_are_train_nothing_and_say_so(lib, tmp_path):
    file = begun(lib, tmp_path, epochs=3)
    with pytest.warns(ResumeWarning, match=r"epochs is 2, but the checkpoint has 3 epochs already.*give epochs=5"):
        history = resumed(lib, file, epochs=2)
    assert (history.epochs, history.stop_message) == (3, "all 3 epochs ran")


def test_resume_takes_a_file(lib, tmp_path):
    with pytest.raises(TypeError, match=r"resume is a Checkpoint; expected a file.*\.last"):
        resumed(lib, Checkpoint(tmp_path))


class Script(Callback):
    """Puts values of a script into the record as if they were measured."""

    order = -1

    def __init__(self, values):
        self.values = values

    def on_epoch_end(self, epoch, logs=None):
        self.run.history._epochs["val_loss"][epoch - 1] = self.values[epoch - 1]
        logs["val_loss"] = self.values[epoch - 1]


VALUES = [1.0, 0.5, 0.6, 0.7, 0.65, 0.4, 0.9, 0.9, 0.9]


def stopped(lib, folder, **settings):
    """Return the file of a run that stopped after epoch 4 with patience 2, best in epoch 2."""
    rule = EarlyStopping(**{"patience": 2, **settings})
    file = begun(lib, folder, epochs=9, callbacks=[Script(VALUES), rule])
    assert rule.stopped_epoch == 4
    return file


def go_on(lib, file, rule, epochs=9):
    return resumed(lib, file, epochs=epochs, callbacks=[Script(VALUES), rule])


def test_a_rule_that_had_said_stop_says_so_again(lib, tmp_path):
    history = go_on(lib, stopped(lib, tmp_path), EarlyStopping(patience=2))
    assert (history.epochs, history.stop_reason, history.best_epoch) == (4, "early_stopping", 2)


def test_a_longer_patience_goes_on_as_if_it_had_been_there_from_the_start(lib, tmp_path):
    rule = EarlyStopping(patience=3)
    history = go_on(lib, stopped(lib, tmp_path), rule)
    assert (history.epochs, history.best_epoch, rule.wait) == (5, 2, 3)
    rule = EarlyStopping(patience=4, min_delta=0.01)
    history = go_on(lib, stopped(lib, tmp_path), rule, epochs=7)
    assert (history.epochs, history.best_epoch, rule.wait) == (7, 6, 1)


def test_a_shorter_patience_stops_at_once(lib, tmp_path):
    file = begun(lib, tmp_path, epochs=4, callbacks=[Script(VALUES), EarlyStopping(patience=9)])
    history = go_on(lib, file, EarlyStopping(patience=1))
    assert (history.epochs, history.stop_reason, history.best_epoch) == (4, "early_stopping", 2)
    assert "since epoch 2" in history.stop_message


def test_settings_whose_best_weights_were_not_kept_are_refused(lib, tmp_path):
    file = stopped(lib, tmp_path)
    with pytest.raises(ValueError, match=r"epoch 1 is the best one so far.*does not hold its weights"):
        go_on(lib, file, EarlyStopping(patience=5, min_delta=0.6))
    rule = EarlyStopping(patience=5, min_delta=0.6, restore_best=False)
    assert go_on(lib, file, rule, epochs=5).best_epoch == 1


def test_a_rule_that_is_new_counts_the_runs_epochs(lib, tmp_path):
    file = begun(lib, tmp_path, epochs=4, callbacks=[Script(VALUES)])
    rule = EarlyStopping(patience=2)
    history = go_on(lib, file, rule)
    assert (history.best_epoch, history.epochs) == (6, 8)
    assert rule.stopped_epoch == 8


def test_a_checkpoint_that_watches_something_else_begins_with_the_next_epoch(lib, tmp_path):
    file = begun(lib, tmp_path / "a")
    for point in (Checkpoint(tmp_path / "b"), Checkpoint(tmp_path / "a", monitor="train_loss", mode="max")):
        resumed(lib, file, callbacks=[point])
        assert point.best_epoch == 3
        assert point.best.exists()
