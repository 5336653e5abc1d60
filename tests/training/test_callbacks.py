"""What holds for both trainers: callbacks, interrupts, checkpoints, errors before the first step."""

from __future__ import annotations

import csv
import signal
import types
import warnings

import numpy as np
import pytest

from course_lib.data import Data, diabetes, digits
from course_lib.training.callbacks import Callback, Checkpoint, CSVLog
from course_lib.training.early_stopping import EarlyStopping
from course_lib.training.run import NonFiniteLossWarning

keras = pytest.importorskip("keras")
torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def data() -> Data:
    return digits()


def torch_model(features: int = 64, outputs: int = 10, dropout: float = 0.0):
    torch.manual_seed(0)
    layers = [torch.nn.Linear(features, 16), torch.nn.ReLU(), torch.nn.Dropout(dropout), torch.nn.Linear(16, outputs)]
    return torch.nn.Sequential(*layers)


def keras_model(features: int = 64, outputs: int = 10, dropout: float = 0.0):
    keras.utils.set_random_seed(0)
    kinds = keras.layers
    return keras.Sequential(
        [kinds.Input((features,)), kinds.Dense(16, "relu"), kinds.Dropout(dropout, seed=1), kinds.Dense(outputs)]
    )


@pytest.fixture(params=["pytorch", pytest.param("keras", marks=pytest.mark.slow)])
def lib(request):
    """Fit, evaluate, a model maker and its weights, for one framework."""
    if request.param == "pytorch":
        from course_lib import pytorch as trainer

        return types.SimpleNamespace(
            name="pytorch",
            fit=trainer.fit,
            evaluate=trainer.evaluate,
            model=torch_model,
            weights=lambda model: [v.detach().clone().numpy() for v in model.state_dict().values()],
            empty=lambda: torch.nn.Sequential(torch.nn.ReLU()),
            linear=lambda: torch.nn.Sequential(torch.nn.Linear(64, 10)),
        )
    from course_lib import keras as trainer

    return types.SimpleNamespace(
        name="keras",
        fit=trainer.fit,
        evaluate=trainer.evaluate,
        model=keras_model,
        weights=lambda model: model.get_weights(),
        empty=lambda: keras.Sequential([keras.layers.Input((64,)), keras.layers.ReLU()]),
        linear=lambda: keras.Sequential([keras.layers.Input((64,)), keras.layers.Dense(10)]),
    )


CE = {"loss": "cross_entropy", "metrics": ["accuracy"]}


def same(a, b) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


class Witness(Callback):
    """Writes down every call."""

    def __init__(self) -> None:
        self.calls: list[tuple] = []
        self.batches: list[float] = []

    def on_train_begin(self, logs=None):
        self.calls.append(("train begin",))

    def on_epoch_begin(self, epoch, logs=None):
        self.calls.append(("epoch begin", epoch))

    def on_train_batch_end(self, batch, logs=None):
        assert self.run.history.batch_loss[-1 if not self.grouped else self.run.history.steps - 1] is not None
        self.batches.append(logs["loss"])
        self.calls.append(("batch", batch))

    def on_epoch_end(self, epoch, logs=None):
        assert set(self.run.names) <= set(logs)
        self.calls.append(("epoch end", epoch))

    def on_train_end(self, logs=None):
        self.calls.append(("train end", self.run.history.stop_reason))


@pytest.mark.slow
def test_callbacks_are_called_in_order_with_true_losses(lib, data):
    witness = Witness()
    history = lib.fit(lib.model(), data.train, data.val, epochs=2, batch_size=500, callbacks=[witness], **CE)
    epoch = [("batch", 1), ("batch", 2), ("batch", 3)]
    expected = [("train begin",)]
    for number in (1, 2):
        expected += [("epoch begin", number), *epoch, ("epoch end", number)]
    assert witness.calls == [*expected, ("train end", "finished")]
    assert witness.batches == history.batch_loss.tolist()
    assert history.batch_size.tolist() == [500, 500, 437] * 2
    assert history.samples.tolist() == [1437, 1437]
    np.testing.assert_allclose(history.train_loss[0], np.average(history.batch_loss[:3], weights=[500, 500, 437]))
    assert history.best_epoch in (1, 2)
    assert history.seconds.min() > 0


