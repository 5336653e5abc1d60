"""One look for the whole course: colours, lines and markers, each with one meaning."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    pass


__all__ = ["BATCH", "CYCLE", "INK", "RUNS", "TRAIN", "VALIDATION", "Look", "style"]


@dataclass(frozen=True)
class Look:
    """How one kind of curve is drawn: told apart by line style and marker as well as by colour."""

    label: str
    color: str
    linestyle: str
    marker: str


#: Blue, solid, round: 5.2 to 1 against white.
TRAIN = Look("training", "#0072B2", "-", "o")


#: Dark orange, dashed, square: 5.2 to 1 against white.
VALIDATION = Look("validation", "#B84A00", "--", "s")


INK = "#333333"


#: Paler than the curve above it: 3.8 to 1 against white, of which a thin line on the screen keeps 3.
BATCH = "#5389B6"


#: For several runs side by side: none of them looks like a training or a validation loss, which a pair of blue and
#: orange curves would be read as. Every one has a contrast of at least 4.5 to 1 against white.
RUNS = [
    Look("", "#00714F", "-", "^"),
    Look("", "#9C4378", "--", "D"),
    Look("", "#5D4E99", "-.", "v"),
    Look("", "#6B5B00", ":", "P"),
    Look("", "#111111", (0, (5, 1, 1, 1, 1, 1)), "X"),  # type: ignore[arg-type]
    Look("", "#555555", (0, (8, 2)), "*"),  # type: ignore[arg-type]
]


#: Training, validation, and further things in the same figure. Every one has a contrast of at least 4.5 to 1 against
#: white.
CYCLE = [
    Look("", "#0072B2", "-", "o"),
    Look("", "#B84A00", "--", "s"),
    Look("", "#00714F", "-.", "^"),
    Look("", "#9C4378", ":", "D"),
    Look("", "#5D4E99", (0, (5, 1, 1, 1, 1, 1)), "v"),  # type: ignore[arg-type]
    Look("", "#555555", (0, (8, 2)), "P"),  # type: ignore[arg-type]
]


_STYLE: dict[str, Any] = {
    "figure.figsize": (6.4, 3.6),
    "figure.dpi": 96,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#E4E4E4",
    "grid.linewidth": 0.7,
    "font.size": 10,
    "legend.frameon": True,  # white and without an edge, so that no line strikes its words through
    "legend.framealpha": 0.85,
    "legend.facecolor": "white",
    "legend.edgecolor": "none",
    "lines.linewidth": 1.8,
    "lines.markersize": 4.5,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


@contextmanager
def style() -> Iterator[None]:
    """Draw a figure of your own in the look of the course.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> with style():
    ...     fig, ax = plt.subplots()
    >>> plt.close(fig)
    """
    import matplotlib as mpl

    with mpl.rc_context(cast(Any, _STYLE)):
        yield
