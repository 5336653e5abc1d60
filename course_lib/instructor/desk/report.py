"""Item statistics of an assignment: how hard each question was, what it tells apart, which mistakes were made.

The table shows for each question the share of points that was got, how many got all of them, and the
discrimination: the correlation of the question's score with the score in all other questions (point-biserial
where a question is all or nothing). Misconceptions are counted by the name that the check gave them; one mistake
has one name in all lessons, so with several assignments they are added up, too.

--class writes one page about the class instead: who has not handed in, who makes one mistake in three lessons or more,
what to discuss next, and answers that are alike (a hint for a person). By default over all that was graded.

Examples
--------
  course report 03
  course report 03 05 06            also: which mistakes come back from lesson to lesson
  course report 03 --json
  course report --class             grading/reports/class.html
"""

from __future__ import annotations

import argparse
import html
import json
import statistics
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.atomic import write_atomically
from course_lib.instructor.desk.feedback import POLICY
from course_lib.instructor.desk.mistakes import (
    Mistake,
    mistakes_page_rows,
    mistakes_table,
    named_in,
    sum_of_mistakes,
)
from course_lib.instructor.desk.report_figure import figure
from course_lib.instructor.grading.scores import Score, flagged, read_scores, tell_groups, tell_refused
from course_lib.instructor.text.release import load_config
from course_lib.instructor.text.render import course_root
from course_lib.printable import few, say
from course_lib.trouble import CourseError

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["Item", "add_arguments", "item_statistics", "main", "report_page"]


@dataclass
class Item:
    """One question, over all students whose marks for it are final.

    Parameters
    ----------
    difficulty : float
        The mean share of its points; 1 is easy.
    full : float
        The share of students who got all of its points.
    discrimination : float or None
        Between -1 and 1; None where it is not defined, as when everybody has the same.
    misconceptions : list of (str, int)
        Names and numbers of students, the most frequent first.
    """

    notebook: str
    name: str
    points: float
    students: int
    difficulty: float
    full: float
    discrimination: float | None
    misconceptions: list[tuple[str, int]] = field(default_factory=list)


def _correlation(a: np.ndarray, b: np.ndarray) -> float | None:
    if len(a) < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return float(np.corrcoef(a, b)[0, 1])


def item_statistics(scores: list[Score]) -> list[Item]:
    """Return the statistics of each question.

    Parameters
    ----------
    scores : list of Score

    Returns
    -------
    list of Item
        In the order of the notebooks. A question that waits for a person's marks is left out for that
        student. A group's notebook counts once.
    """
    found: dict[tuple[str, str], list[tuple[Score, Any]]] = {}
    for score in scores:
        for cell in score.cells if score.counts and not score.shared_from else ():
            if not cell.waiting:
                found.setdefault((cell.notebook, cell.name), []).append((score, cell))
    return [_item(notebook, name, pairs) for (notebook, name), pairs in found.items()]


def _item(notebook: str, name: str, pairs: list[tuple[Score, Any]]) -> Item:
    own = np.array([cell.score for _, cell in pairs])
    rest = np.array([sum(c.score for c in score.cells if c.name != name and not c.waiting) for score, _ in pairs])
    points = pairs[0][1].points
    named: Counter[str] = Counter()
    for _, cell in pairs:
        named.update(named_in(cell.result, name.removeprefix("check_")))
    share = own / points if points else np.zeros_like(own)
    return Item(
        notebook, name, points, len(pairs), float(share.mean()), float((share >= 1 - 1e-9).mean()),
        _correlation(own, rest), named.most_common(5),
    )  # fmt: skip


def _cells(item: Item) -> list[str]:
    told = ", ".join(f"{name} ({count})" for name, count in item.misconceptions) or "none named"
    discrimination = "not defined" if item.discrimination is None else f"{item.discrimination:.2f}"
    return [
        f"{item.notebook}/{item.name}", f"{item.points:g}", str(item.students), f"{item.difficulty:.2f}",
        f"{item.full:.2f}", discrimination, told,
    ]  # fmt: skip


_HEAD = ("question", "points", "students", "mean share", "all points", "discrimination", "misconceptions")


def _table(assignment: str, items: list[Item]) -> Table:
    """Return the figures for a terminal; 80 columns are enough for them."""
    from rich.table import Table

    notebooks = {item.notebook for item in items}
    table = Table(title=f"{assignment} ({', '.join(sorted(notebooks))})")
    table.add_column("question", overflow="fold")
    for heading in _HEAD[1:-1]:
        table.add_column(heading.replace(" ", "\n"), justify="right", no_wrap=True)
    for item in items:
        table.add_row(_question(item, len(notebooks) > 1), *_cells(item)[1:-1])
    return table


def _question(item: Item, with_notebook: bool) -> str:
    name = item.name.removeprefix("check_")
    return f"{item.notebook}/{name}" if with_notebook else name


def _misconceptions(items: list[Item]) -> str:
    """Return a line for each question whose mistakes were named."""
    many = len({item.notebook for item in items}) > 1
    lines = [f"  {_question(item, many)}: {_cells(item)[-1]}" for item in items if item.misconceptions]
    return "\n".join(["misconceptions, and how many students had them:", *(lines or ["  none was named"])])