def test_grouped_callbacks_see_the_same_batches(lib, data):
    one, many = Witness(), Witness()
    many.grouped = True
    histories = [lib.fit(lib.model(), data.train, epochs=2, callbacks=[callback], **CE) for callback in (one, many)]
    assert one.calls == many.calls
    assert one.batches == many.batches
    assert histories[0].batch_loss.tolist() == histories[1].batch_loss.tolist()


def test_the_order_of_rows_is_fixed_by_the_seed(lib, data):
    runs = [lib.fit(lib.model(), data.train, epochs=1, seed=seed, **CE).batch_loss for seed in (3, 3, 4)]
    assert runs[0].tolist() == runs[1].tolist()
    assert runs[0].tolist() != runs[2].tolist()


def test_remeasured_training_loss_is_that_of_the_final_weights(lib, data):
    model = lib.model()
    history = lib.fit(model, data.train, data.val, epochs=2, remeasure=True, **CE)
    assert lib.evaluate(model, data.train, **CE)["loss"] == pytest.approx(history.train_loss_remeasured[-1], rel=1e-6)
    assert lib.evaluate(model, data.val, **CE)["loss"] == pytest.approx(history.val_loss[-1], rel=1e-6)
    assert lib.evaluate(model, data.val, **CE)["accuracy"] == pytest.approx(history["val_accuracy"][-1])
    assert history.train_loss_remeasured[0] < history.train_loss[0]


def test_evaluate_weights_by_samples_whatever_the_batch_size(lib, data):
    model = lib.model()
    results = [lib.evaluate(model, data.val, batch_size=size, **CE) for size in (7, 100, 1024)]
    assert results[0] == pytest.approx(results[1], rel=1e-5)
    assert results[0] == pytest.approx(results[2], rel=1e-5)


class Stopper(Callback):
    def __init__(self, at: int, action) -> None:
        self.at, self.action, self.seen = at, action, 0

    def on_train_batch_end(self, batch, logs=None):
        self.seen += 1
        if self.seen == self.at:
            self.action(self)


def press_stop(callback) -> None:
    signal.raise_signal(signal.SIGINT)  # at once, in this thread


def test_interrupt_ends_after_the_batch_and_returns_the_history(lib, data):
    witness, handler = Witness(), signal.getsignal(signal.SIGINT)
    model = lib.model()
    history = lib.fit(model, data.train, data.val, epochs=5, callbacks=[Stopper(60, press_stop), witness], **CE)
    assert (history.epochs, history.steps) == (1, 60)
    assert history.stop_reason == "interrupted"
    assert witness.calls[-1] == ("train end", "interrupted")
    assert signal.getsignal(signal.SIGINT) is handler


def test_interrupt_brings_the_best_weights_back(lib, data):
    keep = {}

    class Keep(Callback):
        def on_epoch_end(self, epoch, logs=None):
            keep[epoch] = lib.weights(self.run.model)

    model = lib.model()
    callbacks = [Keep(), EarlyStopping(patience=3), Stopper(110, press_stop)]
    history = lib.fit(model, data.train, data.val, epochs=5, callbacks=callbacks, **CE)
    assert history.stop_reason == "interrupted"
    assert same(lib.weights(model), keep[history.best_epoch])


def test_keyboard_interrupt_from_anywhere_returns_the_history(lib, data):
    def give_up(callback):
        raise KeyboardInterrupt

    history = lib.fit(lib.model(), data.train, epochs=5, callbacks=[Stopper(50, give_up)], **CE)
    assert history.stop_reason == "interrupted"
    assert history.epochs == 1


def test_an_error_in_a_callback_is_raised_after_on_train_end(lib, data):
    def fail(callback):
        raise ZeroDivisionError("mine")

    witness = Witness()
    with pytest.raises(ZeroDivisionError, match="mine"):
        lib.fit(lib.model(), data.train, epochs=2, callbacks=[witness, Stopper(3, fail)], **CE)
    assert witness.calls[-1] == ("train end", "error")


def test_a_callback_can_stop_training(lib, data):
    stopper = Stopper(3, lambda callback: callback.run.stop(message="seen enough"))
    history = lib.fit(lib.model(), data.train, epochs=2, callbacks=[stopper], **CE)
    assert (history.steps, history.epochs, history.stop_reason) == (3, 0, "callback")
    assert history.stop_message == "seen enough"


