"""The live plot in a real JupyterLab: it moves, it obeys, it leaves a picture."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from live_support import DONE, KERNEL_IS_READY, OUTPUT, Bench

from course_lib.live.place import script

# Trains until it is stopped, so that a slow machine has the same test as a fast one.
ENDLESS = """
import math, random, time
from course_lib.live.plot import LivePlot
random.seed(0)
with LivePlot(epochs=5000, steps=20, lr=0.1) as plot:
    for epoch in range(5000):
        for batch in range(20):
            plot.batch(loss=0.1 + math.exp(-epoch / 6) + random.gauss(0, 0.05), size=32)
            time.sleep(0.005)
            if plot.stopped: break
        if plot.stopped: break
        plot.epoch(val_loss=0.5 + 0.002 * (epoch - 9) ** 2, train_accuracy=0.9, val_accuracy=0.8)
print('rate', plot.lr < 0.1, 'batches', plot.history.steps)
"""
TRAINER = """
import torch
from course_lib.data import digits
from course_lib.pytorch import fit
from course_lib.live.plot import LivePlot
from course_lib.training.early_stopping import EarlyStopping
data = digits()
torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))
history = fit(model, data.train, data.val, loss="cross_entropy", epochs=100_000, metrics=["accuracy"],
              callbacks=[EarlyStopping(patience=100_000), LivePlot()])
