"""Lesson 06, training by a script: what is seen of it, and what can go wrong in both exercises that are watched so."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from course_lib.checks.case import Evidence
from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.mistakes import Sign, by_sign
from course_lib.checks.plain import dict_of, number_of
from course_lib.checks.reading import Reading
from course_lib.lessons.l06_early_stopping.stage import Curves

__all__ = ["OF_THE_CALL", "OF_WEIGHTS", "ScriptedRun", "in_a_run", "weights_problem"]


class ScriptedRun(Reading):
    """One call on a stage, beside what is right: the number of ``epochs``, and the ``best`` of them."""

    def __init__(self, e: Evidence) -> None:
        super().__init__(e)
        self.curves: Curves = self.inputs[0]
        self.epochs, self.best = e.truth
        self.trained = len(self.of("train"))
        ages = self.noted("weights_of_epoch") or {}
        self.parameters, self.buffers = (float(ages.get(part, -1)) for part in ("parameters", "buffers"))

    @cached_property
    def val(self) -> list[float]:
        """The validation losses of epochs 1, 2, … (the curve begins with the untrained model)."""
        return list(self.curves["val"][1:])

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


def in_a_run(
    table: Iterable[tuple[str, Sign]], read: Callable[[Evidence], Any] = ScriptedRun, **fields: Any
) -> tuple[Diagnosis, ...]:
    """Return the mistakes of a table of names and signs of a run, for those that came to their end."""
    return by_sign(table, fields, read=read, of_errors=False)


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
OF_THE_CALL = (
    *in_a_run(
        (
            ("remembers_earlier_call/same_losses", lambda run: run.calls_differ),
            ("never_trained/train_epoch", lambda run: run.trained == 0),
            ("restored_while_training", _restored_while_training),
            ("val_before_epoch/measured_before_training", _val_before_training),
        )
    ),
    *by_sign((("nothing_kept", _nothing_kept),), read=ScriptedRun),
)
#: What is kept as the best, and put back; an alias writes as well, so it comes before what was never restored.
OF_WEIGHTS = in_a_run(
    (
        ("alias", lambda run: run.ends_with_last and run.noted("written")),
        ("never_restored", lambda run: run.ends_with_last),
        ("statistics_forgotten", lambda run: run.as_many and run.parameters == run.best != run.buffers),
        ("initial_weights", lambda run: run.as_many and run.parameters == 0 != run.best),
        ("wrong_weights", lambda run: run.as_many and run.parameters != run.best),
    )
)
