"""What the live plot shows while it grows and at the end, in a real JupyterLab, against what was recorded."""

from __future__ import annotations

import base64
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from live_points import READ, RECORD, check_points
from live_support import Bench

from course_lib.live.feed import Feed
from course_lib.live.place import script
from course_lib.training.history import History

#: What all notebooks begin with. `Watched` lets a run wait until the view has answered, then go on slowly
#: enough to be seen growing; `kept` writes the history down for the test.
BEGIN = """
import os, signal, time
import numpy as np
from course_lib.training.callbacks import Callback, Checkpoint
from course_lib.data import digits
import course_lib
from course_lib.training.history import History
from course_lib.live.feed import Feed
from course_lib.live.plot import LivePlot
data = digits()
def answered(plot):
    until = time.monotonic() + 60
    while not plot._heard and time.monotonic() < until: time.sleep(0.01)
class Watched(Callback):
    grouped, order, interrupt = True, 3, None
    def on_epoch_begin(self, epoch, logs=None):
        answered(next(c for c in self.run.callbacks if isinstance(c, LivePlot)))
    def on_epoch_end(self, epoch, logs=None):
        time.sleep(0.12)
        if epoch == self.interrupt: os.kill(os.getpid(), signal.SIGINT)
def kept(name, history):
    history.to_json(name + '.json')
CE = dict(loss="cross_entropy", metrics=["accuracy"])
"""
PYTORCH = """
import torch
from course_lib.training import torch_run as torch_parts
from course_lib.pytorch import fit
def group(size):
    torch_parts.GROUP, torch_parts.SECONDS = size, 1e9
def model():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(64, 16), torch.nn.ReLU(), torch.nn.Linear(16, 10))
"""
KERAS = """
import keras
from course_lib.training import keras_run as keras_parts
from course_lib.keras import fit
def group(size):
    keras_parts.KerasRun.steps_at_once = lambda run: size
def model():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((64,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(10)])
"""
FRESH = """
group({size})
kept('{title}', fit(model(), data.train, data.val, epochs=10, callbacks=[LivePlot(title='{title}'), Watched()], **CE))
"""
INTERRUPTED = """
group(7)
watched, point = Watched(), Checkpoint('files')
watched.interrupt = 5
kept('{0}-cut', fit(model(), data.train, data.val, epochs=10,
                    callbacks=[LivePlot(title='{0}-cut'), watched, point], **CE))
watched.interrupt = None
plot = LivePlot(title='{0}-on')
kept('{0}-on', fit(model(), data.train, data.val, epochs=10, resume=point.last, callbacks=[plot, watched], **CE))
assert plot.history.epochs == 10, plot.history
"""
SCHEDULED = {
    "pytorch": """
from torch.optim.lr_scheduler import CosineAnnealingLR
def train(title, epochs, *callbacks, **more):
    net = model()
    groups = [{"params": net[0].parameters()}, {"params": net[2].parameters(), "lr": 0.02}]
    optimizer = torch.optim.SGD(groups, lr=0.1)
    kept(title, fit(net, data.train, data.val, epochs=epochs, optimizer=optimizer, schedule_unit="batch",
        schedule=CosineAnnealingLR(optimizer, 450), callbacks=[LivePlot(title=title), Watched(), *callbacks],
        **more, **CE))
""",
    "keras": """
def train(title, epochs, *callbacks, **more):
    cosine = keras.optimizers.schedules.CosineDecay(0.1, 450)
    kept(title, fit(model(), data.train, data.val, epochs=epochs, optimizer="sgd", schedule=cosine,
        callbacks=[LivePlot(title=title), Watched(), *callbacks], **more, **CE))
""",
}
SCHEDULED_RUNS = """
group(7)
point = Checkpoint('scheduled')
train('{0}-half', 6, point)
train('{0}-scheduled', 10, resume=point.last)
"""
TWO = """
group(200)
two = [LivePlot(title='{0}-one'), LivePlot(title='{0}-other', every=0.03)]
history = fit(model(), data.train, data.val, epochs=6, callbacks=[*two, Watched()], **CE)
kept('{0}-one', history); kept('{0}-other', history)
"""
HAND = """
def loop(plot, size, epochs, whole=True):
    rng = np.random.default_rng(plot.history.epochs)
    for epoch in range(epochs):
        for start in range(0, 200, size):
            losses = rng.random(min(size, 200 - start)).tolist()
            if whole:
                for loss in losses: plot.batch(loss, 32)
            else:
                plot.history.batches(losses, [32] * len(losses))
            time.sleep(0.0005 * len(losses))
        plot.epoch(val_loss=rng.random(), val_accuracy=rng.random())
"""
BY_HAND = """
for size, whole in ((1, True), (7, True), (200, True), (200, False), (7, False)):
    title = f'hand-{size}-{whole}'
    with LivePlot(title=title, steps=200) as plot:
        answered(plot)
        loop(plot, size, 4, whole)
    kept(title, plot.history)
"""
ON_BY_HAND = """
plot = LivePlot(title='hand-cut', every=0.05)
try:
    with plot:
        answered(plot)
        loop(plot, 7, 2)
        for loss in (0.5, 0.25, float('nan'), 0.75): plot.batch(loss, 32)
        plot._next = 0
        plot.batch(0.1, 32)
        time.sleep(0.1)
        raise KeyboardInterrupt
except KeyboardInterrupt:
    kept('hand-cut', plot.history)
with LivePlot(title='hand-on', history=History.from_json('hand-cut.json')) as plot:
    answered(plot)
    loop(plot, 25, 6)
kept('hand-on', plot.history)
"""
#: More batches than the view has buckets for, and more than are sent at once to a late front end.
LONG = """
with LivePlot(title='hand-long', steps=200) as plot:
    loop(plot, 100, 15)
    answered(plot)
    loop(plot, 100, 15)
kept('hand-long', plot.history)
"""
STOCK = """
keras.utils.set_random_seed(0)
net = keras.Sequential([keras.Input((64,)), keras.layers.Dense(10)])
net.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
class Slow(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None): answered(plot)
    def on_epoch_end(self, epoch, logs=None):
        time.sleep(0.15)
        if epoch == 6: raise KeyboardInterrupt
plot = LivePlot(title='stock')
try:
    net.fit(*data.train, validation_data=data.val, epochs=20, verbose=0, callbacks=[plot, Slow()])
except KeyboardInterrupt:
    kept('stock', plot.history)
"""


