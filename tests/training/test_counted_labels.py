"""Means over the labels that count: ignored labels, class weights, masks and sums, the same in both frameworks."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest

keras = pytest.importorskip("keras")
torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402
from torch.utils.data import DataLoader, TensorDataset  # noqa: E402

from course_lib import keras as on_keras  # noqa: E402
from course_lib import pytorch as on_torch  # noqa: E402
from course_lib.training.callbacks import Callback  # noqa: E402
from course_lib.training.history import History  # noqa: E402
from course_lib.training.parity import copy_weights  # noqa: E402

RNG = np.random.default_rng(3)
X = RNG.normal(size=(90, 4)).astype("float32")
Y = RNG.integers(0, 3, size=90)
WEIGHTS = [1.0, 4.0, 0.25]


def torch_model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))


def twins():
    ours = torch_model()
    kinds = keras.layers
    theirs = keras.Sequential([kinds.Input((4,)), kinds.Dense(8, "relu"), kinds.Dense(3)])
    copy_weights(ours, theirs)
    return ours, theirs


def ignoring(share: int = 30) -> np.ndarray:
    """Return labels of which the second batch of 30 rows has none, and the first only one."""
    y = Y.copy()
    y[1 : 30 + share] = -100
    return y


def logits() -> torch.Tensor:
    with torch.no_grad():
        return torch_model()(torch.from_numpy(X))


def truth(y: np.ndarray, **settings) -> float:
    return functional.cross_entropy(logits(), torch.from_numpy(y), **settings).item()


def accuracy(y: np.ndarray) -> float:
    right = logits().argmax(1).numpy() == y
    return float(right[y != -100].mean())


LOSSES = {
    "a name": ("cross_entropy", {}),
    "a module": (nn.CrossEntropyLoss(), {}),
    "a function": (functional.cross_entropy, {}),
    "a partial": (functools.partial(functional.cross_entropy, ignore_index=-100), {}),
    "smoothing": (functools.partial(functional.cross_entropy, label_smoothing=0.2), {"label_smoothing": 0.2}),
    "weights": (nn.CrossEntropyLoss(weight=torch.tensor(WEIGHTS)), {"weight": torch.tensor(WEIGHTS)}),
    "a weighted partial": (
        functools.partial(functional.cross_entropy, weight=torch.tensor(WEIGHTS)),
        {"weight": torch.tensor(WEIGHTS)},
    ),
    "another label": (nn.CrossEntropyLoss(ignore_index=1), {"ignore_index": 1}),
    "a sum": (nn.CrossEntropyLoss(reduction="sum"), {}),
    "a weighted sum": (
        functools.partial(functional.cross_entropy, weight=torch.tensor(WEIGHTS), reduction="sum"),
        {"weight": torch.tensor(WEIGHTS)},
    ),
}


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("loader", [False, True])
def test_the_mean_is_over_the_labels_that_count(name, loader):
    loss, settings = LOSSES[name]
    y = Y if name == "another label" else ignoring()
    pair = torch.from_numpy(X), torch.from_numpy(y)
    data = DataLoader(TensorDataset(*pair), batch_size=20) if loader else pair
    result = on_torch.evaluate(torch_model(), data, loss=loss, batch_size=None if loader else 20)
    assert result["loss"] == pytest.approx(truth(y, **settings), rel=1e-5)
    size = {} if loader else {"batch_size": 20}
    history = on_torch.fit(
        torch_model(), data, data, loss=loss, optimizer="sgd", lr=0.0, epochs=1, remeasure=True, **size
    )
    for column in (history.train_loss, history.val_loss, history.train_loss_remeasured):
        assert column[0] == pytest.approx(truth(y, **settings), rel=1e-5)


@pytest.mark.parametrize("loss", [nn.NLLLoss(), functional.nll_loss, nn.NLLLoss(weight=torch.tensor(WEIGHTS))])
def test_nll_losses_are_means_over_labels_too(loss):
    net = nn.Sequential(torch_model(), nn.LogSoftmax(1))
    weight = getattr(loss, "weight", None)
    result = on_torch.evaluate(net, (X, ignoring()), loss=loss, metrics=["accuracy"], batch_size=7)
    assert result["loss"] == pytest.approx(truth(ignoring(), weight=weight), rel=1e-5)
    assert result["accuracy"] == pytest.approx(accuracy(ignoring()))


def test_losses_of_numbers_are_means_over_rows_whatever_their_weights():
    y = RNG.random((90, 3)).astype("float32")
    expected = functional.binary_cross_entropy_with_logits(
        logits(), torch.from_numpy(y), pos_weight=torch.tensor(WEIGHTS)
    )
    for loss in (
        nn.BCEWithLogitsLoss(pos_weight=torch.tensor(WEIGHTS)),
        functools.partial(functional.binary_cross_entropy_with_logits, pos_weight=torch.tensor(WEIGHTS)),
    ):
        result = on_torch.evaluate(torch_model(), (X, y), loss=loss, batch_size=7)
        assert result["loss"] == pytest.approx(expected.item(), rel=1e-5)


def test_functions_are_checked_as_the_losses_of_the_same_name_are():
    with pytest.raises(ValueError, match=r"\(rows, 3\) but train y has \(rows,\)"):
        on_torch.fit(torch_model(), (X, X[:, 0]), loss=functional.mse_loss, epochs=1)
    with pytest.raises(ValueError, match="labels from 0 to 7"):
        on_torch.fit(torch_model(), (X, np.where(Y == 2, 7, Y)), loss=functional.cross_entropy, epochs=1)
    loss = functools.partial(functional.cross_entropy, reduction="none")
    with pytest.raises(ValueError, match="reduction='none'"):
        on_torch.fit(torch_model(), (X, Y), loss=loss, epochs=1)


def keras_losses():
    sparse = keras.losses.SparseCategoricalCrossentropy
    return {
        "a name": "cross_entropy",
        "an object": sparse(from_logits=True, ignore_class=-100),
        "a sum": sparse(from_logits=True, ignore_class=-100, reduction="sum"),
        "a partial": functools.partial(
            keras.losses.sparse_categorical_crossentropy, from_logits=True, ignore_class=-100
        ),
        "a function": lambda y, output: keras.losses.sparse_categorical_crossentropy(
            y, output, from_logits=True, ignore_class=-100
        ),
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", keras_losses())
def test_both_frameworks_train_through_a_batch_without_labels(name):
    ours, theirs = twins()
    y = ignoring()
    arguments = {"optimizer": "sgd", "lr": 0.1, "epochs": 2, "batch_size": 30, "shuffle": False}
    metrics = {"metrics": ["accuracy"]} if name != "a function" else {}
    a = on_torch.fit(ours, (X, y), (X, y), loss="cross_entropy", **metrics, **arguments)
    b = on_keras.fit(theirs, (X, y), (X, y), loss=keras_losses()[name], **metrics, **arguments)
    assert a.stop_reason == b.stop_reason == "finished"
    assert a.batch_weight.tolist() == b.batch_weight.tolist() == [1, 0, 30] * 2
    assert np.isnan(a.batch_loss[[1, 4]]).all()
    if name != "a sum":  # whose gradients are larger
        np.testing.assert_allclose(b.batch_loss, a.batch_loss, rtol=1e-4)
        for column in a.names:
            if column not in ("seconds", "lr"):
                np.testing.assert_allclose(b[column], a[column], rtol=1e-4, err_msg=column)
    assert np.isfinite(b.val_loss).all()


@pytest.mark.slow
def test_accuracy_is_over_the_labels_that_count_in_training_and_in_measuring():
    ours, theirs = twins()
    for size in (7, 30, 1000):
        arguments = {"loss": "cross_entropy", "metrics": ["accuracy"], "batch_size": size}
        for lib, net in ((on_torch, ours), (on_keras, theirs)):
            assert lib.evaluate(net, (X, ignoring()), **arguments)["accuracy"] == pytest.approx(accuracy(ignoring()))
            history = lib.fit(net, (X, ignoring()), optimizer="sgd", lr=1e-30, epochs=1, **arguments)
            assert history["train_accuracy"][0] == pytest.approx(accuracy(ignoring()))


def test_callbacks_hear_of_a_batch_without_labels_and_keras_running_mean_leaves_it_out():
    heard = []

    class Listen(Callback):
        def on_train_batch_end(self, batch, logs=None):
            heard.append(logs["loss"])

    class Stock(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            heard.append(logs["loss"])

    ours, theirs = twins()
    arguments = {"loss": "cross_entropy", "epochs": 1, "batch_size": 30, "shuffle": False}
    on_torch.fit(ours, (X, ignoring()), callbacks=[Listen()], **arguments)
    assert [math.isnan(loss) for loss in heard] == [False, True, False]
    heard.clear()
    on_keras.fit(theirs, (X, ignoring()), callbacks=[Stock()], **arguments)
    assert heard[0] == heard[1]
    assert np.isfinite(heard).all()


def test_a_history_by_hand_leaves_out_what_has_no_weight():
    history = History()
    for loss, weight in ((2.0, 4), (math.nan, 0), (1.0, 4)):
        history.batch(loss, 4, weight=weight)
    history.epoch()
    assert history.train_loss[0] == 1.5


@pytest.mark.slow
@pytest.mark.parametrize("zero", [{0: 0.0, 1: 1.0, 2: 1.0}, [1.0, 0.0, 0.0]])
def test_a_batch_whose_classes_all_have_weight_0_changes_nothing(zero):
    ours, theirs = twins()
    y = np.sort(Y)  # whole batches of one class
    arguments = {"loss": "cross_entropy", "optimizer": "sgd", "epochs": 2, "batch_size": 9, "shuffle": False}
    histories = [
        lib.fit(net, (X, y), (X, y), class_weight=zero, **arguments)
        for lib, net in ((on_torch, ours), (on_keras, theirs))
    ]
    for history in histories:
        assert history.stop_reason == "finished"
        assert np.isfinite(history.val_loss).all()
    np.testing.assert_allclose(histories[1].batch_loss, histories[0].batch_loss, rtol=1e-4)
    np.testing.assert_allclose(histories[1].val_loss, histories[0].val_loss, rtol=1e-4)
    ours, _ = twins()
    weight = torch.tensor([zero[k] for k in range(3)])
    arguments["loss"] = nn.CrossEntropyLoss(weight=weight)
    again = on_torch.fit(ours, (X, y), (X, y), **arguments)
    np.testing.assert_allclose(again.val_loss, histories[0].val_loss, rtol=1e-6)


def test_rows_without_any_label_that_counts_are_refused():
    ours, theirs = twins()
    nothing = np.full(90, -100)
    for lib, net in ((on_torch, ours), (on_keras, theirs)):
        for name, train, val in (("train", nothing, Y), ("val", Y, nothing)):
            with pytest.raises(ValueError, match=rf"every label of {name} y is -100"):
                lib.fit(net, (X, train), (X, val), loss="cross_entropy", epochs=1)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["object", "function", "mse", "weights"])
def test_what_a_keras_model_masks_counts_nothing(kind):
    keras.utils.set_random_seed(0)
    kinds = keras.layers
    outputs = 1 if kind == "mse" else 3
    net = keras.Sequential([kinds.Input((6,)), kinds.Embedding(5, 4, mask_zero=True), kinds.Dense(outputs)])
    tokens = RNG.integers(1, 5, size=(40, 6))
    for row, length in enumerate(RNG.integers(1, 7, size=40)):
        tokens[row, length:] = 0
    tags = RNG.integers(0, 3, size=(40, 6))
    values = tags[..., None].astype("float32")
    arguments, y = {
        "object": ({"loss": "cross_entropy", "metrics": ["accuracy"]}, tags),
        "function": ({"loss": lambda a, b: keras.losses.sparse_categorical_crossentropy(a, b, from_logits=True)}, tags),
        "mse": ({"loss": "mse"}, values),
        "weights": ({"loss": "cross_entropy", "class_weight": WEIGHTS}, tags),
    }[kind]
    result = on_keras.evaluate(net, (tokens, y), batch_size=7, **arguments)
    scores, real = keras.ops.convert_to_numpy(net(tokens)), tokens != 0
    if kind == "mse":
        expected = np.square(scores - values)[real].mean()
    else:
        weight = torch.tensor(WEIGHTS) if kind == "weights" else None
        expected = functional.cross_entropy(torch.tensor(scores[real]), torch.tensor(y[real]), weight=weight).item()
    assert result["loss"] == pytest.approx(expected, rel=1e-5)
    if kind == "object":
        assert result["accuracy"] == pytest.approx((scores.argmax(-1) == y)[real].mean())
        stock = keras.Sequential(net.layers)
        stock.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
        theirs = stock.evaluate(tokens, tags, batch_size=40, verbose=0)
        assert [result["loss"], result["accuracy"]] == pytest.approx(theirs, rel=1e-5)


def test_a_batch_without_labels_at_first_is_no_mistake_in_the_data():
    y = ignoring()
    y[:30] = -100
    pair = torch.from_numpy(X), torch.from_numpy(y)
    loader = DataLoader(TensorDataset(*pair), batch_size=30)
    history = on_torch.fit(torch_model(), loader, loss="cross_entropy", epochs=1)
    assert history.batch_weight.tolist() == [0, 0, 30]


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 16, None])
def test_at_most_batch_size_rows_go_through_the_model_at_once(size):
    seen: list[int] = []

    class Watched(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = torch_model()

        def forward(self, x):
            seen.append(len(x))
            return self.inner(x)

    x, y = np.tile(X, (15, 1)), np.tile(Y, 15)
    on_torch.evaluate(Watched(), (x, y), loss="cross_entropy", batch_size=size)
    assert max(seen) == (size or 1024)
    seen.clear()
    on_torch.fit(Watched(), (x, y), (x, y), loss="cross_entropy", batch_size=size, epochs=1, remeasure=True)
    assert max(seen) == (size or 1024)


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 16, None])
def test_keras_measures_in_pieces_of_at_most_batch_size_rows(size):
    from course_lib.training.batching import make_batching
    from course_lib.training.keras_batches import make_batches

    x, y = np.tile(X, (15, 1)), np.tile(Y, 15)
    for name, batching in (("train", make_batching(size)), ("val", make_batching(size).for_measuring())):
        pieces = make_batches(name, (x, y), batching).in_order()
        assert max(len(piece.x) for piece in pieces) == (size or 1024)
        assert sum(len(piece.x) for piece in pieces) == len(x)
    _, theirs = twins()
    arguments = {"loss": "cross_entropy", "metrics": ["accuracy"]}
    whole = on_keras.evaluate(theirs, (X, Y), batch_size=90, **arguments)
    assert on_keras.evaluate(theirs, (X, Y), batch_size=size, **arguments) == pytest.approx(whole, rel=1e-5)
