"""A learner's progress: what the saved notebooks show, held against notebooks that really ran."""

from __future__ import annotations

import copy
import json
import os
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from support import ROOT

from course_lib.checks.result import MIME
from course_lib.commands.cli import main
from course_lib.instructor.text.lesson_text import read_lesson
from course_lib.notebook.certificate import certificate
from course_lib.notebook.progress import TITLES, ProgressTable, read_progress

LESSON = "02_train_val_split"


def graded(name: str, points: float, output: dict[str, Any] | None, count: int | None = 2) -> dict[str, Any]:
    outputs = [{"output_type": "display_data", "metadata": {}, "data": {MIME: output}}] if output else []
    about = {"grade": True, "solution": False, "grade_id": f"check_{name}", "points": points}
    return {
        "cell_type": "code",
        "metadata": {"nbgrader": about},
        "source": "check()",
        "outputs": outputs,
        "execution_count": count,
    }


def answer(name: str, count: int | None = 1) -> dict[str, Any]:
    about = {"grade": False, "solution": True, "grade_id": name}
    cell = {"cell_type": "code", "metadata": {"nbgrader": about}, "source": "", "outputs": [], "execution_count": count}
    return copy.deepcopy(cell)


def text(name: str, source: str) -> dict[str, Any]:
    about = {"grade": True, "solution": True, "grade_id": name, "points": 2.0}
    return {"cell_type": "markdown", "metadata": {"nbgrader": about}, "source": source}


def save(folder: Path, lesson: str, track: str, cells: list[dict[str, Any]]) -> None:
    (folder / lesson).mkdir(parents=True, exist_ok=True)
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / lesson / f"{track}.ipynb").write_text(json.dumps(notebook))


@pytest.mark.parametrize(
    ("result", "ran", "state", "left"),
    [
        (None, None, "open", "mse (0 of 2, not begun)"),
        ({"score": 0, "status": "not_done"}, 1, "open", "mse (0 of 2, not begun)"),
        ({"score": 1.5, "status": "done"}, 1, "begun", "mse (1.5 of 2)"),
        ({"score": 2.0, "status": "done"}, 1, "right", ""),
        ({"score": 2.0, "status": "done"}, 3, "changed", "mse (2 of 2, run its check again)"),
        ({"score": 99, "status": "done"}, 1, "right", ""),
    ],
)
def test_a_question_is_as_its_last_check_left_it(
    tmp_path: Path, result: dict[str, Any] | None, ran: int | None, state: str, left: str
) -> None:
    save(tmp_path, "01_a", "keras", [answer("mse", ran), graded("mse", 2, result), text("why", " YOUR ANSWER HERE\n")])
    (found,) = read_progress(tmp_path)
    question, why = found.questions
    assert (question.state, question.left) == (state, left)
    assert (why.state, why.left) == ("open", "why (a text of 2 points: not written)")
    assert found.points == 2
    assert found.score <= 2


def test_lessons_have_the_titles_of_their_texts() -> None:
    texts = [read_lesson(path) for path in sorted((ROOT / "solutions").glob("[0-9][0-9]_*.md"))]
    assert {text.name: text.title for text in texts} == TITLES


def test_only_tracks_that_were_begun_are_shown(tmp_path: Path) -> None:
    for track in ("keras", "pytorch"):
        save(tmp_path, "01_a", track, [answer("mse"), graded("mse", 2, None)])
        result = {"score": 3, "status": "done"} if track == "keras" else None
        why = text("why", "Because." if track == "keras" else "YOUR ANSWER HERE")
        save(tmp_path, "02_b", track, [answer("split"), graded("split", 3, result), why])
    shown = repr(ProgressTable(folder=tmp_path))
    assert "pytorch" not in shown
    assert [line.split("  ")[-1] for line in shown.splitlines()[:3]] == ["left to do", "not begun", "all done"]
    assert "3 of 5 points by checks; 1 of 1 texts written" in shown
    assert "all done" in ProgressTable(folder=tmp_path)._repr_html_()


def test_names_in_a_notebook_are_no_markup(tmp_path: Path) -> None:
    save(tmp_path, "01_a", "keras", [answer("<script>"), graded("<script>", 2, {"score": 1, "status": "done"})])
    assert "<script>" not in ProgressTable(folder=tmp_path)._repr_html_()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"cells": 3}', '{"cells": [1]}', "[" * 100_000])
def test_a_notebook_that_cannot_be_read_is_one_line(
    tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    save(tmp_path, "01_a", "keras", [answer("mse"), graded("mse", 2, None)])
    (tmp_path / "02_b").mkdir()
    (tmp_path / "02_b" / "keras.ipynb").write_text(content)
    assert main(["progress", "--lessons", str(tmp_path)]) == 1
    told = capsys.readouterr().out
    assert "02 b    0 of 0" not in told
    assert "the notebook cannot be read" in told
    assert "01 a" in told


def test_without_lessons_it_says_where_to_call_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["progress", "--lessons", str(tmp_path)]) == 1
    assert "call this in the course's folder" in capsys.readouterr().err