# ---------------------------------------------------------------------------- early stopping


def test_best_weights_come_back_with_and_without_stopping(lib, data):
    class Spoil(Callback):
        """Makes every epoch after the second worse."""

        def on_epoch_end(self, epoch, logs=None):
            if epoch == 2:
                self.best = lib.weights(self.run.model)

    for epochs, patience, reason in ((4, 9, "finished"), (9, 2, "early_stopping")):
        spoil = Spoil()
        model = lib.model()
        rule = EarlyStopping(patience=patience, monitor="train_loss", mode="max", start_from_epoch=1)
        history = lib.fit(model, data.train, data.val, epochs=epochs, callbacks=[spoil, rule], **CE)
        assert history.stop_reason == reason
        assert rule.best_epoch == history.best_epoch == 2
        assert same(lib.weights(model), spoil.best)


def test_best_weights_are_no_alias(lib, data):
    model = lib.model()
    rule = EarlyStopping(patience=9, monitor="train_loss", mode="max")
    seen = []

    class Look(Callback):
        order = 1

        def on_epoch_end(self, epoch, logs=None):
            best = rule.best_weights.values() if isinstance(rule.best_weights, dict) else rule.best_weights
            seen.append([np.array(v) for v in best])

    lib.fit(model, data.train, data.val, epochs=3, callbacks=[rule, Look()], **CE)
    assert same(seen[0], seen[1])
    assert same(seen[0], seen[2])


def test_a_missing_metric_raises_before_the_first_step(lib, data):
    model = lib.model()
    before = lib.weights(model)
    with pytest.raises(ValueError, match=r"val_loss.*give fit validation rows.*It measures: train_loss"):
        lib.fit(model, data.train, callbacks=[EarlyStopping()], **CE)
    assert same(lib.weights(model), before)


# ---------------------------------------------------------------------------- checkpoints and logs


def test_a_resumed_run_gives_the_numbers_of_an_undisturbed_one(lib, data, tmp_path):
    def run(name, epochs, resume=None):
        model = lib.model(dropout=0.3)
        if lib.name == "pytorch":
            torch.manual_seed(1)
        point = Checkpoint(tmp_path / name)
        log = CSVLog(tmp_path / f"{name}.csv")
        rule = EarlyStopping(patience=20)
        history = lib.fit(
            model,
            data.train,
            data.val,
            optimizer="adam",
            epochs=epochs,
            callbacks=[point, log, rule],
            resume=resume,
            **CE,
        )
        return history, lib.weights(model), point

    whole, weights, _ = run("whole", 6)
    _, _, point = run("first", 3)
    torch.manual_seed(99)
    resumed, resumed_weights, _ = run("rest", 6, resume=point.last)
    assert resumed.batch_loss.tolist() == whole.batch_loss.tolist()
    assert resumed.val_loss.tolist() == whole.val_loss.tolist()
    assert same(resumed_weights, weights)
    assert resumed.best_epoch == whole.best_epoch
    rows = list(csv.DictReader((tmp_path / "rest.csv").open()))
    assert [row["epoch"] for row in rows] == list("123456")
    assert [float(row["val_loss"]) for row in rows] == whole.val_loss.tolist()


def test_resuming_after_an_interrupt_repeats_the_epoch_that_was_cut(lib, data, tmp_path):
    whole = lib.fit(lib.model(), data.train, data.val, epochs=4, **CE)
    point = Checkpoint(tmp_path)
    lib.fit(lib.model(), data.train, data.val, epochs=4, callbacks=[point, Stopper(100, press_stop)], **CE)
    resumed = lib.fit(lib.model(), data.train, data.val, epochs=4, resume=point.last, **CE)
    assert resumed.batch_loss.tolist() == whole.batch_loss.tolist()
    assert resumed.stop_reason == "finished"


def test_best_and_last_files_hold_those_epochs(lib, data, tmp_path):
    point = Checkpoint(tmp_path, monitor="train_loss", mode="max")
    model = lib.model()
    lib.fit(model, data.train, data.val, epochs=3, callbacks=[point], **CE)
    assert point.best_epoch == 1
    assert sorted(file.name for file in tmp_path.iterdir()) == ["best.ckpt", "last.ckpt"]
    first = lib.fit(lib.model(), data.train, data.val, epochs=1, resume=point.best, **CE)
    assert first.epochs == 1


