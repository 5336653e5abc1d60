"""The Keras trainer: stock Keras's numbers, every batch's true loss, Keras's own callbacks, both backends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from course_lib.data import digits, torch_loaders
from course_lib.keras import evaluate, fit
from course_lib.training.callbacks import Callback, Checkpoint
from course_lib.training.history import History

DATA = digits()
TENSORFLOW = keras.backend.backend() == "tensorflow"
on_tensorflow = pytest.mark.skipif(not TENSORFLOW, reason="about the TensorFlow backend")


def model(*extra):
    keras.utils.set_random_seed(0)
    kinds = keras.layers
    return keras.Sequential([kinds.Input((64,)), kinds.Dense(16, "relu"), *extra, kinds.Dense(10)])


def cross_entropy():
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


@pytest.mark.slow
def test_fit_gives_the_numbers_of_stock_keras():
    ours, stock = model(), model()
    adam = keras.optimizers.Adam
    stock.compile(adam(1e-3), cross_entropy(), metrics=["accuracy"])
    arguments = {"epochs": 3, "batch_size": 100, "shuffle": False}
    expected = History.from_keras(stock.fit(*DATA.train, validation_data=DATA.val, verbose=0, **arguments))
    history = fit(
        ours, DATA.train, DATA.val, loss=cross_entropy(), optimizer=adam(1e-3), metrics=["accuracy"], **arguments
    )
    for name in ("train_loss", "val_loss", "train_accuracy", "val_accuracy"):
        np.testing.assert_allclose(history[name], expected[name], rtol=1e-4)


@pytest.mark.slow
def test_every_batch_has_its_true_loss():
    net = model()
    history = fit(net, DATA.train, loss="cross_entropy", optimizer="sgd", lr=1e-30, epochs=1, shuffle=False)
    start = 0
    for size, loss in zip(history.batch_size, history.batch_loss, strict=True):
        rows = DATA.train.x[start : start + size], DATA.train.y[start : start + size]
        assert loss == pytest.approx(evaluate(net, rows, loss="cross_entropy")["loss"], rel=1e-4)
        start += size
    assert start == 1437


def test_penalties_of_layers_are_in_both_losses_as_in_stock_keras():
    net = model(keras.layers.Dense(16, kernel_regularizer=keras.regularizers.L2(0.1)))
    net.compile("sgd", cross_entropy())
    expected = net.evaluate(*DATA.val, verbose=0)
    assert evaluate(net, DATA.val, loss="cross_entropy")["loss"] == pytest.approx(expected, rel=1e-5)


class Recorder(keras.callbacks.Callback):
    """A learner's own Keras callback."""

    def on_train_begin(self, logs=None):
        self.running, self.epochs, self.begun = [], [], 0

    def on_train_batch_begin(self, batch, logs=None):
        self.begun += 1

    def on_train_batch_end(self, batch, logs=None):
        self.running.append((batch, logs["loss"]))

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append((epoch, logs["loss"], logs["val_loss"]))


@pytest.mark.slow
def test_a_learners_keras_callback_sees_what_it_sees_in_stock_keras():
    ours, stock = Recorder(), Recorder()
    net = model()
    net.compile(keras.optimizers.SGD(0.1), cross_entropy())
    net.fit(*DATA.train, validation_data=DATA.val, epochs=2, shuffle=False, verbose=0, callbacks=[stock])
    sgd = keras.optimizers.SGD(0.1)
    arguments = {"loss": cross_entropy(), "optimizer": sgd, "epochs": 2, "shuffle": False}
    fit(model(), DATA.train, DATA.val, callbacks=[ours], **arguments)
    assert [batch for batch, _ in ours.running] == [batch for batch, _ in stock.running]
    assert ours.begun == stock.begun
    np.testing.assert_allclose([v for _, v in ours.running], [v for _, v in stock.running], rtol=1e-4)
    np.testing.assert_allclose(ours.epochs, stock.epochs, rtol=1e-4)


@pytest.mark.slow
def test_keras_own_callbacks_work():
    stop = keras.callbacks.EarlyStopping(patience=1, monitor="loss", mode="max", restore_best_weights=True)
    net = model()
    history = fit(net, DATA.train, DATA.val, loss="cross_entropy", epochs=9, callbacks=[stop])
    assert history.epochs == 2
    assert history.stop_reason == "callback"
    assert "EarlyStopping" in history.stop_message
    schedule = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))
    history = fit(model(), DATA.train, loss="cross_entropy", optimizer="sgd", epochs=3, callbacks=[schedule])
    np.testing.assert_allclose(history.lr, [0.1, 0.05, 0.1 / 3], rtol=1e-6)


def test_schedules_are_recorded_batch_by_batch():
    decay = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    history = fit(model(), DATA.train, loss="cross_entropy", optimizer=keras.optimizers.SGD(decay), epochs=1)
    np.testing.assert_allclose(history.batch_lr, [0.1 * 0.5 ** (step / 10) for step in range(45)], rtol=1e-5)