@pytest.mark.slow
def test_a_notebook_that_ran_shows_the_points_that_its_checks_gave(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One exercise solved, one with an answer that is wrong, the rest as released; then the file alone is read."""
    folder = tmp_path / "lessons" / LESSON
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "lessons" / LESSON / "pytorch.ipynb", folder)
    notebook = nbformat.read(folder / "pytorch.ipynb", as_version=4)
    answers = read_lesson(ROOT / "solutions" / f"{LESSON}.md").solutions("pytorch")
    wanted = {"three_way_split", "check_three_way_split", "standardise", "check_standardise"}
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if name == "three_way_split":
            cell.source = answers[name]
        elif name == "standardise":
            cell.source = "def standardise(*arguments):\n    return arguments"
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    kept = [c for c in notebook.cells if c is first or c.metadata.get("nbgrader", {}).get("grade_id", "") in wanted]
    run = copy.copy(notebook)
    run.cells = kept
    NotebookClient(run, kernel_name="python3", timeout=120, resources={"metadata": {"path": folder}}).execute()
    nbformat.write(notebook, folder / "pytorch.ipynb")
    (found,) = read_progress(tmp_path / "lessons")
    states = {question.name: question.state for question in found.questions}
    assert states["three_way_split"] == "right"
    assert states["standardise"] == "begun"
    assert {state for name, state in states.items() if name not in ("three_way_split", "standardise")} == {"open"}
    by_checks = {c.metadata.nbgrader.grade_id: c for c in kept if c.metadata.get("nbgrader", {}).get("grade")}
    given = sum(output.data[MIME]["score"] for c in by_checks.values() for output in c.outputs if MIME in output.data)
    assert found.score == pytest.approx(given)
    assert main(["progress", "--lessons", str(tmp_path / "lessons")]) == 0
    assert "three_way_split" not in capsys.readouterr().out


def wrong_then_right(folder: Path, path: Path) -> nbformat.NotebookNode:
    """Run the same check in two sessions: a wrong answer saved, then a right one, as Jupyter starts their kernels."""
    answers = read_lesson(ROOT / "solutions" / "01_loss_basics.md").solutions("pytorch")
    wrong = "import numpy as np\ndef mse(p, t):\n    return float(np.sum((np.ravel(p) - np.ravel(t)) ** 2))"
    setup = 'from course_lib.checks import lesson_checks\ncheck = lesson_checks("01_loss_basics", "pytorch")'
    for source in (wrong, f"import numpy as np\n{answers['mse']}"):
        cells = [nbformat.v4.new_code_cell(text) for text in (setup, source, 'check("mse", mse)')]
        for cell, about in (
            (cells[1], {"grade_id": "mse", "solution": True, "grade": False}),
            (cells[2], {"grade_id": "check_mse", "solution": False, "grade": True, "points": 2}),
        ):
            cell.metadata["nbgrader"] = about
        notebook = nbformat.v4.new_notebook(cells=cells)
        client = NotebookClient(notebook, kernel_name="python3", timeout=120, resources={"metadata": {"path": folder}})
        client.execute(env=os.environ | {"JPY_SESSION_NAME": str(path)})
        nbformat.write(notebook, path)
    return notebook


@pytest.mark.slow
def test_a_mistake_that_was_overcome_is_known_to_later_sessions(tmp_path: Path) -> None:
    folder = tmp_path / "01_loss_basics"
    folder.mkdir()
    wrong_then_right(folder, folder / "pytorch.ipynb")
    (found,) = read_progress(tmp_path)
    (question,) = found.questions
    assert question.state == "right"
    assert "not_divided" in question.met
    assert "sum" in question.met["not_divided"]
    page = certificate([found], "Ada <Lovelace>", date(2026, 1, 31))
    assert "<strong>not divided</strong>" in page
    assert "Ada &lt;Lovelace&gt;" in page
    assert "2 of 2 points by checks in 1 notebook, 1 of them with all points" in page


def test_a_mistake_that_is_still_made_is_not_overcome(tmp_path: Path) -> None:
    result = {"score": 1, "status": "done", "met": {"not_divided": "a sum"}}
    save(tmp_path, "01_a", "keras", [answer("mse"), graded("mse", 2, result)])
    assert "not divided" not in certificate(read_progress(tmp_path), "", date(2026, 1, 31))


def test_a_certificate_replaces_only_certificates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lessons = tmp_path / "lessons"
    save(lessons, "01_a", "keras", [answer("mse"), graded("mse", 2, {"score": 2, "status": "done"})])
    page, other = tmp_path / "mine.html", tmp_path / "thesis.html"
    other.write_text("<html>years of work")
    asked = ["progress", "--lessons", str(lessons), "--certificate"]
    assert main([*asked, str(other)]) == 1
    assert "it stays as it is" in capsys.readouterr().err
    assert other.read_text() == "<html>years of work"
    assert main([*asked, str(page), "--name", "Ada"]) == 0
    assert main([*asked, str(page), "--name", "Grace"]) == 0
    assert '<p class="name">Grace</p>' in page.read_text()
    assert main([*asked, str(tmp_path / "mine.pdf")]) == 1
    assert main(["progress", "--lessons", str(lessons), "--name", "Ada"]) == 1
    assert "--name goes with --certificate" in capsys.readouterr().err


def test_without_anything_begun_there_is_no_certificate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(tmp_path, "01_a", "keras", [answer("mse"), graded("mse", 2, None)])
    assert main(["progress", "--lessons", str(tmp_path), "--certificate", str(tmp_path / "mine.html")]) == 1
    assert "nothing to certify" in capsys.readouterr().err
    assert not (tmp_path / "mine.html").exists()
