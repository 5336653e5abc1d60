"""The live view after training: it stays in its picture's place, shows the run again, and piles nothing up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from live_points import check_points
from live_support import DONE, KERNEL_IS_READY, Bench

from course_lib.training.history import History

LOOP = """
import math, random, time
from course_lib.live import LivePlot
def run(name, epochs=8, steps=12, **options):
    random.seed(0)
    with LivePlot(epochs=epochs, steps=steps, metrics=True, **options) as plot:
        until = time.monotonic() + 60
        while not plot._heard and time.monotonic() < until: time.sleep(0.01)
        for epoch in range(epochs):
            for batch in range(steps):
                plot.batch(loss=0.1 + math.exp(-epoch / 6) + random.gauss(0, 0.05), size=32)
                time.sleep(0.01)
            plot.epoch(val_loss=0.5 + 0.02 * (epoch - 5) ** 2, train_accuracy=0.9, val_accuracy=0.8)
    plot.history.to_json(name + '.json')
"""
COUNT = "print(len(get_ipython().kernel.comm_manager.comms))"
#: Notes each height that the second cell's output has in any frame, from the first one in which it has any.
HEIGHTS = """() => {
  window.heights = [];
  const look = () => {
    const cell = document.querySelectorAll('.jp-NotebookPanel .jp-CodeCell')[1];
    const height = Math.round(cell?.querySelector('.jp-OutputArea-output')?.getBoundingClientRect().height ?? 0);
    if (height && window.heights.at(-1) !== height) window.heights.push(height);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


@pytest.fixture
def bench(page: Any, lab: Any, open_notebook: Any, artefacts: Path) -> Bench:
    return Bench(page, lab, open_notebook, artefacts)


def run_all(bench: Bench, count: int) -> None:
    for number in range(count):
        bench.start(number)
        bench.finished()


def slider(bench: Bench, number: int = 0) -> Any:
    return bench.page.locator(DONE).nth(number).get_by_role("slider", name="replay")


def at(bench: Bench, place: int) -> dict[str, Any]:
    """Move the replay there; return what the view then draws."""
    root = bench.page.locator(DONE).first
    frames = int(root.get_attribute("data-frames"))
    slider(bench).evaluate("(s, v) => { s.value = v; s.dispatchEvent(new Event('input')); }", place)
    bench.page.wait_for_function(f"(n) => Number(document.querySelector('{DONE}').dataset.frames) > n", arg=frames)
    return root.evaluate("(root) => root.coursePoints()")


def test_the_replay_shows_exactly_what_the_history_had_at_each_moment(bench: Bench) -> None:
    bench.open("replay.ipynb", LOOP, "run('replay')")
    run_all(bench, 2)
    history = History.from_json(bench.lab.folder / "replay.json")
    bench.page.locator(DONE).wait_for()
    last = int(slider(bench).get_attribute("max"))
    each = last // 8
    seen = []
    for place in range(last + 1):
        points = at(bench, place)
        check_points(points, history)
        seen.append((points["epochs"], points["batches"]))
        assert points["epochs"] == place // each
        assert points["batches"] == min(history.steps, place * 12 // each)
    assert seen == sorted(set(seen)) or len(set(seen)) > 40, "the curve grows"
    assert points["best"] == [6, 0.5]
    assert at(bench, 3 * each)["best"] == [3, history.val_loss[2]], "the best of what had come by then"
    text = bench.page.locator(f"{DONE} .course-now").inner_text()
    assert text.startswith("epoch 3 of 8 · training"), text
    bench.screenshot("live-replay")

    # By the keyboard, and by itself.
    slider(bench).focus()
    bench.page.keyboard.press("Home")
    assert slider(bench).get_attribute("aria-valuetext") == "epoch 0 of 8"
    bench.page.keyboard.press("ArrowRight")
    assert slider(bench).input_value() == "1"
    bench.page.get_by_role("button", name="Replay").click()
    bench.page.wait_for_function(f"() => Number(document.querySelector('{DONE}').dataset.epochs) === 4")
    bench.page.get_by_role("button", name="Pause").click()
    held = slider(bench).input_value()
    bench.page.get_by_role("button", name="Replay").click()
    bench.page.locator(f"{DONE} .course-now", has_text="best epoch 6: 0.5").wait_for()
    assert int(held) < last == int(slider(bench).input_value())
    assert bench.trouble == []


@pytest.mark.parametrize("width", [1280, 800])
def test_nothing_below_moves_from_the_first_frame_to_the_last(bench: Bench, width: int) -> None:
    bench.page.set_viewport_size({"width": width, "height": 1000})
    bench.open(f"heights-{width}.ipynb", LOOP, "run('heights')")
    run_all(bench, 1)
    bench.page.evaluate(HEIGHTS)
    bench.start(1)
    bench.page.locator(".course-live").wait_for()
    bench.page.wait_for_function("() => Number(document.querySelector('.course-live')?.dataset.epochs) > 3")
    bench.screenshot(f"live-{width}-running")
    bench.finished()
    bench.page.locator(DONE).wait_for()
    slider(bench).focus()
    bench.page.keyboard.press("Home")
    bench.page.keyboard.press("End")
    bench.screenshot(f"live-{width}-done")
    heights = bench.page.evaluate("window.heights")
    assert max(heights) - min(heights) <= 1, heights
    assert bench.trouble == []


def test_running_again_leaves_as_many_comms_as_before(bench: Bench) -> None:
    bench.open("again.ipynb", LOOP, "run('one', 2); run('other', 2)", COUNT)
    run_all(bench, 3)
    counts = []
    for _ in range(5):
        bench.notebook.run(bench.page.locator(".jp-CodeCell").nth(1))
        bench.notebook.run(bench.page.locator(".jp-CodeCell").nth(2))
        counts.append(bench.page.locator(".jp-CodeCell").nth(2).locator(".jp-OutputArea-output").inner_text().strip())
        assert bench.page.locator(DONE).count() == 2
    assert counts == ["4"] * 5, "two widgets, each with its layout"
    for number in range(2):
        slider(bench, number).focus()
        bench.page.keyboard.press("Home")
        assert slider(bench, number).get_attribute("aria-valuetext") == "epoch 0 of 2"
    assert bench.trouble == []


def replays(bench: Bench) -> bool:
    """Tell whether the view still answers."""
    return at(bench, 0)["epochs"] == 0 and at(bench, 10_000)["epochs"] == 8


def test_it_outlives_scrolling_away_a_restart_and_a_reload_but_not_its_kernel(bench: Bench) -> None:
    page = bench.page
    bench.open("stays.ipynb", LOOP, "run('stays')")
    run_all(bench, 2)
    page.locator(DONE).wait_for()
    # A notebook that shows only the cells in view takes the others out of the page, and puts them back.
    page.evaluate("""async () => {
        const cell = document.querySelector('.course-live').closest('.jp-Cell'), parent = cell.parentNode;
        cell.remove();
        await new Promise((done) => setTimeout(done, 700));
        parent.append(cell);
    }""")
    assert replays(bench)
    saved = bench.save()
    assert set(saved["cells"][1]["outputs"][0]["data"]) == {"text/html", "text/plain"}
    assert "widgets" not in saved["metadata"]

    page.reload()
    page.locator(DONE).wait_for()
    assert replays(bench), "after a reload the kernel gives the run back"

    bench.notebook.menu("Kernel", "Restart Kernel…")
    page.locator(".jp-Dialog .jp-mod-accept").click()
    page.wait_for_function(KERNEL_IS_READY)
    assert replays(bench), "what is complete needs no kernel"
    bench.notebook.run(page.locator(".jp-CodeCell").nth(0))
    bench.notebook.run(page.locator(".jp-CodeCell").nth(1))
    page.locator(DONE).wait_for()
    assert replays(bench), "and it can be run again"
    bench.save()

    bench.stop_kernels()
    bench.open("stays.ipynb")
    image = page.locator("[data-course-live] img")
    image.wait_for()
    assert image.is_visible()
    assert page.locator(".course-live").count() == 0
    assert bench.trouble == []


def test_axe_finds_nothing_in_a_view_whose_run_is_over(bench: Bench) -> None:
    bench.open("axe.ipynb", LOOP, "run('axe', 3)")
    run_all(bench, 2)
    bench.page.locator(DONE).wait_for()
    for place in (1, 10_000):
        at(bench, place)
        found = Axe().run(bench.page, context={"include": [[".course-live"]]}).response["violations"]
        assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