@pytest.mark.slow
def test_training_again_starts_the_optimizer_anew_and_traces_nothing_twice():
    net = model()
    first = fit(net, DATA.train, loss="cross_entropy", epochs=1)
    engines = list(net.__dict__["_course_engines"])
    net.set_weights(model().get_weights())
    again = fit(net, DATA.train, loss="cross_entropy", epochs=1)
    assert net.__dict__["_course_engines"] == engines
    np.testing.assert_allclose(again.batch_loss, first.batch_loss, rtol=1e-6)
    net.layers[0].trainable = False
    frozen = net.layers[0].get_weights()[0]
    fit(net, DATA.train, loss="cross_entropy", epochs=1)
    np.testing.assert_array_equal(net.layers[0].get_weights()[0], frozen)


def test_a_trained_model_can_be_saved_and_loaded(tmp_path):
    net = model()
    fit(net, DATA.train, loss="cross_entropy", epochs=1)
    net.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    before = evaluate(net, DATA.val, loss="cross_entropy")["loss"]
    assert evaluate(loaded, DATA.val, loss="cross_entropy")["loss"] == pytest.approx(before, rel=1e-6)


@pytest.mark.slow
def test_two_runs_give_the_same_numbers():
    runs = []
    for _ in range(2):
        net = model(keras.layers.Dropout(0.3, seed=1))
        runs.append(fit(net, DATA.train, DATA.val, loss="cross_entropy", epochs=2))
    assert runs[0].batch_loss.tolist() == runs[1].batch_loss.tolist()


@pytest.mark.slow
def test_loaders_of_every_kind():
    tf = pytest.importorskip("tensorflow")

    class Slices(keras.utils.PyDataset):
        def __len__(self):
            return 15

        def __getitem__(self, number):
            rows = slice(number * 100, number * 100 + 100)
            return DATA.train.x[rows], DATA.train.y[rows]

    loaders = {
        "PyDataset": Slices(),
        "tf.data": tf.data.Dataset.from_tensor_slices(tuple(DATA.train)).batch(100),
        "DataLoader": torch_loaders(DATA, batch_size=100, shuffle=False)["train"],
    }
    arguments = {"loss": "cross_entropy", "optimizer": "sgd", "epochs": 2, "metrics": ["accuracy"]}
    expected = fit(model(), DATA.train, batch_size=100, shuffle=False, **arguments)
    for name, loader in loaders.items():
        history = fit(model(), loader, DATA.val, **arguments)
        np.testing.assert_allclose(history.batch_loss, expected.batch_loss, rtol=1e-4, err_msg=name)
        assert history.samples.tolist() == [1437, 1437]
        as_val = fit(model(), DATA.train, loader, batch_size=100, shuffle=False, remeasure=True, **arguments)
        np.testing.assert_allclose(as_val.val_loss, as_val.train_loss_remeasured, rtol=1e-5)


def test_wrong_batches_of_a_loader_are_found_before_the_first_step():
    net = model()
    before = net.get_weights()
    loader = [(DATA.train.x[:5], DATA.train.y[:5] + 90)]

    class Batches:
        def __iter__(self):
            return iter(loader)

    with pytest.raises(ValueError, match=r"labels from 9[0-9] to 9[0-9]"):
        fit(net, Batches(), loss="cross_entropy", epochs=1)
    assert all(np.array_equal(a, b) for a, b in zip(before, net.get_weights(), strict=True))


@pytest.mark.slow
@on_tensorflow
def test_grouped_steps_come_back_to_python_about_ten_times_a_second():
    returns = []

    class Count(Callback):
        grouped = True

        def on_train_batch_end(self, batch, logs=None):
            returns.append(self.run.history.steps)

    net = model()
    for _ in range(2):
        returns.clear()
        fit(net, DATA.train, loss="cross_entropy", epochs=20, callbacks=[Count()])
    assert len(returns) == 900
    assert len(set(returns)) < 900  # several batches share one return