@pytest.fixture
def bench(page: Any, lab: Any, open_notebook: Any, artefacts: Path) -> Bench:
    return Bench(page, lab, open_notebook, artefacts)


def read(bench: Bench, title: str) -> tuple[list[dict[str, Any]], History]:
    """Return all states of one view, the last one too, and the history that the kernel wrote down."""
    history = History.from_json(bench.lab.folder / f"{title}.json")
    done = f"(title) => JSON.parse(({READ})(title))[0]?.end.batches === {history.steps}"
    bench.page.wait_for_function(done, arg=title, timeout=20_000)
    (view,) = json.loads(bench.page.evaluate(READ, title))
    return [*view["seen"], view["end"]], history


def check(bench: Bench, *titles: str) -> None:
    for title in titles:
        states, history = read(bench, title)
        assert len(states) >= 4, f"{title} was not seen growing"
        for points in states:
            check_points(points, history)
        assert (states[-1]["batches"], states[-1]["epochs"]) == (history.steps, history.epochs), title
        assert states[-1]["best"] == [history.best_epoch, history.val_loss[history.best_epoch - 1]], title
        amounts = [(points["batches"], points["epochs"]) for points in states]
        assert amounts == sorted(amounts), f"{title} went back"


def run_cells(bench: Bench, name: str, *cells: str) -> None:
    bench.open(name, *cells)
    bench.page.evaluate(RECORD)
    for number in range(len(cells)):
        bench.start(number)
        bench.finished()
    errors = bench.page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']")
    assert errors.count() == 0 or "Error" not in "".join(errors.all_inner_texts()), errors.all_inner_texts()
    assert bench.trouble == []


@pytest.mark.parametrize("framework", ["pytorch", "keras"])
def test_the_rates_of_a_schedule_are_shown_as_they_were_recorded(bench: Bench, framework: str) -> None:
    begin = BEGIN + (PYTORCH if framework == "pytorch" else KERAS) + SCHEDULED[framework]
    run_cells(bench, f"rates-{framework}.ipynb", begin, SCHEDULED_RUNS.format(framework))
    check(bench, f"{framework}-half", f"{framework}-scheduled")
    bench.screenshot(f"rates-{framework}")
    states, history = read(bench, f"{framework}-scheduled")
    assert len(states[-1]["rates"]) == len(history.batch_rates) == (2 if framework == "pytorch" else 1)
    assert all(points["rates"] for points in states if points["batches"])
    assert history.batch_lr[-1] < 1e-4 < history.batch_lr[0] / 2


@pytest.mark.parametrize("framework", ["pytorch", "keras"])
def test_each_batch_of_a_trainer_is_shown_once_at_its_place(bench: Bench, framework: str) -> None:
    begin = BEGIN + (PYTORCH if framework == "pytorch" else KERAS)
    fresh = {f"{framework}-{size}": size for size in (1, 7, 200)}
    cells = [FRESH.format(size=size, title=title) for title, size in fresh.items()]
    run_cells(bench, f"points-{framework}.ipynb", begin, *cells, INTERRUPTED.format(framework), TWO.format(framework))
    check(bench, *fresh, *(f"{framework}-{what}" for what in ("cut", "on", "one", "other")))


