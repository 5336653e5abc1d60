"""Whether a schedule counts what it is said to count: batches or epochs.

A schedule knows nothing of batches or epochs. It counts how often it is asked, so a cosine that is meant to last ten
epochs lasts ten batches when it is stepped after each batch, and hardly begins in the opposite case. Neither is an
error to PyTorch or Keras; the run is only worse than it could be. The lengths that a schedule was made with tell: one
that is the number of epochs, in a schedule that counts batches, was meant in epochs.

What is told apart here is certain. A length that fits neither count is the author's own affair.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

__all__ = ["UNITS", "Count", "Length", "check_lengths", "check_unit"]

UNITS = ("batch", "epoch")

#: A rate that a schedule cuts to less than this share of itself has come to nothing.
NOTHING = 1e-6

#: With fewer batches in an epoch than this, the two counts are too near each other to judge by what is about equal.
APART = 4


class Length(NamedTuple):
    """A number of calls that a schedule was made with.

    ``kind`` says what happens there: the schedule is at its ``"end"``; it cannot go further, ``"limit"``; the rate is
    multiplied by ``factor`` after every so many calls, ``"decay"``; or it is changed for the last time, ``"cut"``.
    """

    name: str
    value: float
    kind: str = "end"
    factor: float = 1.0
    first: float = 0.0  # of cuts: where the first one is


class Count(NamedTuple):
    """How often a schedule will be asked in a run: its unit, the epochs, and the batches in an epoch if known."""

    unit: str
    epochs: int
    steps: int | None
    free: bool = True  # whether the other unit could be chosen: not where the kind of schedule decides
    done: int = 0  # how often it was asked before this run

    @property
    def calls(self) -> int:
        """How often it is asked."""
        return self.epochs * (self.steps or 1) if self.unit == "batch" else self.epochs

    @property
    def other(self) -> int:
        """How often it would be asked if it counted the other unit."""
        return self.epochs if self.unit == "batch" else self.epochs * (self.steps or 1)


def check_unit(unit: Any) -> None:
    """Raise unless it is a unit."""
    if unit not in UNITS:
        raise ValueError(f"schedule_unit is {unit!r}; expected 'batch' or 'epoch': what the schedule's numbers count")


def check_lengths(kind: str, lengths: Sequence[Length], count: Count) -> None:
    """Raise where a schedule's length fits the other unit, or is too short for the run.

    Parameters
    ----------
    kind : str
        The schedule's name, for the message.
    lengths : sequence of Length
        What it was made with.
    count : Count
        How often it will be asked.

    Raises
    ------
    ValueError
        With both numbers, and what to change.

    Examples
    --------
    >>> check_lengths("CosineAnnealingLR", [Length("T_max", 500)], Count("batch", epochs=10, steps=50))
    >>> try:
    ...     check_lengths("CosineAnnealingLR", [Length("T_max", 10)], Count("batch", epochs=10, steps=50))
    ... except ValueError as error:
    ...     print(error)
    CosineAnnealingLR has T_max=10, the number of epochs, but it counts batches: 500 in 10 epochs of 50; let T_max \
be 500, or say schedule_unit='epoch'
    """
    if count.steps is None and count.unit == "batch":  # how many batches will come is not known
        return
    for length in lengths:
        if count.calls != count.other and count.steps is not None:
            _check_meant(kind, length, count)
        if length.kind == "limit" and length.value - count.done < count.calls:
            before = f", {count.done} of which were taken before" if count.done else ""
            raise ValueError(
                f"{kind} has {length.name}={length.value:.12g}{before}, but {_counted(count)}, and it cannot go beyond "
                f"its last; let {length.name} be {count.calls + count.done}"
            )


def _check_meant(kind: str, length: Length, count: Count) -> None:
    """Raise where the length was meant in the other unit."""
    steps = count.steps or 1
    names = {"batch": "the number of epochs", "epoch": "the number of batches"}
    has = f"{kind} has {length.name}={length.value:.12g}"
    scaled = length.value * steps if count.unit == "batch" else length.value / steps
    if length.kind in ("end", "limit", "decay") and length.value > 1 and _is_other(length.value, count):
        raise ValueError(
            f"{has}, {names[count.unit]}, but {_counted(count)}; {_instead(f'{length.name} be {count.calls}', count)}"
        )
    if length.kind == "decay" and count.unit == "batch" and length.factor < 1 and length.value < count.other:
        left, meant = (length.factor ** (calls / length.value) for calls in (count.calls, count.other))
        if left < NOTHING <= meant:
            better = f"{length.name} be {scaled:.12g}"
            if length.name == "gamma":
                has, better = f"{kind} has gamma={length.factor:g}", f"gamma be {length.factor ** (1 / steps):.6g}"
            raise ValueError(
                f"{has} and {_counted(count)}, so the rate would end at {left:.1g} of what it was; "
                f"{_instead(better, count)}"
            )
    if length.kind == "cut" and count.unit == "batch" and length.value < count.other and steps >= APART:
        raise ValueError(
            f"{has} and {_counted(count)}, so all its changes would come within the first {length.value:.12g}; "
            f"{_instead(f'it be {scaled:.12g}', count)}"
        )
    first = length.first if length.kind == "cut" else length.value
    if length.kind in ("cut", "decay") and count.unit == "epoch" and 1 < count.calls <= first < count.other:
        raise ValueError(
            f"{has} and {_counted(count)}, so it would never change the rate, but would if it counted batches; "
            f"{_instead(f'it be less than {count.calls}', count)}"
        )


def _is_other(value: float, count: Count) -> bool:
    """Tell whether a length is the other count; of batches also where a last, smaller one was not counted."""
    if value == count.other:
        return True
    steps = count.steps or 1
    return count.unit == "epoch" and steps >= APART and count.epochs * (steps - 1) == value


def _counted(count: Count) -> str:
    """Say what is counted, and how many of them there are."""
    several = f"{count.epochs} epoch{'s' * (count.epochs != 1)} of {count.steps}"
    if count.unit == "batch":
        return f"it counts batches: {count.calls} in {several}"
    return f"it counts epochs: {count.calls}" + (f" ({several} batches)" if count.steps is not None else "")


def _instead(better: str, count: Count) -> str:
    """Say what to try."""
    other = "epoch" if count.unit == "batch" else "batch"
    return f"let {better}" + (f", or say schedule_unit='{other}'" if count.free else "")
