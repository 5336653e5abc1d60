"""Figures of two panels on a wide page and on a narrow one, in a real JupyterLab."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from live_support import OUTPUT, Bench

PAIR = """
from course_lib.notebook import begin_lesson
from course_lib.plots import before_after, show
begin_lesson("03_tracking_loops", "pytorch")
print(" ".join(["0.123456"] * 30))
show(before_after({"val_loss": [1, 0.5, 0.8]}, {"val_loss": [1, 0.7, 0.6]}), alt="Two runs side by side.")
"""
EXPLORER = "from course_lib.explorers import capacity\ncapacity()"
#: How many words of the printed line are broken: a range of each one's letters lies in one row.
BROKEN = """() => {
  const all = [...document.querySelectorAll('.jp-OutputArea-output pre')];
  const pre = all.find((one) => one.textContent.includes('0.123456'));
  const text = pre.firstChild, range = document.createRange();
  let broken = 0;
  for (const word of text.data.matchAll(/\\S+/g)) {
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    broken += range.getClientRects().length > 1;
  }
  return broken;
}"""


@pytest.fixture
def bench(page: Any, lab: Any, open_notebook: Any, artefacts: Path) -> Bench:
    return Bench(page, lab, open_notebook, artefacts)


def boxes(bench: Bench) -> list[list[float]]:
    """Left, top and width on the screen of each image, and the width that it would have with all the room."""
    return bench.page.locator(f"{OUTPUT} img").evaluate_all(
        "(images) => images.map((image) => { const box = image.getBoundingClientRect();"
        " return [box.x, box.y, box.width, Number(image.getAttribute('width'))]; })"
    )


def test_two_panels_are_beside_each_other_or_one_below_the_other(bench: Bench) -> None:
    page = bench.page
    bench.open("pair.ipynb", PAIR, EXPLORER)
    for number in range(2):
        bench.start(number)
        bench.finished()
    page.wait_for_selector(".course-explorer[data-ready=true]")
    slider = page.get_by_role("slider", name="Hidden units")
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".course-explorer[data-answered='1']")

    for left, right in zip(boxes(bench)[::2], boxes(bench)[1::2], strict=True):
        assert left[1] == right[1]
        assert abs(left[0] + left[2] - right[0]) < 0.1, "no gap where the figure was cut"
        assert (left[2], right[2]) == (left[3], right[3])
    bench.screenshot("pair-1280")

    page.set_viewport_size({"width": 800, "height": 1000})
    page.wait_for_function(
        "() => document.querySelector('.jp-OutputArea-output img').getBoundingClientRect().width < 500"
    )
    for left, right in zip(boxes(bench)[::2], boxes(bench)[1::2], strict=True):
        assert right[1] > left[1] + 100, "one below the other"
        assert left[0] == right[0]
        for box in (left, right):
            assert box[2] > 0.85 * box[3], "text keeps nearly all of its size"
    panels = page.locator(".course-panel").evaluate_all(
        "(panels) => panels.map((p) => p.getBoundingClientRect().toJSON())"
    )
    assert panels[1]["top"] >= panels[0]["bottom"], "an explorer's panels, too"
    assert all(panel["width"] > 300 for panel in panels)
    assert page.evaluate(BROKEN) == 0
    bench.screenshot("pair-800")
    page.locator(".course-explorer").scroll_into_view_if_needed()
    bench.screenshot("pair-800-explorer")
    assert bench.trouble == []
