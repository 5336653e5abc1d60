"""The playground's arithmetic is that of `course_lib.pytorch.fit`, step by step, and of nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
from playground import SETTINGS, in_node

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402
from torch.utils.data import DataLoader, TensorDataset  # noqa: E402

from course_lib.early_stopping import EarlyStopping  # noqa: E402
from course_lib.instructor.site.playground import DOM_FREE  # noqa: E402
from course_lib.pytorch import evaluate, fit  # noqa: E402
from course_lib.training.run import NonFiniteLossWarning  # noqa: E402

#: Both sides compute in double precision and add up in another order, which large steps make more of.
CLOSE = {"rtol": 1e-6, "atol": 1e-8}


class Masked(nn.Module):
    """Dropout whose factors were drawn elsewhere; each training batch takes the next ones."""

    def __init__(self, masks: list[list[float]]) -> None:
        super().__init__()
        self.masks = iter(masks)

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.tensor(next(self.masks)).reshape(x.shape) if self.training else x


class Orders:
    """Row numbers epoch by epoch, for a DataLoader."""

    def __init__(self, orders: list[list[int]]) -> None:
        self.epochs = iter(orders)

    def __iter__(self) -> Any:
        return iter(next(self.epochs))


def optimizer_of(name: str, model: nn.Module, lr: float, decay: float) -> torch.optim.Optimizer:
    if name in ("sgd", "momentum"):
        return torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9 * (name == "momentum"), weight_decay=decay)
    kinds = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
    return kinds[name](model.parameters(), lr=lr, weight_decay=decay)


def rows_of(part: dict[str, Any], classes: bool) -> tuple[Tensor, Tensor]:
    x = torch.tensor(part["x"], dtype=torch.float64).reshape(part["rows"], -1)
    y = torch.tensor(part["y"], dtype=torch.float64)
    return (x, y.long()) if classes else (x, y[:, None])


@pytest.fixture(autouse=True)
def in_double_precision() -> Any:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def model_of(settings: dict[str, Any], data: dict[str, Any], weights: Any, masks: list[Any]) -> nn.Module:
    width = settings["width"]
    drop = [Masked([step[layer] for step in masks]) if settings["dropout"] else nn.Identity() for layer in (0, 1)]
    model = nn.Sequential(
        nn.Linear(data["features"], width), nn.ReLU(), drop[0],
        nn.Linear(width, width), nn.ReLU(), drop[1],
        nn.Linear(width, data["outputs"]),
    )  # fmt: skip
    nn.utils.vector_to_parameters(torch.tensor(weights), model.parameters())
    return model


def trained(settings: dict[str, Any], seen: dict[str, Any]) -> tuple[nn.Module, Any, EarlyStopping | None]:
    """Train with the course's own trainer on what the playground drew: rows, first weights, orders, masks."""
    data = seen["data"]
    model = model_of(settings, data, seen["first"], seen["masks"])
    train, val = (rows_of(data[part], data["classes"]) for part in ("train", "val"))
    loader = DataLoader(
        TensorDataset(*train), batch_size=min(settings["batch"], settings["rows"]), sampler=Orders(seen["orders"])
    )
    rule = (
        EarlyStopping(patience=settings["patience"], restore_best=settings["restore"]) if settings["patience"] else None
    )
    history = fit(
        model,
        loader,
        val,
        loss="cross_entropy" if data["classes"] else "mse",
        optimizer=optimizer_of(settings["optimizer"], model, settings["lr"], settings["decay"]),
        epochs=settings["epochs"],
        metrics=["accuracy"] if data["classes"] else [],
        callbacks=[rule] if rule else [],
        device="cpu",
    )
    return model, history, rule


def drawn_settings(count: int) -> Iterator[dict[str, Any]]:
    """Every optimizer with and without weight decay and dropout, on both data sets; the rest is drawn at random."""
    rng = np.random.default_rng(17)
    every = list(product(("sgd", "momentum", "adam", "adamw"), (0.0, 0.03), (0.0, 0.4), ("moons", "sine", "digits")))
    for k in range(count):
        optimizer, decay, dropout, data = every[k % len(every)]
        settings = SETTINGS | {"optimizer": optimizer, "decay": decay, "dropout": dropout, "data": data}
        yield settings | {
            "rows": int(rng.integers(2, 90)),
            "noise": float(rng.choice([0.0, 0.1, 0.5])),
            "width": int(rng.integers(1, 20)),
            "lr": float(rng.choice([0.003, 0.02, 0.1])),
            "batch": int(rng.choice([3, 7, 16, 64, 2048])),
            "epochs": int(rng.integers(1, 8)),
            "seed": int(rng.integers(0, 10000)),
            "patience": int(rng.choice([0, 1, 2, 3])),
            "restore": bool(rng.integers(0, 2)),
            "remeasure": False,
        }