def test_each_batch_of_a_loop_by_hand_is_shown_once_at_its_place(bench: Bench) -> None:
    run_cells(bench, "points-hand.ipynb", BEGIN + HAND, BY_HAND, ON_BY_HAND, LONG)
    sizes = ["1-True", "7-True", "200-True", "200-False", "7-False"]
    check(bench, *(f"hand-{size}" for size in sizes), "hand-cut", "hand-on", "hand-long")


def test_keras_own_fit_cut_off_by_hand_shows_its_batches_and_leaves_a_picture(bench: Bench) -> None:
    run_cells(bench, "points-stock.ipynb", BEGIN + KERAS, STOCK)
    check(bench, "stock")
    bench.page.locator(".course-now", has_text="left before its end").wait_for()


# Opens a view on a page of its own, without a kernel, and lets the test play the kernel's half.
ALONE = """() => {
  document.body.innerHTML = '<div data-course-live="x"></div>';
  const state = { target: "x", start: {}, title: "" }, handlers = {};
  const view = (bytes) => new DataView(Uint8Array.from(atob(bytes), (byte) => byte.charCodeAt(0)).buffer);
  const on = (name, call) => { handlers[name] = call; };
  window.closeView?.();
  window.closeView = live.initialize({ model: { get: (name) => state[name], on, send: () => {} } });
  const points = () => JSON.stringify(document.querySelector('[data-course-live]').coursePoints());
  window.kernel = {
    start: (all, data) => { state.start = { ...all, data: view(data) }; handlers["change:start"](); return points(); },
    send: (message, data) => { handlers["msg:custom"](message, [view(data)]); return points(); },
  };
  return points();
}"""


@pytest.fixture
def alone(page: Any) -> Any:
    """A page that has the browser's half of the live plot, and nothing else."""
    page.set_content('<body data-jp-theme-light="true"></body>')
    page.add_script_tag(content=script().replace("export default", "window.live ="), type="module")
    page.wait_for_function("window.live !== undefined")
    return page


class Front:
    """Sends what the kernel's half would send, to a view on a page of its own."""

    def __init__(self, page: Any) -> None:
        self.page, self.feed = page, Feed()
        page.evaluate(ALONE)

    def new(self, history: History, **status: Any) -> tuple[str, dict[str, Any], bytes]:
        self.feed.follow(history)
        message, data = self.feed.new()
        self.feed.sent()
        return "send", {"kind": "new", **message, "s": status}, data

    def everything(self, history: History, **status: Any) -> tuple[str, dict[str, Any], bytes]:
        self.feed.follow(history)
        start = self.feed.everything()
        self.feed.sent()
        data = start.pop("data")
        return "start", {**start, "s": status}, data

    def deliver(self, how: str, message: dict[str, Any], data: bytes) -> dict[str, Any]:
        text = base64.b64encode(data).decode()
        points: dict[str, Any] = json.loads(
            self.page.evaluate(f"([message, data]) => kernel.{how}(message, data)", [message, text])
        )
        return points


LOSS = st.floats(-1e6, 1e6) | st.sampled_from([math.nan, math.inf])
STEP = st.tuples(
    st.lists(LOSS, max_size=30),
    st.booleans(),
    st.sampled_from(["new", "new", "new", "all", "twice", "late"]),
    st.sampled_from([None, 1.0, 1.0, 1.0, 0.1, 0.01]),  # the rate; nobody may have told it
    st.integers(1, 2),  # groups of parameters
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEP, min_size=1, max_size=15), lost=st.integers(0, 3), again=st.booleans())
def test_a_view_is_right_whatever_is_late_lost_or_said_twice(alone, steps, lost, again):
    history, front, late = History(), Front(alone), []
    if again:  # the view has seen another run before
        other = History()
        other.batches([9.0] * 5, [1] * 5)
        front.deliver(*front.new(other))
    for number, (losses, ends, how, rate, groups) in enumerate(steps):
        rates = (
            None
            if rate is None
            else [rate * 0.9**k for k in range(len(losses))]
            if rate < 0.1
            else [rate] * len(losses)
        )
        further = {"lr_2": [0.5 * one for one in rates]} if rates and groups > 1 else None
        history.batches(losses, [1] * len(losses), lr=rates, rates=further)
        if ends:
            history.epoch(val_loss=losses[0] if losses else 1.0, val_accuracy=0.5)
        message = front.everything(history) if how in ("all", "late") else front.new(history)
        if number < lost:  # the front end was still loading
            continue
        if how == "late":  # a state arrives after messages that were sent later
            late.append(message)
            continue
        points = front.deliver(*message)
        if how == "twice":
            assert front.deliver(*message) == points
        if points["run"] == front.feed.run:
            check_points(points, history)
    for message in [*late, front.everything(history)]:
        points = front.deliver(*message)
    check_points(points, history)
    assert (points["batches"], points["epochs"]) == (history.steps, history.epochs)


