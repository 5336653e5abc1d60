"""Which cells of a lesson depend on an answer: what is loaded, what is made, and what follows from it."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import ROOT, TRACKS, lesson_names

from course_lib.instructor.grading.slicing import makes_and_uses
from course_lib.instructor.site.answers import depending_on_answers
from course_lib.instructor.text.lesson_cells import Cell
from course_lib.instructor.text.lesson_text import read_lesson

pytestmark = pytest.mark.slow


def code(number: int, source: str, **metadata: str) -> Cell:
    return Cell(number, "code", source, dict(metadata))


@pytest.mark.parametrize(
    "uses",
    [
        "print(answer(1))",
        "def f(x):\n    return answer(x)",
        "rows = [answer(x) for x in data]",
        "if ready:\n    y = 1\nprint(answer)",
        "total += answer",
        "%matplotlib inline\nx = answer",
        "class Kept(answer):\n    pass",
        "later = lambda: answer()",
        'f"{answer:.2f}"',
    ],
)
def test_a_cell_that_uses_an_answer_is_found(uses: str) -> None:
    cells = [code(1, "def answer(x):\n    return x", exercise="answer"), code(2, uses)]
    assert depending_on_answers(cells) == {1, 2}


@pytest.mark.parametrize(
    "apart", ["def f(answer):\n    return answer", "rows = [answer for answer in range(3)]", "print(x)", ""]
)
def test_a_cell_with_a_name_of_its_own_is_free(apart: str) -> None:
    cells = [code(1, "def answer(x):\n    return x", exercise="answer"), code(2, apart)]
    assert depending_on_answers(cells) == {1}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("runs.append(answer(1))", {1, 3, 4}),
        ("runs[0] = answer(1)", {1, 3, 4}),
        ("runs.best = answer(1)", {1, 3, 4}),
        ("runs[0].best += answer(1)", {1, 3, 4}),
        ("for x in (1, 2):\n    runs.append(answer(x))", {1, 3, 4}),
        ("print(len(runs), answer(1))", {1, 3}),
        ("plt.title(answer(1))", {1, 3}),
    ],
)
def test_what_a_cell_with_an_answer_changes_in_place_is_an_answer_too(change: str, found: set[int]) -> None:
    cells = [
        code(1, "def answer(x):\n    return x", exercise="answer"),
        code(2, "import matplotlib.pyplot as plt\nruns = []"),
        code(3, change),
        code(4, "plt.plot(runs)"),
        code(5, "plt.show()"),
    ]
    assert depending_on_answers(cells) == found


def test_what_follows_from_an_answer_is_found_and_what_is_made_again_is_free() -> None:
    cells = [
        code(1, "x = 1"),
        code(2, "def answer(x):\n    return x", exercise="answer"),
        code(3, 'check("answer", answer)', check="answer"),
        code(4, "y = answer(x)"),
        code(5, "def later():\n    return y"),
        code(6, "print(later())"),
        code(7, "print(x)"),
        code(8, "y = 2"),
        code(9, "print(y)"),
    ]
    assert depending_on_answers(cells) == {2, 3, 4, 5, 6}


@pytest.mark.parametrize("name", lesson_names())
def test_every_call_of_an_exercise_is_found(name: str) -> None:
    lesson = read_lesson(Path(ROOT, "solutions", f"{name}.md"))
    for track in TRACKS:
        cells = lesson.track(track)
        found = depending_on_answers(cells)
        made = {n for cell in cells if cell.kind == "exercise" for n in makes_and_uses(cell.source)[0]}
        after = False
        for cell in cells:
            after = after or cell.kind == "exercise"
            if after and cell.cell_type == "code" and not cell.kind and makes_and_uses(cell.source)[1] & made:
                assert cell.number in found, cell.place
        assert {cell.number for cell in cells if cell.kind in ("exercise", "check")} <= found
