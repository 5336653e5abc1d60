"""The page of a class in a real browser: light and dark, narrow, by keyboard, on paper."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from class_scores import LESSONS, made_up_class

from course_lib.instructor.desk.class_page import class_page
from course_lib.instructor.desk.class_state import class_state
from course_lib.instructor.desk.similar import Pair

CODE = "def smooth(values, weight):\n    kept = values[0]\n    for value in values:\n        kept = weight * kept\n"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    pairs = [
        Pair(LESSONS[3], "pytorch", "smooth", ("ada", "eve"), 0.91, 40, (CODE * 3, CODE * 2)),
        Pair(LESSONS[1], "pytorch", "evaluate", ("cy", "gus"), 0.7, 21, (CODE, CODE)),
    ]
    due = {name: f"2030-01-{7 + 7 * i:02} 12:00 UTC" for i, name in enumerate(LESSONS)}
    path = tmp_path_factory.mktemp("page") / "class.html"
    path.write_text(class_page(class_state(made_up_class(), due, pairs), datetime(2030, 2, 1, 9, 30)), encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_readable_in_both_schemes_wide_and_narrow(page: Any, address: str, artefacts: Path, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.goto(address)
    page.locator("summary").first.click()
    assert Axe().run(page).response["violations"] == []
    for width in (1280, 800, 400):
        page.set_viewport_size({"width": width, "height": 1000})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.screenshot(path=artefacts / f"class-{scheme}-{width}.png", full_page=True)
    assert trouble == []


def test_all_of_it_is_reached_by_keyboard(page: Any, address: str) -> None:
    page.goto(address)
    seen = []
    for _ in range(20):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.tagName")
        )
        if seen[-1] == "BODY":
            break
    assert seen[:6] == ["A"] * 6
    for name in ("Not handed in", "Stuck", "SUMMARY", "Everybody"):
        assert name in seen
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").first.get_attribute("open") is not None


def test_on_paper_every_answer_is_open(page: Any, address: str, artefacts: Path) -> None:
    page.goto(address)
    page.emulate_media(media="print")
    assert page.locator("details pre").first.is_visible()
    assert not page.locator("nav").is_visible()
    page.pdf(path=artefacts / "class.pdf")
