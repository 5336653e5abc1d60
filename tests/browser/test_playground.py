"""The loss playground in a real Chromium, from a folder: it trains, what it shows is true, and keys do everything."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from course_lib.instructor.site.playground import playground_files, states

SMALL = "rows=50&width=8&epochs=20&speed=fast&noise=0.2&patience=3&remeasure=1&accuracy=1"
DONE = "() => window.playground.run.done && document.querySelector('.course-live').dataset.done === 'true'"
#: axe calls these moderate; for people who listen to a page they are not.
ALSO = {"heading-order", "empty-heading", "image-alt", "region"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    for name, path in playground_files().items():
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(path, folder / name)
    return folder


@pytest.fixture
def trouble(page: Any) -> list[str]:
    """What the page complained of, and what it asked for outside of its folder."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda message: found.append(message.text))
    page.on("request", lambda request: None if request.url[:5] in ("file:", "data:") else found.append(request.url))
    return found


@pytest.fixture
def opened(page: Any, folder: Path, trouble: list[str]) -> Callable[[str], Any]:
    def opened(fragment: str = "") -> Any:
        page.goto("about:blank")
        page.goto(f"{(folder / 'playground.html').as_uri()}#{fragment}")
        page.wait_for_function("() => window.playground?.view.frames > 0")
        return page

    yield opened
    assert trouble == []


def serious(page: Any) -> list[tuple[str, str]]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [
        (v["id"], v["nodes"][0]["html"][:200])
        for v in found
        if v["impact"] in ("serious", "critical") or v["id"] in ALSO
    ]


def test_a_run_is_drawn_as_the_core_recorded_it(opened: Callable[[str], Any]) -> None:
    page = opened(SMALL)
    page.keyboard.press("Tab")  # past the link to the playground, the course and the theme
    page.get_by_role("button", name="Start").focus()
    page.keyboard.press("Enter")
    page.wait_for_function(DONE)
    history, points, held = page.evaluate(
        "() => { const { run } = window.playground;"
        " return [run.history, document.querySelector('.course-live').coursePoints(), run.held]; }"
    )
    assert [row["mean"] for row in points["batch"]] == history["batchLoss"]
    assert [row["mean"] for row in points["train"]] == history["trainLoss"]
    assert [row["mean"] for row in points["val"]] == history["valLoss"]
    assert [row["mean"] for row in points["metrics"]["val_accuracy"]] == history["valAccuracy"]
    again = page.evaluate(
        "() => Array.from(window.playground.feed.again.mean.subarray(0, window.playground.run.epochs))"
    )
    assert again == history["trainLossRemeasured"]
    lowest = min(history["valLoss"])
    assert points["best"] == [history["valLoss"].index(lowest) + 1, lowest]
    assert held["loss"] == lowest, "the best weights came back"
    said = page.locator("#summary").inner_text()
    assert f"the model is that of epoch {held['epoch']}, with a validation loss of {lowest:.3g}" in said
    assert page.locator("#said").inner_text() == said, "a screen reader hears it, too"
    assert page.locator("#scene").get_attribute("aria-label").endswith(page.locator("#model-words").inner_text())
    now = page.evaluate("() => window.playground.run.measure(window.playground.run.data.val).loss")
    assert now == pytest.approx(lowest, rel=1e-12)


def test_keys_do_everything(opened: Callable[[str], Any]) -> None:
    page = opened(SMALL)
    reached = []
    name_of = "(e) => e === document.body ? null : e.id || e.textContent || e.type || e.tagName"
    focused = f"() => ({name_of})(document.activeElement)"
    page.keyboard.press("Tab")
    while (name := page.evaluate(focused)) and len(reached) < 80:
        reached.append(name)
        outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", f"the focus on {name} is seen"
        page.keyboard.press("Tab")
    controls = page.evaluate(
        "() => [...document.querySelectorAll('button, input, select, a[href], canvas[tabindex]')]"
        f".filter((e) => !e.disabled && e.checkVisibility({{ visibilityProperty: true }})).map({name_of})"
    )
    assert set(controls) <= set(reached)

    page.get_by_role("link", name="To the playground").press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "main"
    page.get_by_role("button", name="One epoch").press("Enter")
    assert page.evaluate("() => window.playground.run.epochs") == 1
    page.get_by_role("button", name="One batch").press("Space")
    assert "Batch 5: 16 rows, loss" in page.locator("#said").inner_text()
    curves = page.locator(".course-live canvas")
    curves.press("Home")
    page.wait_for_function(
        "() => document.querySelector('.course-readout').textContent.startsWith('epoch 1: training')"
    )

    page.get_by_role("slider", name="learning rate").press("ArrowRight")
    assert page.evaluate("() => [window.playground.run.steps, window.playground.settings.lr]") == [0, 0.01]
    assert "lr=0.01" in page.locator("#link").input_value()
    page.wait_for_function("() => location.hash.includes('lr=0.01')")
    page.get_by_role("spinbutton", name="seed").fill("99999")
    page.keyboard.press("Enter")
    assert page.evaluate("() => window.playground.settings.seed") == 0, "a seed that is none is not taken"
    assert page.locator("#told-box").is_hidden()
    assert "9999" in page.evaluate("() => document.getElementById('set-seed').validationMessage")


