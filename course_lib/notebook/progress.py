"""How far a learner is: points and what is left, read from the saved notebooks alone. Nothing leaves the machine."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from course_lib.checks.met import MOST_BYTES
from course_lib.checks.result import MIME
from course_lib.tracks import TRACKS

__all__ = [
    "TITLES",
    "Progress",
    "ProgressTable",
    "Question",
    "as_html",
    "as_text",
    "lessons_folder",
    "read_progress",
    "title_of",
]

#: The lessons' titles, as their texts have them.
TITLES = {
    "00_start_here": "Start here",
    "01_loss_basics": "Loss basics",
    "02_train_val_split": "Training and validation split",
    "03_tracking_loops": "Tracking loops",
    "04_overfitting": "Overfitting",
    "05_no_grad_validation": "Validation that only measures",
    "06_early_stopping": "Early stopping",
    "07_noisy_curves": "Noisy curves",
    "08_regularisation": "Regularization",
    "09_schedules": "Learning-rate schedules",
    "10_beyond_loss": "Beyond loss",
    "11_logging": "Logging and TensorBoard",
    "12_capstone": "Capstone",
}
_BLANK = "YOUR ANSWER HERE"

State = Literal["open", "begun", "right", "changed", "written"]
_WORDS: dict[State, str] = {
    "open": "not begun",
    "begun": "",
    "right": "",
    "changed": "run its check again",
    "written": "",
}


@dataclass(frozen=True)
class Question:
    """One graded question as its notebook was saved.

    Parameters
    ----------
    name : str
        Of the exercise.
    points : float
        What it can give.
    text : bool
        Whether a person grades it.
    score : float
        What its check gave when it last ran.
    state : {"open", "begun", "right", "changed", "written"}
        "changed" says that the answer ran once more after its check did; "written" is a text that is not blank.
    met : dict of str to str
        The mistakes that its checks have named so far, and what they said of each.
    """

    name: str
    points: float
    text: bool
    score: float
    state: State
    met: dict[str, str] = field(default_factory=dict)

    @property
    def left(self) -> str:
        """What is left to do, in words; empty if nothing is."""
        if self.state in ("right", "written"):
            return ""
        if self.text:
            return f"{self.name} (a text of {self.points:g} points: not written)"
        told = f"{self.score:g} of {self.points:g}"
        return f"{self.name} ({', '.join(filter(None, [told, _WORDS[self.state]]))})"


@dataclass
class Progress:
    """What one saved notebook shows; ``trouble`` says why it could not be read."""

    lesson: str
    track: str
    questions: list[Question] = field(default_factory=list)
    trouble: str = ""

    @property
    def score(self) -> float:
        """The points that checks gave."""
        return sum(question.score for question in self.questions)

    @property
    def points(self) -> float:
        """The points that checks can give."""
        return sum(question.points for question in self.questions if not question.text)

    @property
    def begun(self) -> bool:
        """Whether anything was done, or nobody can tell."""
        return bool(self.trouble) or any(question.state != "open" for question in self.questions)

    @property
    def left(self) -> list[str]:
        """What is left to do, question by question."""
        return [question.left for question in self.questions if question.left]


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(map(str, source))


def _result(cell: dict[str, Any]) -> dict[str, Any]:
    """Return the last result of a check that a cell's output holds."""
    found = [output["data"][MIME] for output in cell.get("outputs", []) if MIME in output.get("data", {})]
    return found[-1] if found and isinstance(found[-1], dict) else {}


def _checked(name: str, about: dict[str, Any], cell: dict[str, Any], ran: dict[str, int]) -> Question:
    result, points = _result(cell), float(about["points"])
    score = min(max(float(result.get("score", 0.0)), 0.0), points)
    state: State = "open"
    if result and result.get("status") != "not_done":
        state = "right" if score >= points else "begun"
        if ran.get(name, 0) > (cell.get("execution_count") or 0):
            state = "changed"
    met = {str(key): str(told) for key, told in dict(result.get("met") or {}).items()}
    return Question(name, points, False, score, state, met)


def _questions(notebook: dict[str, Any]) -> Iterator[Question]:
    ran: dict[str, int] = {}
    for cell in notebook["cells"]:
        about = cell.get("metadata", {}).get("nbgrader", {})
        name = str(about.get("grade_id", "")).removeprefix("check_")
        if about.get("solution") and not about.get("grade"):
            ran[name] = cell.get("execution_count") or 0
        elif about.get("grade") and about.get("solution"):
            text = _source(cell).strip()
            yield Question(name, float(about["points"]), True, 0.0, "written" if text not in ("", _BLANK) else "open")
        elif about.get("grade"):
            yield _checked(name, about, cell, ran)


