"""Lesson 06: a stage on which nothing is trained, for `keep_best_weights` and `train_with_early_stopping`.

A real small model of the track is moved by a scripted ``train_epoch``, which adds 1 to every weight and buffer in
place, as an optimizer does; so the weights say which epoch they are from. The scripted ``evaluate`` reads that epoch
and returns the loss that a curve has there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from course_lib.checks.plain import describe

__all__ = ["Curves", "observer", "scripted"]

Curves = Mapping[str, Sequence[float]]

#: What stands for the validation rows and the test rows; `evaluate` tells them apart by their content.
VAL, TEST = 1.0, 2.0


def scripted(
    val: Sequence[float], train: Sequence[float] | None = None, test: Sequence[float] | None = None
) -> dict[str, list[float]]:
    """Return the curves of validation, training and test loss, each with the untrained model's loss first.

    Examples
    --------
    >>> scripted([1.0, 0.5])["val"]
    [2.5, 1.0, 0.5]
    """
    n = len(val)
    if train is None:
        # Falls on, but for the last epoch: so the epoch that it would choose is not just the last one.
        train = [round(2.0 - 0.9 * (k + 1) / n, 4) for k in range(n)]
        train[-1] = train[max(0, n - 2)] + 0.02 if n > 1 else train[-1]
    test = test if test is not None else [round(v + 0.125, 6) for v in val]
    return {"val": [2.5, *val], "train": [2.5, *train], "test": [2.5, *test]}


# --- models whose weights tell the epoch -------------------------------------------------------------


class _Torch:
    """A small PyTorch model with batch norm, moved in place."""

    def __init__(self) -> None:
        import torch
        from torch import nn

        self.torch, self.kind = torch, nn.Module
        self.model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))

    def values(self, model: Any) -> list[tuple[bool, np.ndarray]]:
        """Return whether each is a parameter, and a copy of its numbers."""
        parameters = {name for name, _ in model.named_parameters()}
        return [(name in parameters, v.detach().double().clone().numpy()) for name, v in model.state_dict().items()]

    def move(self, model: Any) -> None:
        model.train()
        with self.torch.no_grad():
            for value in model.state_dict(keep_vars=True).values():
                value.add_(1)

    def writes(self) -> int:
        return sum(value._version for value in self.model.state_dict(keep_vars=True).values())

    def rows(self, marker: float) -> Any:
        return self.torch.full((3, 2), marker), self.torch.zeros(3, dtype=self.torch.long)

    def close(self) -> None:
        pass


class _Keras:
    """A small Keras model with batch norm, moved in place; counts the assignments to it until it is closed."""

    def __init__(self) -> None:
        import keras

        self.kind = keras.Model
        self.model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2), keras.layers.BatchNormalization()])
        self.model.compile(optimizer="sgd", loss="mse")  # as the lesson's models are; some of Keras asks for it
        self.count, mine = 0, {id(variable) for variable in self.model.weights}
        # On the class, not on each variable: a deep copy of the model must not carry the counter along.
        self.variable = type(self.model.weights[0])
        self.own, original = self.variable.__dict__.get("assign"), self.variable.assign

        def assign(variable: Any, value: Any) -> Any:
            self.count += id(variable) in mine
            return original(variable, value)

        self.variable.assign = assign

    def values(self, model: Any) -> list[tuple[bool, np.ndarray]]:
        """Return whether each is trainable, and a copy of its numbers."""
        return [(bool(v.trainable), np.array(v.numpy(), dtype=np.float64)) for v in model.weights]

    def move(self, model: Any) -> None:
        for variable in model.weights:
            variable.assign(variable + 1.0)

    def writes(self) -> int:
        return self.count

    def rows(self, marker: float) -> Any:
        return np.full((3, 2), marker, dtype=np.float32), np.zeros(3, dtype=np.int64)

    def close(self) -> None:
        if self.own is not None:
            self.variable.assign = self.own
        else:
            del self.variable.assign


class _Stage:
    """What an answer is given: a model, ``train_epoch``, ``evaluate``, and the rows; and what was done with it."""

    def __init__(self, track: str, curves: Curves, record: dict[str, Any]) -> None:
        self.kit: Any = _Torch() if track == "pytorch" else _Keras()
        self.model, self.curves, self.record = self.kit.model, curves, record
        self.events: list[dict[str, Any]] = record.setdefault("events", [])
        self.start = self.kit.values(self.model)
        self.val, self.test = self.kit.rows(VAL), self.kit.rows(TEST)
        self.writes_after_training = self.kit.writes()

    def _ages(self, model: Any) -> tuple[float, float]:
        """Return the epochs that parameters and the rest are from; -1 where they disagree among themselves."""
        ages: dict[bool, set[float]] = {True: set(), False: set()}
        for (learned, now), (_, start) in zip(self.kit.values(model), self.start, strict=True):
            ages[learned] |= {round(float(v), 2) for v in np.ravel(now - start)}
        parameters, rest = (ages[learned].pop() if len(ages[learned]) == 1 else -1.0 for learned in (True, False))
        return parameters, rest

    def _seen(self, what: str, model: Any) -> float:
        """Note what was done to or with the model; return the loss at its present weights."""
        age, curve = self._ages(model)[0], self.curves[what]
        self.events.append({"what": what, "epoch": age})
        return float(curve[int(age)]) if age == int(age) and 0 <= age < len(curve) else 1e18

    def train_epoch(self, model: Any) -> float:
        """Move the weights by one epoch and return the training loss."""
        self.kit.move(model)
        self.writes_after_training = self.kit.writes()
        return self._seen("train", model)

    def evaluate(self, model: Any, rows: Any) -> float:
        """Return the loss on the rows at the model's present weights."""
        first = rows[0] if isinstance(rows, (tuple, list)) else rows
        return self._seen("test" if float(np.max(np.asarray(first))) == TEST else "val", model)

    def close(self, result: Any) -> Any:
        """Note what the model ends with, and whether it was returned; return what was."""
        self.record["written"] = self.kit.writes() != self.writes_after_training
        self.kit.close()
        parameters, buffers = self._ages(self.model)
        self.record["weights_of_epoch"] = {"parameters": parameters, "buffers": buffers}
        if isinstance(result, self.kit.kind):
            self.record["returned_model"] = True
        return result


def observer(call: Callable[..., Any], track: str, again: bool) -> Callable[..., Any]:
    """Return an observer that hands a stage to the answer by ``call(answer, stage, *rest)``.

    With ``again`` it does so three times, the second time with other losses, and the third call is what counts.
    """

    def once(answer: Any, record: dict[str, Any], curves: Curves, *rest: int) -> Any:
        stage, result = _Stage(track, curves, record), None
        try:
            result = call(answer, stage, *rest)
        finally:
            stage.close(result)
        return result

    def observe(answer: Any, record: dict[str, Any], curves: Curves, *rest: int) -> Any:
        if again:
            record["first_call"] = describe(once(answer, {}, curves, *rest))
            # Another run with another best epoch: from its end to its beginning, and lower.
            turned = {name: [values[0], *(v - 0.25 for v in reversed(values[1:]))] for name, values in curves.items()}
            once(answer, {}, turned, *rest)
        return once(answer, record, curves, *rest)

    return observe
