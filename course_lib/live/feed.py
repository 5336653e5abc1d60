"""What a live view has been sent of a history, and what is new: each batch and each epoch once, at its place.

The history is the only source. A `Feed` remembers how many of its batches and epochs were sent, so it does
not matter how they got there: one by one, in groups that are written before anyone is told of them, or from
the file of an earlier run. Every message says how many were sent before it; a front end that has fewer has
missed something, and one that has more has had it already.

Learning rates are sent once there is something to see: from the first batch on where a schedule is at work, and
otherwise from the first one whose rate is another than the run began with. Until then they are one number each.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_lib.training.history import History

__all__ = ["Feed", "finite", "thinned"]

#: At most so many buckets of batches, and so many epochs, are sent at once where everything is sent.
BUCKETS = 1000
EPOCHS = 500


def finite(value: Any) -> float | None:
    """Return a float that JSON can carry, None for what is missing or not finite."""
    number = math.nan if value is None else float(value)
    return number if math.isfinite(number) else None


def _float32(values: Any) -> NDArray[np.float32]:
    """Round to four bytes each; what is too large for them becomes infinite, and is not drawn."""
    with np.errstate(over="ignore"):
        return np.asarray(values, dtype=np.float32)


def thinned(values: NDArray[np.float64], most: int = BUCKETS) -> tuple[int, bytes]:
    """Return a bucket's width in values, and (lowest, highest, mean) of each bucket as float32.

    The mean is over what is finite; a bucket without a finite value is three NaN, so that those after it
    keep their place.
    """
    width = max(1, -(-len(values) // most))
    rows = np.full((-(-len(values) // width), width), np.nan)
    rows.flat[: len(values)] = np.where(np.isfinite(values), values, np.nan)
    counts = np.isfinite(rows).sum(axis=1)
    with np.errstate(invalid="ignore"):
        means = np.nansum(rows / np.maximum(counts, 1)[:, None], axis=1)
    means[counts == 0] = np.nan
    triple = np.stack([np.fmin.reduce(rows, axis=1), np.fmax.reduce(rows, axis=1), means], axis=1)
    return width, _float32(triple).tobytes()


def _record(history: History, epoch: int) -> dict[str, Any]:
    """Return what the browser gets of an epoch: its number, how many batches there were by its end, its values."""
    row = history.row(epoch)
    metrics = {
        name: finite(value)
        for name, value in row.items()
        if name.startswith(("train_", "val_")) and name not in ("train_loss", "val_loss", "train_loss_remeasured")
    }
    record: dict[str, Any] = {"e": epoch, "end": history.steps_until(epoch)}
    record |= {"t": finite(row.get("train_loss")), "v": finite(row.get("val_loss"))}
    return record | ({"m": metrics} if metrics else {})


def _records(history: History, after: int, upto: int, most: int = EPOCHS) -> list[dict[str, Any]]:
    """Return these epochs' records; where they are many, evenly spaced ones with the best of all and the last."""
    numbers = list(range(after + 1, upto + 1))
    if len(numbers) > most:
        best = history.best_epoch
        chosen = {*numbers[:: -(-len(numbers) // most)], numbers[-1]}
        numbers = sorted(chosen | ({best} if best is not None and after < best <= upto else set()))
    return [_record(history, number) for number in numbers]


class Feed:
    """How far a view has been told of a history.

    Attributes
    ----------
    run : int
        Which history it is, counted from 1: it goes up when another one takes the place of the one before.
    steps, epochs : int
        How many batches and epochs have been sent.
    rates : bool
        Whether rates are sent, in the messages so far; `scheduled` says that they are from the start.
    """

    def __init__(self, scheduled: bool = False) -> None:
        self.run = self.steps = self.epochs = 0
        self.scheduled = self.rates = self._rates_now = scheduled
        self._first: dict[str, float] = {}  # the rate that each group of parameters began with
        self._history: History | None = None
        self._upto = (0, 0)

    def follow(self, history: History) -> bool:
        """Look at this history from now on; return whether it is another one than before."""
        if history is self._history:
            return False
        self._history = history
        self.run, self.steps, self.epochs = self.run + 1, 0, 0
        self.rates = self._rates_now = self.scheduled
        self._first = {}
        return True

    def new(self) -> tuple[dict[str, Any], bytes]:
        """Return a message with what came since, and its batches as float32: losses, then rates if there are any."""
        history = self._now()
        values, rates = [history.batch_losses_after(self.steps)], history.batch_rates_after(self.steps)
        message: dict[str, Any] = {"run": self.run, "from": self.steps, "after": self.epochs}
        message["epochs"] = _records(history, self.epochs, self._upto[1])
        if self._look_at(rates):
            message["r"] = {"names": list(rates), "n": len(values[0])}
            values += rates.values()
        data = _float32(np.concatenate(values)).tobytes()
        if self._rates_now and not self.rates:  # those of the batches before, thinned, once
            columns = [thinned(column[: self.steps]) for column in history.batch_rates.values()]
            message["r"]["width"] = columns[0][0]
            data += b"".join(column for _, column in columns)
        return message, data

    def everything(self) -> dict[str, Any]:
        """Return all that is there so far, thinned: for a front end that is still loading or missed something."""
        history = self._now()
        width, data = thinned(history.batch_loss)
        start: dict[str, Any] = {"run": self.run, "n": history.steps, "width": width}
        if self._look_at(history.batch_rates_after(self.steps)):
            rates = history.batch_rates
            start["r"] = {"names": list(rates)}
            data += b"".join(thinned(column)[1] for column in rates.values())
        return start | {"data": data, "epochs": _records(history, 0, history.epochs)}

    def _look_at(self, rates: dict[str, NDArray[np.float64]]) -> bool:
        """Tell whether rates are to be sent, now that these came."""
        for name, column in rates.items():
            known = column[np.isfinite(column)]
            if len(known) and not self._rates_now:
                self._rates_now = bool((known != self._first.setdefault(name, float(known[0]))).any())
        return self._rates_now

    def _now(self) -> History:
        """Note how far the history goes, which the message about to be made will hold."""
        assert self._history is not None, "follow a history first"
        self._upto = self._history.steps, self._history.epochs
        return self._history

    def sent(self) -> None:
        """Note that the last message went out; one that an interrupt cut off is made again."""
        self.steps, self.epochs = self._upto
        self.rates = self._rates_now
