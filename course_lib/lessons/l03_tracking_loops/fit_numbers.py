"""Lesson 03: what the numbers of `fit_and_track` must be, epoch by epoch, and what each mistake makes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Evidence
from course_lib.checks.compare import Matches, near
from course_lib.checks.diagnosis import Diagnosis, OneOf
from course_lib.checks.linear import GAIN, LR, TILT
from course_lib.checks.mistakes import Sign, by_claim, by_sign, mistake
from course_lib.checks.mistakes.averaging import averaging
from course_lib.checks.mistakes.training import Loop, same
from course_lib.checks.plain import dict_of, list_of, number_of
from course_lib.checks.reading import Event, Reading, alike, rows_of
from course_lib.checks.updates import Updates

__all__ = ["ALL_BUT_LAST", "FIRST_BATCH", "FORMS", "Fit", "KerasFit", "history_mistakes", "order_of"]

Batches = list[tuple[list[float], list[int]]]
#: A mistake, and what it makes of a key's numbers.
Value = tuple[str, Callable[[Any], Any]]


class _History(Reading):
    """What came back of a run, beside what must."""

    #: Relative and absolute tolerance of a loss.
    tolerance = (1e-4, 1e-6)
    epochs: int
    #: The weights at the start, and those after each epoch.
    weights: list[np.ndarray]
    #: By key, the rows in batches, and for each epoch the losses and sizes of the batches behind its number.
    rows_in: dict[str, list[linear.Batch]]
    parts: dict[str, Batches]

    def right(self, key: str) -> list[float]:
        """Return what must stand under a key."""
        return [linear.averaged(epoch) for epoch in self.parts[key]]

    def measured(self, key: str, weights: Sequence[np.ndarray], gain: float = 1.0) -> list[float]:
        """Return the mean loss of the rows behind a key at each of these weights."""
        return [linear.mean_loss(w, self.rows_in[key], gain) for w in weights]

    def gives(self, key: str, faulty: Sequence[float]) -> bool:
        """Whether these numbers stand under a key, and are not what must."""
        return alike(self.numbers(key), faulty, *self.tolerance) and not alike(faulty, self.right(key), *self.tolerance)

    @property
    def lengths(self) -> dict[str, int]:
        """How many entries the lists have, by key."""
        found = dict_of(self.e.result) or {}
        return {key: len(v) for key in ("loss", "val_loss") if (v := list_of(found.get(key))) is not None}

    @property
    def remembers(self) -> bool:
        """Whether the same arguments gave another result before."""
        raise NotImplementedError

    @property
    def epochs_run(self) -> float:
        """How often the training rows were trained on."""
        raise NotImplementedError


def order_of(epoch: int, rows: int) -> list[int]:
    """Return the order in which a loader gives its rows in an epoch, another one in each."""
    return [(7 * epoch + (1 if epoch % 2 == 0 else -1) * i) % rows for i in range(rows)]


class Fit(Loop, _History):
    """A run of ``fit_and_track`` in PyTorch, on a spied model."""

    def __init__(self, e: Evidence):
        super().__init__(e)
        start, train, val, how = e.inputs
        self.epochs, momentum, velocity = how["epochs"], how.get("momentum", 0.0), np.zeros(3)
        self.weights = [np.array(start, dtype=np.float64)]
        #: The weights after a run whose optimizer forgets its state after each epoch.
        self.restarted = self.weights[0]
        self.rows_in = {
            "loss": linear.batches_of(train[0], train[1], how["batch_size"]),
            "val_loss": linear.batches_of(val[0], val[1], how["val_batch_size"]),
        }
        sizes = {key: [len(y) for _, y in batches] for key, batches in self.rows_in.items()}
        self.parts = {"loss": [], "val_loss": []}
        for epoch in range(self.epochs):
            order = order_of(epoch, len(train[1])) if how.get("reordered") else slice(None)
            batches = linear.batches_of(train[0][order], train[1][order], how["batch_size"])
            run = linear.train(self.weights[-1], batches, LR, GAIN, momentum, velocity)
            self.restarted = linear.train(self.restarted, batches, LR, GAIN, momentum).weights
            self.weights.append(run.weights)
            losses = [linear.mean_loss(run.weights, [batch]) for batch in self.rows_in["val_loss"]]
            self.parts["loss"].append((run.losses, sizes["loss"]))
            self.parts["val_loss"].append((losses, sizes["val_loss"]))

    def is_val(self, event: Event) -> bool:
        """Whether validation rows were in a pass."""
        return bool(rows_of(event) & rows_of(self.inputs[2][0]))

    @cached_property
    def val_passes(self) -> list[Event]:
        """The passes of validation rows."""
        return [event for event in self.passes if self.is_val(event)]

    @cached_property
    def train_passes(self) -> list[Event]:
        """The passes of training rows."""
        return [event for event in self.passes if not self.is_val(event)]

    @property
    def trained(self) -> list[Event]:
        """The passes of training rows in which gradients were recorded."""
        return [event for event in self.train_passes if event["grad"]]

    def on_val(self, what: str) -> bool:
        """Whether a "step" or a "backward" followed on a pass of validation rows."""
        last = False
        for event in self.of("forward", what):
            if event["what"] == what and last:
                return True
            last = self.is_val(event) if event["what"] == "forward" else last
        return False

    @property
    def remembers(self) -> bool:
        """Whether the same arguments gave another result before."""
        earlier = self.noted("earlier_result")
        return self.e.compares == "result" and earlier is not None and earlier != self.e.result

    @property
    def epochs_run(self) -> float:
        """How often the training rows were trained on."""
        return sum(event["training"] for event in self.trained) / len(self.rows_in["loss"])

    @property
    def val_between_updates(self) -> bool:
        """Whether validation rows were measured before all batches of an epoch had been trained on."""
        batches, steps = len(self.rows_in["loss"]), 0
        for event in self.of("forward", "step"):
            steps += event["what"] == "step"
            if event["what"] == "forward" and self.is_val(event) and steps % batches:
                return self.e.error is None and len(self.of("step")) == batches * self.epochs
        return False

    @property
    def val_loss_not_called(self) -> bool:
        """Whether validation rows were measured without the loss function handed over."""
        pairs = pairwise(self.of("forward", "loss"))
        called = any(b["what"] == "loss" and a["what"] == "forward" and self.is_val(a) for a, b in pairs)
        return self.e.error is None and bool(self.val_passes) and not called

    @property
    def one_val_batch(self) -> bool:
        """Whether in each epoch only the first validation batch went through the model."""
        first, *others = self.rows_in["val_loss"]
        passed = [rows_of(event) for event in self.val_passes]
        return self.e.error is None and bool(others and passed) and all(rows == rows_of(first[0]) for rows in passed)

    @property
    def put_back(self) -> bool:
        """Whether the run ended with the weights of an earlier epoch, though all epochs were trained."""
        final, (*earlier, last) = self.noted("weights_after_the_run"), self.weights[1:]
        if len(self.of("step")) != self.epochs * len(self.rows_in["loss"]):
            return False
        return not same(final, last) and any(same(final, weights) for weights in earlier)

    @property
    def optimizer_replaced(self) -> bool:
        """Whether the optimizer handed over took the steps of the first epochs, and something else those after them."""
        final, batches = self.noted("weights_after_the_run"), len(self.rows_in["loss"])
        if self.how.get("momentum") and same(final, self.restarted):
            return True
        epochs, rest = divmod(len(self.of("step")), batches)
        if rest or not 0 < epochs < self.epochs or len(self.of("backward")) != self.epochs * batches:
            return False
        return not same(final, self.weights[epochs])

    @property
    def batches_kept(self) -> bool:
        """Whether a loader that gives another order in each epoch was read once, and its batches used for all."""
        rows, n = [v for event in self.trained for v in event["rows"]], len(self.inputs[1][1])
        return bool(self.how.get("reordered")) and len(rows) == 2 * n and rows[:n] == rows[n:]


class KerasFit(Updates, _History):
    """A run of ``fit_and_track`` in Keras: what must be reported follows from the updates that were made."""

    tolerance = (1e-3, 1e-5)

    def __init__(self, e: Evidence):
        super().__init__(e)
        self.rows_in = {
            "loss": linear.batches_of(self.train[0], self.train[1], self.batch_size),
            "val_loss": linear.batches_of(self.val[0], self.val[1], self.batch_size),
        }

    @cached_property
    def weights(self) -> list[np.ndarray]:  # type: ignore[override]
        """The weights at the start, and those after each epoch."""
        return [self.start, *self.weights_by_epoch]

    @cached_property
    def parts(self) -> dict[str, Batches]:  # type: ignore[override]
        """By key, for each epoch, the losses and sizes of the batches behind its number."""
        batches = self.rows_in["val_loss"]
        sizes = [len(y) for _, y in batches]
        return {
            "loss": [([v for v, _ in epoch], [n for _, n in epoch]) for epoch in self.by_epoch if epoch],
            "val_loss": [([linear.mean_loss(w, [batch]) for batch in batches], sizes) for w in self.weights[1:]],
        }

    @cached_property
    def sets_seen(self) -> set[str]:
        """From which sets rows went through the model."""
        return {name for event in self.events for name in self.sets(event)}

    @property
    def remembers(self) -> bool:
        """Whether the same call, with all rows in one batch, gave another history the second time."""
        first = dict_of(self.noted("earlier_result"))
        if first is None or dict_of(self.e.result) is None or self.batch_size < len(self.train[1]):
            return False
        before = Evidence(self.inputs, {"result": self.noted("earlier_result")})
        return not all(
            alike(Reading(before).numbers(key), [np.nan if v is None else v for v in self.numbers(key)], 1e-3)
            for key in ("loss", "val_loss")
        )

    @property
    def epochs_run(self) -> float:
        """How often the training rows were trained on."""
        return self.rows_trained / len(self.train[1])

    @property
    def swapped(self) -> bool:
        """Whether the first update followed the gradient of a loss that got its two arguments the other way round."""
        if not self.updates:
            return False
        update = self.updates[0]
        x, _ = batch = self.batch(update.event)
        # Outputs in the place of targets are what the loss's tilt would be on, and targets have no gradient.
        tilt = GAIN * TILT * np.append(x.mean(axis=0), 1.0)
        gradient = linear.loss_and_gradient(update.before, batch, GAIN)[1] - tilt
        return bool(np.allclose(update.before - self.how["lr"] * gradient, update.after, rtol=1e-4, atol=2e-5))

    @property
    def split_off(self) -> bool:
        """Whether some training rows were trained on, and others measured."""
        trained = {i for u in self.updates for name, i in self.rows(u.event) if name == "train"}
        measured = {i for ev in self.events if not ev["training"] for name, i in self.rows(ev) if name == "train"}
        return bool(trained and measured) and trained.isdisjoint(measured) and len(trained) < len(self.train[1])


# --- mistakes in what came back ----------------------------------------------------------------------


def _one_a_batch(seen: _History) -> bool:
    counts = {key: len(batches) for key, batches in seen.rows_in.items()}
    return any(n != seen.epochs and n in (counts[k], counts[k] * seen.epochs) for k, n in seen.lengths.items())


def _one_too_many(seen: _History) -> bool:
    """Whether one list has one entry more than epochs, or both have, the first at the starting weights."""
    longer = [key for key, n in seen.lengths.items() if n == seen.epochs + 1]
    at_start = [seen.measured("val_loss", seen.weights[:1], gain)[0] for gain in (1.0, GAIN)]
    return bool(longer) and (len(longer) < 2 or any(near(seen.numbers("val_loss")[0], v, 1e-3, 1e-5) for v in at_start))


def _too_few(seen: _History) -> bool:
    found = dict_of(seen.e.result) or {}
    numbers = any(number_of(found.get(key)) is not None for key in ("loss", "val_loss"))
    return numbers or any(n < seen.epochs for n in seen.lengths.values())


def _other_epochs(seen: _History) -> bool:
    return len(seen.lengths) == 2 and {seen.epochs_run} == set(seen.lengths.values()) != {seen.epochs}


#: What is wrong with the lists, whatever stands in them.
FORMS: tuple[tuple[str, Sign], ...] = (
    ("wrong_number_of_epochs/history", _other_epochs),
    ("one_entry_a_batch", _one_a_batch),
    ("one_entry_too_many", _one_too_many),
    ("one_entry_too_few", _too_few),
)


def _since_the_first(values: list[float]) -> OneOf:
    """Return the sums and the means over all epochs so far."""
    totals = np.cumsum(values)
    return OneOf(totals.tolist(), (totals / np.arange(1, len(values) + 1)).tolist())


def _with_training(seen: _History) -> list[float]:
    counts = [sum(seen.parts[key][0][1]) for key in ("loss", "val_loss")]
    return [linear.averaged((pair, counts)) for pair in zip(seen.right("loss"), seen.right("val_loss"), strict=True)]


def _by_count(key: str) -> Callable[[_History], OneOf]:
    """Return what dividing an epoch's sum by other counts gives: of batches of one size, of the other set's rows."""
    other = {"loss": "val_loss", "val_loss": "loss"}[key]

    def made(seen: _History) -> OneOf:
        n = np.array(seen.parts[key][0][1])
        totals = np.array(seen.right(key)) * n.sum()
        return OneOf((totals / (n[0] * len(n))).tolist(), (totals / sum(seen.parts[other][0][1])).tolist())

    return made


#: By key, what a mistake puts there in every epoch.
_NUMBERS: dict[str, tuple[Value, ...]] = {
    "loss": (
        ("loss_remeasured", lambda s: OneOf(*(s.measured("loss", s.weights[1:], gain) for gain in (1.0, GAIN)))),
        ("not_reset_per_epoch/history", lambda s: _since_the_first(s.right("loss"))),
        ("wrong_count/history", _by_count("loss")),
    ),
    "val_loss": (
        ("val_measured_once", lambda s: s.right("val_loss")[-1:] * s.epochs),
        ("val_before_epoch/history", lambda s: s.measured("val_loss", s.weights[:-1])),
        ("validated_on_training_rows/history", lambda s: OneOf(s.measured("loss", s.weights[1:]), s.right("loss"))),
        ("sums_not_reset_for_validation", _with_training),
        ("not_reset_per_epoch/history", lambda s: _since_the_first(s.right("val_loss"))),
        ("wrong_count/history", _by_count("val_loss")),
    ),
}


#: Of two batches the first one is all but the last, so each track has one of these.
FIRST_BATCH: Value = ("one_validation_batch/history", lambda s: [losses[0] for losses, _ in s.parts["val_loss"]])
ALL_BUT_LAST: Value = (
    "last_batch_left_out/validation",
    lambda s: [linear.averaged((losses[:-1], sizes[:-1])) for losses, sizes in s.parts["val_loss"]],
)


def _swapped(seen: _History) -> bool:
    return seen.gives("loss", seen.right("val_loss")) and seen.gives("val_loss", seen.right("loss"))


def _best_so_far(seen: _History) -> list[float]:
    return np.minimum.accumulate(seen.right("val_loss")).tolist()


def _not_best_so_far(seen: _History) -> bool:
    """Whether the validation losses are a list of the right length that is not the smallest so far."""
    given = seen.numbers("val_loss")
    return len(given) == seen.epochs and not alike(given, _best_so_far(seen), *seen.tolerance)


def history_mistakes(
    read: Callable[[Evidence], Any], tolerance: tuple[float, float], of_batches: Value
) -> tuple[Diagnosis, ...]:
    """Return the mistakes that are told by the numbers of a history.

    Parameters
    ----------
    read : callable(Evidence) -> `Fit` or `KerasFit`
    tolerance : (float, float)
        Relative and absolute.
    of_batches : (str, callable)
        `FIRST_BATCH` or `ALL_BUT_LAST`.
    """

    def of(key: str, *more: Value) -> tuple[Diagnosis, ...]:
        fields = {"key": repr(key), "what": "validation" if key == "val_loss" else "training"}
        compare = Matches(*tolerance)

        def given(seen: _History) -> list[float | None]:
            return seen.numbers(key)

        return (
            *averaging(read, lambda seen: seen.parts[key], given, key, compare),
            *by_claim((*more, *_NUMBERS[key]), given, lambda seen: seen.right(key), fields, compare, read=read),
        )

    return (
        *by_sign((("keys_swapped/history", _swapped),), read=read),
        # Where the loss rises the best so far is one number again and again, which as a value would tell nothing.
        mistake(
            "best_so_far",
            probe=lambda e: (seen := e.read_as(read)).gives("val_loss", _best_so_far(seen)),
            denied=lambda e: _not_best_so_far(e.read_as(read)),
        ),
        *of("loss"),
        *of("val_loss", of_batches),
    )
