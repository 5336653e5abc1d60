"""The live view's place in an output: what waits there for the browser's half, and what it leaves there."""

from __future__ import annotations

from pathlib import Path

__all__ = ["CUT_OFF", "script", "settled", "waiting"]

CUT_OFF = "Training is under way. If this stays, it was cut off before its picture could be drawn."

#: The browser's half: files that follow each other, and make one module together.
_FILES = ("series.js", "panel.js", "picture.js", "controls.js", "view.js", "live.js")

#: The view's height in pixels, on a wide page and on one of less than 640 (`picture.js`), and how much more it is with
#: metrics or learning rates, and with both: the place has this height from the start, so that nothing below moves when
#: the view appears.
_WIDE, _NARROW, _MORE = 412, 498, (0, 150, 264)
_STYLE = (
    ".course-live-place{container-type:inline-size;max-width:780px}"
    f".course-live-place p{{margin:0;min-height:calc({_WIDE}px + var(--course-more))}}"
    f"@container (max-width:639px){{.course-live-place p{{min-height:calc({_NARROW}px + var(--course-more))}}}}"
)


def script() -> str:
    """Return the browser's half as the text of one JavaScript module."""
    return "\n".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in _FILES)


def waiting(name: str, *, metrics: bool, rates: bool = False) -> str:
    """Return the HTML in which the view `name` will grow; should the kernel die, its words are what remains."""
    more = _MORE[metrics + rates]
    return (
        f'<div data-course-live="{name}" class="course-live-place" style="--course-more:{more}px">'
        f"<style>{_STYLE}</style><p>{CUT_OFF}</p></div>"
    )


def settled(name: str, picture: str) -> str:
    """Return the picture's HTML as a place in which the view `name` goes on for as long as the page is open."""
    return f'<div data-course-live="{name}">{picture}</div>'