@pytest.mark.slow
def test_every_step_is_that_of_fit() -> None:
    cases = list(drawn_settings(54))
    seen = in_node("train", [{"settings": settings} for settings in cases], DOM_FREE)
    stopped = restored = 0
    for settings, ours in zip(cases, seen, strict=True):
        model, history, rule = trained(settings, ours)
        told = f"settings: {settings}"
        record = ours["history"]
        np.testing.assert_allclose(record["batchLoss"], history.batch_loss, **CLOSE, err_msg=told)
        np.testing.assert_allclose(record["trainLoss"], history.train_loss, **CLOSE, err_msg=told)
        np.testing.assert_allclose(record["valLoss"], history.val_loss, **CLOSE, err_msg=told)
        if settings["data"] != "sine":
            np.testing.assert_allclose(record["valAccuracy"], history["val_accuracy"], err_msg=told)
        weights = nn.utils.parameters_to_vector(model.parameters()).detach().numpy()
        np.testing.assert_allclose(ours["weights"], weights, rtol=1e-5, atol=1e-7, err_msg=told)
        assert ours["best"]["epoch"] == history.best_epoch, told
        assert ours["done"] == {"reason": history.stop_reason, "message": history.stop_message}, told
        stopped += history.stop_reason == "early_stopping"
        restored += rule is not None and settings["restore"] and ours["held"]["epoch"] < history.epochs
        held = evaluate(
            model,
            rows_of(ours["data"]["val"], ours["data"]["classes"]),
            loss="cross_entropy" if ours["data"]["classes"] else "mse",
            device="cpu",
        )
        assert math.isclose(ours["held"]["loss"], held["loss"], rel_tol=1e-6), told
    assert stopped > 5, "some of the runs stop early"
    assert restored > 3, "and some get their best weights back"


def test_dropout_scales_what_it_keeps_as_torch_does() -> None:
    """The masks that the playground draws itself; above, they are handed to torch."""
    [ours] = in_node("train", [{"settings": SETTINGS | {"dropout": 0.3, "epochs": 20, "width": 16}}])
    factors = np.concatenate([mask for step in ours["masks"] for mask in step])
    torch.manual_seed(0)
    kept = nn.Dropout(0.3)(torch.ones(100)).max().item()
    assert set(np.unique(factors)) == {0.0, kept}
    assert abs((factors == 0).mean() - 0.3) < 0.01
    first, second = ours["masks"][0]
    assert first != second, "each layer has its own"
    assert ours["masks"][0] != ours["masks"][4], "and each step"


def test_what_is_handed_over_is_used() -> None:
    """The other way around: rows, weights, orders and masks from here."""
    rng = np.random.default_rng(3)
    settings = SETTINGS | {"dropout": 0.5, "rows": 20, "batch": 8, "epochs": 3, "width": 5, "remeasure": True}
    parts = {
        name: {"x": rng.normal(size=2 * rows).tolist(), "y": rng.integers(0, 2, rows).tolist(), "rows": rows}
        for name, rows in (("train", 20), ("val", 11))
    }
    data = parts | {"features": 2, "outputs": 2, "classes": True}
    orders = [rng.permutation(20).tolist() for _ in range(3)]
    masks = [[(2.0 * rng.integers(0, 2, 5 * size)).tolist() for _ in (0, 1)] for _ in range(3) for size in (8, 8, 4)]
    weights = rng.normal(0, 0.5, 3 * 5 + 6 * 5 + 2 * 6).tolist()
    given = {"settings": settings, "data": data, "orders": orders, "masks": masks, "weights": weights}
    [ours] = in_node("train", [given])
    assert (ours["first"], ours["orders"], ours["masks"]) == (weights, orders, masks)
    model, history, _ = trained(settings, ours)
    np.testing.assert_allclose(ours["history"]["batchLoss"], history.batch_loss, **CLOSE)
    np.testing.assert_allclose(ours["history"]["valLoss"], history.val_loss, **CLOSE)
    again = evaluate(model, rows_of(data["train"], True), loss="cross_entropy", device="cpu")["loss"]
    assert math.isclose(ours["history"]["trainLossRemeasured"][-1], again, rel_tol=1e-9)


@pytest.mark.parametrize("data", ["moons", "sine", "digits"])
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_gradients_are_those_of_finite_differences(data: str, dropout: float) -> None:
    cases = [
        {"settings": SETTINGS | {"data": data, "dropout": dropout, "seed": seed, "rows": 12, "width": 4}}
        for seed in range(4)
    ]
    for answer in in_node("gradient", cases, DOM_FREE):
        worked, differences = np.array(answer["worked"]), np.array(answer["differences"])
        assert np.abs(worked).max() > 0.01
        np.testing.assert_allclose(worked, differences, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("patience", [0, 3])
def test_a_loss_that_is_no_number_ends_the_run_as_in_fit(patience: int) -> None:
    """In the middle of the second epoch; with early stopping, the first epoch's weights come back."""
    settings = SETTINGS | {"data": "sine", "optimizer": "momentum", "lr": 1e9, "patience": patience, "epochs": 40}
    [ours] = in_node("train", [{"settings": settings}])
    with pytest.warns(NonFiniteLossWarning):
        model, history, _ = trained(settings, ours)
    assert ours["done"]["reason"] == history.stop_reason == "non_finite"
    assert history.stop_message.startswith(ours["done"]["message"])
    assert len(ours["history"]["batchLoss"]) == history.steps
    assert len(ours["history"]["valLoss"]) == history.epochs == 1
    if patience:
        assert ours["held"]["epoch"] == 1
        weights = nn.utils.parameters_to_vector(model.parameters()).detach().numpy()
        np.testing.assert_allclose(ours["weights"], weights, rtol=1e-5)
    else:
        assert ours["held"] is None


def test_a_missing_node_is_a_failure_where_a_browser_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playground.NODE", None)
    monkeypatch.delenv("COURSE_REQUIRE_BROWSER", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no node"):
        in_node("data", [])
    monkeypatch.setenv("COURSE_REQUIRE_BROWSER", "1")
    with pytest.raises(pytest.fail.Exception, match="must have one"):
        in_node("data", [])
