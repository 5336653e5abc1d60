"""Which mistakes a class makes, added up over exercises and lessons by the one name that a mistake has everywhere."""

from __future__ import annotations

import html
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from course_lib.instructor.grading.scores import Score

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["Mistake", "current_name", "mistakes_page_rows", "mistakes_table", "named_in", "sum_of_mistakes"]


@cache
def _renamed() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("course_lib.instructor.desk").joinpath("renamed.toml").read_text(encoding="utf-8"))


def current_name(name: str, exercise: str) -> str:
    """Return what a mistake is called now, for one that an earlier version named.

    Parameters
    ----------
    name : str
        As a stored result gives it.
    exercise : str

    Examples
    --------
    >>> current_name("best_taken_for_none", "keep_best_weights"), current_name("mean_of_means", "epoch_loss")
    ('zero_taken_for_none', 'mean_of_means')
    """
    renamed = _renamed()
    return renamed.get(exercise, {}).get(name) or renamed["all"].get(name, name)


def named_in(result: Mapping[str, Any] | None, exercise: str) -> set[str]:
    """Return the mistakes that a check's stored result names, each once."""
    failing = [case for case in (result or {}).get("cases", []) if not case.get("passed")]
    return {current_name(str(case["diagnosis"]), exercise) for case in failing if case.get("diagnosis")}


@dataclass
class Mistake:
    """One mistake, over everything that was graded.

    Parameters
    ----------
    name : str
    students : int
        How many students made it at least once.
    places : list of (str, int)
        Assignment and exercise, such as ``"03_tracking_loops/epoch_loss"``, and how many students made it there.
    """

    name: str
    students: int
    places: list[tuple[str, int]]


def sum_of_mistakes(graded: Mapping[str, Sequence[Score]]) -> list[Mistake]:
    """Add mistakes up over assignments, the one that most students made first.

    Parameters
    ----------
    graded : dict of str to sequence of Score
        By assignment. Scores that don't count are left out, as in the other statistics, and a group counts once.
    """
    made: dict[str, dict[str, set[str]]] = {}
    for assignment, scores in graded.items():
        for score in scores:
            for cell in score.cells if score.counts and not score.shared_from else ():
                exercise = cell.name.removeprefix("check_")
                for name in named_in(cell.result, exercise):
                    made.setdefault(name, {}).setdefault(f"{assignment}/{exercise}", set()).add(score.student)
    found = [
        Mistake(
            name,
            len(set().union(*places.values())),
            sorted(((place, len(students)) for place, students in places.items()), key=lambda p: (-p[1], p[0])),
        )
        for name, places in made.items()
    ]
    return sorted(found, key=lambda mistake: (-mistake.students, mistake.name))


def mistakes_table(found: Sequence[Mistake], most: int = 15) -> Table:
    """Return the most frequent mistakes for a terminal."""
    from rich.table import Table

    more = f", the first {most} of {len(found)}" if len(found) > most else ""
    table = Table(title=f"Mistakes over all of these assignments{more}")
    table.add_column("mistake", overflow="fold")
    table.add_column("students", justify="right", no_wrap=True)
    table.add_column("where (students)", overflow="fold")
    for mistake in found[:most]:
        table.add_row(mistake.name, str(mistake.students), _where(mistake))
    return table


def _where(mistake: Mistake) -> str:
    return ", ".join(f"{place} ({count})" for place, count in mistake.places)


def mistakes_page_rows(found: Sequence[Mistake]) -> str:
    """Return the rows of a table in HTML."""
    rows = ((mistake.name, str(mistake.students), _where(mistake)) for mistake in found)
    return "".join("<tr>" + "".join(f"<td>{html.escape(text)}</td>" for text in row) + "</tr>" for row in rows)
