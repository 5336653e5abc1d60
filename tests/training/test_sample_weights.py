"""Streaming metrics and sample weights in `fit` and `evaluate`: the same numbers in both frameworks."""

from __future__ import annotations

import math
import types

import numpy as np
import pytest
from sklearn import metrics as peer

from course_lib.training.callbacks import Callback, Checkpoint
from course_lib.training.early_stopping import EarlyStopping
from course_lib.training.metrics import F1, STREAMING, Precision, RocAuc
from course_lib.training.parity import copy_weights

keras = pytest.importorskip("keras")
torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402
from torch.utils.data import DataLoader, TensorDataset  # noqa: E402

from course_lib import keras as on_keras  # noqa: E402
from course_lib import pytorch as on_torch  # noqa: E402
from course_lib.training.batching import make_batching  # noqa: E402
from course_lib.training.torch_batches import make_batches  # noqa: E402
from course_lib.training.torch_losses import make_metrics  # noqa: E402
from course_lib.training.torch_tally import Tally  # noqa: E402
from course_lib.training.torch_weights import RowWeighted  # noqa: E402

RNG = np.random.default_rng(5)
X = RNG.normal(size=(90, 4)).astype("float32")
SIGNAL = X[:, 0] + RNG.normal(size=90)
TWO = (SIGNAL > 0.8).astype("float32")[:, None]  # one in four is positive
LABELS = np.digitize(SIGNAL, [-0.5, 0.5])
WEIGHTS = RNG.integers(0, 9, 90) / 4
VAL = X[:37], TWO[:37]
ALL = [*STREAMING, "accuracy"]
BCE = {"loss": "binary_cross_entropy"}
CE = {"loss": "cross_entropy"}


def twins(outputs: int = 1):
    torch.manual_seed(0)
    ours = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, outputs))
    with torch.no_grad():  # some rows are predicted positive
        ours[2].weight *= 5
        ours[2].bias -= ours(torch.from_numpy(X)).quantile(0.6, dim=0)
    kinds = keras.layers
    theirs = keras.Sequential([kinds.Input((4,)), kinds.Dense(6, "relu"), kinds.Dense(outputs)])
    copy_weights(ours, theirs)
    return ours, theirs


@pytest.fixture(params=["pytorch", "keras"])
def lib(request):
    which = request.param == "keras"
    trainer = on_keras if which else on_torch

    def loader(*arrays, size=20):
        if not which:
            return DataLoader(TensorDataset(*map(torch.from_numpy, arrays)), batch_size=size)
        import tensorflow as tf

        return tf.data.Dataset.from_tensor_slices(arrays).batch(size)

    return types.SimpleNamespace(
        name=request.param,
        fit=trainer.fit,
        evaluate=trainer.evaluate,
        model=lambda outputs=1: twins(outputs)[which],
        weights=lambda m: m.get_weights() if which else [v.detach().clone().numpy() for v in m.state_dict().values()],
        loader=loader,
        call=(lambda f: lambda y, z: f(z, y)) if which else (lambda f: f),
    )


def logits(outputs: int = 1) -> np.ndarray:
    with torch.no_grad():
        return twins(outputs)[0](torch.from_numpy(X)).numpy()


def row_losses(outputs: int = 1) -> np.ndarray:
    z = torch.from_numpy(logits(outputs))
    if outputs == 1:
        loss = functional.binary_cross_entropy_with_logits(z, torch.from_numpy(TWO), reduction="none")
    else:
        loss = functional.cross_entropy(z, torch.from_numpy(LABELS), reduction="none")
    return loss.numpy().ravel().astype(float)


# ---------------------------------------------------------------------------- streaming metrics


@pytest.mark.slow
@pytest.mark.parametrize("size", [7, 90, None])
@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_evaluate_agrees_with_scikit_learn_whatever_the_batch_size(lib, size, weights):
    data = (X, TWO) if weights is None else (X, TWO, weights)
    result = lib.evaluate(lib.model(), data, metrics=ALL, batch_size=size, **BCE)
    assert list(result) == ["loss", *ALL]
    y, z, w = TWO[:, 0], logits()[:, 0], weights
    assert result == pytest.approx(
        {
            "loss": np.average(row_losses(), weights=w),
            "precision": peer.precision_score(y, z > 0, sample_weight=w),
            "recall": peer.recall_score(y, z > 0, sample_weight=w),
            "f1": peer.f1_score(y, z > 0, sample_weight=w),
            "average_precision": peer.average_precision_score(y, z, sample_weight=w),
            "roc_auc": peer.roc_auc_score(y, z, sample_weight=w),
            "accuracy": peer.accuracy_score(y, z > 0, sample_weight=w),
        },
        rel=1e-5,
    )