def test_when_buckets_are_merged_every_batch_is_still_in_one(alone):
    history, front = History(), Front(alone)
    rng = np.random.default_rng(0)
    for epoch in range(40):
        history.batches(rng.random(300 + epoch % 3).tolist(), [1] * (300 + epoch % 3))
        history.epoch(val_loss=rng.random())
        message = front.everything(history) if epoch == 25 else front.new(history)
        check_points(front.deliver(*message), history)


def test_rates_are_sent_once_one_has_changed_or_from_the_start_with_a_schedule(alone):
    history, front = History(), Front(alone)
    for rate in (0.1, 0.1, 0.05):
        history.batches([1.0] * 4, [1] * 4, lr=[rate] * 4)
        history.epoch(val_loss=1.0)
        points = front.deliver(*front.new(history))
        check_points(points, history)
        assert bool(points["rates"]) == (rate == 0.05)
    assert len(points["rates"]["lr"]) == 12
    scheduled = Front(alone)
    scheduled.feed = Feed(scheduled=True)
    history = History()
    history.batches([1.0] * 4, [1] * 4, lr=[0.1] * 4)
    assert len(scheduled.deliver(*scheduled.new(history))["rates"]["lr"]) == 4


def test_the_read_out_says_the_rate_of_the_epochs_last_batch(alone):
    history, front = History(), Front(alone)
    for rate in (0.1, 0.05, 0.025):
        history.batches([1.0] * 4, [1] * 4, lr=[rate, rate, rate, rate * 0.9])
        history.epoch(val_loss=1.0)
    front.deliver(*front.everything(history, E=3, S=4))
    alone.locator("canvas").focus()
    alone.keyboard.press("Home")
    status(alone, "validation 1, learning rate 0.09")


def test_the_replay_grows_the_rates_too(alone):
    history, front = History(), Front(alone)
    for epoch in range(10):
        history.batches([1.0] * 4, [1] * 4, lr=[0.1 * 0.5**epoch] * 4)
        history.epoch(val_loss=1.0)
    front.deliver(*front.everything(history, E=10, S=4, done=True))
    replay = alone.locator("input[type=range]").last
    replay.wait_for()
    replay.evaluate("(r) => { r.value = Math.round(r.max / 2); r.dispatchEvent(new Event('input')); }")
    points = alone.evaluate("document.querySelector('[data-course-live]').coursePoints()")
    assert points["rates"]["lr"][-1]["to"] == points["batch"][-1]["to"] == 20


def status(page: Any, words: str) -> str:
    page.wait_for_function(
        "(words) => [...document.querySelectorAll('.course-status')].some((p) => p.textContent.includes(words))",
        arg=words,
    )
    return page.locator(".course-status").last.inner_text()


def test_the_status_line_says_what_the_history_says(alone):
    history, front = History(), Front(alone)
    for value in (3.0, 1.0, 2.0):
        history.batches([value] * 4, [1] * 4)
        history.epoch(val_loss=value)
    # Of ten epochs three were done before, in a run of its own; this one has done one more in 6 s: 6 are left.
    history.batches([0.5] * 4, [1] * 4)
    history.epoch()
    told = {"t": 6, "E": 10, "S": 4, "before": [12, 3], "b": [2, 1.0]}
    front.deliver(*front.everything(history, **told))
    line = status(alone, "left")
    assert "training 0.5 · no validation loss in epoch 4 · best 1 at epoch 2" in line
    assert "about 36 s left" in line
    alone.locator("canvas").focus()
    alone.keyboard.press("End")
    status(alone, "epoch 4: training 0.5, validation not shown")
    alone.keyboard.press("ArrowLeft")
    status(alone, "epoch 3: training 2, validation 2")
    history.batches([math.nan], [1])
    points = front.deliver(*front.new(history, **told))
    assert points["batch"][-1]["to"] == 16, "a loss that is no number has no place in the picture"


def test_a_read_out_of_merged_epochs_says_that_it_is_a_mean(alone):
    history, front = History(), Front(alone)
    for epoch in range(1, 5001):
        history.epoch(train_loss=float(epoch), val_loss=0.5)
        if epoch % 400 == 0 or epoch == 5000:
            front.deliver(*front.new(history, E=5000))
    alone.locator("canvas").focus()
    alone.keyboard.press("Home")
    status(alone, "epoch 1: training 1.5 (mean of epochs 1 to 2), validation 0.5 (mean of epochs 1 to 2)")
    assert "training 5000" in status(alone, "training 5000")