def test_the_best_epoch_of_a_resumed_run_is_not_the_choice_of_the_rule_before(lib, data, tmp_path):
    point = Checkpoint(tmp_path)
    rule = EarlyStopping(patience=9, min_delta=100.0)
    first = lib.fit(lib.model(), data.train, data.val, epochs=2, callbacks=[rule, point], **CE)
    assert first.best_epoch == 1
    on = lib.fit(lib.model(), data.train, data.val, epochs=4, resume=point.last, **CE)
    assert on.best_epoch == int(on.val_loss.argmin()) + 1 > 1


def test_the_best_accuracy_is_the_highest_without_being_told_so(lib, data, tmp_path):
    seen: list[float] = []

    class Restored(Callback):
        order = 3  # after early stopping has put the weights back

        def on_train_end(self, logs=None):
            seen.append(lib.evaluate(self.run.model, data.val, loss="cross_entropy", metrics=["accuracy"])["accuracy"])

    rule = EarlyStopping(patience=50, monitor="val_accuracy")
    point = Checkpoint(tmp_path, monitor="val_accuracy")
    history = lib.fit(lib.model(), data.train, data.val, epochs=6, callbacks=[rule, point, Restored()], **CE)
    accuracy = history["val_accuracy"]
    assert accuracy.min() < accuracy.max(), "a run in which nothing differs shows nothing"
    assert rule.best_epoch == history.best_epoch == point.best_epoch == int(accuracy.argmax()) + 1
    assert seen == [pytest.approx(accuracy.max())]
    again = lib.fit(lib.model(), data.train, data.val, epochs=history.best_epoch, resume=point.best, **CE)
    assert again["val_accuracy"][-1] == accuracy.max()


def test_an_explicit_direction_is_obeyed_and_an_unclear_one_refused(tmp_path):
    assert EarlyStopping(monitor="val_accuracy", mode="min").mode == "min"
    assert Checkpoint(tmp_path, monitor="val_loss", mode="max").mode == "max"
    for make in (EarlyStopping, lambda **arguments: Checkpoint(tmp_path, **arguments)):
        with pytest.raises(ValueError, match=r"'val_mine' is better cannot be told.*mode='max'.*mode='min'"):
            make(monitor="val_mine")
        with pytest.raises(ValueError, match=r"mode is 'up'; expected 'min'"):
            make(monitor="val_loss", mode="up")


def test_a_checkpoint_that_was_cut_short_says_so(lib, data, tmp_path):
    point = Checkpoint(tmp_path)
    lib.fit(lib.model(), data.train, epochs=1, callbacks=[point], **CE)
    whole = point.last.read_bytes()
    for share in (0.0, 0.3, 0.9):
        point.last.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(ValueError, match="cut short"):
            lib.fit(lib.model(), data.train, epochs=2, resume=point.last, **CE)
    with pytest.raises(FileNotFoundError, match="no checkpoint"):
        lib.fit(lib.model(), data.train, epochs=2, resume=tmp_path / "none", **CE)


# ---------------------------------------------------------------------------- what goes wrong


def test_a_loss_that_is_not_finite_stops_with_a_sentence_that_names_the_batch(lib, data):
    x = data.train.x.copy()
    x[700] = np.nan
    with pytest.warns(NonFiniteLossWarning, match=r"nan in batch 8 of epoch 1 \(step 8\).*learning rate"):
        history = lib.fit(lib.linear(), (x, data.train.y), epochs=3, batch_size=100, shuffle=False, **CE)
    assert history.stop_reason == "non_finite"
    assert history.steps == 8
    assert history.epochs == 0
    assert "batch 8" in history.stop_message


def test_early_stopping_brings_finite_weights_back_after_a_loss_that_is_not_finite(lib, data):
    rule = EarlyStopping()
    model = lib.model()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        history = lib.fit(
            model, data.train, data.val, epochs=20, optimizer="sgd", lr=1e-2, callbacks=[rule, Blow(epoch=3)], **CE
        )
    assert history.stop_reason == "non_finite"
    assert all(np.isfinite(weights).all() for weights in lib.weights(model))


