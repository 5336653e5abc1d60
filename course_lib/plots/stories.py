"""Figures told in words: the alternative text that each one carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from numpy.typing import NDArray
from course_lib.plots.reading import Curves, read

__all__ = ["describe", "last_number", "number", "set_story", "story"]


_stories: WeakKeyDictionary[Artist, str] = WeakKeyDictionary()


def number(value: float) -> str:
    """Return a number as it is spoken of in a story."""
    return f"{value:.3g}" if np.isfinite(value) else "not a number"


def last_number(values: NDArray[np.float64]) -> float:
    """Return the last value that is a number, NaN if there is none."""
    known = values[~np.isnan(values)]
    return float(known[-1]) if len(known) else float("nan")


def _validation_story(data: Curves) -> str:
    """Say where the validation loss is lowest, how it goes on, and which epoch was chosen if that is another."""
    finite = np.isfinite(data.val)
    lowest_at = int(np.where(finite, data.val, np.inf).argmin()) + 1
    lowest, last = float(data.val[lowest_at - 1]), last_number(data.val)
    sentence = f"Validation loss is lowest, {number(lowest)}, at epoch {lowest_at}"
    if not finite[-1]:
        sentence += "; the last epoch has no finite one."
    elif lowest_at == data.epochs or last == lowest:
        sentence += ", the last one." if lowest_at == data.epochs else " and the same at the end."
    else:
        peak = lowest_at + int(np.where(finite, data.val, -np.inf)[lowest_at:].argmax()) + 1
        highest = float(data.val[peak - 1])
        if highest > last + 0.25 * (last - lowest):  # it does not end where it was highest
            sentence += f", then rises to {number(highest)} at epoch {peak} and ends at {number(last)}."
        else:
            sentence += f", then rises to {number(last)}."
    chosen = data.val[data.best - 1] if data.best is not None and 1 <= data.best <= data.epochs else np.nan
    if np.isfinite(chosen) and data.best != lowest_at:
        sentence += f" Epoch {data.best} was chosen as the best, with {number(float(chosen))}."
    return sentence


def describe(history: Any) -> str:
    """Tell the story of a pair of loss curves in one or two sentences.

    Parameters
    ----------
    history : History or mapping
        A run, or ``{"train_loss": [...], "val_loss": [...]}``, one value an epoch.

    Returns
    -------
    str
        For alternative text, and for a line beneath the figure.

    Examples
    --------
    >>> describe({"train_loss": [1.0, 0.5, 0.1], "val_loss": [1.1, 0.6, 0.9]})  # doctest: +ELLIPSIS
    'Training loss falls from 1 to 0.1 over 3 epochs. Validation loss is lowest, 0.6, at epoch 2, then ri...'
    """
    data = read(history)
    if not data.epochs:
        count = len(data.batch)
        return f"{count} batch{'es' * (count != 1)}, no complete epoch yet." if count else "Nothing recorded yet."
    span = f"over {data.epochs} epoch{'s' if data.epochs != 1 else ''}"
    parts = []
    known = data.train[~np.isnan(data.train)]
    if len(known) == 1:
        parts.append(f"Training loss {number(known[0])} {span}.")
    elif len(known):
        verb = "falls" if known[-1] < known[0] else "rises" if known[-1] > known[0] else "stays"
        parts.append(f"Training loss {verb} from {number(known[0])} to {number(known[-1])} {span}.")
    if np.isfinite(data.val).any():
        parts.append(_validation_story(data))
    elif not np.isnan(data.val).all():
        parts.append("Validation loss is never a finite number.")
    return " ".join(parts) or f"{data.epochs} epochs without a recorded loss."


def set_story(ax: Artist, text: str) -> None:
    """Remember the alternative text of an Axes or a Figure, for `show`."""
    _stories[ax] = text


def story(drawn: Any) -> str:
    """Return the alternative text of an Axes, a Figure or several Axes; empty where nobody told it."""
    if isinstance(drawn, np.ndarray | list | tuple):
        return " ".join(filter(None, (story(one) for one in np.ravel(np.asarray(drawn, dtype=object)))))
    if drawn in _stories:
        return _stories[drawn]
    told = [_stories.get(ax, "") for ax in getattr(drawn, "axes", None) or [] if ax is not drawn]
    return " ".join(filter(None, told))
