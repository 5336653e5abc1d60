"""Where a live plot is seen when no browser draws it: in a terminal, or as one picture at the end."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from course_lib.live.showing import Showing

__all__ = ["TerminalView", "View", "sparkline"]


_BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: Any, width: int = 24) -> str:
    """Draw numbers as a line of eight heights of block characters.

    Parameters
    ----------
    values : sequence of float
        The numbers; those that are not finite are left out.
    width : int
        The most characters; more numbers than that are averaged in groups.

    Returns
    -------
    str

    Examples
    --------
    >>> sparkline([3, 2, 1, 1.5])
    '█▅▁▃'
    """
    data = np.asarray(values, dtype=float)
    data = data[np.isfinite(data)]
    if not len(data):
        return ""
    data = np.array([part.mean() for part in np.array_split(data, min(width, len(data)))])
    span = float(data.max() - data.min())
    places = np.zeros(len(data), int) if span == 0 else np.round((data - data.min()) / span * 7).astype(int)
    return "".join(_BARS[place] for place in places)


class View:
    """Nobody is watching: one picture at the end."""

    def __init__(self, plot: Showing) -> None:
        self.plot = plot

    def update(self) -> None:
        """Nothing to do before the end."""

    def close(self) -> None:
        """Put the picture into the output."""
        from IPython.display import display

        picture, words = self.plot.picture()
        display({"text/html": picture, "text/plain": words}, raw=True)  # type: ignore[no-untyped-call]


class TerminalView(View):
    """A line of text that is written over while training goes on; one line in the end."""

    def __init__(self, plot: Showing) -> None:
        super().__init__(plot)
        self.live = sys.stdout.isatty()

    def line(self) -> str:
        """Compose the line."""
        history = self.plot.history
        last, val = history.last(), history.val_loss
        parts = [f"{history.epochs} epoch{'s' * (history.epochs != 1)}"]
        if not history.epochs and history.steps:
            parts.append(f"batch {history.steps}: {history.batch_losses_after(history.steps - 1)[0]:.4g}")
        if last.get("train_loss", math.nan) == last.get("train_loss", math.nan) and "train_loss" in last:
            parts.append(f"training {last['train_loss']:.4g}")
        if "val_loss" in last:
            parts.append(f"validation {last['val_loss']:.4g} {sparkline(val)}")
        if (best := self.plot._best()) is not None:
            parts.append("best epoch {}: {:.4g}".format(*best))
        return "  ".join(parts)

    def update(self) -> None:
        """Write over the line."""
        if self.live:
            print("\r\x1b[K" + self.line(), end="", flush=True)

    def close(self) -> None:
        """Write the last line."""
        reason = self.plot.history.stop_message
        print(("\r\x1b[K" if self.live else "") + self.line() + (f"  ({reason})" if reason else ""))
