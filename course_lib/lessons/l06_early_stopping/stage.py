"""Lesson 06: a stage on which nothing is trained, for `keep_best_weights` and `train_with_early_stopping`.

A real small model of the track is moved by a scripted ``train_epoch``, which adds 1 to every weight and buffer in
place, as an optimizer does; so the weights say which epoch they are from. The scripted ``evaluate`` reads that epoch
and returns the loss that a curve has there. Below that stands how such a run is read, and what can go wrong in both.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from course_lib.checks.case import Evidence
from course_lib.checks.mistakes import by_sign, noted
from course_lib.checks.mistakes.denying import Row
from course_lib.checks.plain import describe, dict_of, number_of
from course_lib.checks.reading import Reading

__all__ = ["NOTHING_KEPT", "OF_THE_CALL", "OF_WEIGHTS", "ScriptedRun", "observer", "scripted", "weights_problem"]

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
        """Leave nothing behind; there is nothing."""


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


# --- what is seen of it ------------------------------------------------------------------------------


class ScriptedRun(Reading):
    """One call on a stage, beside what is right: the number of ``epochs``, and the ``best`` of them."""

    def __init__(self, e: Evidence) -> None:
        super().__init__(e)
        self.curves: Curves = self.inputs[0]
        self.val = list(self.curves["val"][1:])  # of epochs 1, 2, …: the curve begins with the untrained model
        self.epochs, self.best = e.truth
        self.trained = len(self.of("train"))
        ages = self.noted("weights_of_epoch") or {}
        self.parameters, self.buffers = (float(ages.get(part, -1)) for part in ("parameters", "buffers"))

    def field(self, key: str) -> float | None:
        """Return a number of the dictionary that came back."""
        return number_of((dict_of(self.e.result) or {}).get(key))

    @property
    def told(self) -> float | None:
        """The best epoch that was reported: as the result, or in it."""
        number = number_of(self.e.result)
        return self.field("best_epoch") if number is None else number

    @property
    def calls_differ(self) -> bool:
        """Whether the same call came out otherwise after others; where there were none before it, it did not."""
        if "first_call" not in self.e.seen:
            return False
        # Or it reports another epoch, and ends with weights of no epoch of this run: both are from an earlier one.
        stale = self.parameters == -1 and self.told not in (None, self.best)
        return bool(self.e["first_call"] != self.e.result) or stale

    @property
    def ends_with_last(self) -> bool:
        """Whether the model is as the last of as many epochs as were asked left it, though another was the best.

        Not so where the answer believes that the last was the best: then these are the weights it meant to keep.
        """
        as_asked = self.best < self.trained == self.epochs == self.parameters
        return as_asked and self.told != self.trained

    @property
    def as_many(self) -> bool:
        """Whether as many epochs were trained as asked; else the weights follow from that, and are no fault."""
        return self.trained == self.epochs and not self.calls_differ


def weights_problem(run: ScriptedRun) -> str | None:
    """Return what is wrong with the weights the model ends with, or ``None``."""

    def whose(epoch: float) -> str:
        return f"epoch {epoch:g}" if epoch >= 0 else "no single epoch"

    if run.parameters != run.best:
        return f"the model ends with the weights of {whose(run.parameters)}; the best epoch was {run.best}"
    if run.buffers != run.best:
        return (
            f"the model's parameters are those of epoch {run.best}, but its batch-norm statistics are those of "
            f"{whose(run.buffers)}"
        )
    return None


# --- what may go wrong in both exercises -------------------------------------------------------------


def _restored_while_training(run: ScriptedRun) -> bool:
    """Whether an epoch began with other weights than the one before it had left."""
    ages = [float(event["epoch"]) for event in run.of("train")]
    return any(after != before + 1 for before, after in itertools.pairwise(ages))


def _nothing_kept(run: ScriptedRun) -> bool:
    none = run.raised("", "NoneType") or run.raised("UnboundLocalError", "")
    return none and run.trained > 0 and bool(run.of("val"))


def _val_before_training(run: ScriptedRun) -> bool:
    looks = run.of("val")
    return bool(looks) and looks[0]["epoch"] == 0 and looks[-1]["epoch"] == run.trained - 1


#: What other faults would follow from.
OF_THE_CALL: tuple[Row, ...] = (
    ("remembers_earlier_call/same_losses", lambda run: run.calls_differ),
    ("never_trained/train_epoch", lambda run: run.trained == 0),
    ("restored_while_training", _restored_while_training),
    ("val_before_epoch/measured_before_training", _val_before_training),
    ("returned_model", noted("returned_model")),
)
#: What is kept as the best, and put back; an alias writes as well, so it comes before what was never restored.
OF_WEIGHTS: tuple[Row, ...] = (
    ("alias", lambda run: run.ends_with_last and run.noted("written")),
    ("never_restored", lambda run: run.ends_with_last),
    ("statistics_forgotten", lambda run: run.as_many and run.parameters == run.best != run.buffers),
    ("initial_weights", lambda run: run.as_many and run.parameters == 0 != run.best),
    ("wrong_weights", lambda run: run.as_many and run.parameters != run.best),
)
#: The only mistake that ends in an error.
NOTHING_KEPT = by_sign((("nothing_kept", _nothing_kept),), read=ScriptedRun)
