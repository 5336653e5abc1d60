"""The picture of an explorer: a figure in the course's look, drawn quickly enough to follow a control."""

from __future__ import annotations

import gc
import io
import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.plots import style
from course_lib.plots.seam import cut, label_both

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Scene", "canvas", "collecting_afterwards", "fast_pngs", "plain_numbers"]

_DPI = 100
#: Figures with nothing drawn yet, pickled, by columns and size, each with matplotlib's settings when it was made.
_BLANK: dict[tuple[int, float, float], tuple[dict[Any, Any], bytes]] = {}


@dataclass(frozen=True)
class Scene:
    """One answer of an explorer.

    Parameters
    ----------
    figure : matplotlib Figure
        The picture, made with `canvas`.
    alt : str
        What the picture shows, for those who do not see it.
    words : str
        One line about what this state means.
    rows : sequence of (str, str)
        Optional names and values, shown as a small table beneath.
    """

    figure: Figure
    alt: str
    words: str
    rows: Sequence[tuple[str, str]] = ()


def canvas(columns: int = 1, *, width: float = 7.4, height: float = 3.3) -> tuple[Figure, list[Axes]]:
    """Return a new figure with a row of Axes in the course's look, outside pyplot.

    The margins are fixed: laying a figure out anew would cost more than drawing it. So does making one: what is
    returned is a copy of the first figure of this size.

    Examples
    --------
    >>> figure, (left, right) = canvas(2)
    >>> len(figure.axes)
    2
    """
    import matplotlib as mpl

    asked = columns, width, height
    settings: dict[Any, Any] = dict(mpl.rcParams)
    if asked not in _BLANK or _BLANK[asked][0] != settings:
        with style():
            _BLANK[asked] = settings, pickle.dumps(_new(*asked))
    figure: Figure = pickle.loads(_BLANK[asked][1])
    return figure, list(figure.axes)


def _new(columns: int, width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    figure.subplots(1, columns)
    figure.subplots_adjust(left=0.8 / width, right=1 - 0.15 / width, bottom=0.5 / height, top=1 - 0.3 / height)
    figure.subplots_adjust(wspace=0.3)
    return figure


def plain_numbers(axis: Any) -> None:
    """Write the ticks of a logarithmic axis as 0.01 rather than as a power, which takes far longer to typeset."""
    axis.set_major_formatter(lambda value, place: f"{value:g}")


def fast_pngs(figure: Figure) -> list[tuple[int, bytes]]:
    """Draw for the screen: larger than `plots.pngs`, and several times quicker. CSS width and file of each panel."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    figure.set_dpi(_DPI)
    label_both(figure)
    drawn = FigureCanvasAgg(figure)
    drawn.draw()
    pixels = np.asarray(drawn.buffer_rgba())
    whole = Image.fromarray(pixels).convert("RGB")
    parts = []
    for width, columns in cut(figure, pixels):
        target = io.BytesIO()
        whole.crop((columns.start, 0, columns.stop, whole.height)).save(target, "PNG", compress_level=1)
        parts.append((width, target.getvalue()))
    return parts


@contextmanager
def collecting_afterwards() -> Iterator[None]:
    """Put off Python's garbage collection, and then look through what is young only.

    A figure's parts point at each other, so only the collector frees them. With a framework loaded, one
    of its full rounds can take longer than the drawing itself, and figures are what sets it off.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
        gc.collect(0)