def test_the_mean_of_the_batches_precisions_is_another_number(lib):
    by_batch = [
        lib.evaluate(lib.model(), (X, TWO), metrics={"mine": lib.call(_precision)}, batch_size=size, **BCE)["mine"]
        for size in (8, 90)
    ]
    assert by_batch[0] != pytest.approx(by_batch[1], rel=0.01)  # a function is averaged
    assert by_batch[1] == pytest.approx(lib.evaluate(lib.model(), (X, TWO), metrics=["precision"], **BCE)["precision"])


def _precision(output, target):
    from keras import ops

    if isinstance(output, torch.Tensor) and keras.backend.backend() != "torch":
        predicted, positive = (output > 0).float(), target
        return (predicted * positive).sum() / predicted.sum().clamp(min=1)
    predicted = ops.cast(output > 0, "float32")
    return ops.sum(predicted * ops.cast(target, "float32")) / ops.maximum(ops.sum(predicted), 1.0)


@pytest.mark.slow
@pytest.mark.parametrize("weighted", [False, True])
def test_both_frameworks_record_the_same(weighted):
    train = (X, TWO, WEIGHTS) if weighted else (X, TWO)
    val = (*VAL, WEIGHTS[:37]) if weighted else VAL
    arguments = {"epochs": 4, "optimizer": "sgd", "lr": 0.5, "batch_size": 16, "metrics": ALL, "remeasure": True, **BCE}
    ours, theirs = twins()
    a = on_torch.fit(ours, train, val, **arguments)
    b = on_keras.fit(theirs, train, val, **arguments)
    assert a.names == b.names
    assert {f"{side}_{name}" for side in ("train", "val") for name in ALL} < set(a.names)
    for name in a.names:
        if name != "seconds":
            np.testing.assert_allclose(a[name], b[name], rtol=1e-4, err_msg=name)
    np.testing.assert_allclose(a.batch_weight, b.batch_weight, rtol=1e-5)
    np.testing.assert_allclose(a.batch_loss, b.batch_loss, rtol=1e-3)
    assert list(a.batch_metrics) == ["accuracy"]  # a batch has no precision that would be worth a curve


def test_the_training_value_is_of_the_batches_as_they_were_seen(lib):
    frozen = {"optimizer": "sgd", "lr": 0.0, "epochs": 2, "batch_size": 7}
    history = lib.fit(lib.model(), (X, TWO, WEIGHTS), metrics=ALL, **frozen, **BCE)
    expected = lib.evaluate(lib.model(), (X, TWO, WEIGHTS), metrics=ALL, **BCE)
    for name, value in expected.items():
        np.testing.assert_allclose(history[f"train_{name}"], value, rtol=1e-5, err_msg=name)


