"""Every explorer in a real JupyterLab: answers the keyboard, most without the kernel; what is saved needs none."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from lab_server import PATIENCE
from live_support import OUTPUT, Bench

#: Each explorer: its call, a control, a key that moves it, and what the words then say.
EXPLORERS = {
    "confidence": ("confidence()", "slider", "Probability of the correct class", "ArrowRight", "0.8 (was 0.7)"),
    "split_chooser": ("split_chooser()", "slider", "Validation share", "ArrowRight", "0.3 (was 0.2)"),
    "batch_noise": ("batch_noise()", "slider", "Batch size", "ArrowLeft", "16 (was 32)"),
    "capacity": ("capacity()", "slider", "Hidden units", "ArrowRight", "128 (was 32)"),
    "modes": ("modes('pytorch')", "checkbox", "training mode", "Space", "Changed: batch-norm statistics."),
    "modes_keras": ("modes('keras')", "checkbox", "training=True", "Space", "Changed: batch-norm statistics."),
    "early_stopping": ("early_stopping()", "slider", "Epoch", "ArrowRight", "2 (was 1)"),
    "smoothing": ("smoothing()", "slider", "Beta", "ArrowRight", "0.95 (was 0.9)"),
    "who_reports": ("who_reports()", "slider", "Dropout", "ArrowRight", "0.1 (was 0)"),
    "counting": ("counting()", "slider", "Length", "ArrowLeft", "20 (was 50)"),
    "every_number": ("every_number()", "slider", "Temperature", "ArrowRight", "1.5 (was 1)"),
    "fault_bench": ("fault_bench()", "slider", "Seed", "ArrowRight", "1 (was 0)"),
    "on_disk": ("on_disk()", "slider", "Crash after step", "ArrowLeft", "15 (was 18)"),
}


KERNEL_IS_GONE = """() => {
    const kernel = window.jupyterapp.shell.currentWidget.context.sessionContext.session?.kernel;
    return !kernel || kernel.isDisposed || ['dead', 'unknown', 'terminating'].includes(kernel.status);
}"""
#: Too many states to be recorded.
OF_THE_KERNEL = {"every_number"}


@pytest.fixture(scope="module")
def every(browser: Any, lab: Any, open_on: Any, artefacts: Path) -> Iterator[Bench]:
    """One notebook with all explorers, each in a cell of its own: pages and kernels take longer than they do."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    bench = Bench(page, lab, partial(open_on, page), artefacts)
    calls = [call for call, *_ in EXPLORERS.values()]
    bench.open("explorers.ipynb", *(f"from course_lib.explorers import {call.split('(')[0]}\n{call}" for call in calls))
    yield bench
    context.close()


@pytest.fixture
def bench(page: Any, lab: Any, open_notebook: Any, artefacts: Path) -> Bench:
    return Bench(page, lab, open_notebook, artefacts)


def answered(explorer: Any) -> int:
    return int(explorer.get_attribute("data-answered") or 0)


def wait_for_answer(explorer: Any, after: int) -> None:
    explorer.page.wait_for_function(
        "([explorer, n]) => Number(explorer.dataset.answered ?? 0) > n", arg=[explorer.element_handle(), after]
    )