print('came back with', history.stop_reason, history.epochs > 0)
"""
WATCH = """() => {
  // Looks at every frame that is shown: is there a canvas or a decoded picture of a good height in the output?
  window.blank = []; window.frames_seen = 0; window.kinds = [];
  const look = () => {
    const area = document.querySelector('.jp-NotebookPanel .jp-OutputArea');
    const canvas = area?.querySelector('.course-live canvas'), found = area?.querySelector('.jp-OutputArea-output img');
    const image = found?.checkVisibility() ? found : null;
    const kind = image?.complete && image.naturalHeight ? 'image' : canvas ? 'canvas' : 'nothing';
    const tall = (image ?? canvas)?.getBoundingClientRect().height > 150;
    window.frames_seen += 1;
    if (window.kinds.at(-1) !== kind) window.kinds.push(kind);
    if (kind === 'nothing' || !tall) window.blank.push(kind);
    if (!window.enough) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


@pytest.fixture
def bench(page: Any, lab: Any, open_notebook: Any, artefacts: Path) -> Bench:
    return Bench(page, lab, open_notebook, artefacts)


def number(page: Any, name: str) -> int:
    return int(page.locator(".course-live").get_attribute(f"data-{name}") or 0)


def wait_for_more(bench: Bench, name: str, than: int) -> None:
    script = "([n, than]) => Number(document.querySelector('.course-live')?.dataset[n] ?? 0) > than"
    bench.page.wait_for_function(script, arg=[name, than], timeout=60_000)


def test_moves_while_the_cell_runs_and_obeys_the_keyboard_and_leaves_a_picture(bench: Bench) -> None:
    page = bench.page
    bench.open("live.ipynb", ENDLESS)
    bench.start()
    wait_for_more(bench, "batches", 0)
    first = number(page, "batches")
    wait_for_more(bench, "batches", first + 100)
    wait_for_more(bench, "epochs", 3)
    assert bench.is_running()
    bench.screenshot("live-running")

    # Controls that need no kernel, by keyboard alone, in the order of the Tab key.
    page.get_by_label("log scale").focus()
    page.keyboard.press("Space")
    assert page.get_by_label("log scale").is_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.get_by_label("both on epoch ends").is_checked()
    page.keyboard.press("Tab")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    assert page.get_by_role("slider", name="smoothing").input_value() == "0.05"
    page.get_by_role("slider", name="smoothing").fill("0.9")
    page.locator(".course-live canvas").focus()
    page.keyboard.press("Home")
    page.wait_for_function("document.querySelector('.course-readout').textContent.startsWith('epoch 1: training')")
    assert bench.is_running(), "reading the curves must not stop the cell"
    bench.screenshot("live-controls")
    assert re.search(r"best 0\.5\d* at epoch \d", page.locator(".course-live canvas").get_attribute("aria-label"))
    page.wait_for_function("document.querySelector('.course-spoken').textContent.length > 0")
    assert page.locator(".course-spoken").get_attribute("aria-live") == "polite"

    # Controls of the loop itself: they are shown only once a message came through, and then they act.
    page.get_by_role("slider", name="learning rate").focus()
    page.keyboard.press("ArrowLeft")
    page.get_by_role("button", name="Stop training").focus()
    page.evaluate(WATCH)
    page.keyboard.press("Enter")
    page.wait_for_selector(DONE, timeout=30_000)
    bench.finished()
    page.evaluate("window.enough = true")
    assert "rate True" in page.locator(OUTPUT).last.inner_text()
    assert page.evaluate("window.frames_seen") > 1
    assert page.evaluate("window.blank") == [], "a frame without plot or picture was shown at the swap"
    assert page.evaluate("window.kinds") == ["canvas"]
    assert "Validation loss is lowest" in page.locator(f"{OUTPUT} img").get_attribute("alt")
    assert "stopped with the Stop button" in page.locator(f"{DONE} .course-now").inner_text()
    ended = page.locator(f"{DONE} .course-now").inner_text()
    assert page.locator(f"{DONE} .course-spoken").text_content() == ended, "what is spoken last is how the run ended"
    bench.screenshot("live-finished")
    assert bench.trouble == []

    saved = bench.save()
    assert "widgets" not in saved["metadata"]
    assert set(saved["cells"][0]["outputs"][0]["data"]) == {"text/html", "text/plain"}
    assert bench.file.stat().st_size < 65_000

    bench.stop_kernels()
    bench.open("live.ipynb")
    image = page.locator(f"{OUTPUT} img")
    image.wait_for()
    page.wait_for_function("document.querySelector('.jp-OutputArea-output img').naturalHeight > 100")
    assert "Error displaying widget" not in page.locator(".jp-NotebookPanel").inner_text()
    bench.screenshot("live-reopened")


def test_interrupting_the_kernel_gives_the_history_back_and_the_picture_stays(bench: Bench) -> None:
    bench.open("interrupt.ipynb", TRAINER)
    bench.start()
    wait_for_more(bench, "epochs", 3)
    bench.page.wait_for_function("document.querySelector('.course-live .course-status:nth-of-type(2)') !== null")
    status = bench.page.locator(".course-live .course-status").last.inner_text()
    assert re.search(r"no better for \d+ of 100000 epochs", status), status
    assert "left" in status
    bench.notebook.menu("Kernel", "Interrupt Kernel")
    bench.page.wait_for_selector(DONE, timeout=30_000)
    bench.finished()
    assert "came back with interrupted True" in bench.page.locator(".jp-OutputArea").first.inner_text()
    assert "interrupted by hand" in bench.page.locator(f"{DONE} .course-now").inner_text()
    bench.screenshot("live-interrupted")


def test_stop_button_ends_the_trainer_of_the_course(bench: Bench) -> None:
    bench.open("stop.ipynb", TRAINER)
    bench.start()
    button = bench.page.get_by_role("button", name="Stop training")
    button.wait_for(timeout=60_000)
    rate = bench.page.get_by_role("slider", name="learning rate")
    assert rate.is_visible()
    wait_for_more(bench, "epochs", 1)
    button.click()
    bench.page.wait_for_selector(DONE, timeout=30_000)
    bench.finished()
    assert "came back with callback True" in bench.page.locator(".jp-OutputArea").first.inner_text()


def test_follows_the_dark_theme(bench: Bench) -> None:
    bench.open("dark.ipynb", ENDLESS)
    bench.notebook.menu("Settings", "Theme", "JupyterLab Dark")
    bench.page.wait_for_function("document.body.dataset.jpThemeLight === 'false'")
    bench.start()
    wait_for_more(bench, "epochs", 3)
    corner = "() => [...document.querySelector('.course-live canvas').getContext('2d').getImageData(2, 2, 1, 1).data]"
    assert max(bench.page.evaluate(corner)[:3]) < 60
    bench.screenshot("live-dark")
    bench.page.get_by_role("button", name="Stop training").click()
    bench.finished()
    bench.notebook.menu("Settings", "Theme", "JupyterLab Light")


@pytest.mark.slow
def test_a_hundred_thousand_batches_leave_browser_memory_flat_and_the_page_awake(bench: Bench) -> None:
    page = bench.page
    bench.open(
        "long.ipynb",
        "import time, random\nfrom course_lib.live import LivePlot\nplot = LivePlot(steps=1000)\nplot.__enter__()\n"
        "def feed(count):\n    for k in range(count):\n        plot.batch(random.random())\n"
        "        if k % 1000 == 999: plot.epoch(val_loss=random.random())\n        if k % 100 == 99: time.sleep(0.004)",
        "feed(20_000)",
        "feed(100_000)",
        "plot.__exit__(None, None, None)",
    )
    session = page.context.new_cdp_session(page)

    def heap() -> float:
        session.send("HeapProfiler.enable")
        session.send("HeapProfiler.collectGarbage")
        return float(session.send("Runtime.getHeapUsage")["usedSize"])

    bench.start(0)
    bench.finished()
    bench.start(1)
    wait_for_more(bench, "batches", 10_000)
    bench.finished()
    before = heap()
    page.evaluate("""() => { window.longest = 0; let last = performance.now(); const tick = () => {
        const now = performance.now(); window.longest = Math.max(window.longest, now - last); last = now;
        requestAnimationFrame(tick); }; requestAnimationFrame(tick); }""")
    bench.start(2)
    wait_for_more(bench, "batches", 100_000)
    bench.finished()
    grown = heap() - before
    print(
        f"browser heap grew by {grown / 1e6:.2f} MB; longest wait for a frame {page.evaluate('window.longest'):.0f} ms"
    )
    assert grown < 5e6, f"100,000 batches made the browser's heap grow by {grown / 1e6:.1f} MB"
    bench.screenshot("live-long")
    bench.start(3)
    page.wait_for_selector(DONE, timeout=30_000)
    bench.finished()
    bench.save()
    assert bench.file.stat().st_size < 75_000


KERAS = """
import numpy as np, keras
from course_lib.data import digits
from course_lib.keras import fit
from course_lib.live.plot import LivePlot
data = digits()
keras.utils.set_random_seed(0)
model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(10)])
plot = LivePlot()
history = fit(model, data.train, data.val, loss="cross_entropy", epochs=100_000, callbacks=[plot])
print('came back with', history.stop_reason, history.epochs > 0, 'rate', history.batch_lr[-1] < history.batch_lr[0])
"""
STOCK_KERAS = """
import numpy as np, keras
from course_lib.live.plot import LivePlot
x = np.random.default_rng(0).random((320, 4), dtype=np.float32)
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
plot = LivePlot()
model.fit(x, x[:, :1], validation_split=0.2, epochs=100_000, verbose=0, callbacks=[plot])
print('came back with', plot.history.stop_reason, plot.history.epochs > 0)
"""


def test_keras_trainer_is_controlled_the_same_way(bench: Bench) -> None:
    bench.open("keras.ipynb", KERAS)
    bench.start()
    wait_for_more(bench, "epochs", 2)
    rate = bench.page.get_by_role("slider", name="learning rate")
    rate.wait_for()
    rate.focus()
    bench.page.keyboard.press("Home")
    # Rates are shown once one has changed: then a batch was trained with the new one.
    bench.page.wait_for_function(
        "Object.keys(document.querySelector('.course-live').coursePoints().rates).length > 0", timeout=30_000
    )
    bench.page.get_by_role("button", name="Stop training").click()
    bench.page.wait_for_selector(DONE)
    bench.finished()
    assert "came back with callback True rate True" in bench.page.locator(".jp-OutputArea").first.inner_text()


def test_keras_own_fit_stops_by_the_button(bench: Bench) -> None:
    bench.open("stock.ipynb", STOCK_KERAS)
    bench.start()
    wait_for_more(bench, "epochs", 2)
    bench.page.get_by_role("button", name="Stop training").click()
    bench.page.wait_for_selector(DONE)
    bench.finished()
    assert "came back with callback True" in bench.page.locator(".jp-OutputArea").first.inner_text()


SHORT = ENDLESS.replace("range(5000)", "range(30)")


def test_where_messages_wait_for_the_cell_there_is_no_dead_button(bench: Bench) -> None:
    deaf = "from course_lib.live import browser_view\nbrowser_view._answer_while_running = lambda widget: None\n"
    bench.open("deaf.ipynb", deaf + SHORT)
    bench.start()
    wait_for_more(bench, "epochs", 12)
    assert bench.is_running()
    assert bench.page.get_by_label("log scale").is_visible()
    assert not bench.page.get_by_role("button", name="Stop training").is_visible()
    assert not bench.page.get_by_role("slider", name="learning rate").is_visible()
    bench.page.wait_for_selector(DONE)
    bench.finished()


def test_as_an_ordinary_widget_for_hosts_that_do_not_name_their_cells(bench: Bench) -> None:
    plain = "import course_lib.live.browser_view\ncourse_lib.live.browser_view.running_cell = lambda: ''\n"
    bench.open("plain.ipynb", plain + ENDLESS)
    bench.start()
    wait_for_more(bench, "epochs", 2)
    bench.page.evaluate(WATCH)
    bench.page.get_by_role("button", name="Stop training").click()
    bench.page.wait_for_selector(f"{OUTPUT} img")
    bench.finished()
    bench.page.evaluate("window.enough = true")
    assert bench.page.evaluate("window.blank") == []
    saved = bench.save()
    assert set(saved["cells"][0]["outputs"][0]["data"]) == {"text/html", "text/plain"}
    assert "widgets" not in saved["metadata"]
    assert bench.trouble == []


def test_in_notebook_7(bench: Bench) -> None:
    page = bench.page
    bench.open("seven.ipynb", ENDLESS)
    bench.stop_kernels()
    page.goto(f"{bench.lab.url}/notebooks/seven.ipynb?token={bench.lab.token}")
    page.wait_for_function(KERNEL_IS_READY)
    bench.start()
    wait_for_more(bench, "epochs", 3)
    page.get_by_role("button", name="Stop training").wait_for()
    bench.screenshot("live-notebook7")
    page.get_by_role("button", name="Stop training").click()
    page.wait_for_selector(DONE)


def test_a_killed_kernel_leaves_words_instead_of_a_missing_widget(bench: Bench) -> None:
    bench.open("killed.ipynb", ENDLESS)
    bench.start()
    wait_for_more(bench, "epochs", 1)
    output = bench.save()["cells"][0]["outputs"][0]["data"]
    assert set(output) == {"text/html", "text/plain"}
    assert "it was cut off before its picture could be drawn" in "".join(output["text/html"])


# Opens a view on a page of its own, without a kernel, with a run whose validation loss rises to the end.
RISING = """() => {
  const loss = (i) => ({ t: 0.5 / (i + 1), v: 0.5 + 0.01 * Math.abs(i - 9) });
  const epochs = [...Array(60)].map((_, i) => ({ e: i + 1, end: 0, ...loss(i) }));
  const start = { run: 1, n: 0, width: 1, epochs, s: {}, data: new DataView(new ArrayBuffer(0)) };
  const state = { target: "x", start };
  live.initialize({ model: { get: (name) => state[name], on: () => {}, send: () => {} } });
}"""
# How many pixels of the last twentieth of the picture have the colour of the validation loss, unfaded.
LAST_ORANGE = """() => {
  const canvas = document.querySelector('canvas'), c = canvas.getContext('2d'), wide = Math.round(canvas.width / 20);
  const pixels = c.getImageData(canvas.width - 14 - wide, 0, wide, canvas.height).data;
  let count = 0;
  for (let i = 0; i < pixels.length; i += 4) count += [0xB8, 0x4A, 0].every((value, k) => pixels[i + k] === value);
  return count;
}"""


def test_no_legend_lies_on_a_validation_loss_that_rises_to_the_end(page: Any, artefacts: Path) -> None:
    page.set_content('<body data-jp-theme-light="true"><div data-course-live="x"></div></body>')
    page.add_script_tag(content=script().replace("export default", "window.live ="), type="module")
    page.wait_for_function("window.live !== undefined")
    page.evaluate(RISING)
    page.wait_for_function("document.querySelector('.course-live')?.dataset.frames > 0")
    assert page.evaluate(LAST_ORANGE) > 40
    page.screenshot(path=artefacts / "live-rising.png")


# Which words are drawn, and which of them on their side.
WRITTEN = """() => {
  window.words = [];
  const draw = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...at) {
    window.words.push([text, this.getTransform().b !== 0]);
    return draw.call(this, text, ...at);
  };
}"""


def test_several_metrics_are_named_where_there_is_room_for_their_names(page: Any, artefacts: Path) -> None:
    asked = ["accuracy", "precision", "recall", "average_precision"]
    columns = [*(f"train_{name}" for name in asked[1:]), *(f"val_{name}" for name in asked), "train_accuracy"]
    metrics = ", ".join(f"{name}: i / {60 + place}" for place, name in enumerate(columns))
    page.set_content('<body data-jp-theme-light="true"><div data-course-live="x"></div></body>')
    page.evaluate(WRITTEN)
    page.add_script_tag(content=script().replace("export default", "window.live ="), type="module")
    page.wait_for_function("window.live !== undefined")
    page.evaluate(RISING.replace("...loss(i) }", "...loss(i), m: { " + metrics + " } }"))
    page.wait_for_function("document.querySelector('.course-live')?.dataset.frames > 0")
    words = [tuple(word) for word in page.evaluate("window.words")]
    assert {text for text, aside in words if aside} == {"loss", "metrics"}
    named = [text for text, aside in words if not aside and text in asked]
    assert named[: len(asked)] == asked
    page.screenshot(path=artefacts / "live-metrics.png")
