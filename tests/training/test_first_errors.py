"""Data, labels, seeds and optimizers that cannot work: one sentence before the first step, or they work."""

from __future__ import annotations

import types

import numpy as np
import pytest

keras = pytest.importorskip("keras")
torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.utils.data import DataLoader, Dataset, TensorDataset  # noqa: E402

from course_lib import keras as on_keras  # noqa: E402
from course_lib import pytorch as on_torch  # noqa: E402

RNG = np.random.default_rng(0)
X = RNG.normal(size=(33, 4)).astype("float32")
Y = RNG.integers(0, 2, size=33)
CE = {"loss": "cross_entropy", "epochs": 1}


def torch_model(*middle: nn.Module) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), *middle, nn.ReLU(), nn.Linear(8, 2))


def keras_model():
    keras.utils.set_random_seed(0)
    kinds = keras.layers
    return keras.Sequential([kinds.Input((4,)), kinds.Dense(8), kinds.BatchNormalization(), kinds.Dense(2)])


@pytest.fixture(params=["pytorch", pytest.param("keras", marks=pytest.mark.slow)])
def lib(request):
    if request.param == "pytorch":
        return types.SimpleNamespace(name="pytorch", fit=on_torch.fit, evaluate=on_torch.evaluate, model=torch_model)
    return types.SimpleNamespace(name="keras", fit=on_keras.fit, evaluate=on_keras.evaluate, model=keras_model)


def refused(model, words, train, *more, error=ValueError, **arguments):
    """Training must fail with these words, and leave the model as it was."""
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(error, match=words) as caught:
        on_torch.fit(model, train, *more, **{**CE, **arguments})
    assert "\n" not in str(caught.value)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


class Rows(Dataset):
    def __len__(self):
        return len(X)

    def __getitem__(self, number):
        return X[number], Y[number]


def test_a_last_batch_of_one_row_under_batch_norm_is_refused():
    tensors = TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
    for train in ((X, Y), tensors, Rows()):
        refused(torch_model(nn.BatchNorm1d(8)), r"last batch.*(33 rows, batch_size=32|1 row).*batch_size", train)
    refused(torch_model(nn.BatchNorm1d(8)), "drop_last=True", DataLoader(tensors, 16))
    refused(torch_model(nn.BatchNorm1d(8)), "batch_size=1", (X, Y), batch_size=1)

    class Stream(torch.utils.data.IterableDataset):
        def __iter__(self):
            return iter(tensors)

    with pytest.raises(ValueError, match=r"yields a batch of 1 row.*drop_last=True"):
        on_torch.fit(torch_model(nn.BatchNorm1d(8)), DataLoader(Stream(), 32), **CE)


def test_single_rows_that_do_no_harm_are_taken():
    tensors = TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
    on_torch.fit(torch_model(nn.BatchNorm1d(8)), (X, Y), (X[:1], Y[:1]), batch_size=31, **CE)
    on_torch.fit(torch_model(nn.BatchNorm1d(8)), DataLoader(tensors, 32, drop_last=True), **CE)
    on_torch.fit(torch_model(nn.LayerNorm(8)), (X, Y), **CE)
    images = RNG.normal(size=(33, 1, 4, 4)).astype("float32")
    wide = nn.Sequential(nn.BatchNorm2d(1), nn.Flatten(), nn.Linear(16, 2))
    on_torch.fit(wide, (images, Y), **CE)
    on_keras.fit(keras_model(), (X, Y), **CE)
    without = nn.BatchNorm1d(8, track_running_stats=False)
    refused(torch_model(without), "last batch of val would be a single row", (X[:32], Y[:32]), (X, Y), batch_size=16)


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"])
def test_labels_of_every_kind_of_whole_number_are_taken(lib, dtype):
    expected = lib.evaluate(lib.model(), (X, Y), loss="cross_entropy", metrics=["accuracy"])
    for y in (Y.astype(dtype), torch.from_numpy(Y.astype(dtype))):
        result = lib.evaluate(lib.model(), (X, y), loss="cross_entropy", metrics=["accuracy"])
        assert result == pytest.approx(expected, rel=1e-6)
        lib.fit(lib.model(), (X[:32], y[:32]), **CE)
    loader = DataLoader(TensorDataset(torch.from_numpy(X), y), 16)
    assert lib.evaluate(lib.model(), loader, loss="cross_entropy")["loss"] == pytest.approx(expected["loss"], rel=1e-5)


def test_labels_that_are_no_whole_numbers_are_named(lib):
    for y, words in (
        (Y.astype("float32"), "cross-entropy expects labels as whole numbers"),
        (np.where(Y, "yes", "no"), "expected numbers; number the classes 0, 1, …"),
        (Y.astype("complex64"), "has dtype complex64; expected numbers"),
    ):
        with pytest.raises(TypeError, match=words):
            lib.fit(lib.model(), (X[:32], y[:32]), **CE)