@pytest.mark.slow
def test_batches_told_one_by_one_or_in_groups_give_the_same(lib):
    class Each(Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(sorted(logs))

    seen: list = []
    arguments = {"epochs": 2, "batch_size": 16, "metrics": ALL, **BCE}
    one_by_one = lib.fit(lib.model(), (X, TWO, WEIGHTS), VAL, callbacks=[Each()], **arguments)
    grouped = lib.fit(lib.model(), (X, TWO, WEIGHTS), VAL, **arguments)
    assert len(seen) == 12
    assert set(map(tuple, seen)) == {("accuracy", "loss", "lr", "size", "weight")}
    for name in grouped.names:
        if name != "seconds":
            np.testing.assert_allclose(one_by_one[name], grouped[name], rtol=1e-5, err_msg=name)


@pytest.mark.slow
def test_a_resumed_run_has_the_same_results(lib, tmp_path):
    data, arguments = ((X, TWO, WEIGHTS), VAL), {"metrics": ALL, **BCE}
    whole = lib.fit(lib.model(), *data, epochs=4, **arguments)
    point = Checkpoint(tmp_path, monitor="val_average_precision")
    lib.fit(lib.model(), *data, epochs=2, callbacks=[point], **arguments)
    resumed = lib.fit(lib.model(), *data, epochs=4, resume=point.last, **arguments)
    for name in whole.names:
        if name != "seconds":
            np.testing.assert_allclose(resumed[name], whole[name], rtol=1e-5, err_msg=name)


@pytest.mark.slow
def test_early_stopping_watches_them_and_higher_is_better(lib):
    stop = EarlyStopping(patience=2, monitor="val_roc_auc")
    assert stop.mode == "max"
    history = lib.fit(lib.model(), (X, TWO), VAL, epochs=12, lr=0.05, metrics=["roc_auc"], callbacks=[stop], **BCE)
    assert history.best_epoch == 1 + int(np.argmax(history["val_roc_auc"]))
    one_class = X[:20], np.zeros((20, 1), "float32")
    history = lib.fit(
        lib.model(),
        (X, TWO),
        one_class,
        epochs=3,
        metrics=["roc_auc"],
        callbacks=[EarlyStopping(2, monitor="val_roc_auc")],
        **BCE,
    )
    assert math.isnan(history["val_roc_auc"][0])
    assert history.stop_message == "val_roc_auc became nan in epoch 1"


class Counter:
    """The protocol, by hand."""

    name = "rows"

    def reset(self):
        self.rows, self.weight, self.kinds = 0, 0.0, set()

    def update(self, outputs, targets, weights=None):
        self.rows += len(outputs)
        self.weight += len(outputs) if weights is None else float(weights.sum())
        self.kinds |= {type(outputs), type(targets)}

    def result(self):
        assert self.kinds == {np.ndarray}
        return self.rows


@pytest.mark.slow
def test_any_object_with_the_three_methods_will_do(lib):
    mine = Counter()
    history = lib.fit(lib.model(), lib.loader(X, TWO, WEIGHTS.astype("float32")), VAL, epochs=2, metrics=[mine], **BCE)
    assert history["train_rows"].tolist() == [90, 90]
    assert history["val_rows"].tolist() == [37, 37]
    assert lib.evaluate(lib.model(), (X, TWO, WEIGHTS), metrics=mine, **BCE)["rows"] == 90
    assert mine.weight == pytest.approx(WEIGHTS.sum())


@pytest.mark.slow
def test_objects_of_each_library_go_with_their_own():
    torchmetrics = pytest.importorskip("torchmetrics")
    ours, theirs = twins()
    stock = keras.metrics.Precision(thresholds=0, name="stock")
    result = on_keras.evaluate(theirs, (X, TWO, WEIGHTS), metrics=[stock, "precision"], batch_size=7, **BCE)
    assert result["stock"] == pytest.approx(result["precision"], rel=1e-5)
    history = on_keras.fit(theirs, (X, TWO), VAL, epochs=2, lr=0.0, metrics=[stock, "precision"], **BCE)
    np.testing.assert_allclose(history["val_stock"], history["val_precision"], rtol=1e-5)
    theirs_too = {"stock": torchmetrics.classification.BinaryAveragePrecision()}
    result = on_torch.evaluate(ours, (X, TWO.astype(int)), metrics={**theirs_too, "ap": "average_precision"}, loss=_bce)
    assert result["stock"] == pytest.approx(result["ap"], rel=1e-5)
    with pytest.raises(ValueError, match="BinaryAveragePrecision takes no sample weights"):
        on_torch.evaluate(ours, (X, TWO, WEIGHTS), metrics=theirs_too, **BCE)
    with pytest.raises(TypeError, match=r"'stock' is Keras's Precision, which goes with course_lib\.keras"):
        on_torch.evaluate(ours, (X, TWO), metrics=[stock], **BCE)
    with pytest.raises(TypeError, match=r"'stock' is a Binary.*goes with course_lib\.pytorch"):
        on_keras.evaluate(theirs, (X, TWO), metrics=theirs_too, **BCE)


def _bce(output, target):
    return functional.binary_cross_entropy_with_logits(output, target.float())


def test_outputs_that_are_probabilities_are_cut_at_one_half():
    ours, theirs = twins()
    expected = on_torch.evaluate(ours, (X, TWO), metrics=ALL, **BCE)
    result = on_torch.evaluate(nn.Sequential(ours, nn.Sigmoid()), (X, TWO), metrics=ALL, loss=nn.BCELoss())
    assert result == pytest.approx(expected, rel=1e-5)
    model = keras.Sequential([keras.layers.Input((4,)), theirs, keras.layers.Activation("sigmoid")])
    result = on_keras.evaluate(model, (X, TWO), metrics=ALL, loss=keras.losses.BinaryCrossentropy())
    assert result == pytest.approx(expected, rel=1e-5)


WRONG = {
    "a class": ({"metrics": [F1]}, (X, TWO), "write F1.. with brackets"),
    "an unknown name": ({"metrics": ["auc"]}, (X, TWO), "expected one of .*f1, average_precision, roc_auc"),
    "two of one name": ({"metrics": [Precision(), Precision(1.0)]}, (X, TWO), "2 metrics are named 'precision'"),
    "other targets": (
        {"metrics": ["f1"]},
        (X, np.where(np.arange(90) == 80, 0.5, TWO[:, 0])[:, None]),
        "is 0.5.*0 and 1",
    ),
    "several outputs": ({"metrics": [RocAuc()], **CE}, (X, LABELS.clip(0, 1)), "one output a row"),
    "a negative weight": ({}, (X, TWO, np.where(np.arange(90) == 3, -1, WEIGHTS)), "row 3 of .* is -1.0; .*at least 0"),
    "a NaN weight": (
        {},
        (X, TWO, np.where(np.arange(90) > 88, np.nan, WEIGHTS)),
        "row 89 of .* is nan; expected finite",
    ),
    "no weight": ({}, (X, TWO, 0 * WEIGHTS), "all 90 weights of .* are 0"),
    "too few": ({}, (X, TWO, WEIGHTS[1:]), r"90 rows but weights of shape \(89,\); .*shape \(90,\)"),
    "a column": ({}, (X, TWO, WEIGHTS[:, None]), r"shape \(90, 1\).*try weight\.reshape\(-1\)"),
    "words": ({}, (X, TWO, ["heavy"] * 90), "weight has dtype .*; expected numbers"),
    "one number a batch": (
        {"metrics": {"mine": lambda a, b: (a - b).mean() if isinstance(a, torch.Tensor) else keras.ops.mean(a - b)}},
        (X, TWO, WEIGHTS),
        "'mine' fails.*one number for a batch cannot be weighted",
    ),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("part", ["train", "val", "data"])
def test_what_cannot_be_is_said_before_the_first_step(lib, case, part):
    arguments, wrong, words = WRONG[case]
    arguments = {**BCE, **arguments}
    model = lib.model(3 if "several" in case else 1)
    right = (X, wrong[1]) if "several" in case else (X, TWO)
    before = lib.weights(model)
    call = lib.evaluate if part == "data" else lib.fit
    given = {"data": wrong} if part == "data" else {"train": right, "val": right, part: wrong, "epochs": 1}
    with pytest.raises((ValueError, TypeError), match=words) as caught:
        call(model, **given, **arguments)
    assert "\n" not in str(caught.value)
    assert all(np.array_equal(a, b) for a, b in zip(lib.weights(model), before, strict=True))


def test_a_loss_of_one_number_takes_no_weights(lib):
    loss = lib.call(lambda output, target: ((output - target) ** 2).mean()) if lib.name == "pytorch" else _mean_square
    with pytest.raises(ValueError, match="one number for a batch, and sample weights need the loss of each row"):
        lib.evaluate(lib.model(), (X, TWO, WEIGHTS), loss=loss)


def _mean_square(y, output):
    return keras.ops.mean(keras.ops.square(output - y))


def test_sums_take_no_weights():
    ours, theirs = twins()
    with pytest.raises(ValueError, match="reduction='sum', and sample weights make a mean"):
        on_torch.evaluate(ours, (X, TWO, WEIGHTS), loss=nn.BCEWithLogitsLoss(reduction="sum"))
    with pytest.raises(ValueError, match="reduction='sum', and sample weights make a mean"):
        on_keras.evaluate(
            theirs, (X, TWO, WEIGHTS), loss=keras.losses.BinaryCrossentropy(from_logits=True, reduction="sum")
        )


# ---------------------------------------------------------------------------- sample weights

LOSSES = {"mse": 1, "mae": 1, "binary_cross_entropy": 1, "cross_entropy": 3}


def target_of(loss: str) -> np.ndarray:
    return LABELS if loss == "cross_entropy" else TWO


@pytest.mark.parametrize("loss", LOSSES)
def test_what_a_weight_means(lib, loss):
    y, model = target_of(loss), lib.model(LOSSES[loss])
    arguments = {"loss": loss, "metrics": ["accuracy", "mae"] if loss != "cross_entropy" else ["accuracy"]}

    def result(*data, size=13):
        return pytest.approx(lib.evaluate(model, data, batch_size=size, **arguments), rel=2e-5)

    plain = lib.evaluate(model, (X, y), **arguments)
    assert plain == result(X, y, np.ones(90))
    assert plain == result(X, y, np.full(90, 5.0))
    twice = np.arange(90) % 3 + 1
    assert lib.evaluate(model, (X, y, twice), **arguments) == result(X.repeat(twice, 0), y.repeat(twice, 0))
    some = np.arange(90) % 2
    assert lib.evaluate(model, (X, y, some), **arguments) == result(X[some > 0], y[some > 0])
    assert lib.evaluate(model, (X, y, some > 0), **arguments) == result(X, y, some.astype("float64"), size=90)


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy"])
def test_training_with_a_row_of_weight_2_is_training_with_it_twice(lib, loss):
    y, twice, outputs = target_of(loss), np.arange(90) % 3 + 1, LOSSES[loss]
    arguments = {"loss": loss, "optimizer": "sgd", "lr": 0.3, "epochs": 3, "shuffle": False}
    weighted, repeated, plain, ones = (lib.model(outputs) for _ in range(4))
    a = lib.fit(weighted, (X, y, twice), batch_size=90, **arguments)
    rows = X.repeat(twice, 0), y.repeat(twice, 0)
    b = lib.fit(repeated, rows, batch_size=len(rows[0]), **arguments)
    np.testing.assert_allclose(a.train_loss, b.train_loss, rtol=1e-5)
    for one, other in zip(lib.weights(weighted), lib.weights(repeated), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    lib.fit(plain, (X, y), batch_size=16, **arguments)
    lib.fit(ones, (X, y, np.ones(90)), batch_size=16, **arguments)
    for one, other in zip(lib.weights(plain), lib.weights(ones), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("outputs", [1, 3])
def test_the_epochs_mean_is_exact_whatever_the_batches(lib, outputs):
    y = TWO if outputs == 1 else LABELS
    arguments = {**(BCE if outputs == 1 else CE), "optimizer": "sgd", "lr": 0.0, "epochs": 1, "remeasure": True}
    expected = np.average(row_losses(outputs), weights=WEIGHTS)
    for size in (1, 7, 90):
        history = lib.fit(lib.model(outputs), (X, y, WEIGHTS), (X, y, WEIGHTS), batch_size=size, **arguments)
        for name in ("train_loss", "val_loss", "train_loss_remeasured"):
            assert history[name][0] == pytest.approx(expected, rel=1e-5), (size, name)
        assert history.batch_weight.sum() == pytest.approx(WEIGHTS.sum(), rel=1e-5)
    data = lib.loader(X, y, WEIGHTS.astype("float32"))
    history = lib.fit(lib.model(outputs), data, data, **arguments)
    for name in ("train_loss", "val_loss", "train_loss_remeasured"):
        assert history[name][0] == pytest.approx(expected, rel=1e-5)
    assert lib.evaluate(lib.model(outputs), data, loss=arguments["loss"])["loss"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.slow
def test_class_weights_and_sample_weights_multiply(lib):
    by_class = {0: 4.0, 2: 0.0}
    y = LABELS.copy()
    y[:25] = -100  # and labels that are left out count nothing: the first batch of 20 has no loss
    count = WEIGHTS * np.array([4.0, 1.0, 0.0])[LABELS] * (y != -100)
    expected = np.average(row_losses(3), weights=count)
    arguments = {**CE, "class_weight": by_class}
    data = X, y, WEIGHTS
    for given in (data, lib.loader(X, y, WEIGHTS.astype("float32"))):
        assert lib.evaluate(lib.model(3), given, **arguments)["loss"] == pytest.approx(expected, rel=1e-5)
    history = lib.fit(lib.model(3), data, data, lr=0.0, epochs=1, batch_size=20, shuffle=False, **arguments)
    assert history.train_loss[0] == pytest.approx(expected, rel=1e-5)
    assert history.val_loss[0] == pytest.approx(expected, rel=1e-5)
    assert math.isnan(history.batch_loss[0])
    np.testing.assert_allclose(history.batch_weight.sum(), count.sum(), rtol=1e-5)


def test_a_batch_without_weight_changes_nothing(lib):
    weights = np.where(np.arange(90) < 32, 0, 1)
    model, arguments = (
        lib.model(),
        {"optimizer": "sgd", "lr": 0.5, "shuffle": False, "batch_size": 16, "epochs": 1, **BCE},
    )
    a = lib.fit(model, (X, TWO, weights), metrics=["accuracy"], **arguments)
    other = lib.model()
    b = lib.fit(other, (X[32:], TWO[32:]), metrics=["accuracy"], **arguments)
    assert np.isnan(a.batch_loss[:2]).all()
    assert a.stop_reason == "finished"
    np.testing.assert_allclose(a.train_loss, b.train_loss, rtol=1e-5)
    np.testing.assert_allclose(a["train_accuracy"], b["train_accuracy"], rtol=1e-5)
    for one, two in zip(lib.weights(model), lib.weights(other), strict=True):
        np.testing.assert_allclose(one, two, atol=1e-6)


@pytest.mark.slow
def test_what_loaders_bring_is_checked_batch_by_batch(lib):
    weights = np.ones(90, "float32")
    for bad, words in ((-1.0, "row 5 of a batch of the train loader is -1.0"), (math.nan, "is nan")):
        weights[25] = bad
        with pytest.raises(ValueError, match=words):
            lib.fit(lib.model(), lib.loader(X, TWO, weights), epochs=1, **BCE)
    with pytest.raises(ValueError, match="all weights of the data loader are 0"):
        lib.evaluate(lib.model(), lib.loader(X, TWO, 0 * np.ones(90, "float32")), **BCE)
    pair = torch.from_numpy(X[:5]), torch.from_numpy(TWO[:5])

    class Mixed:
        def __iter__(self):
            return iter([(*pair, torch.ones(5)), pair])

    with pytest.raises(TypeError, match="a tuple of 2, the one before was one of 3; expected weights in all"):
        lib.evaluate(lib.model(), Mixed(), **BCE)


def test_what_each_framework_divides_by():
    """As the docstrings say: torch by the weights of the labels, stock Keras by the rows; `fit` by the weights."""
    ours, theirs = twins(3)
    z, y, weight = torch.from_numpy(logits(3)), torch.from_numpy(LABELS), torch.tensor([5.0, 5.0, 5.0])
    plain = functional.cross_entropy(z, y).item()
    assert functional.cross_entropy(z, y, weight=weight).item() == pytest.approx(plain, rel=1e-5)
    theirs.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    stock = theirs.evaluate(X, LABELS, sample_weight=np.full(90, 5.0), verbose=0)
    assert stock == pytest.approx(5 * plain, rel=1e-5)
    for trainer, model in ((on_torch, ours), (on_keras, theirs)):
        assert trainer.evaluate(model, (X, LABELS, np.full(90, 5.0)), **CE)["loss"] == pytest.approx(plain, rel=1e-5)


def test_nothing_is_wrapped_where_nobody_has_weights():
    criterion, place, batching = nn.BCEWithLogitsLoss(), torch.device("cpu"), make_batching()
    for data, wrapped in (((X, TWO), False), ((X, TWO, WEIGHTS), True)):
        batches = make_batches("train", data, place, twins()[0], batching)
        loss = Tally(criterion, make_metrics((), criterion), batches).loss
        assert isinstance(loss, RowWeighted) is wrapped
        assert wrapped or loss is criterion
