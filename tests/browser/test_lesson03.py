"""A learner's way through lesson 03 in a real JupyterLab, from the first cell to points."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from support import ROOT, TRACKS

from course_lib.instructor.text.lesson_text import read_lesson

LESSON = "03_tracking_loops"
WRONG = """# Exercise epoch_loss (2 points)
def epoch_loss(batch_losses, batch_sizes):
    return sum(batch_losses) / len(batch_losses)
"""


def points(course: Path, handed_in: Path, track: str) -> dict[str, float]:
    """Grade one saved notebook with the stock command; give the points of each cell."""
    from nbgrader.api import Gradebook

    commands = (["generate_assignment", LESSON, "--force", "--notebook", track], ["autograde", LESSON])
    folder = course / "grading" / "submitted" / "learner" / LESSON
    folder.mkdir(parents=True)
    (folder / f"{track}.ipynb").write_bytes(handed_in.read_bytes())
    for command in commands:
        done = subprocess.run([sys.executable, "-m", "nbgrader", *command], cwd=course, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    with Gradebook(f"sqlite:///{course}/grading/gradebook.db") as gradebook:
        return {g.name: g.score for g in gradebook.find_submission_notebook(track, LESSON, "learner").grades}


@pytest.mark.parametrize("track", TRACKS)
def test_run_all_fail_pass_save_grade(open_notebook: Any, course_copy: Path, artefacts: Path, track: str) -> None:
    notebook = open_notebook(f"lessons/{LESSON}/{track}.ipynb")
    page = notebook.page
    notebook.run_all()

    figure = page.locator("img[alt*='Training loss falls']").first
    figure.scroll_into_view_if_needed()
    assert figure.bounding_box()["height"] > 150
    page.screenshot(path=artefacts / f"lesson03_{track}_figure.png")

    # Where an exercise is needed a calm note says which one, and Run All went on to the last cell.
    note = page.locator(".jp-OutputArea-output [role=note]", has_text="needs exercise").first
    assert "This cell needs exercise fit_and_track, which is not done yet" in note.inner_text()
    assert (
        page.locator("[data-mime-type='application/vnd.jupyter.stderr'], .jp-RenderedText pre .ansi-red-fg").count()
        == 0
    )
    prompts = page.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()
    assert all(any(c.isdigit() for c in prompt) for prompt in prompts), prompts

    # A prediction reveals nothing before an answer; then its result appears by itself.
    waiting = page.locator(".jp-OutputArea", has_text="Commit to an answer above").first
    waiting.scroll_into_view_if_needed()
    assert page.locator("pre", has_text="mean over all samples:").count() == 0
    page.get_by_label("exactly 4.0").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")  # by keyboard alone: the notebook must not take the arrow
    assert page.get_by_label("more than 4.0").is_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("pre", has_text="mean over all samples:").first.wait_for()
    focused = page.evaluate("() => document.activeElement.closest('.course-prediction')?.textContent ?? ''")
    assert "(your prediction)" in focused
    page.screenshot(path=artefacts / f"lesson03_{track}_prediction.png")

    exercise = notebook.cell("def epoch_loss(")
    check = notebook.cell('check("epoch_loss"')
    notebook.write(exercise, WRONG)
    notebook.run(exercise)
    verdict = notebook.run(check)
    verdict.scroll_into_view_if_needed()
    page.screenshot(path=artefacts / f"lesson03_{track}_wrong.png")
    assert "mean of the batch means" in verdict.inner_text().lower() or "mean of means" in verdict.inner_text().lower()
    assert verdict.inner_text().count("of 2 points") == 1
    assert verdict.locator(".jp-OutputArea-executeResult").count() == 0  # no number says the points once more

    answer = read_lesson(ROOT / "solutions" / f"{LESSON}.md").solutions(track)["epoch_loss"]
    notebook.write(exercise, answer)
    notebook.run(exercise)
    verdict = notebook.run(check)
    verdict.scroll_into_view_if_needed()
    page.screenshot(path=artefacts / f"lesson03_{track}_right.png")
    assert "2 of 2 points" in verdict.inner_text()

    notebook.save()
    graded = points(course_copy, notebook.path, track)
    assert graded["check_epoch_loss"] == 2.0
    assert sum(graded.values()) == 2.0


def test_a_lesson_text_opens_as_a_notebook(lab: Any) -> None:
    """An author opens the MyST text itself: Jupyter's contents API gives it as a notebook."""
    (lab.folder / f"{LESSON}.md").write_bytes((ROOT / "solutions" / f"{LESSON}.md").read_bytes())
    address = f"{lab.url}/api/contents/{LESSON}.md?type=notebook&token={lab.token}"
    with urllib.request.urlopen(address) as answer:
        model = json.load(answer)
    assert model["type"] == "notebook"
    assert any("def epoch_loss(" in cell["source"] for cell in model["content"]["cells"])