def read_progress(folder: Path, tracks: Sequence[str] = TRACKS) -> list[Progress]:
    """Read what the notebooks of a folder show.

    Parameters
    ----------
    folder : Path
        With a folder for each lesson, as ``lessons/``.
    tracks : sequence of str, optional
        Which notebooks are read.

    Returns
    -------
    list of Progress
        By lesson and track; notebooks without graded questions are left out.
    """
    found = []
    for path in sorted(folder.glob("[0-9][0-9]_*/*.ipynb")):
        if path.stem not in tracks:
            continue
        progress = Progress(path.parent.name, path.stem)
        try:
            if path.stat().st_size > MOST_BYTES:
                raise ValueError("it is too large")
            progress.questions = list(_questions(json.loads(path.read_text(encoding="utf-8"))))
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            progress.trouble = f"the notebook cannot be read ({type(error).__name__})"
        if progress.questions or progress.trouble:
            found.append(progress)
    return found


def title_of(lesson: str) -> str:
    """Return a lesson's number and title; of a folder that is no lesson of the course, its name as words.

    Examples
    --------
    >>> title_of("05_no_grad_validation"), title_of("20_my_own")
    ('05 Validation that only measures', '20 my own')
    """
    return f"{lesson[:2]} {TITLES[lesson]}" if lesson in TITLES else lesson.replace("_", " ")


def _row(one: Progress, several: bool) -> tuple[str, str, str]:
    """Return the three columns: which notebook, points, and what is left."""
    name = title_of(one.lesson) + (f" ({one.track})" if several else "")
    if one.trouble:
        return name, "", one.trouble
    if not one.begun:
        return name, f"0 of {one.points:g}", "not begun"
    return name, f"{one.score:g} of {one.points:g}", "; ".join(one.left) or "all done"


def _summary(shown: Sequence[Progress]) -> str:
    texts = [question for one in shown for question in one.questions if question.text]
    written = sum(question.state == "written" for question in texts)
    score, points = sum(one.score for one in shown), sum(one.points for one in shown)
    return (
        f"{score:g} of {points:g} points by checks; {written} of {len(texts)} texts written, which a person grades. "
        "Cases that a learner does not see can still take points off."
    )


def _shown(found: Sequence[Progress]) -> list[Progress]:
    """Return the notebooks of the tracks that were begun; of one track if none was."""
    begun = {one.track for one in found if one.begun} or {one.track for one in found[:1]}
    return [one for one in found if one.track in begun]


def as_text(found: Sequence[Progress]) -> str:
    """Return the table as text.

    Examples
    --------
    >>> question = Question("mse", 2.0, False, 2.0, "right")
    >>> print(as_text([Progress("01_loss_basics", "keras", [question])]).splitlines()[1])
    01 Loss basics  2 of 2  all done
    """
    shown = _shown(found)
    if not shown:
        return "no notebook with graded questions"
    several = len({one.track for one in shown}) > 1
    rows = [("lesson", "points", "left to do"), *(_row(one, several) for one in shown)]
    widths = [max(len(row[i]) for row in rows) for i in (0, 1)]
    lines = [f"{name:<{widths[0]}}  {points:<{widths[1]}}  {left}".rstrip() for name, points, left in rows]
    return "\n".join([*lines, "", _summary(shown)])


def as_html(found: Sequence[Progress]) -> str:
    """Return the table as HTML, for a notebook."""
    shown = _shown(found)
    if not shown:
        return "<p>no notebook with graded questions</p>"
    several = len({one.track for one in shown}) > 1
    rows = [
        f'<tr><th scope="row" style="text-align:left">{html.escape(name)}</th><td style="text-align:left">'
        f'{html.escape(points)}</td><td style="text-align:left">{html.escape(left)}</td></tr>'
        for name, points, left in (_row(one, several) for one in shown)
    ]
    head = "".join(
        f'<th scope="col" style="text-align:left">{title}</th>' for title in ("Lesson", "Points", "Left to do")
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return f"{table}<p>{html.escape(_summary(shown))}</p>"


def lessons_folder(start: Path) -> Path | None:
    """Return the folder of lessons that a folder lies in, or that lies in it or above it; None if there is none."""
    places = [start.parent, *(place / "lessons" for place in (start, *start.parents))]
    return next((place for place in places if any(place.glob("[0-9][0-9]_*/*.ipynb"))), None)


class ProgressTable:
    """How far you are, as a table that a notebook shows.

    Parameters
    ----------
    track : {"pytorch", "keras"}, optional
        By default those that were begun.
    folder : Path, optional
        The folder of lessons; by default that of the notebook.
    """

    def __init__(self, track: str | None = None, folder: Path | None = None):
        place = folder or lessons_folder(Path.cwd())
        self.found = read_progress(place, [track] if track else TRACKS) if place else []

    def __repr__(self) -> str:
        return as_text(self.found)

    def _repr_html_(self) -> str:
        return as_html(self.found)
