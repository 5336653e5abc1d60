"""A matplotlib renderer that draws nothing and notes what it is asked to draw, in thousandths of some Axes.

Lines, bars, marks and legends are drawn by matplotlib itself, so ``markevery``, steps, hatches, dashes and where a
legend finds room need not be worked out a second time.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.colors import to_hex
from matplotlib.path import Path

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.font_manager import FontProperties
    from matplotlib.text import Text
    from matplotlib.transforms import Transform
    from numpy.typing import NDArray

__all__ = ["PIXELS_PER_POINT", "CannotRecord", "Pen", "Primitive", "lean", "text_size"]

#: Figures of explorers have 96 dots per inch, as CSS has.
PIXELS_PER_POINT = 96 / 72

#: One thing to draw: a "path" (a line or an area), "marks", a "text" or an "image".
Primitive = dict[str, Any]


class CannotRecord(ValueError):
    """A figure holds something that the page's drawing does not know."""


@cache
def _measure() -> Any:
    from matplotlib.backends.backend_agg import RendererAgg

    return RendererAgg(1, 1, 96)


@cache
def text_size(text: str, font: FontProperties) -> tuple[float, float, float]:
    """Return width, height and descent of one line of text in CSS pixels.

    Raises
    ------
    CannotRecord
        If the text holds mathematics, which a page would show as dollar signs.
    """
    if "$" in text:
        raise CannotRecord(f"text {text!r}: mathematics between dollar signs is not drawn on a page; write it plainly")
    width, height, descent = _measure().get_text_width_height_descent(text, font, False)
    return float(width), float(height), float(descent)


def lean(points: NDArray[np.int64]) -> NDArray[np.int64]:
    """Drop what changes nothing in a line: repeats, and points on the straight way between their neighbors.

    Parameters
    ----------
    points : integer array of shape (n, 2)

    Examples
    --------
    >>> lean(np.array([[0, 0], [0, 0], [1, 1], [2, 2], [2, 3]])).tolist()
    [[0, 0], [2, 2], [2, 3]]
    """
    points = points[np.r_[True, (np.diff(points, axis=0) != 0).any(axis=1)]]
    if len(points) < 3:
        return points
    before, after = points[1:-1] - points[:-2], points[2:] - points[1:-1]
    turns = before[:, 0] * after[:, 1] != before[:, 1] * after[:, 0]
    back = (before * after).sum(axis=1) < 0
    return points[np.r_[True, turns | back, True]]


def _outline(path: Path) -> str:
    """Return a mark as the "d" of an SVG path that begins at its place: steps in pixels, y pointing down."""
    letters = {Path.MOVETO: "m", Path.LINETO: "l", Path.CURVE3: "q", Path.CURVE4: "c", Path.CLOSEPOLY: "z"}
    here = first = np.zeros(2)
    said = []
    for numbers, code in path.iter_segments(simplify=False):
        if code == Path.CLOSEPOLY:
            here = first
            said.append("z")
            continue
        points = np.round(np.reshape(numbers, (-1, 2)) * [1, -1], 2)
        said.append(letters[code] + " ".join(f"{step:.2f}".rstrip("0").rstrip(".") for step in (points - here).ravel()))
        here = points[-1]
        first = here if code == Path.MOVETO else first
    return "".join(said).replace("-0 ", "0 ")


