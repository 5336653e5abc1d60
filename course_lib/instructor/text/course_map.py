"""The way through the course: the map on the start page, and the line that leads from lesson to lesson.

``course build`` writes both into the notebooks. The text of the start page has an empty place for the map, a text cell
with ``map: lessons``; every lesson gets a line at its top and at its end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import yaml

from course_lib.plots.style import INK, TRAIN, VALIDATION

__all__ = [
    "CURVES",
    "GLOSSARY",
    "START",
    "WAY_BETWEEN",
    "WAY_CELLS",
    "Stop",
    "course_map",
    "curves_picture",
    "stops",
    "way",
]

START = "00_start_here"
GLOSSARY = Path("docs", "glossary.md")
#: What stands between the links of a way.
WAY_BETWEEN = " · "
#: The ids of the cells with a way, at a notebook's top and end.
WAY_CELLS = ("way-top", "way-end")
#: The picture on the start page, relative to the course's folder.
CURVES = Path("lessons", "curves.svg")
ALT = (
    "Two curves over 40 epochs. The training loss falls all the way. The validation loss falls with it at first, is "
    "lowest at a star near epoch {best}, and rises after that, while the gap between the two grows."
)


@dataclass(frozen=True)
class Stop:
    """A lesson as the map shows it."""

    name: str
    title: str
    about: str
    minutes: int
    points: float

    @property
    def number(self) -> str:
        """The lesson's number, two digits."""
        return self.name[:2]

    def link(self, track: str) -> str:
        """Return a link to the lesson in one track, from any lesson's folder."""
        return f"[{self.number} {self.title}](../{self.name}/{track}.ipynb)"


def _header(text: Path) -> dict[str, Any]:
    """Return the ``lesson`` part of a text's front matter; empty where there is none that can be read."""
    parts = text.read_text(encoding="utf-8", errors="replace").split("---\n", 2)
    try:
        found = yaml.safe_load(parts[1]).get("lesson") if len(parts) == 3 else None
    except (yaml.YAMLError, AttributeError):  # told by the lesson's own build
        found = None
    return found if isinstance(found, dict) else {}


def stops(texts: list[Path]) -> list[Stop]:
    """List all lessons in order, from the front matter of their texts.

    Parameters
    ----------
    texts : list of Path
        All lesson texts, whichever of them are built.
    """
    found = []
    for text in texts:
        header = _header(text)
        about, minutes, points = header.get("about", ""), header.get("minutes", 0), header.get("points", 0)
        found.append(Stop(text.stem, str(header.get("title", text.stem)), str(about), minutes, points))
    return found


def way(course: list[Stop], name: str, track: str) -> str:
    """Return the line that leads to the lessons before and after, to the start page and to the glossary."""
    place = [stop.name for stop in course].index(name)
    parts = []
    if place > 0:
        parts.append(f"Before: {course[place - 1].link(track)}")
    if place + 1 < len(course):
        parts.append(f"Next: {course[place + 1].link(track)}")
    if name != START:
        parts.append(f"[Start page](../{START}/{track}.ipynb)")
    parts.append(f"[Glossary](../../{GLOSSARY.as_posix()})")
    return WAY_BETWEEN.join(parts)


def course_map(course: list[Stop], track: str) -> str:
    """Return the map: the picture, and every lesson with what it is for, its time and its points."""
    alt = ALT.format(best=_lowest(_losses()[1]))
    lines = [
        f"![{alt}](../{CURVES.name})",
        "",
        "| lesson | after it you can | minutes | points |",
        "|---|---|---|---|",
    ]
    for stop in course:
        name = f"{stop.number} {stop.title} (this page)" if stop.name == START else stop.link(track)
        points = f"{stop.points:g}" if stop.points else "not graded"
        lines.append(f"| {name} | {stop.about} | {stop.minutes} | {points} |")
    return "\n".join(lines)


# --- the picture -----------------------------------------------------------------------------------------

_EPOCHS = 40


def _losses() -> tuple[list[float], list[float]]:
    """Return a made-up pair of curves; the same numbers in every build."""
    noise = Random(0)
    train = [0.12 + 0.88 * math.exp(-epoch / 8) + noise.uniform(-0.01, 0.01) for epoch in range(1, _EPOCHS + 1)]
    val = [
        0.30 + 0.70 * math.exp(-epoch / 6) + 0.009 * max(0, epoch - 10) + noise.uniform(-0.008, 0.008)
        for epoch in range(1, _EPOCHS + 1)
    ]
    return train, val


def _lowest(losses: list[float]) -> int:
    return losses.index(min(losses)) + 1


def _point(epoch: int, loss: float) -> str:
    return f"{50 + 11 * epoch:.1f},{230 - 200 * loss:.1f}"


def curves_picture() -> str:
    """Return the picture as SVG. It brings a page of its own, so that it is read on a dark one as well."""
    train, val = _losses()
    lines = [" ".join(_point(epoch, loss) for epoch, loss in enumerate(losses, start=1)) for losses in (train, val)]
    x, y = _point(_lowest(val), min(val)).split(",")
    alt = ALT.format(best=_lowest(val))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 280" width="640" height="280" role="img">
<title>{alt}</title>
<rect width="640" height="280" fill="#ffffff"/>
<g font-family="sans-serif" font-size="14" fill="{INK}">
<path d="M50 20V230H500" fill="none" stroke="{INK}" stroke-width="1.5"/>
<text x="275" y="260" text-anchor="middle">epoch</text>
<text x="26" y="125" text-anchor="middle" transform="rotate(-90 26 125)">loss</text>
<polyline points="{lines[0]}" fill="none" stroke="{TRAIN.color}" stroke-width="2.5"/>
<polyline points="{lines[1]}" fill="none" stroke="{VALIDATION.color}" stroke-width="2.5" stroke-dasharray="7 4"/>
<text x="{x}" y="{y}" dy="7" text-anchor="middle" font-size="26" fill="{VALIDATION.color}">★</text>
<text x="500" y="{230 - 200 * train[-1]:.0f}" dy="4">training loss</text>
<text x="500" y="{230 - 200 * val[-1]:.0f}" dy="4">validation loss</text>
</g>
</svg>
"""
