"""The web edition in a real browser: one track everywhere, predictions that hold back, quizzes, all by keyboard."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from site_course import made_up
from support import ROOT

from course_lib.instructor.site.command import build
from course_lib.instructor.site.styles import SHEET

LESSONS = ("03_tracking_loops", "05_no_grad_validation")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = made_up(tmp_path_factory.mktemp("course"), [name[:2] for name in LESSONS])
    build(course, course / "site", list(LESSONS), quiet=True)
    return course / "site"


@pytest.fixture
def trouble(page: Any) -> Iterator[list[str]]:
    """What a page says to the console or asks of another host; empty at the end of each test."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on(
        "request", lambda request: None if request.url.startswith(("file:", "data:")) else heard.append(request.url)
    )
    yield heard
    assert heard == []


@pytest.fixture
def lesson(page: Any, site: Path, trouble: list[str]) -> Any:
    page.goto((site / f"{LESSONS[1]}.html").as_uri())
    page.locator("html.lc-ready").wait_for(state="attached")
    return page


#: How tabs, cards and grids of a page are drawn.
DRAWN = """() => [...document.querySelectorAll('[class*="sd-"]')].map((one) => {
  const style = getComputedStyle(one);
  const names = [...style].filter((name) => !name.startsWith("--"));
  return [one.className, ...names.map((name) => `${name}: ${style.getPropertyValue(name)}`)].join("; ");
})"""


@pytest.mark.parametrize("name", LESSONS)
def test_a_page_looks_the_same_with_all_of_a_librarys_rules(page: Any, site: Path, name: str) -> None:
    page.goto((site / f"{name}.html").as_uri())
    page.locator("html.lc-ready").wait_for(state="attached")
    pruned = page.evaluate(DRAWN)
    whole = (files("sphinx_design") / "static" / SHEET).read_text()
    assert len((site / "_static" / SHEET).read_text()) < 0.2 * len(whole)
    page.evaluate(
        """([sheet, css]) => {
          const link = document.querySelector(`link[href*="${sheet}"]`);
          link.replaceWith(Object.assign(document.createElement("style"), { textContent: css }));
        }""",
        [SHEET, whole],
    )
    assert len(pruned) > 5
    assert page.evaluate(DRAWN) == pruned


def test_one_choice_of_a_track_holds_for_every_tab_and_every_page(lesson: Any, site: Path) -> None:
    code = lesson.locator(".sd-tab-content .highlight:visible")
    assert "import torch" in code.first.inner_text()
    lesson.get_by_role("group", name="Show the code in").get_by_role("radio", name="PyTorch").focus()
    lesson.keyboard.press("ArrowRight")
    assert "import keras" in code.first.inner_text()
    assert all("torch." not in text for text in code.all_inner_texts())
    assert lesson.locator("input:checked + .sd-tab-label[data-sync-id=pytorch]").count() == 0
    assert lesson.locator(".lc-for-pytorch:visible").count() == 0

    lesson.goto((site / f"{LESSONS[0]}.html").as_uri())
    assert "import keras" in code.first.inner_text()
    lesson.locator(".sd-tab-set input").nth(1).focus()  # a tab is as good as the switch
    lesson.keyboard.press("ArrowLeft")
    assert "import torch" in code.first.inner_text()
    assert lesson.get_by_role("radio", name="PyTorch", exact=True).first.is_checked()


def test_a_choice_does_not_move_the_page_under_the_reader(lesson: Any) -> None:
    tab = lesson.locator(".sd-tab-label[data-sync-id=keras]:visible").last
    tab.scroll_into_view_if_needed()
    before = tab.bounding_box()["y"]
    tab.click()
    assert abs(tab.bounding_box()["y"] - before) < 2


def test_what_follows_a_prediction_waits_up_to_the_next_heading(lesson: Any) -> None:
    asked = lesson.locator(".lc-predict").first
    section = asked.locator("xpath=..")
    answer = section.locator(".lc-answer")
    assert not answer.is_visible()
    assert section.locator(".highlight:visible").count() == 0
    assert asked.get_by_text("Commit to an answer").is_visible()
    assert lesson.locator("h2", has_text="what a forward pass changes").is_visible()

    asked.get_by_role("radio").first.focus()
    lesson.keyboard.press("Space")
    lesson.keyboard.press("ArrowUp")  # to the last, which is right
    lesson.keyboard.press("Tab")
    lesson.keyboard.press("Enter")
    assert asked.get_by_role("status").inner_text() == "You said: scattered, all above it."
    assert answer.inner_text() == "The answer: scattered, all above it (as you predicted)"
    assert section.locator(".highlight:visible").count() > 0

    lesson.reload()
    assert answer.is_visible()
    again = asked.get_by_role("button", name="Answer again")
    again.focus()
    lesson.keyboard.press("Enter")
    assert not answer.is_visible()
    assert lesson.evaluate("() => document.activeElement.type") == "radio"
    lesson.reload()
    assert not answer.is_visible()


