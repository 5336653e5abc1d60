"""Lesson 03, tracking loops: the hidden cases."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence
from course_lib.lessons.l03_tracking_loops.batch_loss_recorder import recorder_case
from course_lib.lessons.l03_tracking_loops.fit_and_track import fit_case, judge_history, judge_loop
from course_lib.lessons.l03_tracking_loops.order_the_loop import order_case
from course_lib.lessons.l03_tracking_loops.train_one_epoch import PAIR, train_case

__all__ = ["hidden_cases"]


def _ragged(rng: np.random.Generator, batches: int = 6) -> tuple[list[float], list[int]]:
    sizes = [int(rng.integers(20, 64))] * (batches - 1) + [int(rng.integers(1, 9))]
    losses = [float(v) for v in rng.uniform(0.2, 1.0, batches)]
    losses[-1] = float(rng.uniform(3.0, 5.0))  # a small batch that would pull a plain mean far up
    return losses, sizes


def _uneven(rng: np.random.Generator) -> tuple[tuple[float, ...], tuple[int, ...]]:
    sizes = [int(v) for v in rng.permutation([3, 50, 17, 90, 8])]
    return tuple(float(s) ** 0.5 + float(v) for s, v in zip(sizes, rng.uniform(0, 1, 5), strict=True)), tuple(sizes)


def _repeated(rng: np.random.Generator) -> tuple[list[float], list[int]]:
    few = [float(v) for v in rng.uniform(0.2, 3.0, 2)]
    return [few[i] for i in (0, 1, 0, 0, 1)], [int(v) for v in rng.permutation([3, 50, 17, 90, 8])]


def _mean_per_sample(losses: list[float], sizes: list[int]) -> float:
    return float(np.average(losses, weights=sizes))


EPOCH_LOSS = (
    Case(
        "a small last batch with a large loss",
        _ragged,
        _mean_per_sample,
        hint="The last batch holds a few samples only, and its loss is much larger than the others.",
    ),
    Case(
        "batches of all sizes, as tuples",
        _uneven,
        _mean_per_sample,
        hint="Any batch may have any size, and the arguments are sequences of any kind.",
    ),
    Case(
        "two hundred batches",
        lambda rng: _ragged(rng, 200),
        _mean_per_sample,
        hint="The epoch is long, and its last batch is small.",
    ),
    Case(
        "losses that come more than once",
        _repeated,
        _mean_per_sample,
        hint="Several batches may have the same loss, and each counts by its own size.",
    ),
    Case(
        "a first batch unlike the others",
        lambda rng: tuple(part[::-1] for part in _ragged(rng)),
        _mean_per_sample,
        hint="The first batch is small, and its loss is much larger than the others.",
    ),
    Case(
        "losses of exactly 0 among small ones",
        lambda rng: ([float(v) for v in rng.permutation([0.0, 0.0041, 0.0, 0.0007])], [9, 4, 17, 6]),
        _mean_per_sample,
        hint="The losses are tiny, and some batches have no error at all. They are batches all the same.",
    ),
    Case(
        "many batches of exactly the same size",
        lambda rng: ([float(v) for v in rng.uniform(1.0, 9.0, 12)], [16] * 11 + [5]),
        _mean_per_sample,
        hint="Every batch counts, also where several have the same size.",
    ),
    Case(
        "losses that are whole numbers",
        lambda rng: ([int(v) for v in rng.permutation([1, 2, 4, 9])], [5, 3, 2, 1]),
        _mean_per_sample,
        hint="The losses may be whole numbers. The mean is a fraction all the same.",
    ),
    Case(
        "a whole number among fractions, and hundreds of samples a batch",
        lambda rng: ([3, *(float(v) for v in rng.permutation([0.4, 1.7, 0.9]))], [300, 256, 512, 40]),
        _mean_per_sample,
        hint="Some losses are whole numbers and others fractions, and the batches hold hundreds of samples.",
    ),
)


def hidden_cases(track: str) -> dict[str, tuple[Case, ...]]:
    """Return the hidden cases by exercise."""
    return {
        "epoch_loss": EPOCH_LOSS,
        **(_pytorch() if track == "pytorch" else _keras()),
        "order_the_loop": (
            order_case(
                track,
                "the weights after other batches",
                "weights",
                [5, 2, 3, 1],
                hint="The batches have other sizes; the last one holds a single row.",
            ),
            order_case(
                track,
                "the total of other batches",
                "total",
                [5, 2, 3, 1],
                hint="The batches have other sizes; the last one holds a single row.",
                weight=0.5,
            ),
        ),
    }


def _pytorch() -> dict[str, tuple[Case, ...]]:

    return {
        "train_one_epoch": (
            train_case(
                "batches that come as lists",
                [3, 3, 3, 1],
                "result",
                hint="A batch may be a list of two tensors, and the last one may hold a single row.",
                as_list=True,
            ),
            train_case(
                "an optimizer with momentum",
                [5, 5, 2],
                "weights_after_the_epoch",
                hint="The optimizer has momentum, and the model arrives in evaluation mode.",
                momentum=0.9,
                training=False,
            ),
            Case(
                "a classifier and a DataLoader",
                _classification,
                _classifier_truth,
                hint="The model is a network for classes, the loss is cross-entropy, the optimizer is Adam.",
                observe=_observe_classifier,
                compare=PAIR,
                judge=_judge_classifier,
            ),
        ),
        "fit_and_track": (
            fit_case(
                "pytorch",
                "four epochs with momentum",
                hint="Four epochs, with an optimizer that has momentum.",
                epochs=4,
                momentum=0.5,
                rows=(10, 4),
            ),
            fit_case(
                "pytorch",
                "a single row in the last validation batch",
                hint="The last validation batch holds a single row.",
                epochs=2,
                batch_size=5,
                val_batch_size=6,
                rows=(12, 7),
            ),
            fit_case(
                "pytorch",
                "the weights after two epochs",
                compares="weights_after_the_run",
                hint="The weights have to be those of two epochs of gradient descent on the training batches.",
                epochs=2,
            ),
        ),
    }


def _keras() -> dict[str, tuple[Case, ...]]:

    many: dict[str, Any] = {"rows": (13, 35), "epochs": 2, "batch_size": 12}
    return {
        "train_one_epoch": (
            recorder_case(
                "three epochs, and a last batch of one row",
                [5, 5, 5, 1],
                3,
                hint="Three epochs; the last batch of each holds a single row.",
            ),
            recorder_case("one batch an epoch", [6], 2, hint="Each epoch has a single batch."),
        ),
        "fit_and_track": (
            fit_case(
                "keras",
                "more validation rows than a batch holds",
                judge_history,
                hint="There are more validation rows than a batch holds, and the last batch is smaller.",
                run="many validation rows",
                **many,
            ),
            fit_case(
                "keras",
                "the updates of two epochs",
                judge_loop,
                hint="Each update has to be one step on a batch of the size that was asked, each row once an epoch.",
                run="many validation rows",
                **many,
            ),
            fit_case(
                "keras",
                "one batch an epoch",
                judge_history,
                hint="The batch size is larger than the data.",
                rows=(9, 5),
                epochs=1,
                batch_size=16,
            ),
        ),
    }


def _classification(rng: np.random.Generator) -> tuple[Any, ...]:
    x = rng.normal(size=(23, 2)).astype(np.float32)
    y = np.digitize(x[:, 0] - x[:, 1], [-0.6, 0.6])
    weights = [0.5 * rng.normal(size=shape).astype(np.float32) for shape in ((4, 2), (4,), (3, 4), (3,))]
    return x, y, weights


def _classifier(x: np.ndarray, y: np.ndarray, weights: list[np.ndarray]) -> tuple[Any, ...]:
    import torch
    from torch import nn

    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 3))
    with torch.no_grad():
        for parameter, values in zip(model.parameters(), weights, strict=True):
            parameter.copy_(torch.tensor(values))
    data = torch.utils.data.TensorDataset(torch.tensor(x), torch.tensor(y, dtype=torch.long))
    loader = torch.utils.data.DataLoader(data, batch_size=8)
    return model, loader, nn.CrossEntropyLoss(), torch.optim.Adam(model.parameters(), lr=0.1)


def _classifier_run(x: np.ndarray, y: np.ndarray, weights: list[np.ndarray]) -> tuple[Any, list[float]]:
    """Train once and return the pair and all weights after it."""
    model, loader, loss_fn, optimizer = _classifier(x, y, weights)
    losses, sizes = [], []
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
        sizes.append(len(targets))
    return (losses, sizes), [float(v) for p in model.parameters() for v in p.detach().reshape(-1).tolist()]


def _classifier_truth(x: np.ndarray, y: np.ndarray, weights: list[np.ndarray]) -> Any:
    return _classifier_run(x, y, weights)[0]


def _observe_classifier(answer: Any, record: dict[str, Any], *inputs: Any) -> Any:
    parts = _classifier(*inputs)
    result = answer(*parts)
    record["weights"] = [float(v) for p in parts[0].parameters() for v in p.detach().reshape(-1).tolist()]
    return result


def _judge_classifier(e: Evidence) -> str | None:
    right = _classifier_run(*e.inputs)[1]
    given = [float(v) for v in e["weights"]]
    return None if np.allclose(given, right, rtol=1e-3, atol=1e-4) else "the weights after the epoch are not right"
