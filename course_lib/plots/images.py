"""Rows that are images, side by side, each with a caption."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["pictures"]


def pictures(
    images: Any, captions: Sequence[str], *, shape: tuple[int, int] = (8, 8), columns: int | None = None
) -> Figure:
    """Draw rows of pixels as images, black on white, each with a caption above it.

    Parameters
    ----------
    images : array of shape (n, height * width)
        Gray values; each image is drawn from its own lightest to its own darkest one.
    captions : sequence of n str
        A caption of a few words takes twice the width of one of a few letters.
    shape : tuple of int
        Height and width of an image, in pixels.
    columns : int, optional
        So many images stand in a line; by default 10 where captions are short, else 5.

    Returns
    -------
    matplotlib Figure
        Shown with ``show(figure, alt=...)`` or by a prediction's ``reveal``.

    Raises
    ------
    ValueError
        If there are no images, not as many captions, or no columns.

    Examples
    --------
    >>> from course_lib.data import digits
    >>> rows = digits(seed=0).val
    >>> len(pictures(rows.x[:3], [str(digit) for digit in rows.y[:3]]).axes)
    3
    """
    from matplotlib.figure import Figure

    from course_lib.plots.style import style

    rows = np.asarray(images)
    if not len(rows) or len(rows) != len(captions):
        raise ValueError(f"expected one caption for each image, and at least one; got {len(rows)} and {len(captions)}")
    if columns is not None and columns < 1:
        raise ValueError(f"columns={columns}: expected 1 or more")
    columns = min(len(rows), columns or (10 if max(map(len, captions)) < 6 else 5))
    lines = -(-len(rows) // columns)
    longest = max(len(line) for caption in captions for line in caption.splitlines() or [""])
    width = max(0.75, 0.085 * longest)
    with style():
        figure = Figure(figsize=(width * columns + 0.2, 1.05 * lines + 0.1), layout="constrained")
        for place, (row, caption) in enumerate(zip(rows, captions, strict=True)):
            ax = figure.add_subplot(lines, columns, place + 1)
            ax.imshow(row.reshape(shape), cmap="gray_r")
            ax.set_title(caption, fontsize=9, loc="center")
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set(visible=True, color="#BBBBBB", linewidth=0.6)  # where an image ends tells what was moved
    return figure
