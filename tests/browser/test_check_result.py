"""What a check shows, in a real browser: on a light and on a dark page, narrow, by keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from course_lib.checks import as_html, lesson_checks


def wrong(losses: list[float], sizes: list[int]) -> float:
    return sum(losses) / len(losses)


@pytest.mark.parametrize("colors", ["color:#111;background:#fff", "color:#ddd;background:#111"])
def test_it_is_read_on_a_narrow_page_by_keyboard(page: Any, artefacts: Path, colors: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    shown = as_html(lesson_checks("03_tracking_loops", "pytorch").run("epoch_loss", wrong))
    page.set_viewport_size({"width": 800, "height": 600})
    page.set_content(
        f'<!DOCTYPE html><html lang="en"><title>a check</title>'
        f'<body style="{colors};font:14px sans-serif"><main><h1>a</h1>{shown}</main></body></html>'
    )
    fold = page.locator("details")
    assert not fold.locator("li").first.is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert fold.locator("li").first.is_visible()
    page.screenshot(path=artefacts / f"check_{colors[6:10].strip('#;')}.png")
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert Axe().run(page).response["violations"] == []
