"""A figure taken apart into panels: what matplotlib would draw in each of its Axes, and the frame around it."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_hex
from matplotlib.font_manager import FontProperties
from matplotlib.image import AxesImage
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

from course_lib.instructor.site.explorers.pen import PIXELS_PER_POINT, CannotRecord, Pen, Primitive, text_size

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

__all__ = ["SPINES", "Panel", "panels"]

#: Where in a panel's artists the two lines of the frame are drawn.
SPINES = "spines"
#: Of the gap between two Axes, what belongs to the left one; the right one's numbers and label stand in the rest.
_LEFT_SHARE = 0.12
#: What `tick_params` may say: ticks and numbers at the left and at the bottom; grid and size as they like.
_TICKS = {"left", "bottom", "labelleft", "labelbottom"}, {"right", "top", "labelright", "labeltop"}
_FREE = {"gridOn", "labelsize"}

_LOOKS = ("color", "linestyle", "linewidth", "marker", "markersize", "markerfacecolor", "markeredgecolor", "alpha")
#: Legends take matplotlib longer than all else in a panel, and the same ones come up again and again.
_LEGENDS: dict[tuple[Any, ...], list[Primitive]] = {}
_MOST_LEGENDS = 2000

_POWER = re.compile(r"\$\\mathdefault\{(?:([\d.]+)\\times)?10\^\{([-−\d]+)\}\}\$")
_RAISED = str.maketrans("0123456789-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻")

#: A frame, and what is drawn in it, from the back to the front: lists of primitives, and `SPINES` once.
Panel = tuple[dict[str, Any], list[Any]]


def panels(figure: Figure) -> list[Panel]:
    """Return the panels of a figure from left to right.

    Parameters
    ----------
    figure : matplotlib Figure
        One row of Axes, as `course_lib.notebook.explorer.base.canvas` makes it.

    Returns
    -------
    list of (dict, list)
        Each panel's frame (its size in CSS pixels, the box of its Axes, ticks, labels) and its artists.

    Raises
    ------
    CannotRecord
        If something in the figure would not be drawn on the page.

    Examples
    --------
    >>> from course_lib.notebook.explorer.base import canvas
    >>> figure, (ax,) = canvas()
    >>> _ = ax.plot([0, 1], [2, 3])
    >>> [(frame, artists)] = panels(figure)
    >>> frame["size"], len(artists)
    ([710.4, 316.8], 2)
    """
    strange = [one for one in figure.get_children() if one is not figure.patch and one not in figure.axes]
    if strange:
        raise CannotRecord(f"a figure's own {type(strange[0]).__name__}: put it into one of the figure's Axes")
    width, height = figure.bbox.size
    slots = [ax.get_position(original=True) for ax in figure.axes]
    if any(b.x0 <= a.x1 for a, b in pairwise(slots)):
        raise CannotRecord("Axes that lie one over the other, or in several rows: use one row of Axes, one to a panel")
    cuts = [a.x1 + _LEFT_SHARE * (b.x0 - a.x1) for a, b in pairwise(slots)]
    edges = [0.0, *(round(cut * width, 1) for cut in cuts), width]
    return [
        _panel(ax, left, right - left, height)
        for ax, left, right in zip(figure.axes, edges[:-1], edges[1:], strict=True)
    ]


def _panel(ax: Axes, left: float, width: float, height: float) -> Panel:
    ax.apply_aspect()
    (x_low, x_high), (y_low, y_high) = ax.get_xlim(), ax.get_ylim()  # this works automatic limits out
    if not np.isfinite([x_low, x_high, y_low, y_high]).all():
        raise CannotRecord(f"limits that are no numbers: x from {x_low} to {x_high}, y from {y_low} to {y_high}")
    box = ax.bbox
    frame = {
        "size": [round(width, 1), round(height, 1)],
        "box": [round(float(v), 1) for v in (box.x0 - left, height - box.y1, box.width, box.height)],
        "spines": "".join(sorted(name[0] for name, spine in ax.spines.items() if spine.get_visible())),
        "x": _axis(ax.xaxis, ax.get_xaxis_transform(), 0),
        "y": _axis(ax.yaxis, ax.get_yaxis_transform(), 1),
    }
    return frame, _artists(ax)


def _artists(ax: Axes) -> list[Any]:
    """Return what lies inside the frame from the back to the front, in matplotlib's own order."""
    beneath = {ax.patch, ax.xaxis, ax.yaxis, *ax.spines.values()}
    found: list[Any] = []
    pen, spines = Pen(ax), max(spine.get_zorder() for spine in ax.spines.values())
    for artist in sorted((one for one in ax.get_children() if one not in beneath), key=lambda one: one.get_zorder()):
        if not artist.get_visible():
            continue
        if artist.get_zorder() >= spines and SPINES not in found:
            found.append(SPINES)
        drawn = _drawn(ax, pen, artist)
        if ax.images and artist in ax.texts:  # it was chosen to be read on this image, whatever the page's theme
            drawn = [one | {"as": "is"} for one in drawn]
        if drawn:
            found.append(drawn)
    return found if SPINES in found else [*found, SPINES]


def _drawn(ax: Axes, pen: Pen, artist: Any) -> list[Primitive]:
    if isinstance(artist, AxesImage):
        return [_cells(ax, artist)]
    if not isinstance(artist, Legend) or not (known := _legend(ax, artist)):
        return pen.note(artist)
    if known not in _LEGENDS:
        if len(_LEGENDS) >= _MOST_LEGENDS:
            _LEGENDS.clear()
        _LEGENDS[known] = pen.note(artist)
    return _LEGENDS[known]


