"""The stock nbgrader commands on real notebooks, solved and half solved."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from grading_corpus.course import make_course, solved
from support import ROOT

from course_lib.commands.cli import main
from course_lib.instructor.text.lesson_text import read_lesson

LESSON = "03_tracking_loops"
SOLVED = {"epoch_loss", "order_the_loop"}  # what the half-solved notebook has: 2 + 1 of 8 points by checks

pytestmark = pytest.mark.slow


def nbgrader(course: Path, *args: str, ok: bool = True) -> str:
    result = subprocess.run(
        [sys.executable, "-m", "nbgrader", *args], cwd=course, capture_output=True, text=True, check=False
    )
    if ok:
        assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


def hand_in(course: Path, student: str, track: str, solved: set[str] | None) -> None:
    """Take the released notebook, write the answers of `solved` into it (None: all), hand it in."""
    notebook = nbformat.read(course / "lessons" / LESSON / f"{track}.ipynb", as_version=4)
    answers = read_lesson(ROOT / "solutions" / f"{LESSON}.md").solutions(track)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in answers and (solved is None or name in solved):
            cell.source = answers[name]
        elif cell.source == "YOUR ANSWER HERE" and solved is None:
            cell.source = "The training loss was measured along the way, the validation loss at the end."
    folder = course / "grading" / "submitted" / student / LESSON
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / f"{track}.ipynb")


@pytest.mark.parametrize(("track", "scores"), [("pytorch", {"solved": 8.0, "half": 3.0}), ("keras", {"half": 3.0})])
def test_from_release_to_feedback(course_copy: Path, track: str, scores: dict[str, float]) -> None:
    course = course_copy
    nbgrader(course, "generate_assignment", LESSON, "--force", "--notebook", track)
    released = course / "grading" / "release" / LESSON / f"{track}.ipynb"
    ours = ROOT / "lessons" / LESSON / f"{track}.ipynb"
    assert nbformat.read(released, as_version=4) == nbformat.read(ours, as_version=4)

    for student, which in (("solved", None), ("half", SOLVED)):
        if student in scores:
            hand_in(course, student, track, solved=which)
    nbgrader(course, "autograde", LESSON)
    nbgrader(course, "generate_feedback", LESSON)
    nbgrader(course, "export", "--to", "grades.csv")

    with open(course / "grades.csv", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert {s: float(r["raw_score"]) for s, r in rows.items()} == scores
    assert {float(row["max_score"]) for row in rows.values()} == {10.0}  # with the 2 points a person gives

    pages = {s: course / "grading" / "feedback" / s / LESSON / f"{track}.html" for s in rows}
    half = pages["half"].read_text()
    assert "All " in half
    assert "not done yet" in half


def test_validate_tells_a_solved_notebook_from_a_released_one(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    notebook = course / "grading" / "release" / LESSON / "pytorch.ipynb"
    assert "Success" not in nbgrader(course, "validate", str(notebook), ok=False)
    nbformat.write(solved(course), notebook)
    assert "Success! Your notebook passes all the tests." in nbgrader(course, "validate", str(notebook))


def test_a_release_has_the_tracks_that_were_asked_for_last(
    course_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from nbgrader.api import Gradebook

    monkeypatch.chdir(course_copy)
    database = f"sqlite:///{course_copy}/grading/gradebook.db"
    for track, expected in (("both", 20.0), ("pytorch", 10.0), ("keras", 10.0), ("both", 20.0)):
        assert main(["release", "03", "--track", track]) == 0
        released = sorted(p.stem for p in (course_copy / "grading" / "release" / LESSON).glob("*.ipynb"))
        assert released == (["keras", "pytorch"] if track == "both" else [track])
        with Gradebook(database) as gradebook:
            assert gradebook.find_assignment(LESSON).max_score == expected
    # lessons/ keeps both.
    assert len(list((course_copy / "lessons" / LESSON).glob("*.ipynb"))) == 2

    # What somebody handed in is not taken away, be it graded or not.
    waiting = course_copy / "grading" / "submitted" / "ben" / LESSON
    waiting.mkdir(parents=True)
    assert main(["release", "03", "--track", "pytorch"]) == 1
    assert "it was released with keras, and has submissions" in capsys.readouterr().err
    shutil.rmtree(waiting)
    with Gradebook(database) as gradebook:
        gradebook.add_student("ada")
        gradebook.add_submission(LESSON, "ada")
    assert main(["release", "03", "--track", "pytorch"]) == 1
    assert "it was released with keras, and has submissions" in capsys.readouterr().err
    assert len(list((course_copy / "grading" / "release" / LESSON).glob("*.ipynb"))) == 2


def test_a_course_may_have_fewer_lessons_and_an_edited_notebook_is_refused(
    course_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for other in [p for top in ("solutions", "lessons") for p in (course_copy / top).glob("[0-9]*")]:
        if not other.name.startswith(LESSON):
            shutil.rmtree(other) if other.is_dir() else other.unlink()
    monkeypatch.chdir(course_copy)
    assert main(["release", "03", "--track", "keras"]) == 0
    built = course_copy / "lessons" / LESSON / "keras.ipynb"
    for content in (built.read_text("utf-8").replace("import numpy", "import  numpy", 1), "{}", "no notebook"):
        built.write_text(content, "utf-8")
        assert main(["release", "03", "--track", "keras"]) == 1
        assert "keras.ipynb differs from its text; run `course build` first" in capsys.readouterr().err
