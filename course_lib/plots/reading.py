"""Reading what is to be drawn: a history of ours, of Keras, a table, plain lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.plots.foreign_history import by_epoch, is_table, table_by_epoch

if TYPE_CHECKING:
    from numpy.typing import NDArray


__all__ = ["Curves", "read"]


@dataclass(frozen=True)
class Curves:
    """What is drawn: losses by epoch (NaN where missing) and by batch, with their places on the axis."""

    train: NDArray[np.float64]
    val: NDArray[np.float64]
    batch: NDArray[np.float64]
    batch_at: NDArray[np.float64]
    best: int | None
    source: Any

    @property
    def epochs(self) -> int:
        """Return how many epochs there are."""
        return len(self.train)


def as_numbers(values: Any) -> NDArray[np.float64]:
    """Return values as a flat array of floats; none for ``None``."""
    return np.asarray([] if values is None else values, dtype=np.float64).reshape(-1)


def batch_places(epoch: NDArray[np.float64], complete: int, planned: int | None = None) -> NDArray[np.float64]:
    """Where each batch ends on the epoch axis: the i-th of n batches of epoch k at ``k - 1 + i / n``.

    An epoch after the last complete one was cut short. Its batches are as wide as its length says, where that
    is known, or else as those of the epoch before.
    """
    if not len(epoch):
        return epoch
    numbers, first, counts = np.unique(epoch, return_index=True, return_counts=True)
    which = np.searchsorted(numbers, epoch)
    per_epoch = counts.copy()
    if numbers[-1] > complete:
        per_epoch[-1] = max(counts[-1], planned or (counts[-2] if len(counts) > 1 else 0))
    inside = np.arange(len(epoch)) - first[which] + 1
    return numbers[which] - 1 + inside / per_epoch[which]


def read(history: Any) -> Curves:
    """Return what is to be drawn of a history of this course or of Keras, a table, or a dict of lists."""
    batch = epoch = as_numbers(None)
    if is_table(history):
        losses = table_by_epoch(history)
    elif isinstance(history, Mapping):
        losses = losses_of(history)
    elif hasattr(history, "train_loss"):
        losses = losses_of({"train_loss": history.train_loss, "val_loss": getattr(history, "val_loss", None)})
        batch = as_numbers(getattr(history, "batch_loss", None))
        epoch = as_numbers(getattr(history, "batch_epoch", None))
    elif isinstance(getattr(history, "history", None), Mapping):  # what keras's own fit returns
        losses = losses_of(history.history, getattr(history, "epoch", None))
    else:
        raise TypeError(
            f"a history was expected, which has train_loss and val_loss; got {type(history).__name__}. "
            "Pass what fit returned, or a dictionary such as {'train_loss': [...], 'val_loss': [...]}."
        )
    epochs = max(map(len, losses.values()), default=0)
    train, val = (losses.get(name, np.full(epochs, np.nan)) for name in ("train_loss", "val_loss"))
    best = getattr(history, "best_epoch", None)
    if best is None and np.isfinite(val).any():
        best = int(np.nanargmin(np.where(np.isfinite(val), val, np.nan))) + 1
    places = batch_places(epoch, epochs, getattr(history, "steps_per_epoch", None))
    return Curves(train, val, batch, places, None if best is None else int(best), history)


def losses_of(columns: Mapping[str, Any], epochs: Sequence[int] | None = None) -> dict[str, NDArray[np.float64]]:
    """Return the two losses of a dictionary, in the course's names or in Keras's."""
    found = {name: columns[name] for name in ("train_loss", "loss", "val_loss") if columns.get(name) is not None}
    if "train_loss" in found:
        found.pop("loss", None)
    placed = by_epoch(found, epochs)
    return {"train_loss" if name == "loss" else name: values for name, values in placed.items()}
