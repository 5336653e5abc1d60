"""An explorer as numbers: every state, each distinct thing that is drawn once, and Python's own words."""

from __future__ import annotations

import gc
import html
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from course_lib.instructor.site.explorers.packing import chosen, packed_points
from course_lib.instructor.site.explorers.panels import SPINES, panels
from course_lib.instructor.site.explorers.sketch import sketched
from course_lib.instructor.site.explorers.states import Asked, paths
from course_lib.notebook.explorer.base import Explorer, Scene
from course_lib.plots import figure_html, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FORMAT", "Recording", "record_explorer", "with_fallback"]

#: Raise it when what explorer.js reads changes.
FORMAT = 1
_TABLES = ("frames", "artists", "marks", "pools", "pictures", "texts", "rows")
#: Marks of so many points that lie together in a panel are chosen from all of its points, which come only once.
_MANY = 24
#: After so many states what figures leave behind is collected.
_EVERY = 50


@dataclass(frozen=True)
class Recording:
    """Every state of one explorer.

    Parameters
    ----------
    name : str
        The explorer's; also the name of its file.
    title : str
        What stands above its controls.
    content : str
        JSON, in the form that ``explorer.js`` reads.
    fallback : str
        HTML of the state that it starts with: a picture with alternative text, and its words.
    """

    name: str
    title: str
    content: str
    fallback: str

    def script(self) -> str:
        """Return the file that a page loads: a script, since a page opened from a folder may not fetch JSON."""
        return f"courseExplorers.register({json.dumps(self.name)},{self.content});\n"

    def figure(self, folder: str = "_static/explorers") -> str:
        """Return the figure for a page, readable without JavaScript.

        Parameters
        ----------
        folder : str
            Where, from the page, `write` has put the recordings.
        """
        where = html.escape(f"{folder}/{self.name}.js", quote=True)
        return f'<figure class="course-explorer" data-recording="{where}">{self.fallback}</figure>'


class _Table:
    """Each thing once, in the order in which they came up."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def place(self, thing: Any) -> int:
        return self._places.setdefault(_text(thing), len(self._places))

    def __str__(self) -> str:
        return f"[{','.join(self._places)}]"


def _text(thing: Any) -> str:
    return json.dumps(thing, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


@contextmanager
def _collecting_now_and_then() -> Iterator[Callable[[int], None]]:
    """Collect garbage after so many figures rather than whenever there is some: that costs more than drawing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield lambda count: None if count % _EVERY else (gc.collect(1), None)[1]
    finally:
        if was_on:
            gc.enable()


class _Writer:
    """Takes scenes in and holds what is new about them."""

    def __init__(self) -> None:
        self.tables = {name: _Table() for name in _TABLES}
        self.states: dict[str, list[int]] = {name: [] for name in ("picture", "alt", "words", "rows")}

    def picture(self, figure: Figure) -> int:
        """Take a figure in and return its place among the pictures."""
        frames = self.tables["frames"]
        drawn = [[frames.place(frame), *self._artists(artists)] for frame, artists in panels(figure)]
        return self.tables["pictures"].place(drawn)

    def add(self, picture: int, scene: Scene) -> None:
        """Take a state in: its picture and its texts."""
        texts = self.tables["texts"]
        self.states["picture"].append(picture)
        self.states["alt"].append(texts.place(scene.alt))
        self.states["words"].append(texts.place(scene.words))
        self.states["rows"].append(self.tables["rows"].place([list(row) for row in scene.rows]))

    def _artists(self, artists: Sequence[Any]) -> Iterator[int]:
        many = [p for one in artists for p in one if one != SPINES and len(one) == 1 and _has_many_marks(p)]
        among = sorted(point for p in many for point in zip(p["p"][0::2], p["p"][1::2], strict=True))
        pool = among if len(many) > 1 else []
        for one in artists:
            yield -1 if one == SPINES else self.tables["artists"].place([self._packed(p, pool, many) for p in one])

    def _packed(self, primitive: dict[str, Any], pool: list[tuple[int, int]], many: list[Any]) -> dict[str, Any]:
        if "x" in primitive or "i" in primitive:
            return primitive
        rest = {key: value for key, value in primitive.items() if key != "p"}
        if "m" in primitive:
            rest["m"] = self.tables["marks"].place(primitive["m"])
        if pool and any(primitive is one for one in many):
            flat = [number for point in pool for number in point]
            place = self.tables["pools"].place(packed_points(flat))
            return rest | {"q": place, "b": chosen(primitive["p"], pool)}
        return rest | {"p": packed_points(primitive["p"])}


def _has_many_marks(primitive: Any) -> bool:
    return isinstance(primitive, dict) and "m" in primitive and len(primitive["p"]) >= 2 * _MANY


def _grow(tree: list[Any], asked: Asked, state: int) -> None:
    """Put a state where what was asked for leads: a node is a control and what follows for each of its values."""
    path = asked.path
    for depth, (control, place) in enumerate(path):
        if not tree:
            tree.append(control)
        if place + 1 == len(tree):
            tree.append(state if depth + 1 == len(path) else [])
        tree = tree[place + 1]


def record_explorer(
    name: str, explorer: Explorer, note: str = "", count: Callable[[int], None] = lambda done: None
) -> Recording:
    """Record every state of an explorer.

    Parameters
    ----------
    name : str
        What its file is to be called.
    explorer : Explorer
    note : str
        A sentence for the page about what was left out.
    count : callable(int)
        Called with the number of states so far.

    Returns
    -------
    Recording
        The same bytes for the same explorer.

    Raises
    ------
    CannotRecord
        If a state draws something that the page's drawing does not know.

    Examples
    --------
    >>> from course_lib.explorers import confidence
    >>> recording = record_explorer("confidence", confidence())
    >>> len(json.loads(recording.content)["states"]["words"])
    30
    """
    writer, tree = _Writer(), []  # type: ignore[var-annotated]
    known: dict[str, int] = {}
    with style(), _collecting_now_and_then() as collect:
        for state, asked in enumerate(paths(explorer)):
            number, scene = sketched(explorer.picture, asked) or ("", None)
            if scene is None or number not in known:
                scene = explorer.picture(asked)
                known[number] = writer.picture(scene.figure)
            writer.add(known[number], scene)
            _grow(tree, asked, state)
            collect(state)
            count(state + 1)
    head = {
        "format": FORMAT,
        "name": name,
        "title": explorer.title,
        "note": note,
        "controls": explorer.specification(),
        "tree": tree,
        "states": writer.states,
    }
    tables = ",".join(f'"{key}":{table}' for key, table in writer.tables.items())
    return Recording(name, explorer.title, f"{_text(head)[:-1]},{tables}}}", _fallback(explorer))


def with_fallback(name: str, explorer: Explorer, content: dict[str, Any]) -> Recording:
    """Return a recording from what its content says, with a picture of the state that it starts with."""
    return Recording(name, explorer.title, _text(content), _fallback(explorer))


def _fallback(explorer: Explorer) -> str:
    with style():
        scene = explorer.picture(explorer.defaults)
    rows = "".join(f'<tr><th scope="row">{html.escape(a)}</th><td>{html.escape(b)}</td></tr>' for a, b in scene.rows)
    return (
        f"<figcaption>{html.escape(explorer.title)}</figcaption>{figure_html(scene.figure, scene.alt)}"
        f'<p class="course-words">{html.escape(scene.words)}</p>{f"<table>{rows}</table>" if rows else ""}'
    )
