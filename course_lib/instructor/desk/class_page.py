"""The page of a class: one HTML file without scripts, in light and dark, for screens, keyboards and printers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from course_lib.instructor.desk.class_state import ClassState
from course_lib.instructor.desk.feedback import POLICY
from course_lib.printable import few, printable

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["class_page"]

#: Pairs of similar answers on the page.
MOST_PAIRS = 20
_MOST_NAMES = 60


def _name(student: str, state: ClassState) -> str:
    """Return what a student is called: the name, if the gradebook has one, and the id."""
    score = next(iter(state.scores.get(student, {}).values()), None)
    full = f"{score.first_name} {score.last_name}".strip() if score else ""
    return printable(f"{full} ({student})" if full else student, 120)


def _code(text: str) -> str:
    """Return an answer line by line, without what no page can show."""
    lines = text[:4000].splitlines()
    return "\n".join("".join(c if c.isprintable() or c == "\t" else "�" for c in line) for line in lines[:80])


def _names(students: Iterable[str], state: ClassState) -> str:
    return ", ".join(few([_name(student, state) for student in students], _MOST_NAMES))


def _short(text: object, most: int = 80) -> str:
    return printable(text, most)


def _number(assignment: str) -> str:
    """Return a lesson's number, or the whole name of another assignment."""
    found = re.match(r"(\d\d)_", assignment)
    return found[1] if found else printable(assignment, 30)


def _points(value: float) -> str:
    return f"{round(value, 2):g}"


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    filters = {
        "name": _name,
        "names": _names,
        "number": _number,
        "short": _short,
        "points": _points,
        "code": _code,
        "zip": zip,
    }
    environment.filters.update(filters)
    source = files("course_lib.instructor.desk").joinpath("class_page.html.jinja").read_text(encoding="utf-8")
    return environment.from_string(source)


def class_page(state: ClassState, now: datetime) -> str:
    """Return a class as an HTML page.

    Parameters
    ----------
    state : ClassState
    now : datetime
        What the page says of its own age.

    Returns
    -------
    str
        Complete and self-contained; everything in it is escaped.
    """
    made = f"{now:%Y-%m-%d %H:%M}"
    return _template().render(state=state, policy=POLICY, made=made, most_pairs=MOST_PAIRS) + "\n"