def test_a_link_brings_the_very_run_back_and_a_bad_one_is_told(opened: Callable[[str], Any]) -> None:
    page = opened("lr=<img src=x>&rows=50&depth=3&a.lr=0.1&epochs=5&speed=fast&smoothing=0.5")
    told = page.get_by_role("alert").locator("li").all_inner_texts()
    assert len(told) == 2
    assert "lr=“<img src=x>”" in told[0]
    assert "A: learning rate 0.1. B: learning rate 0.005." in page.locator("#pair-words").inner_text()
    page.wait_for_function("() => location.hash === '#rows=50&epochs=5&speed=fast&smoothing=0.5&a.lr=0.1'")
    losses = []
    for _ in range(2):
        page.get_by_role("button", name="Start").click()
        page.wait_for_function(DONE)
        losses.append(page.evaluate("() => window.playground.run.history"))
        page.reload()
        page.wait_for_function("() => window.playground?.view.frames > 0")
    assert losses[0] == losses[1]

    page.get_by_role("link", name=states()["06"].title).click()
    assert states()["06"].question in page.locator("#task").inner_text()
    assert page.evaluate("() => [document.activeElement.id, scrollY]") == ["start", 0]
    sentence = page.get_by_text(states()["06"].sentence)
    assert not sentence.is_visible(), "a question is for answering first"
    page.locator("#task summary").press("Enter")
    assert sentence.is_visible()
    assert page.evaluate("() => window.playground.settings.patience") == 20
    page.get_by_role("button", name="Another seed").click()
    assert page.locator("#task").is_visible(), "it may have asked for just that"
    page.go_back()
    page.wait_for_function("() => window.playground.settings.patience === 0")


def test_digits_come_when_they_are_asked_for(opened: Callable[[str], Any], artefacts: Path) -> None:
    page = opened("rows=50&width=16&epochs=20&noise=0.2&speed=fast")
    assert page.evaluate("() => typeof DIGITS") == "undefined"
    page.get_by_role("combobox", name="data").select_option("digits")
    page.wait_for_function("() => window.playground.run.data.features === 64")
    page.get_by_role("button", name="Start").click()
    page.wait_for_function(DONE)
    said = page.locator("#model-words").inner_text()
    assert "of the 10 rows whose label is wrong" in said
    assert (
        page.locator("#scene").get_attribute("aria-label") == f"Forty digits, and what the network says each is. {said}"
    )
    page.screenshot(path=artefacts / "playground-digits.png")
    page.goto("about:blank")
    page = opened("data=digits&epochs=1&speed=fast")
    page.wait_for_function("() => window.playground.run.data.features === 64")
    page.get_by_role("button", name="Start").click()
    page.wait_for_function(DONE)


def test_eight_pairs(opened: Callable[[str], Any], artefacts: Path) -> None:
    page = opened("rows=20&width=4&epochs=5")
    page.get_by_role("button", name="Keep as A").click()
    assert page.get_by_role("button", name="Train eight pairs").is_disabled()
    page.get_by_role("slider", name="batch size").press("Home")
    page.get_by_role("button", name="Train eight pairs").click()
    page.wait_for_function("() => document.getElementById('said').textContent.startsWith('B minus A')")
    words = page.locator("#pair-result p").inner_text()
    rows = page.evaluate(
        "() => { const { kept, settings } = window.playground, pairs = new Pairs(kept, settings, 8);"
        " while (!pairs.finished) pairs.step(); return [pairs.rows, pairWords(compared(pairs.rows))]; }"
    )
    assert words == rows[1]
    assert page.locator("svg.pairs .a").count() == page.locator("svg.pairs .b").count() == 8 + 1  # one in the key
    label = page.locator("svg.pairs").get_attribute("aria-label")
    assert all(f"seed {row['seed']}: A {row['a']:.3g}, B {row['b']:.3g}" in label for row in rows[0])
    page.locator(".seeds").screenshot(path=artefacts / "playground-pairs.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_width_in_both_themes(opened: Callable[[str], Any], artefacts: Path, scheme: str) -> None:
    page = opened(SMALL.replace("moons", "sine"))
    page.emulate_media(color_scheme=scheme)
    page.get_by_role("button", name="Start").click()
    page.wait_for_function(DONE)
    for width in (1600, 1280, 800, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function("() => document.documentElement.clientWidth === innerWidth")
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        page.screenshot(path=artefacts / f"playground-{scheme}-{width}.png", full_page=True)
        if width in (1280, 390):
            assert serious(page) == []
    paper = page.evaluate("() => getComputedStyle(document.querySelector('.card')).backgroundColor")
    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(17, 17, 17)"}[scheme]
    for theme in ("dark", "light", "auto"):
        page.get_by_role("button", name="Theme").click()
        assert page.evaluate("() => document.documentElement.dataset.theme") == theme
        look = scheme if theme == "auto" else theme
        page.wait_for_function(
            f"() => document.querySelector('.course-live').courseView.picture.dark === {str(look == 'dark').lower()}"
        )


def test_the_benchmark_counts_frames_and_work(browser: Any) -> None:
    command = [sys.executable, "-m", "course_lib", "bench", "playground", "--quick", "--json"]
    result = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert result["frames_per_second"] > 0
    assert 0 < result["work_ms"] <= result["work_ms_95"]
    assert result["epochs_per_second"] > 0
    assert [set(goal) for goal in result["goals"]] == [{"name", "value", "limit", "met"}] * 3
