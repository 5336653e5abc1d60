"""Each student has a variant, and is graded by it: by whose folder it is, never by what the notebook says."""

from __future__ import annotations

import copy
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.commands.cli import main
from course_lib.instructor.grading.gradebook import open_gradebook
from course_lib.instructor.grading.judge import judge
from course_lib.instructor.hidden import is_personal, of_student, run_graded
from course_lib.instructor.hidden.l12_capstone.truth import final_numbers, planted
from course_lib.instructor.text.lesson_text import read_lesson
from course_lib.instructor.text.release import load_config
from course_lib.lessons.l12_capstone.report_numbers import FOLLOWS, MEASURED
from course_lib.lessons.l12_capstone.variants import DATA, SEEDS, SHEETS, SPLITS, Variant, variant
from course_lib.notebook.student import STUDENT_FILE, student_id

LESSON = "12_capstone"
#: Written down: it must be the same on every machine and under every version.
ADA = Variant("ada", "breast cancer", 9, (2, 4, 5, 1, 3, 0), 1, (3, 0, 8, 9, 5))
ids = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)


def faults(student: str) -> dict[str, tuple[str, float | None]]:
    return planted(variant(student))


def numbers(student: str) -> dict[str, float]:
    return {key: final_numbers(variant(student))[key] for key in (*MEASURED, *FOLLOWS)}


def test_an_id_means_the_same_variant_everywhere() -> None:
    assert variant("ada") == ADA
    assert replace(variant(" ADA "), student="ada") == ADA
    assert (variant("").data, variant("").sheet, variant("").student) == ("digits", 0, "")


@given(ids)
def test_a_variant_is_whole_and_never_the_practice_one(student: str) -> None:
    mine = variant(student)
    assert mine.data in DATA
    assert 1 <= mine.sheet < SHEETS
    assert sorted(mine.order) == list(range(6))
    assert 0 <= mine.split < SPLITS
    assert len(set(mine.seeds)) == 5
    assert set(mine.seeds) <= set(range(SEEDS))


def test_a_class_spreads_over_the_variants() -> None:
    made = [variant(f"student{k}") for k in range(300)]
    assert min(Counter(one.data for one in made).values()) > 100
    assert len({(one.data, one.sheet, one.order) for one in made}) > 290
    assert len({(one.data, one.split, one.seeds) for one in made}) > 280


@pytest.mark.slow
@settings(max_examples=25)
@given(ids, ids)
def test_two_students_same_answers_each_gets_what_they_deserve(one: str, other: str) -> None:
    typed: tuple[tuple[str, Any, Any], ...] = (
        ("my_faults", faults(one), faults(other)),
        ("report_numbers", numbers(one), numbers(other)),
    )
    for exercise, mine, theirs in typed:
        assert run_graded(LESSON, "pytorch", exercise, mine, student=one).passed
        result = run_graded(LESSON, "pytorch", exercise, mine, student=other)
        if mine == theirs:
            assert result.passed
        else:
            assert not result.passed
        if exercise == "my_faults" and variant(one).sheet != variant(other).sheet:
            assert result.diagnosis == "another_variant"
            assert result.score == 0


def test_two_letters_mixed_up_are_not_another_variant() -> None:
    mine = faults("ada")
    mixed = {**mine, "A": mine["B"], "B": mine["A"]}
    result = run_graded(LESSON, "pytorch", "my_faults", mixed, student="ada")
    assert result.diagnosis != "another_variant"
    assert result.score == 2
    turned = dict(zip(mine, [*list(mine.values())[1:], mine["A"]], strict=True))  # as of somebody with the same runs
    assert run_graded(LESSON, "pytorch", "my_faults", turned, student="ada").diagnosis == "another_variant"


