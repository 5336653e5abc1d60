"""The same weights and the same batches give the same curves; the defaults that differ are as the table says."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("keras")

import keras
import torch
from torch import nn

from course_lib import keras as on_keras
from course_lib import pytorch as on_torch
from course_lib.data import digits
from course_lib.training.parity import DEFAULTS, copy_weights

RELATIVE = 1e-4


def twins() -> tuple[nn.Module, keras.Model]:
    torch.manual_seed(0)
    ours = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    theirs = keras.Sequential([keras.layers.Input((64,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(10)])
    copy_weights(ours, theirs)
    return ours, theirs


@pytest.mark.slow
@pytest.mark.parametrize(("optimizer", "lr"), [("sgd", 0.05), ("adam", 1e-3), ("adamw", 1e-3)])
def test_twenty_epochs_on_digits_are_the_same(optimizer, lr):
    data = digits(scale="unit")
    ours, theirs = twins()
    arguments = {"loss": "cross_entropy", "optimizer": optimizer, "lr": lr, "epochs": 20, "metrics": ["accuracy"]}
    a = on_torch.fit(ours, data.train, data.val, remeasure=True, **arguments)
    b = on_keras.fit(theirs, data.train, data.val, remeasure=True, **arguments)
    assert a.names == b.names
    for name in ("train_loss", "val_loss", "train_loss_remeasured"):
        np.testing.assert_allclose(a[name], b[name], rtol=RELATIVE)
    np.testing.assert_allclose(a["val_accuracy"], b["val_accuracy"], atol=1e-6)
    np.testing.assert_array_equal(a.batch_size, b.batch_size)
    np.testing.assert_array_equal(a.batch_lr, b.batch_lr)
    np.testing.assert_allclose(a.batch_loss, b.batch_loss, rtol=1e-3, atol=1e-6)


@pytest.mark.slow
def test_class_weights_mean_the_same():
    data = digits()
    ours, theirs = twins()
    weights = {0: 5.0, 3: 0.5, 9: 2.0}
    arguments = {"loss": "cross_entropy", "optimizer": "sgd", "epochs": 3, "class_weight": weights}
    a = on_torch.fit(ours, data.train, data.val, **arguments)
    b = on_keras.fit(theirs, data.train, data.val, **arguments)
    np.testing.assert_allclose(a.train_loss, b.train_loss, rtol=RELATIVE)
    np.testing.assert_allclose(a.val_loss, b.val_loss, rtol=RELATIVE)
    np.testing.assert_allclose(a.batch_weight, b.batch_weight, rtol=1e-5)


def test_same_names_and_arguments():
    for name in ("fit", "evaluate"):
        one, two = (inspect.signature(getattr(module, name)) for module in (on_torch, on_keras))
        assert list(one.parameters) == list(two.parameters)
        for parameter in one.parameters:
            assert one.parameters[parameter].default == two.parameters[parameter].default
            assert one.parameters[parameter].kind == two.parameters[parameter].kind


def test_evaluate_gives_the_same_result():
    data = digits()
    ours, theirs = twins()
    a = on_torch.evaluate(ours, data.val, loss="cross_entropy", metrics=["accuracy"], batch_size=100)
    b = on_keras.evaluate(theirs, data.val, loss="cross_entropy", metrics=["accuracy"], batch_size=77)
    assert a == pytest.approx(b, rel=1e-5)


def test_copying_there_and_back_changes_nothing():
    torch.manual_seed(1)
    layers = [nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(), nn.Linear(3 * 36, 5), nn.LayerNorm(5)]
    ours = nn.Sequential(*layers)
    for buffer in (ours[1].running_mean, ours[1].running_var):
        buffer.uniform_(0.5, 1.5)
    kinds = keras.layers
    theirs = keras.Sequential(
        [
            kinds.Input((8, 8, 1)),
            kinds.Conv2D(3, 3),
            kinds.BatchNormalization(epsilon=1e-5),
            kinds.ReLU(),
            kinds.Permute((3, 1, 2)),  # channels first before flattening, as in torch
            kinds.Flatten(),
            kinds.Dense(5),
            kinds.LayerNormalization(epsilon=1e-5),
        ]
    )
    copy_weights(ours, theirs)
    x = np.random.default_rng(0).normal(size=(4, 8, 8, 1)).astype("float32")
    ours.eval()
    expected = ours(torch.from_numpy(x.transpose(0, 3, 1, 2))).detach().numpy()
    got = keras.ops.convert_to_numpy(theirs(x, training=False))
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)

    before = {name: value.clone() for name, value in ours.state_dict().items()}
    for parameter in ours.parameters():
        nn.init.zeros_(parameter)
    copy_weights(theirs, ours)
    for name, value in ours.state_dict().items():
        torch.testing.assert_close(value, before[name])


def test_models_that_are_no_twins_are_named():
    ours, theirs = twins()
    with pytest.raises(TypeError, match="a torch model and a Keras model"):
        copy_weights(ours, ours)
    with pytest.raises(ValueError, match="same layers"):
        copy_weights(nn.Linear(64, 32), theirs)
    wider = nn.Sequential(nn.Linear(64, 33), nn.ReLU(), nn.Linear(33, 10))
    with pytest.raises(ValueError, match="differ in size"):
        copy_weights(wider, theirs)
    with pytest.raises(ValueError, match="not built"):
        copy_weights(ours, keras.Sequential([keras.layers.Dense(3)]))


def default(function: object, name: str) -> object:
    return inspect.signature(function).parameters[name].default


def test_the_table_of_defaults_holds():
    optim, opt, kinds = torch.optim, keras.optimizers, keras.layers
    dense, embedding = kinds.Dense(1), kinds.Embedding(2, 2)
    layer = kinds.Dense(3)
    layer.build((None, 2))
    torch.manual_seed(0)
    spread = nn.Embedding(1000, 10).weight.std().item()
    assert spread == pytest.approx(1.0, abs=0.05)
    norm = nn.BatchNorm1d(1, momentum=1.0)
    norm(torch.tensor([[0.0], [2.0]]))
    assert norm.running_var.item() == pytest.approx(2.0)  # unbiased: 2, biased: 1
    keras_norm = kinds.BatchNormalization(momentum=0.0)
    keras_norm(np.array([[0.0], [2.0]], "float32"), training=True)
    assert float(keras.ops.convert_to_numpy(keras_norm.moving_variance)[0]) == pytest.approx(1.0)
    assert float(nn.Linear(10000, 1).weight.detach().abs().max()) == pytest.approx(0.01, rel=0.01)
    assert float(np.abs(keras.ops.convert_to_numpy(layer.bias)).max()) == 0.0

    measured = {
        "Adam epsilon": (default(optim.Adam, "eps"), default(opt.Adam, "epsilon")),
        "Adam bias correction": ("float64", bias_correction_precision()),
        "SGD learning rate": (default(optim.SGD, "lr"), default(opt.SGD, "learning_rate")),
        "AdamW weight decay": (default(optim.AdamW, "weight_decay"), default(opt.AdamW, "weight_decay")),
        "RMSprop learning rate": (default(optim.RMSprop, "lr"), default(opt.RMSprop, "learning_rate")),
        "RMSprop decay": (default(optim.RMSprop, "alpha"), default(opt.RMSprop, "rho")),
        "Adagrad learning rate": (default(optim.Adagrad, "lr"), default(opt.Adagrad, "learning_rate")),
        "Adadelta learning rate": (default(optim.Adadelta, "lr"), default(opt.Adadelta, "learning_rate")),
        "batch norm momentum": (nn.BatchNorm1d(1).momentum, kinds.BatchNormalization().momentum),
        "batch norm epsilon": (nn.BatchNorm1d(1).eps, kinds.BatchNormalization().epsilon),
        "batch norm running variance": ("unbiased", "biased"),
        "layer norm epsilon": (nn.LayerNorm(1).eps, kinds.LayerNormalization().epsilon),
        "dense kernel at start": ("kaiming_uniform", config_name(dense.kernel_initializer)),
        "dense bias at start": ("uniform", config_name(dense.bias_initializer)),
        "embedding at start": ("normal", config_name(embedding.embeddings_initializer).removeprefix("random_")),
        "leaky ReLU slope": (nn.LeakyReLU().negative_slope, kinds.LeakyReLU().negative_slope),
        "cross-entropy takes": ("logits", logits_or_not()),
        "batch size": (default(torch.utils.data.DataLoader, "batch_size"), 32),
        "shuffle": (bool(default(torch.utils.data.DataLoader, "shuffle")), default(keras.Model.fit, "shuffle")),
    }
    assert "GlorotUniform" in type(dense.kernel_initializer).__name__
    table = {row.what: (row.pytorch, row.keras) for row in DEFAULTS}
    assert table == measured
    assert all(row.pytorch != row.keras for row in DEFAULTS)


def config_name(initializer: object) -> str:
    name = type(initializer).__name__
    return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


def logits_or_not() -> str:
    return "logits" if default(keras.losses.SparseCategoricalCrossentropy, "from_logits") else "probabilities"


def bias_correction_precision() -> str:
    """Say in which precision Keras's Adam computes 1 - beta_2 ** t, from what its first step does."""
    weight = keras.Variable(np.zeros(1, "float32"))
    adam = keras.optimizers.Adam(1.0, beta_1=0.0, epsilon=0.0)
    adam.apply([keras.ops.ones((1,))], [weight])
    return "float64" if abs(float(keras.ops.convert_to_numpy(weight)[0]) + 1) < 1e-6 else "float32"