@pytest.mark.parametrize("name", EXPLORERS)
def test_explorer_answers_the_keyboard_and_is_saved_as_a_picture(every: Bench, name: str) -> None:
    _, role, label, key, words = EXPLORERS[name]
    page, number = every.page, list(EXPLORERS).index(name)
    every.start(number)
    explorer = page.locator(".jp-CodeCell").nth(number).locator(".course-explorer")
    told, panels = explorer.locator(".course-words"), explorer.locator(".course-panels")
    explorer.and_(page.locator("[data-ready=true]")).wait_for()
    every.finished()
    drawn = "img" if name in OF_THE_KERNEL else "svg"
    assert panels.locator(drawn).count() == panels.locator("img, svg").count() > 0
    first_picture = panels.inner_html()
    first_words = told.inner_text()
    control = explorer.get_by_role(role, name=label, exact=True)
    control.focus()
    page.keyboard.press(key)
    wait_for_answer(explorer, 0)
    assert words in told.inner_text()
    assert told.get_attribute("aria-live") == "polite"
    assert panels.inner_html() != first_picture
    alt = panels.locator("img").first.get_attribute("alt") if drawn == "img" else panels.get_attribute("aria-label")
    assert len(alt) > 60
    assert explorer.evaluate("(e) => e.contains(document.activeElement)"), "the key left the explorer"
    every.screenshot(f"explorer-{name}")

    waits = []
    for press in ("ArrowLeft", "ArrowRight") * 2 if role == "slider" else ("Space",) * 4:
        before = answered(explorer)
        page.keyboard.press(press)
        wait_for_answer(explorer, before)
        waits.append(float(explorer.get_attribute("data-milliseconds")))
    report = every._artefacts / "explorer-answers.json"
    known = json.loads(report.read_text()) if report.exists() else {}
    report.write_text(json.dumps(known | {name: {"median_ms": statistics.median(waits), "worst_ms": max(waits)}}))

    before = answered(explorer)
    explorer.get_by_role("button", name="Reset").click()
    wait_for_answer(explorer, before)
    assert told.inner_text().endswith(first_words)
    assert every.trouble == []
    ids = page.evaluate("[...document.querySelectorAll('.course-explorer [id]')].map((node) => node.id)")
    assert len(set(ids)) == len(ids)

    saved = every.save()
    output = saved["cells"][number]["outputs"][0]["data"]
    assert set(output) == {"text/html", "text/plain"}
    assert "<img alt=" in "".join(output["text/html"])
    assert len(json.dumps(saved["cells"][number])) < 60_000
    assert "widgets" not in saved["metadata"]


def test_a_reopened_notebook_shows_the_picture_without_its_kernel(bench: Bench) -> None:
    bench.open("again.ipynb", "from course_lib.explorers import confidence\nconfidence()")
    bench.start()
    bench.page.wait_for_selector(".course-explorer[data-ready=true]")
    bench.finished()
    bench.save()
    bench.stop_kernels()
    bench.open("again.ipynb")
    bench.page.locator(f"{OUTPUT} img").first.wait_for()
    assert bench.page.evaluate("document.querySelector('.jp-OutputArea-output img').naturalHeight") > 100
    assert "Error displaying widget" not in bench.page.locator(".jp-Notebook").inner_text()
    assert bench.page.locator(".course-explorer input").count() == 0
    bench.screenshot("explorer-reopened")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_what_was_recorded_answers_after_the_kernel_has_ended(bench: Bench, theme: str) -> None:
    page = bench.page
    bench.open("ended.ipynb", "from course_lib.explorers import capacity\ncapacity()")
    page.evaluate(
        "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", f"JupyterLab {theme}"
    )
    bench.start()
    explorer = page.locator(".course-explorer[data-ready=true]")
    explorer.wait_for()
    bench.finished()
    bench.save()
    bench.stop_kernels()
    page.wait_for_function(KERNEL_IS_GONE)
    control = explorer.get_by_role("slider", name="Hidden units", exact=True)
    before = explorer.locator(".course-panels").inner_html()
    control.focus()
    page.keyboard.press("ArrowRight")
    wait_for_answer(explorer, 0)
    assert "128 (was 32)" in explorer.locator(".course-words").inner_text()
    assert explorer.locator(".course-panels").inner_html() != before
    ink = explorer.locator("svg text").first.evaluate("(text) => getComputedStyle(text).fill")
    assert (sum(json.loads(f"[{ink[4:-1]}]")) > 450) == (theme == "Dark"), ink
    bench.screenshot(f"explorer-ended-{theme.lower()}")


def test_two_views_of_a_notebook_show_one_state(bench: Bench) -> None:
    page = bench.page
    bench.open("two.ipynb", "from course_lib.explorers import confidence\nconfidence()")
    bench.start()
    page.wait_for_selector(".course-explorer[data-ready=true]")
    bench.finished()
    page.evaluate("window.jupyterapp.commands.execute('notebook:create-output-view')")
    both = page.locator(".course-explorer[data-ready=true]")
    page.wait_for_function("document.querySelectorAll('.course-explorer[data-ready=true] svg').length >= 4")
    both.first.get_by_role("slider", name="Probability of the correct class", exact=True).focus()
    page.keyboard.press("ArrowRight")
    wait_for_answer(both.last, 0)
    assert "0.8 (was 0.7)" in both.last.locator(".course-words").inner_text()
    assert [both.nth(k).get_attribute("data-state") for k in (0, 1)] == [both.first.get_attribute("data-state")] * 2
