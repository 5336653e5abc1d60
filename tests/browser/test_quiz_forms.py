"""A quiz in a real JupyterLab: nothing is said of an option before one is chosen, and all of it by keyboard."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

LESSON = "03_tracking_loops"


def test_feedback_waits_for_a_choice(lab: Any, open_notebook: Any, artefacts: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    # A copy: the kernel of another test's notebook would bring its forms along.
    shutil.copy(lab.folder / "lessons" / LESSON / "pytorch.ipynb", lab.folder / "quiz_forms.ipynb")
    notebook = open_notebook("quiz_forms.ipynb")
    page = notebook.page
    quizzes = page.locator(".course-quiz")
    quizzes.first.wait_for()
    assert page.locator(".course-quiz details:visible").count() > 3  # without a kernel everything can be read

    notebook.run(notebook.cell("begin_lesson("))
    quizzes.first.locator("form").wait_for()
    assert page.locator(".course-quiz form").count() == quizzes.count()
    assert page.locator(".course-quiz details:visible").count() == 0

    question = quizzes.first
    group = question.get_by_role("group")
    assert group.get_attribute("aria-labelledby") == question.locator("p").first.get_attribute("id")
    button = question.get_by_role("button", name="Check")
    assert button.is_disabled()
    found = Axe().run(page, context={"include": [[".course-quiz"]]}).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] != "minor"] == []

    question.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    assert question.get_by_role("radio").nth(1).is_checked()
    page.screenshot(path=artefacts / "quiz_form.png")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    question.locator("form").wait_for(state="detached")
    chosen = question.locator("details").nth(1)
    assert chosen.get_attribute("open") is not None
    assert "(your answer)" in chosen.locator("summary").inner_text()
    assert page.evaluate("() => document.activeElement.tagName") == "SUMMARY"
    assert question.locator("details:visible").count() == question.locator("details").count()
    assert question.locator("details[open]").count() == 1
    assert page.locator(".course-quiz form").count() == quizzes.count() - 1
    page.screenshot(path=artefacts / "quiz_answered.png")

    # The cell is drawn again after it was edited: what was answered stays answered.
    page.locator(".jp-MarkdownOutput h2", has_text="Quiz").dblclick()
    page.locator(".jp-MarkdownCell .cm-content", has_text="## Quiz").wait_for()
    page.keyboard.press("Shift+Enter")
    page.locator(".course-quiz details[data-chosen]").wait_for()
    assert page.locator(".course-quiz form").count() == quizzes.count() - 1
