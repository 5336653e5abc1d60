"""Answers that are more alike than answers to the same question have to be: a hint for a person, never a verdict.

Answers are compared as runs of tokens, so that other names, comments, spaces and texts make no difference. What the
notebook gave, what the reference answer has, and what many in the class wrote says nothing, and is left out. Few
questions are long enough to leave anything: short answers are alike because the question is.

Pygments makes the tokens. copydetect would do that, too, and the comparing; it had no release since March 2024 and
finds runs that stand twice in one answer in everybody's (it looks for what is common in lists that it takes for sets).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

from course_lib.instructor.grading.plain_files import read_plain
from course_lib.instructor.grading.scores import Score
from course_lib.instructor.places import handed_out
from course_lib.instructor.text.lesson_text import read_lesson
from course_lib.trouble import CourseError

__all__ = ["Pair", "answers_in", "runs", "similar_answers", "similar_pairs"]

#: So many tokens one after the other are a run.
_TOKENS = 6
#: So many runs beyond the usual two answers have in common, and so large a share of the shorter one.
_LEAST_RUNS, _LEAST_SHARE = 15, 0.6
#: What more than a quarter of the class has is usual; in a small class more than four, in a large one more than twenty.
_USUAL_SHARE, _USUAL = 0.25, (4, 20)
_MOST_CODE, _MOST_BYTES = 20_000, 20 << 20

Runs = frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class Pair:
    """Two answers to one question.

    Parameters
    ----------
    assignment, notebook, question : str
    students : tuple of str
        Two of them, in order.
    share : float
        The share of the shorter answer's unusual runs that the other one has, too; 1 is all of them.
    shared : int
        How many runs that are.
    codes : tuple of str
        The two answers.
    """

    assignment: str
    notebook: str
    question: str
    students: tuple[str, str]
    share: float
    shared: int
    codes: tuple[str, str] = ("", "")


@cache
def _lexer() -> Any:
    from pygments.lexers.python import PythonLexer

    return PythonLexer()


def runs(code: str) -> Runs:
    r"""Return the runs of tokens in an answer, whatever its names, comments, texts and spaces are.

    Examples
    --------
    >>> one = "total = 0.0  # so far\nfor loss, rows in batches:\n    total += loss * rows\nreturn total"
    >>> other = "s = 0.0\nfor l, n in parts:\n        s += l * n\nreturn s"
    >>> runs(one) == runs(other), len(runs(one)) > 10
    (True, True)
    """
    from pygments.token import Comment, Literal, Name, Text

    tokens: list[str] = []
    for kind, text in _lexer().get_tokens(code[:_MOST_CODE]):
        if kind in Text or kind in Comment or not text.strip():
            continue
        if kind in Literal.String:
            if tokens[-1:] != ["<text>"]:  # its quotes are tokens of their own
                tokens.append("<text>")
        elif kind in Name and kind not in Name.Builtin and tokens[-1:] != ["."]:
            tokens.append("<name>")
        else:
            tokens.append(text)
    return frozenset(tuple(tokens[i : i + _TOKENS]) for i in range(len(tokens) - _TOKENS + 1))


def similar_pairs(answers: Mapping[str, str], given: Iterable[str] = ()) -> list[tuple[tuple[str, str], int, float]]:
    """Return which answers to one question are alike: two students, how many runs they share, and which share that is.

    Parameters
    ----------
    answers : mapping of str
        Code by student.
    given : iterable of str, optional
        What everybody had: the released cell, the reference answer.
    """
    usual: set[tuple[str, ...]] = set().union(*map(runs, given))
    own = {student: runs(code) - usual for student, code in answers.items()}
    who: dict[tuple[str, ...], list[str]] = {}
    for student in sorted(own):
        for run in own[student]:
            who.setdefault(run, []).append(student)
    most = min(max(_USUAL[0], int(len(own) * _USUAL_SHARE)), _USUAL[1])
    length: Counter[str] = Counter()
    shared: Counter[tuple[str, str]] = Counter()
    for students in who.values():
        if len(students) <= most:
            length.update(students)
            shared.update(combinations(students, 2))
    found = [
        (pair, count, count / min(length[pair[0]], length[pair[1]]))
        for pair, count in shared.items()
        if count >= _LEAST_RUNS
    ]
    return sorted((one for one in found if one[2] >= _LEAST_SHARE), key=lambda one: (-one[1], one[0]))


def _cells(path: Path) -> dict[str, str]:
    """Return a notebook's code cells that learners write, by name; none where it cannot be read."""
    try:
        cells = json.loads(read_plain(path, _MOST_BYTES)).get("cells", [])
        found = {}
        for cell in cells:
            about = cell.get("metadata", {}).get("nbgrader", {})
            if cell.get("cell_type") == "code" and about.get("solution"):
                found[str(about.get("grade_id"))] = "".join(cell.get("source", ""))
        return found
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def answers_in(root: Path, config: Any, score: Score) -> dict[tuple[str, str], str]:
    """Return a student's answers, by notebook and question, as they were graded."""
    folder = root / config.CourseDirectory.autograded_directory / score.student / score.assignment
    notebooks = sorted({cell.notebook for cell in score.cells})
    return {
        (notebook, name): code for notebook in notebooks for name, code in _cells(folder / f"{notebook}.ipynb").items()
    }


def _given(root: Path, assignment: str, notebook: str) -> dict[str, list[str]]:
    """Return by question what everybody had, or may have from the reference answer."""
    found: dict[str, list[str]] = {}
    for folder in handed_out(root, assignment):
        for name, code in _cells(folder / f"{notebook}.ipynb").items():
            found.setdefault(name, []).append(code)
    try:
        for name, code in read_lesson(root / "solutions" / f"{assignment}.md").solutions(notebook).items():
            found.setdefault(name, []).append(code)
    except (CourseError, OSError, ValueError, KeyError):
        pass  # an assignment that is no lesson has no text; what was handed out is known all the same
    return found


def similar_answers(
    root: Path, config: Any, scores: list[Score], note: Callable[[], object] = lambda: None
) -> list[Pair]:
    """Return which answers of an assignment a person may want to look at, the most alike first.

    Parameters
    ----------
    root : Path
    config : traitlets.config.Config
    scores : list of Score
        Of one assignment. Members of a group are one.
    note : callable, optional
        Called after each student, for a progress bar.
    """
    answers: dict[tuple[str, str], dict[str, str]] = {}
    for score in scores:
        if score.counts and not score.shared_from:
            for question, code in answers_in(root, config, score).items():
                answers.setdefault(question, {})[score.student] = code
        note()
    assignment = scores[0].assignment if scores else ""
    given = {notebook: _given(root, assignment, notebook) for notebook, _ in answers}
    found = [
        Pair(assignment, notebook, question, pair, share, count, (codes[pair[0]], codes[pair[1]]))
        for (notebook, question), codes in answers.items()
        for pair, count, share in similar_pairs(codes, given[notebook].get(question, ()))
    ]
    return sorted(found, key=lambda pair: (-pair.shared, pair.students, pair.question))