def test_data_of_other_kinds_is_named(lib):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X[:32])
    lib.fit(lib.model(), (frame, pandas.Series(Y[:32])), **CE)
    lib.fit(lib.model(), (X[:32].tolist(), Y[:32].tolist()), **CE)
    frame["sort"] = "a"
    for data, error, words in (
        (frame, TypeError, "train is a DataFrame; expected a pair"),
        (X, TypeError, "train is a ndarray; expected a pair"),
        ({"x": X, "y": Y}, TypeError, "train is a dict; expected a pair"),
        ((frame, Y[:32]), TypeError, "train x has dtype object; expected numbers; convert its columns"),
        (([[1.0, 2.0], [3.0]], [0, 1]), ValueError, "train x cannot be made into one array"),
        ((X, Y[:5]), ValueError, "33 rows in x but 5 in y"),
        ((X[:0], Y[:0]), ValueError, "has no rows"),
        ((X, Y + 1), ValueError, "labels from 1 to 2"),
    ):
        with pytest.raises(error, match=words):
            lib.fit(lib.model(), data, **CE)


@pytest.mark.parametrize("seed", [-1, 2**64, 10**30])
def test_seeds_that_no_generator_takes_are_named(lib, seed):
    with pytest.raises(ValueError, match=r"seed is .*; expected a whole number from 0 to 18446744073709551615"):
        lib.fit(lib.model(), (X[:32], Y[:32]), seed=seed, **CE)


def test_large_seeds_are_obeyed(lib):
    runs = [
        lib.fit(lib.model(), (X[:32], Y[:32]), seed=seed, batch_size=8, **CE).batch_loss.tolist()
        for seed in (2**32, 2**64 - 1, np.uint64(2**32))
    ]
    assert runs[0] == runs[2] != runs[1]


def test_an_optimizer_that_needs_a_closure_is_refused():
    net = torch_model()
    lbfgs = torch.optim.LBFGS(net.parameters())
    refused(net, "LBFGS computes the loss several times", (X, Y), optimizer=lbfgs)


def test_a_loss_without_a_way_back_to_the_model_is_refused():
    refused(
        torch_model(), "no gradient leads from the loss", (X, Y), loss=lambda a, b: (a.argmax(1) == b).float().mean()
    )
    with pytest.raises(ValueError, match="lazy layers"):
        on_torch.fit(nn.Sequential(nn.LazyLinear(2)), (X, Y), **CE)


def test_a_device_that_is_none_is_named():
    for device in ("gpu", "cuda:99", "banana"):
        with pytest.raises(ValueError, match=rf"device is '{device}', which torch cannot use here"):
            on_torch.fit(torch_model(), (X, Y), device=device, **CE)


def test_named_or_several_inputs_of_a_dataset_are_refused_with_a_way_out():
    tf = pytest.importorskip("tensorflow")
    named = tf.data.Dataset.from_tensor_slices(({"a": X, "b": X}, Y)).batch(8)
    with pytest.raises(
        TypeError, match=r"x of a batch of the train loader is a dict with 'a', 'b'; expected one array"
    ):
        on_keras.fit(keras_model(), named, **CE)
    strings = tf.data.Dataset.from_tensor_slices((X, np.where(Y, "yes", "no"))).batch(8)
    with pytest.raises(TypeError, match="y of a batch of the train loader has dtype string"):
        on_keras.fit(keras_model(), strings, **CE)

    class Named:
        def __iter__(self):
            return iter([({"a": torch.from_numpy(X)}, torch.from_numpy(Y))])

    refused(torch_model(), "is a pair of a dict and a Tensor; expected a pair of tensors", Named(), error=TypeError)


def test_arguments_about_batches_are_refused_where_the_data_has_its_own(lib):
    tensors = TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
    loader = DataLoader(tensors, 11)
    for arguments in ({"batch_size": 16}, {"seed": 3}, {"shuffle": False} if lib.name == "keras" else {"seed": 1}):
        name = next(iter(arguments))
        with pytest.raises(ValueError, match=rf"{name}=.* would have no effect, since train comes in batches"):
            lib.fit(lib.model(), loader, **arguments, **CE)
    with pytest.raises(ValueError, match="batch_size=16 would have no effect, since data comes in batches"):
        lib.evaluate(lib.model(), loader, loss="cross_entropy", batch_size=16)
    lib.fit(lib.model(), loader, (X, Y), batch_size=16, **CE)  # for the validation rows
    lib.fit(lib.model(), loader, batch_size=11, **CE)  # says what is so
    with pytest.raises(ValueError, match="shuffle is 'no'; expected True or False"):
        lib.fit(lib.model(), (X, Y), shuffle="no", **CE)
