"""Half precision: Keras's mixed policies train as in stock Keras, torch.autocast and bfloat16 train at all."""

from __future__ import annotations

import numpy as np
import pytest

keras = pytest.importorskip("keras")
torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from course_lib import keras as on_keras  # noqa: E402
from course_lib import pytorch as on_torch  # noqa: E402
from course_lib.training.callbacks import Checkpoint  # noqa: E402

RNG = np.random.default_rng(1)
X = RNG.normal(size=(64, 4)).astype("float32")
Y = (X @ RNG.normal(size=(4, 1))).astype("float32")
LABELS = (Y[:, 0] > 0).astype("int64")


@pytest.fixture
def half(request):
    """Keras's mixed policy of this name, for one test."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(request.param)
    yield
    keras.config.set_dtype_policy(before)


def mixed_model(**settings):
    keras.utils.set_random_seed(0)
    kinds = keras.layers
    return keras.Sequential([kinds.Input((4,)), kinds.Dense(8, "relu", **settings), kinds.Dense(1, dtype="float32")])


class Tiny(keras.losses.Loss):
    """A loss whose gradients are zero in float16 unless it is scaled."""

    def call(self, y_true, y_pred):
        return 1e-9 * keras.ops.square(y_true - y_pred)


@pytest.mark.slow
@pytest.mark.parametrize("half", ["mixed_float16"], indirect=True)
def test_the_loss_is_scaled_as_in_stock_keras(half):
    stock, ours = mixed_model(), mixed_model()
    before = stock.get_weights()
    arguments = {"epochs": 2, "batch_size": 16, "shuffle": False}
    stock.compile(keras.optimizers.SGD(1e6), Tiny())
    stock.fit(X, Y, verbose=0, **arguments)
    history = on_keras.fit(ours, (X, Y), loss=Tiny(), optimizer=keras.optimizers.SGD(1e6), **arguments)
    assert history.lr.tolist() == [1e6, 1e6]
    for start, ended, expected in zip(before, ours.get_weights(), stock.get_weights(), strict=True):
        assert not np.array_equal(start, ended)
        np.testing.assert_allclose(ended, expected, rtol=2e-3, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("half", ["mixed_float16"], indirect=True)
def test_a_run_with_a_scaled_loss_starts_again_and_is_resumed_to_the_same_numbers(half, tmp_path):
    arguments = {"loss": "mse", "optimizer": "adam", "batch_size": 16}
    net = mixed_model()
    whole = on_keras.fit(net, (X, Y), (X, Y), epochs=4, **arguments)
    net.set_weights(mixed_model().get_weights())
    again = on_keras.fit(net, (X, Y), (X, Y), epochs=4, **arguments)
    np.testing.assert_allclose(again.val_loss, whole.val_loss, rtol=1e-4)
    point = Checkpoint(tmp_path)
    on_keras.fit(mixed_model(), (X, Y), (X, Y), epochs=2, callbacks=[point], **arguments)
    resumed = on_keras.fit(mixed_model(), (X, Y), (X, Y), epochs=4, resume=point.last, **arguments)
    np.testing.assert_allclose(resumed.val_loss, whole.val_loss, rtol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("half", ["mixed_float16"], indirect=True)
def test_an_optimizer_that_goes_on_keeps_its_state_when_the_loss_changes(half):
    net, momentum = mixed_model(), keras.optimizers.SGD(0.01, momentum=0.9)
    on_keras.fit(net, (X, Y), loss="mse", optimizer=momentum, epochs=1)
    steps = int(momentum.iterations)
    on_keras.fit(net, (X, Y), loss="mae", optimizer=momentum, epochs=1)
    assert int(momentum.iterations) == 2 * steps
    assert len(momentum.momentums) == 4


@pytest.mark.slow
@pytest.mark.parametrize("half", ["float32", "mixed_bfloat16"], indirect=True)
def test_the_loss_is_not_scaled_where_nothing_is_computed_in_float16(half):
    net = mixed_model()
    on_keras.fit(net, (X, Y), (X, Y), loss="mse", epochs=1)
    assert not isinstance(net.optimizer, keras.optimizers.LossScaleOptimizer)
    net = mixed_model(dtype="mixed_float16")
    history = on_keras.fit(net, (X, Y), (X, Y), loss="mse", epochs=1)
    assert isinstance(net.optimizer, keras.optimizers.LossScaleOptimizer)
    assert np.isfinite(history.val_loss).all()


def torch_model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))


def test_inside_autocast_every_step_sees_the_weights_of_the_step_before():
    plain = on_torch.fit(torch_model(), (X, LABELS), (X, LABELS), loss="cross_entropy", epochs=3)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        half = on_torch.fit(torch_model(), (X, LABELS), (X, LABELS), loss="cross_entropy", epochs=3)
        assert torch.is_autocast_cache_enabled()
        measured = on_torch.evaluate(torch_model(), (X, LABELS), loss="cross_entropy")
    np.testing.assert_allclose(half.batch_loss, plain.batch_loss, rtol=0.01)
    assert half.val_loss[-1] < half.val_loss[0]
    assert measured["loss"] == pytest.approx(plain.batch_loss[:2].mean(), rel=0.02)


def test_float16_that_cannot_be_trained_is_refused_before_the_first_step():
    net = torch_model()
    with torch.autocast("cpu", dtype=torch.float16), pytest.raises(ValueError, match=r"use dtype=torch\.bfloat16"):
        on_torch.fit(net, (X, LABELS), loss="cross_entropy", epochs=1)
    net = torch_model().half()
    adam = torch.optim.Adam(net.parameters())
    with pytest.raises(ValueError, match=r"float16, where the eps=1e-08 of Adam is 0"):
        on_torch.fit(net, (X, LABELS), loss="cross_entropy", optimizer=adam, epochs=1)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_models_with_weights_of_other_precisions_train(dtype):
    net = torch_model().to(dtype)
    arguments = {"loss": "cross_entropy", "optimizer": "sgd", "metrics": ["accuracy"]}
    history = on_torch.fit(net, (X, LABELS), (X, LABELS), epochs=2, **arguments)
    exact = on_torch.fit(torch_model(), (X, LABELS), (X, LABELS), epochs=2, **arguments)
    np.testing.assert_allclose(history.val_loss, exact.val_loss, rtol=0.02)