def test_two_predictions_of_a_section_are_asked_one_after_the_other(lesson: Any) -> None:
    section = lesson.locator("section", has=lesson.locator("> h2", has_text="what a forward pass changes"))
    first, second = section.locator("> .lc-predict").all()
    assert not second.is_visible()
    first.get_by_role("radio").nth(1).check()
    first.get_by_role("button").click()
    assert second.is_visible()
    assert section.locator(".lc-answer").first.inner_text() == "The answer: in none of the four"


def test_a_quiz_says_nothing_before_it_is_asked(lesson: Any) -> None:
    question = lesson.locator(".lc-quiz").first
    check = question.get_by_role("button", name="Check")
    assert check.is_disabled()
    assert question.get_by_text("Right.").count() == 0
    question.get_by_role("radio").first.focus()
    lesson.keyboard.press("Space")
    lesson.keyboard.press("Tab")
    lesson.keyboard.press("Enter")
    assert question.get_by_role("status").inner_text().startswith("Not this one.")
    question.get_by_role("radio").nth(2).check()
    assert question.get_by_role("status").inner_text() == ""
    check.click()
    assert question.get_by_role("status").inner_text().startswith("Right.")


def test_without_javascript_everything_can_be_read(browser: Any, site: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / f"{LESSONS[1]}.html").as_uri())
    assert page.locator(".lc-answer").first.is_visible()
    assert page.locator(".lc-predict li").first.is_visible()
    assert page.locator(".lc-quiz summary").first.is_visible()
    assert page.locator(".lc-for-keras:visible").count() > 0
    assert page.locator(".lc-for-name:visible").count() > 0
    page.locator(".sd-tab-label[data-sync-id=keras]").first.click()
    assert "import keras" in page.locator(".sd-tab-content:visible").first.inner_text()
    context.close()


def test_the_search_works_in_a_folder(lesson: Any) -> None:
    box = lesson.get_by_role("textbox", name="Search")
    box.fill("running statistics")
    box.press("Enter")
    # Results come one after the other, and the page has no end of them to wait for.
    lesson.locator("#search-results li a", has_text="Validation that only measures").first.wait_for()


def test_print_shows_everything_on_white(lesson: Any, artefacts: Path) -> None:
    lesson.emulate_media(media="print")
    assert lesson.locator(".lc-answer").first.is_visible()
    assert not lesson.locator(".lc-switch").first.is_visible()
    lesson.pdf(path=artefacts / "site-lesson.pdf")


def test_an_explorer_is_drawn_from_its_states_and_moves_by_keyboard(lesson: Any, artefacts: Path) -> None:
    lesson.locator("h2", has_text="Explore").scroll_into_view_if_needed()
    explorer = lesson.locator("figure.course-explorer[data-ready]").first
    explorer.wait_for()
    words = explorer.locator(".course-words")
    before = words.inner_text()
    explorer.get_by_role("checkbox").first.focus()
    lesson.keyboard.press("Space")
    assert words.inner_text() != before
    assert explorer.locator("svg").first.is_visible()
    explorer.screenshot(path=artefacts / "site-explorer.png")


def test_an_explorer_whose_states_are_gone_shows_its_picture(page: Any, site: Path) -> None:
    page.route("**/explorers/modes-*.js", lambda route: route.abort())
    page.goto((site / f"{LESSONS[1]}.html").as_uri())
    page.locator("h2", has_text="Explore").scroll_into_view_if_needed()
    page.locator("figure.course-explorer img").first.wait_for()


def test_sizes_are_measured_and_held_against_their_goals(site: Path) -> None:
    words = [sys.executable, "-m", "course_lib", "bench", "site", "--site", str(site), "--quick", "--json"]
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    result = json.loads(run.stdout)
    assert [row["page"] for row in result["pages"]] == ["index", LESSONS[0]]
    assert result["pages"][1]["whole_kb"] > result["pages"][1]["first_kb"] > result["pages"][0]["first_kb"]
    assert [goal["met"] for goal in result["goals"] if goal["name"].endswith("kB")] == [True, True]


def test_playground_and_start_page_lead_to_each_other(page: Any, site: Path, trouble: list[str]) -> None:
    page.goto((site / "index.html").as_uri())
    page.get_by_role("link", name="Play first").click()
    page.get_by_role("heading", name="The loss playground").wait_for()
    page.get_by_role("link", name="The course").click()
    page.get_by_role("heading", name="Reading loss curves").wait_for()
