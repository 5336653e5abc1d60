"""Every explorer in a real JupyterLab: it answers the keyboard, and what is saved needs no kernel."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

import pytest
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
    "on_disk": ("on_disk()", "slider", "Flushed every", "ArrowRight", "2 (was 1)"),
}


@pytest.fixture
def bench(page: Any, lab: Any, open_notebook: Any, artefacts: Path) -> Bench:
    return Bench(page, lab, open_notebook, artefacts)


def answered(bench: Bench) -> int:
    return int(bench.page.locator(".course-explorer").get_attribute("data-answered") or 0)


def wait_for_answer(bench: Bench, after: int) -> None:
    script = (
        "(n) => { const d = document.querySelector('.course-explorer').dataset; return Number(d.answered ?? 0) > n; }"
    )
    bench.page.wait_for_function(script, arg=after)


@pytest.mark.parametrize("name", EXPLORERS)
def test_explorer_answers_the_keyboard_and_is_saved_as_a_picture(bench: Bench, name: str) -> None:
    call, role, label, key, words = EXPLORERS[name]
    page = bench.page
    bench.open(f"{name}.ipynb", f"from course_lib.explorers import {call.split('(')[0]}\n{call}")
    bench.start()
    page.wait_for_selector(".course-explorer[data-ready=true]")
    bench.finished()
    first_picture = page.locator(".course-explorer img").first.get_attribute("src")
    first_words = page.locator(".course-words").inner_text()
    control = page.get_by_role(role, name=label, exact=True)
    control.focus()
    page.keyboard.press(key)
    wait_for_answer(bench, 0)
    assert words in page.locator(".course-words").inner_text()
    assert page.locator(".course-words").get_attribute("aria-live") == "polite"
    assert page.locator(".course-explorer img").first.get_attribute("src") != first_picture
    assert len(page.locator(".course-explorer img").first.get_attribute("alt")) > 60
    assert page.evaluate("document.activeElement.closest('.course-explorer') !== null"), "the key left the explorer"
    bench.screenshot(f"explorer-{name}")

    waits = []
    for press in ("ArrowLeft", "ArrowRight") * 4 if role == "slider" else ("Space",) * 8:
        before = answered(bench)
        page.keyboard.press(press)
        wait_for_answer(bench, before)
        waits.append(float(page.locator(".course-explorer").get_attribute("data-milliseconds")))
    report = bench._artefacts / "explorer-answers.json"
    known = json.loads(report.read_text()) if report.exists() else {}
    report.write_text(json.dumps(known | {name: {"median_ms": statistics.median(waits), "worst_ms": max(waits)}}))

    before = answered(bench)
    page.get_by_role("button", name="Reset").click()
    wait_for_answer(bench, before)
    assert page.locator(".course-words").inner_text().endswith(first_words)
    assert bench.trouble == []

    saved = bench.save()
    output = saved["cells"][0]["outputs"][0]["data"]
    assert set(output) == {"text/html", "text/plain"}
    assert "<img alt=" in "".join(output["text/html"])
    assert bench.file.stat().st_size < 62_000
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
