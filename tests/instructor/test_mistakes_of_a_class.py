"""`course report` with several assignments: mistakes are added up by the one name that a mistake has everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from course_lib.checks.mistakes import words
from course_lib.instructor.desk.mistakes import _renamed, current_name, sum_of_mistakes
from course_lib.instructor.desk.report import _tell_mistakes
from course_lib.instructor.grading.notebook_scores import Cell
from course_lib.instructor.grading.scores import Score
from course_lib.lessons import lessons, load


def _score(assignment: str, student: str, **named: str) -> Score:
    def cell(exercise: str, diagnosis: str) -> Cell:
        cases: list[dict[str, Any]] = [
            {"name": "one", "passed": False, "diagnosis": diagnosis},
            {"name": "two", "passed": False, "diagnosis": diagnosis},
            {"name": "three", "passed": True, "diagnosis": None},
        ]
        return Cell(f"check_{exercise}", "pytorch", 2, 1, 1, None, False, result={"cases": cases})

    return Score(assignment, student, points=2, score=1, cells=[cell(*pair) for pair in named.items()])


def test_one_mistake_is_counted_once_a_student_and_where_it_was_made() -> None:
    graded = {
        "03": [_score("03", "ada", epoch_loss="mean_of_means"), _score("03", "ben", epoch_loss="mean_of_means")],
        "05": [_score("05", "ada", evaluate="mean_of_means"), _score("05", "cy", evaluate="no_eval")],
    }
    first, second = sum_of_mistakes(graded)
    assert (first.name, first.students) == ("mean_of_means", 2)
    assert first.places == [("03/epoch_loss", 2), ("05/evaluate", 1)]
    assert (second.name, second.students, second.places) == ("no_eval", 1, [("05/evaluate", 1)])


def test_names_of_earlier_results_are_read_as_those_of_today() -> None:
    old = {
        "03": [_score("03", "ada", epoch_loss="sum_by_samples")],
        "05": [_score("05", "ben", evaluate="wrong_count")],
    }
    (found,) = sum_of_mistakes(old)
    assert (found.name, found.students) == ("wrong_count", 2)
    assert current_name("not_divided", "standardise") == "spread_not_divided"
    assert current_name("not_divided", "epoch_loss") == "not_divided"


def test_what_is_renamed_is_a_name_of_today_and_the_old_one_is_none() -> None:
    today = {name.partition("/")[0] for name in words()}
    exercises = {name for lesson in lessons() for name in load(lesson, "pytorch")}
    for where, names in _renamed().items():
        assert where == "all" or where in exercises
        assert set(names.values()) <= today
        assert where != "all" or not set(names) & today


def test_a_score_that_does_not_count_adds_nothing() -> None:
    absent = Score("03", "ada", absent="nothing handed in")
    assert sum_of_mistakes({"03": [absent]}) == []


def test_the_sum_is_printed_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    scores = [_score("03", "ada", epoch_loss="mean_of_means"), _score("03", "ben", epoch_loss="<script>")]
    _tell_mistakes({"03": scores, "05": []}, tmp_path / "mistakes.html")
    told = capsys.readouterr().out
    assert "mean_of_means" in told
    assert "03/epoch_loss (1)" in told
    page = (tmp_path / "mistakes.html").read_text()
    assert "<td>mean_of_means</td><td>1</td><td>03/epoch_loss (1)</td>" in page
    assert "<script>" not in page