def _without_score(scores: list[Score]) -> list[tuple[str, list[str]]]:
    """Return why students are not in the figures, and who they are."""
    reasons = ("nothing handed in", "not graded", "refused")
    found = [(why, [score.student for score in scores if score.status == why]) for why in reasons]
    found.append(("counted once, with who handed in for the group", [s.student for s in scores if s.shared_from]))
    return [(why, students) for why, students in found if students]


def _left_out(scores: list[Score]) -> str:
    """Return as HTML who is not in the figures, and what was wrong with a refused score."""
    lines = [f"{why}: {', '.join(students)}" for why, students in _without_score(scores)] + flagged(scores)
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return f"<p>Not in the figures:</p><ul>{items}</ul>" if items else ""


def report_page(assignment: str, items: list[Item], scores: list[Score]) -> str:
    """Return the report as an HTML page with its figure inside."""
    picture, words = figure(items, scores)
    seconds = [score.seconds for score in scores if score.seconds and not score.shared_from]
    took = f"Grading one student took {statistics.median(seconds):.1f} s (median). " if seconds else ""
    waiting = sum(score.waiting for score in scores if score.counts)
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(text)}</td>" for text in _cells(item)) + "</tr>" for item in items
    )
    head = "".join(f'<th scope="col">{text}</th>' for text in _HEAD)
    return _page(
        assignment,
        f"<p>{len(scores)} students, {waiting} with marks still to give. {took}</p>{_left_out(scores)}"
        f'<img src="data:image/svg+xml;base64,{picture}" alt="{html.escape(words, quote=True)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>",
    )


def _page(title: str, body: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}: report</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        "<style>body{font-family:system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}"
        "table{border-collapse:collapse}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #ccc;"
        f"vertical-align:top}}img{{max-width:100%}}</style></head><body><h1>{html.escape(title)}</h1>{body}</body></html>\n"
    )


def _mistakes_page(assignments: list[str], found: list[Mistake]) -> str:
    head = "".join(f'<th scope="col">{text}</th>' for text in ("mistake", "students", "where (students)"))
    body = f"<table><thead><tr>{head}</tr></thead><tbody>{mistakes_page_rows(found)}</tbody></table>"
    return _page("Mistakes", f"<p>Over {html.escape(', '.join(assignments))}.</p>{body}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``course report``."""
    parser.add_argument("assignments", metavar="ASSIGNMENT", nargs="*", help="such as 03 or 03_tracking_loops")
    parser.add_argument("--class", action="store_true", dest="whole_class", help="one page about the whole class")
    parser.add_argument("--to", type=Path, metavar="FILE", help="of one page: default grading/reports/ASSIGNMENT.html")
    parser.add_argument("--json", action="store_true", help="print the statistics as JSON, and write no page")
    parser.add_argument("--allow-extra-credit", action="store_true", help="count nbgrader's extra credit")


def main(args: argparse.Namespace) -> int:
    """Run ``course report``."""
    from course_lib.instructor.desk.class_report import report_class
    from course_lib.instructor.desk.grade import assignment_name

    if args.json and args.to:
        raise CourseError("--json prints and writes no page, so --to names nothing; leave one of the two out")
    if args.whole_class:
        return report_class(args)
    if not args.assignments:
        raise CourseError("of which assignment? Name one, such as `course report 03`, or ask for --class")
    root = course_root()
    names = list(dict.fromkeys(assignment_name(root, given) for given in args.assignments))
    if args.to and len(names) > 1:
        raise CourseError(f"--to names one file, and {len(names)} assignments were given; leave it out, or give one")
    config = load_config(root)
    graded = {name: read_scores(root, config, name, allow_extra_credit=args.allow_extra_credit) for name in names}
    if args.json:
        told = {name: _as_json(scores) for name, scores in graded.items()}
        added = {"assignments": told, "mistakes": [asdict(mistake) for mistake in sum_of_mistakes(graded)]}
        print(json.dumps(added if len(names) > 1 else told[names[0]], indent=2))
    else:
        for name, scores in graded.items():
            _tell(name, scores, args.to or root / "grading" / "reports" / f"{name}.html")
        if len(names) > 1:
            _tell_mistakes(graded, root / "grading" / "reports" / "mistakes.html")
    return max(max(tell_refused(scores), tell_groups(scores)) for scores in graded.values())


def _as_json(scores: list[Score]) -> dict[str, Any]:
    items = [asdict(item) for item in item_statistics(scores)]
    return {"students": len(scores), "items": items, "left_out": dict(_without_score(scores))}


def _tell(assignment: str, scores: list[Score], target: Path) -> None:
    """Print one assignment's figures and write its page."""
    from rich.console import Console

    items = item_statistics(scores)
    Console().print(_table(assignment, items))
    for line in _misconceptions(items).splitlines():
        say(line)
    for why, students in _without_score(scores):
        say(f"{why}: {', '.join(few(students))}")
    write_atomically(target, report_page(assignment, items, scores).encode())
    say(f"wrote {target}")


def _tell_mistakes(graded: dict[str, list[Score]], target: Path) -> None:
    """Print what comes back from lesson to lesson and write it as a page."""
    from rich.console import Console

    found = sum_of_mistakes(graded)
    Console().print(mistakes_table(found))
    write_atomically(target, _mistakes_page(list(graded), found).encode())
    say(f"wrote {target}")