def _legend(ax: Axes, legend: Legend) -> tuple[Any, ...]:
    """Return what a legend's picture hangs on; nothing where it looks for room among the data, or might."""
    if not getattr(legend, "_loc_real", 0) or not all(isinstance(one, Line2D) for one in legend.legend_handles):
        return ()
    words = [(one.get_text(), one.get_fontsize()) for one in legend.get_texts()]
    looks = [tuple(str(getattr(one, f"get_{name}")()) for name in _LOOKS) for one in legend.legend_handles]
    places = str(legend._loc_real), str(legend.get_bbox_to_anchor().bounds), str(ax.bbox.bounds)  # type: ignore[attr-defined]
    return (*words, *looks, *places)


def _cells(ax: Axes, image: AxesImage) -> Primitive:
    """Return an image by its cells: their colors, row by row, and the corners of the whole."""
    if image.get_interpolation() not in ("auto", "antialiased", "nearest"):
        raise CannotRecord(f"an image with interpolation {image.get_interpolation()!r}: cells have one color each")
    colors = [[to_hex(cell) for cell in row] for row in image.to_rgba(np.asarray(image.get_array()))]
    left, right, bottom, top = image.get_extent()
    corners = Pen(ax).thousandths(ax.transData.transform([(left, top), (right, bottom)]))
    return {"i": colors, "p": corners.ravel().tolist()}


@cache
def _font(size: float) -> tuple[FontProperties, float, float]:
    """Return a font of so many points, and how far a line of it goes up and down from its baseline, in pixels."""
    font = FontProperties(size=size)
    _, height, descent = text_size("lp", font)
    return font, height - descent, descent


def _axis(axis: Axis, transform: Any, side: int) -> dict[str, Any]:
    """Return ticks and label of one axis: places in thousandths, distances in pixels.

    "b" is how far from its tick a number's baseline is, "n" from one of its lines to the next, "d" how far the baseline
    of the label is from the frame.
    """
    settings = axis.get_tick_params("major")
    size = settings.get("labelsize", mpl.rcParams["ytick.labelsize" if side else "xtick.labelsize"])
    here, elsewhere = _TICKS
    plain = _FREE | {key for key, on in settings.items() if key in (here if on else elsewhere)}
    strange = set(settings) - plain
    if strange:
        raise CannotRecord(f"ticks with {', '.join(sorted(strange))}: only their size and their places may be set")
    font, up, down = _font(FontProperties(size=size).get_size_in_points())
    away = (mpl.rcParams["xtick.major.size"] + mpl.rcParams["xtick.major.pad"]) * PIXELS_PER_POINT
    majors = _ticks(axis, axis.get_majorticklocs(), axis.get_major_formatter(), transform, side)
    minors = _ticks(axis, axis.get_minorticklocs(), axis.get_minor_formatter(), transform, side)
    shown = [text for _, text in [*majors, *minors] if text]
    lines = max((text.count("\n") + 1 for text in shown), default=0)
    if side and lines > 1:
        raise CannotRecord("numbers on a y axis in several lines")
    if side:
        far = away + max((text_size(text, font)[0] for text in shown), default=-away)
    else:
        far = away + up + down + (lines - 1) * 1.2 * up if lines else 0.0
    label = axis.label
    text_size(label.get_text(), font)  # refuses what is no plain text
    _, label_up, label_down = _font(float(label.get_fontsize()))
    far += axis.labelpad * PIXELS_PER_POINT + (label_down if side else label_up)
    found: dict[str, Any] = {
        "k": majors,
        "b": round(up / 2 if side else away + up, 1),
        "n": round(1.2 * up, 1),
        "z": round(font.get_size_in_points() * PIXELS_PER_POINT, 2),
        "l": axis.get_label_text(),
        "lz": round(float(label.get_fontsize()) * PIXELS_PER_POINT, 2),
        "d": round(far, 1),
    }
    if minors:
        found["m"] = minors
    if settings.get("gridOn"):
        found["g"] = 1
    if offset := axis.get_major_formatter().get_offset():
        raise CannotRecord(f"an axis in units of {offset}: set a formatter, such as `plain_numbers`")
    return found


def _plain(text: str) -> str:
    """Return a logarithmic axis's number as matplotlib's formatter writes it, without mathematics: 6×10⁻¹."""
    known = _POWER.fullmatch(text)
    if not known:
        return text
    times, power = known.groups()
    return f"{times or ''}{'×' if times else ''}10{power.translate(_RAISED)}"


def _ticks(axis: Axis, places: Any, formatter: Any, transform: Any, side: int) -> list[list[Any]]:
    """Return the ticks that are in view, each as its place in thousandths and its text."""
    texts = [_plain(text) for text in formatter.format_ticks(places)]
    if not len(places):
        return []
    corners = np.zeros((len(places), 2))
    corners[:, side] = places
    box = axis.axes.bbox
    low, length = (box.y0, box.height) if side else (box.x0, box.width)
    at = (transform.transform(corners)[:, side] - low) / length * 1000
    return [
        [round(float(where)), text]
        for where, text in zip(at, texts, strict=True)
        if np.isfinite(where) and -1e-6 < where < 1000 + 1e-6
    ]
