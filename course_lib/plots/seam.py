"""Where a figure of two panels can be cut, so that a narrow page may put one panel below the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = ["cut", "label_both"]

#: CSS pixels of plain ground that there must be between two panels.
_GAP = 4
#: The least share of the figure's width that each of the two must have.
_LEAST = 0.2


def _sides(fig: Figure) -> tuple[list[Axes], list[Axes]] | None:
    """Return the axes on the left and on the right of a figure that has two columns, and None for any other."""
    spans = sorted({(round(ax.get_position().x0, 2), round(ax.get_position().x1, 2)) for ax in fig.axes})
    if len(spans) != 2 or spans[1][0] <= spans[0][1] or min(b - a for a, b in spans) < _LEAST:
        return None
    left = [ax for ax in fig.axes if round(ax.get_position().x0, 2) == spans[0][0]]
    return left, [ax for ax in fig.axes if ax not in left]


def label_both(fig: Figure) -> None:
    """Give the right panel the labels that it shares with the left one, since it may stand below it."""
    sides = _sides(fig)
    if sides is None:
        return
    for ax in sides[1]:
        for twin in sides[0]:
            if ax.get_shared_y_axes().joined(ax, twin):
                ax.tick_params(labelleft=True)
                if not ax.get_ylabel():
                    ax.set_ylabel(twin.get_ylabel())
                break


def _seam(fig: Figure, pixels: NDArray[np.uint8]) -> int | None:
    """Return where to cut, in CSS pixels from the left: in the first gap that is wide enough, None without one.

    A second gap may lie between the right panel's label and its numbers.
    """
    sides = _sides(fig)
    if sides is None:
        return None
    scale = pixels.shape[1] / (96 * fig.get_figwidth())
    low = round(max(ax.get_position().x1 for ax in sides[0]) * pixels.shape[1]) + 2
    high = round(min(ax.get_position().x0 for ax in sides[1]) * pixels.shape[1]) - 1
    plain = (pixels[:, low:high] == pixels[0, 0]).all(axis=(0, 2))
    edges = np.flatnonzero(np.diff(np.r_[False, plain, False].astype(np.int8)))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start >= _GAP * scale:
            return 2 * round((low + (start + end) / 2) / scale / 2)
    return None


def cut(fig: Figure, pixels: NDArray[np.uint8]) -> list[tuple[int, slice]]:
    """Return the panels that can stand alone: each one's CSS width, and its columns of the drawn figure.

    Parameters
    ----------
    fig : matplotlib Figure
        The figure, laid out.
    pixels : array of shape (height, width, 4)
        What it looks like, as RGBA.
    """
    width, wide = round(fig.get_figwidth() * 96), pixels.shape[1]
    seam = _seam(fig, pixels)
    if seam is None:
        return [(width, slice(0, wide))]
    at = round(seam * wide / width)
    return [(seam, slice(0, at)), (width - seam, slice(at, wide))]