@pytest.mark.parametrize(
    ("exercise", "changes", "said"),
    [
        ("my_faults", {"A": ("dropout in validation", 0.02)}, "run A is not 'dropout in validation'"),
        ("my_faults", {"A": (..., None)}, "run A has no fault yet"),
        ("report_numbers", {"test_loss": 0.9}, "'test_loss' is not what your run gives"),
        ("report_numbers", {"errors_apart": 30.0}, "'errors_apart' does not follow from the other numbers"),
    ],
)
def test_a_wrong_value_is_never_called_a_missing_return(exercise: str, changes: dict[str, Any], said: str) -> None:
    right: Any = faults("ada") if exercise == "my_faults" else numbers("ada")
    result = run_graded(LESSON, "pytorch", exercise, right | changes, student="ada")
    assert result.diagnosis is None
    assert any(said.lower() in case.message.lower() for case in result.cases if not case.passed)


def test_the_judge_goes_by_the_student_it_is_told_of() -> None:
    seen = run_graded(LESSON, "pytorch", "my_faults", faults("ada"), student="ada").to_json()
    about = ([seen], LESSON, "pytorch", "my_faults", "")
    assert judge(*about, "ada").score == 3
    assert judge(*about, "ben").score == 0
    assert judge(*about, "").score == 0
    assert is_personal(LESSON, "pytorch")
    assert is_personal(LESSON, "pytorch", "my_faults")
    assert not is_personal(LESSON, "pytorch", "curve_features")
    assert not is_personal("03_tracking_loops", "pytorch")
    assert of_student(LESSON, "pytorch", "final_run", "ada") == of_student(LESSON, "pytorch", "final_run", "ben")


def test_whose_notebook_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "autograded" / "eve" / LESSON
    place.mkdir(parents=True)
    monkeypatch.chdir(place)
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    assert student_id("") == ""
    monkeypatch.setenv("JUPYTERHUB_USER", "cleo")
    assert student_id("") == "cleo"
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")  # on a hub, the user is now the instructor
    assert student_id("") == "eve"
    (place / STUDENT_FILE).write_text("ben")
    assert student_id("") == "ben"
    assert student_id(" ada ") == "ada"


def _write(course: Path, student: str, changes: dict[str, str], typed: str = "") -> None:
    notebook = nbformat.read(course / "lessons" / LESSON / "pytorch.ipynb", as_version=4)
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = changes.get(name, cell.source)
        if cell.source.startswith("from course_lib.lessons.l12_capstone.broken") and typed:
            assert 'student = ""' in cell.source
            cell.source = cell.source.replace('student = ""', f"student = {typed!r}")
    folder = course / "grading" / "submitted" / student / LESSON
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / "pytorch.ipynb")


@pytest.mark.slow
def test_the_same_notebook_from_two_students(course_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = course_copy
    monkeypatch.chdir(course)
    assert main(["release", LESSON, "--track", "pytorch"]) == 0
    computed = read_lesson(course / "solutions" / f"{LESSON}.md").solutions("pytorch")
    of_ada = computed | {
        "my_faults": f"my_faults = {faults('ada')!r}",
        "report_numbers": f"report_numbers = {numbers('ada')!r}",
    }
    _write(course, "ada", of_ada)
    _write(course, "ben", of_ada)  # handed on
    _write(course, "cleo", computed)  # worked out for whoever runs it
    _write(course, "dan", computed, typed="ada")  # says that it is ada's
    assert main(["grade", LESSON, "--workers", "2"]) == 0
    with open_gradebook(load_config(course)) as gradebook:
        scores = {
            (s.student.id, g.name): g.auto_score
            for s in gradebook.assignment_submissions(LESSON)
            for n in s.notebooks
            for g in n.grades
            if g.auto_score is not None
        }
    for student, fits in (("ada", True), ("ben", False), ("cleo", True), ("dan", False)):
        found = {name: scores[student, name] for name in ("check_my_faults", "check_report_numbers")}
        assert found == ({"check_my_faults": 3, "check_report_numbers": 1} if fits else dict.fromkeys(found, 0)), (
            student
        )
        assert scores[student, "check_curve_features"] == 2
        assert scores[student, "check_final_run"] == 2
    for student in ("ben", "dan"):
        kept = json.loads((course / "grading" / "results" / LESSON / student / "pytorch.json").read_text())
        said = [
            case["message"]
            for q in kept["questions"]
            if q["result"]
            for case in q["result"]["cases"]
            if not case["passed"]
        ]
        assert sum(f"yours is the variant of {student}" in text for text in said) == 2
