"""The learning rates of a run, batch by batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray
from course_lib.plots.axes import axes_text, new_axes
from course_lib.plots.reading import read
from course_lib.plots.stories import number, set_story
from course_lib.plots.style import INK, style

__all__ = ["describe_rates", "rates", "vary"]

#: One for each group of parameters: rates have the color of axes and words, and are told apart by their lines alone.
_DASHES: tuple[Any, ...] = ("-", (0, (7, 3)), (0, (2, 2)), (0, (8, 3, 2, 3)))


@style()
def rates(history: Any, ax: Axes | None = None, *, log: bool = False, title: str | None = None) -> Axes:
    """Draw the learning rate that each batch was used with, of every group of parameters.

    Parameters
    ----------
    history : History
        What ``fit`` returned.
    ax, title
        As in `curves`.
    log : bool
        Logarithmic axis of rates.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If no rate was recorded.

    Examples
    --------
    >>> from course_lib.history import History
    >>> history = History()
    >>> history.batches([1.0, 0.9, 0.8, 0.7], [8] * 4, lr=[0.1, 0.1, 0.01, 0.01])
    >>> story(rates(history))
    'Learning rate from 0.1 to 0.01.'
    """
    known = _known(history)
    if not known:
        raise ValueError("this history has no learning rates; fit records them, and history.batch(loss, lr=…) does")
    ax, ends = new_axes(ax), read(history).batch_at
    starts = np.concatenate([[0.0], ends[:-1]])
    for (name, values), dash in zip(known.items(), _DASHES * len(known), strict=False):
        # A rate holds for the whole of a batch: stairs, not a line from one to the next.
        x, y = np.stack([starts, ends], axis=1).ravel(), np.repeat(values, 2)
        ax.plot(x, y, color=INK, linestyle=dash, linewidth=1.4, label=name)
    axes_text(ax, "learning rate", log, title)
    if not log:
        ax.set_ylim(bottom=0)
    if len(known) > 1:
        ax.legend()
    set_story(ax, describe_rates(history))
    return ax


def vary(history: Any) -> bool:
    """Tell whether a learning rate changed in the course of a run."""
    return any(np.unique(values[np.isfinite(values)]).size > 1 for values in _known(history).values())


def describe_rates(history: Any) -> str:
    """Tell in words how the learning rates of a run went."""
    parts = []
    for name, values in _known(history).items():
        finite = values[np.isfinite(values)]
        first, last, high = finite[0], finite[-1], finite.max()
        rise = f" up to {number(high)}, then" if high > max(first, last) * (1 + 1e-6) else ""
        label = "Learning rate" if name == "lr" else f"Rate {name}"
        parts.append(f"{label} from {number(first)}{rise} to {number(last)}.")
    return " ".join(parts)


def _known(history: Any) -> dict[str, NDArray[np.float64]]:
    """Return the rates of those groups of parameters that have any."""
    columns = getattr(history, "batch_rates", {})
    return {name: values for name, values in columns.items() if np.isfinite(values).any()}
