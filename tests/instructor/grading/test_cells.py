"""A cell that is hard to read, to run or to stop costs nothing but itself, whatever stands in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from grading_corpus.cells import CELLS
from grading_corpus.course import LESSON, make_course
from grading_corpus.outcome import LIMITS, holds

from course_lib.instructor.grading.run_report import RunReport
from course_lib.instructor.grading.sandbox import bubblewrap_problem
from course_lib.instructor.grading.session import Options, grade_assignment
from course_lib.instructor.text.release import load_config

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bubblewrap_problem() is not None, reason=str(bubblewrap_problem())),
]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunReport]:
    course = make_course(tmp_path_factory.mktemp("cells") / "course")
    for name, (make, _) in CELLS.items():
        make(course, name)
    return course, grade_assignment(course, load_config(course), Options(LESSON, workers=2, limits=LIMITS))


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_costs_only_itself(graded: tuple[Path, RunReport], name: str) -> None:
    holds(*graded, name, CELLS[name][1])