class Pen(RendererBase):
    """Notes what matplotlib draws for one Axes.

    Parameters
    ----------
    ax : Axes
        The coordinates are thousandths of its width and height, from its lower left corner.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure(dpi=96).subplots()
    >>> (line,) = ax.plot([0, 1], [0, 1], color="#0072B2")
    >>> _ = ax.set(xlim=(0, 1), ylim=(0, 1))
    >>> Pen(ax).note(line)[0]["p"]
    [0, 0, 1000, 1000]
    """

    def __init__(self, ax: Axes):
        super().__init__()
        self.box = ax.bbox
        self.size = ax.get_figure(root=True).bbox.size  # type: ignore[union-attr]
        self._found: list[Primitive] = []
        self._one_mark = False

    def note(self, artist: Any) -> list[Primitive]:
        """Return what matplotlib draws for an artist."""
        self._found = []
        artist.draw(self)
        return self._found

    def thousandths(self, pixels: Any) -> NDArray[np.int64]:
        """Return where points of the figure lie in the Axes."""
        corner, size = np.array([self.box.x0, self.box.y0]), np.array([self.box.width, self.box.height])
        return np.rint((np.asarray(pixels, float) - corner) / size * 1000).astype(np.int64)

    # --- what matplotlib calls ---------------------------------------------------------------------------

    def draw_path(self, gc: GraphicsContextBase, path: Path, transform: Transform, rgbFace: Any = None) -> None:
        """Note a line or an area, each of its parts by itself."""
        look = _look(gc, rgbFace)
        if not look:
            return
        if self._one_mark:
            return self._mark(path, transform, look)
        whole = path.transformed(transform)
        whole.should_simplify = False
        for part in whole.to_polygons(closed_only=False):
            self._found.append({"p": lean(self.thousandths(part)).ravel().tolist(), **look})

    def draw_markers(
        self,
        gc: GraphicsContextBase,
        marker_path: Path,
        marker_trans: Transform,
        path: Path,
        trans: Transform,
        rgbFace: Any = None,
    ) -> None:
        """Note one mark and all its places."""
        look, places = _look(gc, rgbFace), trans.transform(path.vertices)
        if look and len(places):
            at = self.thousandths(places[np.isfinite(places).all(axis=1)])
            self._found.append({"m": _outline(marker_path.transformed(marker_trans)), "p": at.ravel().tolist(), **look})

    def draw_path_collection(self, gc: GraphicsContextBase, *args: Any, **options: Any) -> None:
        """Note a scatter as one mark and its places, and other collections path by path."""
        _, paths, _, offsets = args[:4]
        self._one_mark = len(paths) == 1 and len(offsets) > 1
        try:
            super().draw_path_collection(gc, *args, **options)
        finally:
            self._one_mark = False

    def _mark(self, path: Path, transform: Transform, look: Primitive) -> None:
        """Note one of a scatter's marks, with those before it that look the same."""
        place = transform.transform((0, 0))
        shape = _outline(Path(transform.transform(path.vertices) - place, path.codes))
        at = self.thousandths([place]).ravel().tolist()
        if self._found and {**look, "m": shape} == {key: value for key, value in self._found[-1].items() if key != "p"}:
            self._found[-1]["p"] += at
        else:
            self._found.append({"m": shape, "p": at, **look})

    def draw_text(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: Any = False,
        mtext: Text | None = None,
    ) -> None:
        """Note one line of text by where it is held: its left end, its middle or its right end."""
        if angle:
            raise CannotRecord(f"text {s!r}: it is turned by {angle:g} degrees; only the label of a y axis may be")
        held = mtext.get_horizontalalignment() if mtext else "left"
        along = {"left": 0.0, "center": 0.5, "right": 1.0}[held] * text_size(s, prop)[0]
        (at,) = self.thousandths([(x + along, y)])
        text = {"x": s, "p": at.tolist(), "z": round(prop.get_size_in_points() * PIXELS_PER_POINT, 2)}
        text |= {"c": to_hex(gc.get_rgb()), **({} if held == "left" else {"a": held})}
        self._found.append(text)

    def draw_image(self, gc: GraphicsContextBase, x: float, y: float, im: Any, transform: Any = None) -> None:
        """Refuse: an image is noted by its cells, not by its pixels."""
        raise CannotRecord("an image is drawn where none was expected")

    # --- what matplotlib asks ----------------------------------------------------------------------------

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        """Measure in matplotlib's own font."""
        return text_size(s, prop)

    def get_canvas_width_height(self) -> tuple[float, float]:
        """Return the figure's size in CSS pixels."""
        return float(self.size[0]), float(self.size[1])

    def flipy(self) -> bool:
        """Count y from below."""
        return False

    def points_to_pixels(self, points: Any) -> Any:
        """Return points as CSS pixels."""
        return points * PIXELS_PER_POINT


def _look(gc: GraphicsContextBase, face: Any) -> Primitive:
    """Return color, width, dashes, filling and hatch; nothing for what would not be seen."""
    *_, opacity = ink = gc.get_rgb()
    look: Primitive = {}
    if gc.get_linewidth() and opacity:
        look |= {"s": to_hex(ink[:3]), "w": round(gc.get_linewidth() * PIXELS_PER_POINT, 2)}
        dashes: Any = gc.get_dashes()[1]
        if dashes is not None:
            look["d"] = [round(float(d) * PIXELS_PER_POINT, 1) for d in dashes]
    if face is not None and (len(face) < 4 or face[3]):
        look["f"] = to_hex(face[:3])
        opacity = face[3] if len(face) == 4 else opacity
    if not look:
        return look
    if hatch := gc.get_hatch():
        if set(hatch) != {"/"}:
            raise CannotRecord(f"hatch {str(hatch)!r}: only '/' and several of them are drawn on a page")
        look |= {"h": str(hatch), "hc": to_hex(gc.get_hatch_color()[:3])}
    if opacity != 1:
        look["a"] = round(float(opacity), 3)
    if gc.get_clip_rectangle() is None and gc.get_clip_path()[0] is None:
        look["o"] = 1
    return look