class Blow(Callback):
    """Raises the learning rate beyond all measure."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            optimizer = self.run.optimizer
            if hasattr(optimizer, "param_groups"):
                optimizer.param_groups[0]["lr"] = 1e30
            else:
                optimizer.learning_rate = 1e30


WRONG = {
    "labels out of range": (lambda d: (d.train.x, d.train.y + 1), "labels from 1 to 10.*10 outputs.*0 … 9"),
    "negative labels": (lambda d: (d.train.x, d.train.y - 1), "labels from -1 to 8"),
    "labels with decimals": (lambda d: (d.train.x, d.train.y.astype("float32")), "float32.*whole numbers"),
    "one row less": (lambda d: (d.train.x, d.train.y[1:]), "1437 rows in x but 1436 in y"),
    "no rows": (lambda d: (d.train.x[:0], d.train.y[:0]), "no rows"),
    "other columns": (lambda d: (d.train.x[:, :63], d.train.y), "cannot take"),
    "one-hot labels": (lambda d: (d.train.x, np.eye(10, dtype=int)[d.train.y]), "one label a row"),
    "text": (lambda d: (d.train.x.astype(str), d.train.y), "expected numbers"),
    "four parts": (lambda d: (d.train.x, d.train.y, d.train.y, d.train.y), "expected a pair"),
    "a number": (lambda d: 3, "expected a pair"),
    "an iterator": (lambda d: iter([d.train]), "used up after one epoch"),
    "an empty loader": (lambda d: [], "expected a pair"),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("part", ["train", "val"])
def test_wrong_data_is_one_clear_error_before_the_first_step(lib, data, case, part):
    wrong, words = WRONG[case]
    model = lib.model()
    before = lib.weights(model)
    parts = {"train": data.train, "val": data.val, part: wrong(data)}
    with pytest.raises((ValueError, TypeError), match=words) as caught:
        lib.fit(model, parts["train"], parts["val"], epochs=1, **CE)
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)
    assert same(lib.weights(model), before)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"epochs": 0}, "epochs is 0"),
        ({"epochs": 2.5}, "epochs is 2.5"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"loss": "crossentropy"}, "expected one of cross_entropy"),
        ({"loss": None}, "expected a name"),
        ({"optimizer": "adm"}, "expected one of sgd"),
        ({"optimizer": None}, "expected one of sgd"),
        ({"metrics": ["precison"]}, "expected one of accuracy"),
        ({"metrics": ["precision"]}, "'precision' cannot take train y: a target is .* two classes"),
        ({"loss": "mse", "class_weight": [1.0, 2.0]}, "goes with loss='cross_entropy'"),
        ({"class_weight": [1.0, 2.0]}, "2 class weights for 10 outputs"),
        ({"loss": "mse", "metrics": []}, "shape"),
    ],
)
def test_wrong_arguments_are_one_clear_error_before_the_first_step(lib, data, arguments, words):
    model = lib.model()
    before = lib.weights(model)
    with pytest.raises((ValueError, TypeError), match=words):
        lib.fit(model, data.train, **{**CE, "epochs": 1, **arguments})
    assert same(lib.weights(model), before)


def test_a_model_without_parameters_is_named(lib, data):
    with pytest.raises(ValueError, match="no parameters that can be trained"):
        lib.fit(lib.empty(), data.train, epochs=1, loss="cross_entropy")


def test_the_other_frameworks_model_is_named(lib, data):
    other = keras_model() if lib.name == "pytorch" else torch_model()
    if isinstance(other, torch.nn.Module) and isinstance(other, keras.Model):
        pytest.skip("on the torch backend a Keras model is a torch module")
    with pytest.raises(TypeError, match=r"model is a .*; expected a"):
        lib.fit(other, data.train, epochs=1, loss="cross_entropy")
    with pytest.raises(TypeError, match="the class"):
        lib.fit(type(lib.model()), data.train, epochs=1, loss="cross_entropy")


@pytest.mark.slow
def test_regression_learns(lib):
    data = diabetes()
    history = lib.fit(lib.model(10, 1), data.train, data.val, loss="mse", epochs=20, metrics=["mae", "mse"], lr=3e-3)
    assert history.val_loss[-1] < 0.8
    np.testing.assert_allclose(history["val_mse"], history.val_loss, rtol=1e-5)


def test_without_validation_there_is_no_validation_column(lib, data):
    history = lib.fit(lib.model(), data.train, epochs=1, **CE)
    assert "val_loss" not in history
    assert history.best_epoch is None


# ---------------------------------------------------------------------------- loaders that say little


class Loader:
    """Batches that may be gone through `times` times, and that say not how many they are."""

    def __init__(self, batches, times: int = 100) -> None:
        self.batches, self.times = batches, times

    def __iter__(self):
        self.times -= 1
        return iter(self.batches if self.times >= 0 else [])


def batches_for(lib, data, *bounds):
    rows = [(data.train.x[a:b], data.train.y[a:b]) for a, b in bounds]
    return [tuple(map(torch.from_numpy, pair)) for pair in rows] if lib.name == "pytorch" else rows


def test_a_loader_of_unknown_length_that_yields_nothing_is_an_error(lib, data):
    for train, val in ((Loader([]), None), (data.train, Loader([]))):
        with pytest.raises(ValueError, match=r"yielded no batches|yields no batches"):
            lib.fit(lib.model(), train, val, epochs=2, **CE)
    with pytest.raises(ValueError, match="nothing to measure"):
        lib.evaluate(lib.model(), Loader([]), **CE)


def test_a_loader_that_is_used_up_after_an_epoch_is_named(lib, data):
    once = Loader(batches_for(lib, data, (0, 50), (50, 90)), times=1)
    with pytest.raises(ValueError, match="no batches in epoch 2; can it be gone through more than once"):
        lib.fit(lib.model(), once, epochs=3, **CE)


def test_single_rows_instead_of_batches_are_named(lib, data):
    rows = [(x[0], y[0]) for x, y in batches_for(lib, data, (0, 1), (1, 2))]
    net = torch.nn.Linear(64, 10) if lib.name == "pytorch" else lib.model()
    with pytest.raises(ValueError, match=r"x of shape \(64,\) and y of shape \(\); expected batches"):
        lib.fit(net, Loader(rows), epochs=1, **CE)
    ((x, y),) = batches_for(lib, data, (0, 9))
    with pytest.raises(ValueError, match=r"x of shape \(9, 64\) and y of shape \(8,\)"):
        lib.fit(lib.model(), Loader([(x, y[1:])]), epochs=1, **CE)


# ---------------------------------------------------------------------------- metrics


def test_a_metric_never_takes_the_place_of_something_else(lib, data):
    def mine(a, b):
        return 5.0

    for metrics, words in (
        ({"loss": mine}, "cannot be named 'loss'"),
        ({"lr": mine}, "cannot be named 'lr'"),
        ([lambda a, b: 5.0, lambda a, b: 6.0], "2 metrics are named '<lambda>'"),
    ):
        with pytest.raises(ValueError, match=words):
            lib.evaluate(lib.model(), data.val, loss="cross_entropy", metrics=metrics)
    result = lib.evaluate(lib.model(), data.val, loss="cross_entropy", metrics={"mine": mine})
    assert result["mine"] == 5.0
    assert lib.fit(lib.model(), data.train, loss="cross_entropy", epochs=1, metrics=None).epochs == 1


@pytest.mark.parametrize("value", [None, "five"])
def test_a_metric_that_returns_no_number_is_found_before_the_first_step(lib, data, value):
    model = lib.model()
    before = lib.weights(model)
    with pytest.raises(ValueError, match="metric 'mine' fails on outputs of shape"):
        lib.fit(model, data.train, loss="cross_entropy", epochs=1, metrics={"mine": lambda a, b: value})
    assert same(lib.weights(model), before)


# ---------------------------------------------------------------------------- more arguments


def test_whole_numbers_of_numpy_are_whole_numbers(lib, data):
    arguments = {"epochs": np.int64(1), "batch_size": np.int32(500), "seed": np.uint8(3)}
    history = lib.fit(lib.model(), data.train, **arguments, **CE)
    assert history.batch_size.tolist() == [500, 500, 437]


@pytest.mark.parametrize("weights", [{}, [], "balanced", [-1.0] * 10, {"a": 1.0}, 3.0])
def test_class_weights_that_are_none_are_named(lib, data, weights):
    with pytest.raises(ValueError, match=r"class_weight is .*; expected each class's weight"):
        lib.fit(lib.model(), data.train, epochs=1, class_weight=weights, **CE)


@pytest.mark.parametrize("seed", [None, 1.5, "1"])
def test_a_seed_that_is_no_whole_number_is_named(lib, data, seed):
    with pytest.raises(ValueError, match=r"seed is .*; expected a whole number"):
        lib.fit(lib.model(), data.train, epochs=1, seed=seed, **CE)


def test_evaluate_checks_its_arguments_and_names_its_own(lib, data):
    with pytest.raises(TypeError, match="model is the class"):
        lib.evaluate(type(lib.model()), data.val, **CE)
    with pytest.raises(TypeError, match="model is a NoneType"):
        lib.evaluate(None, data.val, **CE)
    with pytest.raises(ValueError, match=r"^data y has labels from 3 to 12"):
        lib.evaluate(lib.model(), (data.val.x, data.val.y + 3), **CE)


def test_a_model_that_is_not_to_be_trained_can_be_measured(lib, data):
    frozen, expected = lib.model(), lib.evaluate(lib.model(), data.val, **CE)
    if lib.name == "pytorch":
        frozen.requires_grad_(False)
    else:
        frozen.trainable = False
    assert lib.evaluate(frozen, data.val, **CE) == expected
    assert 0 <= lib.evaluate(lib.empty(), data.val, **CE)["accuracy"] < 1
    with pytest.raises(ValueError, match="no parameters that can be trained"):
        lib.fit(frozen, data.train, epochs=1, **CE)


def test_the_reason_why_a_model_cannot_take_the_data_is_given(lib, data):
    with pytest.raises(ValueError, match=r"cannot take val x of shape \(2, 3\).*64") as caught:
        lib.fit(lib.model(), data.train, (data.val.x[:, :3], data.val.y), epochs=1, **CE)
    assert "\x1b" not in str(caught.value)


# ---------------------------------------------------------------------------- callbacks that are none, and bad endings


class Half:
    """Has one of the methods only."""

    def on_epoch_end(self, epoch, logs=None):
        pass


@pytest.mark.parametrize(
    ("callbacks", "words"),
    [
        (EarlyStopping(), r"a single EarlyStopping; expected a list"),
        ([EarlyStopping], r"the class EarlyStopping; write EarlyStopping\(\)"),
        ([Half()], r"a Half without on_train_begin; derive its class"),
        ([print], r"without on_train_begin"),
    ],
)
def test_callbacks_that_are_none_are_named(lib, data, callbacks, words):
    with pytest.raises(TypeError, match=words):
        lib.fit(lib.model(), data.train, data.val, epochs=1, callbacks=callbacks, **CE)
    assert lib.fit(lib.model(), data.train, epochs=1, callbacks=None, **CE).epochs == 1


def test_a_callback_of_keras_is_refused_in_pytorch(data):
    from course_lib.pytorch import fit

    with pytest.raises(TypeError, match="EarlyStopping is a callback of Keras"):
        fit(torch_model(), data.train, data.val, epochs=1, callbacks=[keras.callbacks.EarlyStopping()], **CE)


def test_an_interrupt_while_ending_leaves_nothing_undone(lib, data):
    class Impatient(Callback):
        def on_train_end(self, logs=None):
            raise KeyboardInterrupt

    witness, handler = Witness(), signal.getsignal(signal.SIGINT)
    try:
        with pytest.raises(KeyboardInterrupt):
            lib.fit(lib.model(), data.train, epochs=1, callbacks=[Impatient(), witness], **CE)
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, handler)
    assert witness.calls[-1] == ("train end", "finished")


def test_an_interrupt_after_the_last_epoch_finds_the_run_finished(lib, data):
    class Late(Callback):
        def on_epoch_end(self, epoch, logs=None):
            press_stop(self)

    history = lib.fit(lib.model(), data.train, epochs=1, callbacks=[Late()], **CE)
    assert (history.stop_reason, history.epochs) == ("finished", 1)
    history = lib.fit(lib.model(), data.train, epochs=2, callbacks=[Late()], **CE)
    assert (history.stop_reason, history.epochs) == ("interrupted", 1)


def test_the_log_of_a_resumed_run_is_whole_and_a_failed_one_leaves_the_file_alone(lib, data, tmp_path):
    point, path = Checkpoint(tmp_path), tmp_path / "run.csv"
    lib.fit(lib.model(), data.train, epochs=2, callbacks=[point], **CE)
    lib.fit(lib.model(), data.train, epochs=3, resume=point.last, callbacks=[CSVLog(path)], **CE)
    before = path.read_text()
    assert [row["epoch"] for row in csv.DictReader(before.splitlines())] == list("123")
    point.last.write_bytes(point.last.read_bytes()[:100])
    with pytest.raises(ValueError, match="cannot be read"):
        lib.fit(lib.model(), data.train, epochs=3, resume=point.last, callbacks=[CSVLog(path)], **CE)
    assert path.read_text() == before


def test_files_that_are_no_checkpoint_of_this_run_are_refused_before_anything_is_changed(lib, data, tmp_path):
    point = Checkpoint(tmp_path)
    lib.fit(lib.model(), data.train, epochs=1, callbacks=[point], **CE)
    text, other = tmp_path / "notes.txt", tmp_path / "other"
    text.write_text("hello there, this is text")
    if lib.name == "pytorch":
        torch.save(torch.ones(3), other)
    else:
        np.savez(other, tree=np.array("{}"))
        other = tmp_path / "other.npz"
    for path, arguments, words in (
        (text, {}, "cannot be read; was it cut short, or is it no checkpoint"),
        (other, {}, "no checkpoint of course_lib"),
        (point.last, {"optimizer": "sgd"}, "the checkpoint's optimizer"),
    ):
        model = lib.model()
        before = lib.weights(model)
        with pytest.raises(ValueError, match=words) as caught:
            lib.fit(model, data.train, epochs=2, resume=path, **arguments, **CE)
        assert "\n" not in str(caught.value)
        assert same(lib.weights(model), before)
    with pytest.raises(ValueError, match="the checkpoint's model does not have the shapes"):
        lib.fit(lib.model(outputs=11), data.train, epochs=2, resume=point.last, **CE)


@pytest.mark.parametrize("own", [True, False])
def test_a_run_on_a_data_loader_is_resumed_to_the_same_numbers(lib, data, tmp_path, own):
    def run(epochs, resume=None, callbacks=()):
        torch.manual_seed(1)
        rows = torch.utils.data.TensorDataset(*map(torch.from_numpy, data.train))
        generator = torch.Generator().manual_seed(2) if own else None
        loader = torch.utils.data.DataLoader(rows, 100, shuffle=True, generator=generator)
        return lib.fit(lib.model(), loader, epochs=epochs, resume=resume, callbacks=callbacks, **CE)

    point, whole = Checkpoint(tmp_path), run(3)
    run(2, callbacks=[point])
    assert run(3, point.last).batch_loss.tolist() == whole.batch_loss.tolist()


@pytest.mark.parametrize("lr", [-1, float("nan"), "0.1", True])
def test_a_learning_rate_that_is_none_is_named(lib, data, lr):
    with pytest.raises(ValueError, match=r"lr is .*; expected a number, at least 0"):
        lib.fit(lib.model(), data.train, epochs=1, lr=lr, **CE)
    whole = lib.fit(lib.model(), data.train, epochs=1, batch_size=1437, optimizer="sgd", lr=1, **CE)
    assert whole.lr.tolist() == [1.0]


def test_arrays_may_lie_in_memory_as_they_like(lib, data):
    x, y = data.val
    expected = lib.evaluate(lib.model(), (x, y), **CE)
    locked = x.copy()
    locked.flags.writeable = False
    for same_x in (np.asfortranarray(x), x.astype(">f4"), locked, np.repeat(x, 2, axis=0)[::2], x[::-1].copy()[::-1]):
        assert lib.evaluate(lib.model(), (same_x, y), **CE) == pytest.approx(expected, rel=1e-6)


def test_a_missing_metric_is_not_taken_for_missing_rows(lib, data):
    with pytest.raises(ValueError, match="'val_accuracy', which this run does not measure; give fit that metric"):
        lib.fit(
            lib.model(), data.train, data.val, loss="cross_entropy", callbacks=[EarlyStopping(monitor="val_accuracy")]
        )
