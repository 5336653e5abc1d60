"""The loss playground: a page on which a small network trains live in the browser.

Classic scripts without any dependency, so that the page works from a folder too. Those that train (`CORE`) know no
page: a test holds them against `course_lib.pytorch.fit`, step by step. The curves are drawn by the scripts of the
notebooks' live plot, in `course_lib.live`. Each lesson has a state of the page that shows its point (`states`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["CORE", "DOM_FREE", "State", "playground_files", "states"]

_HERE = Path(__file__).parent
_LIVE = Path(__file__).parents[3] / "live"

#: The scripts that train, in the order in which they build on each other.
CORE = tuple(_HERE / name for name in ("random.js", "data.js", "network.js", "optimizers.js", "run.js"))
#: What else needs no page: digits, links, words and pairs.
DOM_FREE = tuple(
    [_LIVE / "series.js"] + [_HERE / name for name in ("digits.js", "settings.js", "states.js", "words.js", "pairs.js")]
)
_PAGE = tuple(
    _HERE / name for name in ("pairs_view.js", "digits_scene.js", "scene.js", "curves.js", "controls.js", "page.js")
)
#: Of the live plot; its controls have a name of their own next to those of the page.
_SHARED = {name: _LIVE / name for name in ("series.js", "panel.js", "picture.js", "view.js")} | {
    "live_controls.js": _LIVE / "controls.js"
}


@dataclass(frozen=True)
class State:
    """A state of the playground that shows a lesson's point.

    Attributes
    ----------
    title : str
        What it is about, in a few words.
    fragment : str
        What stands behind the ``#`` of its link.
    question : str
        What to answer before it runs.
    sentence : str
        What there is to see, for afterwards.
    """

    title: str
    fragment: str
    question: str
    sentence: str


def playground_files() -> dict[str, Path]:
    """Return the page and all that it loads: the place of each in the site, and the file to put there.

    Examples
    --------
    >>> files = playground_files()
    >>> files["playground.html"].name
    'playground.html'
    """
    scripts = {path.name: path for path in (*CORE, *DOM_FREE, *_PAGE)} | _SHARED
    files = {"playground.html": _HERE / "playground.html", "playground/playground.css": _HERE / "playground.css"}
    return files | {f"playground/{name}": path for name, path in sorted(scripts.items())}


@cache
def states() -> dict[str, State]:
    """Return the state of each lesson that has one, by the lesson's number.

    Examples
    --------
    >>> states()["00"].title
    'A first run'
    """
    text = (_HERE / "states.js").read_text(encoding="utf-8")
    table = json.loads(text[text.index("{") : text.rindex("}") + 1])
    return {lesson: State(one["title"], one["fragment"], one["ask"], one["watch"]) for lesson, one in table.items()}
