"""Which cells grading leaves out: none that a cell which runs needs, and no more than that."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from support import ROOT, TRACKS, lesson_names

from course_lib.instructor.grading.reference import Reference, ReferenceCell
from course_lib.instructor.grading.slicing import cells_to_run, makes_and_uses
from course_lib.instructor.text.lesson_text import read_lesson

pytestmark = pytest.mark.slow


def cell(name: str, source: str, **metadata: Any) -> Any:
    return nbformat.from_dict({"cell_type": "code", "id": name, "source": source, "metadata": metadata})


def reference(*cells: ReferenceCell) -> Reference:
    return Reference("01_some", "pytorch", "01_some", "pytorch", {}, cells)


def ran(*sources: str, released: int, check: str = "score") -> set[int]:
    """Which of these cells run: the first ones are as released, then come a learner's, then the check of a name."""
    cells = [cell(f"c{k}", source) for k, source in enumerate(sources)]
    known = [ReferenceCell(f"c{k}", "code", source) for k, source in enumerate(sources[:released])]
    known.append(ReferenceCell("check", "code", "check", "check", "check_it", 1.0, exercise="it", answer=check))
    return cells_to_run([*cells, cell("check", "check", nbgrader={"grade_id": "check_it"})], reference(*known))


def test_a_demonstration_that_shares_only_pythons_own_names_is_left_out() -> None:
    assert ran("print(len([1, 2]))", "score = len('ab')\nprint(score)", released=1) == {1, 2}


def test_what_is_needed_runs_and_what_changes_it_too() -> None:
    sources = ("rows = []", "rows.append(1)", "other = []", "score = len(rows)")
    assert ran(*sources, released=3) == {0, 1, 3, 4}


def test_a_name_of_pythons_own_that_is_made_anew_is_like_any_other() -> None:
    assert ran("len = lambda rows: 7", "score = len('ab')", released=1) == {0, 1, 2}


@pytest.mark.parametrize("takes", ["del rows", "rows += [2]", "rows[0] = 2", "del rows[0]"])
def test_what_a_cell_deletes_or_changes_has_to_be_there(takes: str) -> None:
    assert ran("rows = [1]", f"{takes}\nscore = 1", released=1) == {0, 1, 2}


def nearest_maker(cells: list[Any], place: int, name: str) -> int | None:
    return next((k for k in reversed(range(place)) if name in makes_and_uses(cells[k].source)[0]), None)


@pytest.mark.parametrize("track", TRACKS)
@pytest.mark.parametrize("lesson", lesson_names()[1:])
def test_nothing_that_a_solved_notebook_needs_is_left_out(lesson: str, track: str) -> None:
    cells = [c for c in nbformat.read(ROOT / "lessons" / lesson / f"{track}.ipynb", 4).cells if c.cell_type == "code"]
    answers = read_lesson(ROOT / "solutions" / f"{lesson}.md").solutions(track)
    known = []
    for one in cells:
        about = one.metadata.get("nbgrader", SimpleNamespace(grade=False, solution=False, grade_id=""))
        role: Any = "check" if about.grade else "solution" if about.solution else "free"
        known.append(ReferenceCell(one.id, "code", one.source, role, about.grade_id, graded_source=one.source))
        one.source = answers.get(about.grade_id, one.source)
    run = cells_to_run(cells, reference(*known))
    assert {k for k, one in enumerate(known) if one.role != "free"} <= run
    for place in run:
        for name in makes_and_uses(cells[place].source)[1]:
            assert nearest_maker(cells, place, name) in run | {None}, (cells[place].source[:60], name)