@pytest.mark.slow
@on_tensorflow
def test_the_same_quick_tests_pass_on_the_torch_backend():
    files = ["test_keras.py", "test_parity.py", "test_callbacks.py"]
    here = Path(__file__).parent
    environment = {**os.environ, "KERAS_BACKEND": "torch", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not pytorch", "-m", "not slow"]
    result = subprocess.run(
        [*command, *(str(here / name) for name in files)],
        env=environment,
        capture_output=True,
        text=True,
        cwd=here.parent,
    )
    assert result.returncode == 0, result.stdout[-3000:]


@pytest.mark.slow
def test_a_dataset_without_end_is_refused():
    tf = pytest.importorskip("tensorflow")
    endless = tf.data.Dataset.from_tensor_slices(tuple(DATA.train)).batch(100).repeat()
    with pytest.raises(ValueError, match=r"train dataset repeats without end.*leave out \.repeat\(\)") as caught:
        fit(model(), endless, loss="cross_entropy", epochs=1)
    assert ".take(" not in str(caught.value)  # each epoch would see the same first batches

    class Endless(keras.utils.PyDataset):
        @property
        def num_batches(self):
            return None

        def __getitem__(self, number):
            return DATA.train.x[:8], DATA.train.y[:8]

    with pytest.raises(ValueError, match="train dataset repeats without end"):
        fit(model(), Endless(), loss="cross_entropy", epochs=1)


def test_accuracy_of_labels_in_a_column_is_that_of_labels_in_a_row():
    x, y = DATA.val
    net = model()
    flat, column = (
        evaluate(net, (x, labels), loss="cross_entropy", metrics=["accuracy"]) for labels in (y, y[:, None])
    )
    assert column == flat


@pytest.mark.slow
def test_keras_metric_functions_that_give_one_number_a_sample():
    arguments = {"loss": "cross_entropy", "epochs": 1}
    theirs = keras.metrics.sparse_categorical_accuracy
    history = fit(model(), DATA.train, DATA.val, metrics={"accuracy": "accuracy", "theirs": theirs}, **arguments)
    np.testing.assert_allclose(history["val_theirs"], history["val_accuracy"], rtol=1e-6)
    np.testing.assert_allclose(history["train_theirs"], history["train_accuracy"], rtol=1e-6)


@pytest.mark.slow
def test_the_mean_over_labels_that_are_not_ignored_is_exact_over_ragged_batches():
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=3)
    x, y = DATA.train.x, DATA.train.y.copy()
    y[:700] = 3  # whole batches count nothing
    net = model()
    whole = float(loss(y, net(x)))
    history = fit(net, (x, y), loss=loss, optimizer="sgd", lr=1e-30, epochs=1, batch_size=100)
    assert history.train_loss[0] == pytest.approx(whole, rel=1e-5)
    assert history.batch_weight.sum() == np.sum(y != 3)
    assert evaluate(net, (x, y), loss=loss)["loss"] == pytest.approx(whole, rel=1e-5)


@pytest.mark.slow
def test_an_optimizer_of_another_model_is_refused():
    adam = keras.optimizers.Adam()
    fit(model(), DATA.train, loss="cross_entropy", optimizer=adam, epochs=1)
    other = model()
    before = other.get_weights()
    with pytest.raises(ValueError, match="made for another model"):
        fit(other, DATA.train, loss="cross_entropy", optimizer=adam, epochs=1)
    assert all(np.array_equal(a, b) for a, b in zip(before, other.get_weights(), strict=True))


@pytest.mark.slow
def test_a_lambda_callback_is_told_of_batches():
    told = []
    callback = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: told.append((batch, logs["loss"])))
    history = fit(model(), DATA.train, loss="cross_entropy", epochs=1, callbacks=[callback])
    assert [batch for batch, _ in told] == list(range(45))
    assert told[-1][1] == pytest.approx(history.train_loss[0], rel=1e-5)


@pytest.mark.slow
def test_keras_callbacks_always_get_logs_as_in_stock_keras():
    class Reads(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.seen = [dict(logs)]

        def on_epoch_begin(self, epoch, logs=None):
            self.seen.append(dict(logs))

        def on_train_batch_begin(self, batch, logs=None):
            self.seen.append(dict(logs))

        def on_train_end(self, logs=None):
            self.seen.append(sorted(logs))

    ours, stock = Reads(), Reads()
    fit(model(), DATA.train, DATA.val, loss="cross_entropy", epochs=1, batch_size=1437, callbacks=[ours])
    net = model()
    net.compile("sgd", cross_entropy())
    net.fit(*DATA.train, validation_data=DATA.val, epochs=1, batch_size=1437, verbose=0, callbacks=[stock])
    assert ours.seen == stock.seen


@pytest.mark.slow
@pytest.mark.parametrize("built", [True, False])
def test_a_run_on_a_shuffled_dataset_is_resumed_to_the_same_numbers(tmp_path, built):
    tf = pytest.importorskip("tensorflow")

    def run(epochs, resume=None, callbacks=()):
        keras.utils.set_random_seed(0)  # TensorFlow's own seed is part of the order too
        rows = tf.data.Dataset.from_tensor_slices(tuple(DATA.train)).shuffle(1437, seed=3).batch(100)
        net = model() if built else keras.Sequential([keras.layers.Dense(10)])
        arguments = {"loss": "cross_entropy", "optimizer": "sgd", "remeasure": True}
        return fit(net, rows, epochs=epochs, resume=resume, callbacks=callbacks, **arguments)

    point, whole = Checkpoint(tmp_path), run(3)
    run(2, callbacks=[point])
    assert run(3, point.last).batch_loss.tolist() == whole.batch_loss.tolist()
