"""The live plot without a browser: what is sent, what is recorded, what stays, what a failure does."""

from __future__ import annotations

import json
import math
import time
from typing import Any

import nbformat
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook

from course_lib.bench.kernel import Kernel
from course_lib.live.browser_view import BrowserView
from course_lib.live.feed import Feed, thinned
from course_lib.live.panels import last_picture
from course_lib.live.plot import LivePlot
from course_lib.live.views import View, sparkline
from course_lib.training.history import History


class Recorder(View):
    """Takes the place of the browser's half: keeps what was sent."""

    def __init__(self, plot: LivePlot) -> None:
        super().__init__(plot)
        self.feed = Feed()
        self.losses: list[float] = []
        self.epochs: list[dict[str, Any]] = []
        self.updates = 0

    def update(self) -> None:
        self.updates += 1
        self.feed.follow(self.plot.history)
        message, data = self.feed.new()
        assert (message["from"], message["after"]) == (len(self.losses), len(self.epochs))
        self.losses += np.frombuffer(data, np.float32).tolist()
        self.epochs += message["epochs"]
        self.feed.sent()

    def close(self) -> None:
        pass


def opened(**options: Any) -> tuple[LivePlot, Recorder]:
    plot = LivePlot(where="text", **options)
    plot.__enter__()
    recorder = Recorder(plot)
    plot._view = recorder
    return plot, recorder


def float32(losses: Any) -> list[float]:
    return np.asarray(losses, np.float32).tolist()


@given(st.lists(st.floats(-1e9, 1e9), max_size=60), st.integers(1, 7))
def test_frames_are_dropped_and_points_never(losses, per_epoch):
    plot, recorder = opened(every=1e9)
    for k, loss in enumerate(losses, 1):
        plot.batch(loss)
        if k % per_epoch == 0:
            plot.epoch(val_loss=loss)
    plot.__exit__(None, None, None)
    assert recorder.losses == float32(losses)
    assert recorder.updates <= 3
    assert plot.history.batch_loss.tolist() == losses
    assert [e["e"] for e in recorder.epochs] == list(range(1, len(losses) // per_epoch + 1))


def test_updates_are_gathered():
    plot, recorder = opened(every=0.05)
    started = time.perf_counter()
    while time.perf_counter() - started < 0.4:
        plot.batch(1.0)
    elapsed = time.perf_counter() - started
    plot.__exit__(None, None, None)
    assert recorder.updates <= elapsed / 0.05 + 2
    assert len(recorder.losses) == plot.history.steps > recorder.updates


def test_a_failure_of_drawing_is_told_once_and_training_goes_on(capsys):
    plot, recorder = opened(every=1e-9)

    def fail() -> None:
        raise OSError("the canvas is gone")

    recorder.update = fail  # type: ignore[method-assign]
    for _ in range(5):
        plot.batch(1.0)
        plot.epoch(val_loss=1.0)
    plot.__exit__(None, None, None)
    told = capsys.readouterr()
    assert told.out.count("could not be drawn (OSError: the canvas is gone)") == 1
    assert told.err == ""
    assert plot.history.epochs == 5


@pytest.mark.parametrize(("error", "reason"), [(KeyboardInterrupt, "interrupted"), (ValueError, "error")])
def test_an_interrupt_or_error_is_named_and_passed_on(error, reason, capsys):
    plot = LivePlot(where="text")

    def train() -> None:
        with plot:
            plot.batch(1.0)
            plot.epoch(val_loss=2.0)
            raise error("here")

    with pytest.raises(error):
        train()
    assert plot.history.stop_reason == reason
    assert "validation 2" in capsys.readouterr().out


def test_a_run_that_ends_in_its_first_epoch_says_how_many_batches_there_were():
    for batches, said in ((1, "1 batch"), (2, "2 batches")):
        with LivePlot(where="text") as plot:
            for _ in range(batches):
                plot.batch(1.0)
        assert f"; {said}." in plot.summary()
        assert plot.picture()[1].endswith(f"{said}, no complete epoch yet.")


def test_in_a_terminal_one_line_remains(capsys):
    with LivePlot() as plot:
        for k in range(3):
            plot.batch(loss=3.0 - k)
            plot.epoch(val_loss=3.5 - k)
    assert capsys.readouterr().out == "3 epochs  training 1  validation 1.5 █▅▁  best epoch 3: 1.5\n"


def test_thinning_keeps_the_lowest_and_the_highest():
    values = np.random.default_rng(0).normal(size=12_345)
    values[777], values[8_888] = 99, -99
    width, data = thinned(values)
    table = np.frombuffer(data, np.float32).reshape(-1, 3)
    assert len(table) <= 1000
    assert width == 13
    assert (table[:, 0].min(), table[:, 1].max()) == (-99, 99)
    assert np.all(table[:, 0] <= table[:, 2] + 1e-5)


@given(
    st.lists(st.floats(-1e6, 1e6) | st.sampled_from([math.nan, math.inf, -math.inf]), max_size=90), st.integers(1, 40)
)
@pytest.mark.filterwarnings("error")
def test_thinned_losses_keep_their_places(values, most):
    width, data = thinned(np.array(values), most)
    table = np.frombuffer(data, np.float32).reshape(-1, 3)
    parts = [values[start : start + width] for start in range(0, len(values), width)]
    assert len(table) == len(parts) <= most
    for (low, high, mean), part in zip(table, parts, strict=True):
        finite = [value for value in part if math.isfinite(value)]
        if finite:
            assert (low, high) == (np.float32(min(finite)), np.float32(max(finite)))
            assert np.isclose(mean, np.mean(finite), rtol=1e-5, atol=1e-2)
        else:
            assert np.isnan([low, high, mean]).all()


@given(st.lists(st.floats(allow_nan=True), max_size=50), st.integers(1, 30))
def test_a_sparkline_is_never_longer_than_asked(values, width):
    assert len(sparkline([v if abs(v) < 1e100 else math.nan for v in values], width)) <= width


@pytest.mark.parametrize("wrong", [{"where": "paper"}, {"every": 0}])
def test_wrong_arguments_are_told(wrong):
    with pytest.raises(ValueError, match=r"expected"):
        LivePlot(**wrong)


def test_the_course_trainer_hands_over_every_batch(capsys):
    torch = pytest.importorskip("torch")
    from course_lib.pytorch import fit
    from course_lib.training.early_stopping import EarlyStopping

    x, y = torch.rand(50, 3), torch.randint(0, 2, (50,))
    plot = LivePlot(where="text")
    model = torch.nn.Linear(3, 2)
    stopper = EarlyStopping(patience=100)
    history = fit(model, (x, y), (x, y), loss="cross_entropy", epochs=4, batch_size=16, callbacks=[plot, stopper])
    assert plot.history is history
    assert history.steps == 16
    assert "best epoch" in capsys.readouterr().out


@pytest.mark.slow
def test_keras_own_fit_shows_each_batch_rather_than_the_running_mean(capsys):
    keras = pytest.importorskip("keras")
    rng = np.random.default_rng(0)
    x, y = rng.random((70, 3), dtype=np.float32), rng.random((70, 1), dtype=np.float32)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    plot = LivePlot(where="text")
    returned = model.fit(
        x, y, validation_split=0.0, epochs=2, batch_size=32, shuffle=False, verbose=0, callbacks=[plot]
    )
    errors = ((model.predict(x, verbose=0) - y) ** 2).ravel()
    expected = [errors[k : k + 32].mean() for k in (0, 32, 64)]
    assert np.allclose(plot.history.batch_loss, expected * 2, rtol=1e-5)  # the last batch has only 6 rows
    assert plot.history.batch_size.tolist() == [32, 32, 6] * 2
    assert np.allclose(plot.history.train_loss, returned.history["loss"], rtol=1e-5)
    assert plot.history.stop_reason == "finished"


@pytest.mark.slow
def test_keras_own_fit_that_begins_later_or_takes_steps_together_is_counted_right(capsys):
    keras = pytest.importorskip("keras")
    rng = np.random.default_rng(0)
    x, y = rng.random((70, 3), dtype=np.float32), rng.random((70, 1), dtype=np.float32)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.0), "mse", steps_per_execution=2)
    plot = LivePlot(where="text")
    settings = {"batch_size": 16, "shuffle": False, "verbose": 0, "callbacks": [plot]}
    model.fit(x, y, epochs=5, initial_epoch=3, **settings)
    assert (plot.epochs, plot.steps, plot.history.epochs) == (2, 3, 2)
    assert (plot.history.stop_reason, plot.history.stop_message) == ("finished", "all 2 epochs ran")
    errors = ((model.predict(x, verbose=0) - y) ** 2).ravel()
    expected = [errors[k : k + 32].mean() for k in (0, 32, 64)]  # Keras tells of two batches by their mean
    assert np.allclose(plot.history.batch_loss, expected * 2, rtol=1e-5)
    more = LivePlot(where="text", history=plot.history)
    model.fit(x, y, epochs=6, initial_epoch=5, **settings | {"callbacks": [more]})
    assert (more.epochs, more.history.epochs, more.history.stop_message) == (3, 3, "all 3 epochs ran")
    assert more.history is plot.history


# ---------------------------------------------------------------- in a real kernel


@pytest.fixture(scope="module")
def kernel():
    kernel = Kernel()
    kernel.run("import time\nfrom course_lib.live.plot import LivePlot")
    yield kernel
    kernel.close()


@pytest.mark.slow
def test_bytes_per_update_are_the_same_at_any_length(kernel):
    sizes = []
    for points in (100, 1_000, 10_000, 100_000):
        kernel.run(
            "plot = LivePlot(every=1e9); plot.__enter__(); plot._heard = True\n"
            f"for _ in range({points}): plot.batch(0.5)\nplot._update(time.perf_counter())"
        )
        _, size = kernel.run("for _ in range(50):\n    plot.batch(0.5)\n    plot._update(time.perf_counter())")
        sizes.append(size / 50)
        kernel.run("plot._view = None; plot._end()")
    assert max(sizes) < 1.05 * min(sizes)
    assert max(sizes) < 2_000


@pytest.mark.slow
def test_without_a_front_end_there_is_one_picture_and_no_widget():
    from nbclient import NotebookClient

    code = (
        "from course_lib.live.plot import LivePlot\nwith LivePlot(title='A run') as plot:\n    for k in range(300):\n"
        "        for _ in range(30): plot.batch(1 / (k + 1))\n"
        "        plot.epoch(val_loss=1 / (k + 1) + 0.003 * k, val_accuracy=0.5)"
    )
    notebook = new_notebook(cells=[new_code_cell(code)])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    outputs = notebook.cells[0].outputs
    assert [output.output_type for output in outputs] == ["display_data"]
    assert set(outputs[0].data) == {"text/html", "text/plain"}
    assert 'alt="Training loss falls from 1 to 0.00333 over 300 epochs.' in outputs[0].data["text/html"]
    assert "best epoch 18" in outputs[0].data["text/plain"]
    assert "widgets" not in notebook.metadata
    assert len(nbformat.writes(notebook)) < 65_000


@pytest.mark.slow
def test_the_picture_survives_nbconvert(tmp_path):
    from nbconvert import HTMLExporter

    plot = LivePlot(where="text")
    with plot:
        plot.epoch(train_loss=1.0, val_loss=2.0)
    html, plain = plot.picture()
    cell = new_code_cell(
        "fit()", outputs=[nbformat.v4.new_output("display_data", {"text/html": html, "text/plain": plain})]
    )
    page, _ = HTMLExporter().from_notebook_node(new_notebook(cells=[cell]))
    assert 'alt="Training loss 1 over 1 epoch.' in page
    assert "data:image/png;base64," in page


ASKED = ("accuracy", "precision", "recall", "average_precision")


def test_several_metrics_are_named_in_the_order_asked_for_and_nothing_is_cut_off_or_covered(monkeypatch):
    from matplotlib.figure import Figure

    from course_lib import plots

    drawn: list[Figure] = []
    monkeypatch.setattr(plots, "figure_html", lambda figure, *_, **__: drawn.append(figure) or "")
    history = History()
    for epoch in range(1, 11):
        history.batch(loss=1 / epoch, lr=0.1 / epoch, metrics={"accuracy": 0.9}, size=8)
        columns = [*(f"train_{name}" for name in ASKED[1:]), *(f"val_{name}" for name in ASKED)]
        history.epoch(val_loss=1 / epoch, **dict.fromkeys(columns, 1 - 1 / epoch))
    last_picture(history, None, "words", rates=True)
    (figure,) = drawn
    figure.draw_without_rendering()
    _, panel, _ = figure.axes
    legend = panel.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == list(ASKED)
    assert len({line.get_marker() for line in panel.get_lines()}) == len(ASKED)
    inside = figure.bbox
    for ax in figure.axes:
        label = ax.yaxis.label.get_window_extent()
        assert inside.x0 <= label.x0
        assert ax.bbox.y0 <= label.y0 < label.y1 <= ax.bbox.y1
        assert not ax.bbox.padded(-2).overlaps(legend.get_window_extent())
    assert inside.x0 <= legend.get_window_extent().x0 < legend.get_window_extent().x1 <= inside.x1


def test_importing_it_loads_no_framework():
    import subprocess
    import sys

    code = (
        "import sys, course_lib.live.plot, course_lib.plots, course_lib.explorers\n"
        "print([m for m in ('torch', 'tensorflow', 'keras', 'anywidget', 'matplotlib') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout.replace("'", '"')) == []


class Wire:
    """Takes the place of the widget: keeps every message in the order in which it went out."""

    def __init__(self) -> None:
        self.messages: list[tuple[dict[str, Any], np.ndarray]] = []

    def send(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        self.messages.append((message, np.frombuffer(buffers[0], np.float32)))

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "start":
            self.messages.append((value, np.frombuffer(value["data"], np.float32).reshape(-1, 3)))
        else:
            super().__setattr__(name, value)


class Wired(BrowserView):
    """The kernel's half as it is, on a wire that can be read."""

    def __init__(self, plot: LivePlot) -> None:
        self.plot, self.feed, self.widget = plot, Feed(), Wire()
        self.opened = self.kept = time.perf_counter()

    def close(self) -> None:
        pass


def received(view: Wired, history: History) -> None:
    """Raise unless every message went on where the one before it ended, with the history's own numbers."""
    steps = epochs = 0
    assert view.widget.messages
    for message, data in view.widget.messages:
        records = message["epochs"]
        if "n" in message:
            assert message["n"] >= steps
            steps, low, epochs = message["n"], 0, 0
            losses = history.batch_loss[:steps]
            assert np.array_equal(data, np.frombuffer(thinned(losses)[1], np.float32).reshape(-1, 3), equal_nan=True)
        else:
            assert (message["from"], message["after"]) == (steps, epochs)
            low, steps = steps, steps + len(data)
            assert data.tolist() == float32(history.batch_loss[low:steps])
        assert [r["e"] for r in records] == list(range(epochs + 1, epochs + 1 + len(records)))
        for r in records:
            assert (r["end"], r["v"]) == (history.steps_until(r["e"]), history.val_loss[r["e"] - 1])
        epochs += len(records)
        assert history.steps_until(epochs) <= steps <= history.steps_until(epochs + 1)
    assert (steps, epochs) == (history.steps, history.epochs)


GROUPS = st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=4), max_size=5)


@given(
    before=GROUPS, groups=GROUPS, left=st.integers(0, 4), due=st.lists(st.booleans(), min_size=80, max_size=80),
    heard=st.integers(0, 60), asks=st.sets(st.integers(0, 60)), straight=st.booleans(),
)  # fmt: skip
def test_a_view_is_sent_each_batch_once_whatever_came_in_whatever_groups(
    before, groups, left, due, heard, asks, straight
):
    history = History()
    losses = iter(np.random.default_rng(0).random(1000).tolist())

    def epoch_of(sizes, plot=None):
        for size in sizes:
            group = [next(losses) for _ in range(size)]
            if straight or plot is None:  # into the history first, as the trainers do, and one call a batch after it
                history.batches(group, [1] * size)
            for loss in group if plot is not None else ():
                plot._next = 0 if due[history.steps % 80] else math.inf
                plot._heard |= history.steps >= heard
                plot._wants_all |= history.steps in asks
                plot._look() if straight else plot.batch(loss)

    for sizes in before:
        epoch_of(sizes)
        history.epoch(val_loss=next(losses))
    history.batches([next(losses) for _ in range(left)], [1] * left)
    plot = LivePlot(where="text", history=history)
    plot.__enter__()
    view = Wired(plot)
    plot._view = view
    for sizes in groups:
        epoch_of(sizes, plot)
        plot.epoch(val_loss=next(losses))
    plot.__exit__(None, None, None)
    received(view, history)


@pytest.mark.parametrize("framework", ["pytorch", "keras"])
@pytest.mark.slow
def test_a_trainer_that_is_resumed_shows_all_of_its_history(framework, tmp_path):
    pytest.importorskip({"pytorch": "torch"}.get(framework, framework))
    from course_lib.training.callbacks import Checkpoint

    class Shown(LivePlot):
        def _open_view(self) -> None:
            self.every = 1e-9
            self._view = self.view = Wired(self)

    fit, model, data = trainer(framework)
    point, first, second = Checkpoint(tmp_path), Shown(), Shown()
    fit(model(), data, data, loss="cross_entropy", epochs=2, batch_size=16, callbacks=[first, point])
    received(first.view, first.history)
    history = fit(
        model(), data, data, loss="cross_entropy", epochs=5, batch_size=16, resume=point.last, callbacks=[second]
    )
    assert second.history is history
    received(second.view, history)
    assert history.steps == 20
    assert "5 epochs" in second.summary()
    statuses = [message["s"] for message, _ in second.view.widget.messages]
    assert {status["before"] for status in statuses} == {(8, 2)}, "the time left is told from this run's own epochs"
    again = fit(model(), data, data, loss="cross_entropy", epochs=3, batch_size=16, callbacks=[second])
    received(second.view, again)
    assert "before" not in second.view.widget.messages[-1][0]["s"]


def trainer(framework: str) -> tuple[Any, Any, Any]:
    """Return a framework's fit, a maker of a small model, and some rows."""
    rng = np.random.default_rng(0)
    rows = rng.random((50, 3), dtype=np.float32), rng.integers(0, 2, 50)
    if framework == "pytorch":
        import torch

        from course_lib.pytorch import fit

        return fit, lambda: torch.nn.Linear(3, 2), rows
    import keras

    from course_lib.keras import fit as keras_fit

    return keras_fit, lambda: keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]), rows


def test_a_plot_that_is_used_again_keeps_nothing_of_the_run_before():
    torch = pytest.importorskip("torch")
    from course_lib.pytorch import fit

    plot = LivePlot(where="text", epochs=7, lr=0.5)
    rows = torch.rand(50, 3), torch.randint(0, 2, (50,))
    of_fit = fit(torch.nn.Linear(3, 2), rows, rows, loss="cross_entropy", epochs=2, callbacks=[plot])
    assert (plot.epochs, plot.steps, plot.lr) == (2, 2, 0.001)
    with plot:
        assert (plot.epochs, plot.steps, plot.lr, plot._set_lr) == (7, None, 0.5, None)
        plot.batch(1.0)
    assert plot.history is not of_fit
    assert plot.history.steps == 1
    assert of_fit.steps == 4


def test_a_history_to_go_on_with_is_taken_or_refused():
    torch = pytest.importorskip("torch")
    from course_lib.pytorch import fit

    with LivePlot(where="text") as plot:
        plot.batch(1.0)
        plot.epoch(val_loss=2.0)
        plot.stopped = True
    assert plot.history.stop_reason == "callback"
    with LivePlot(where="text", history=plot.history) as more:
        more.batch(0.5)
        more.epoch(val_loss=1.0)
    assert (more.history.epochs, more.history.best_epoch, more.history.stop_reason) == (2, 2, None)
    with pytest.raises(TypeError, match="history is a dict; expected a History"):
        LivePlot(history={"loss": [1.0]})  # type: ignore[arg-type]
    rows = torch.rand(50, 3), torch.randint(0, 2, (50,))
    with pytest.raises(ValueError, match=r"goes with a loop of your own.*resume=checkpoint\.last"):
        fit(torch.nn.Linear(3, 2), rows, rows, loss="cross_entropy", callbacks=[LivePlot(history=more.history)])


def test_the_best_epoch_shown_is_the_one_that_early_stopping_chose(capsys):
    torch = pytest.importorskip("torch")
    from course_lib.pytorch import fit
    from course_lib.training.early_stopping import EarlyStopping

    class Shown(LivePlot):
        def _open_view(self) -> None:
            self._view = self.view = Wired(self)

    torch.manual_seed(0)
    rows = torch.rand(50, 3), torch.randint(0, 2, (50,))
    plot = Shown()
    history = fit(
        torch.nn.Linear(3, 2),
        rows,
        rows,
        loss="cross_entropy",
        epochs=4,
        callbacks=[plot, EarlyStopping(patience=9, min_delta=10.0)],
    )
    assert history.val_loss.argmin() > 0
    assert history.best_epoch == 1, "nothing is better by 10"
    assert plot.view.widget.messages[-1][0]["s"]["b"] == (1, history.val_loss[0])
    assert f"best epoch 1: {history.val_loss[0]:.4g}" in plot.summary()
    assert "Validation loss is lowest, " + f"{history.val_loss.min():.3g}, at epoch 4" in plot.picture()[1]


def test_the_benchmark_holds_its_figures_against_the_goals():
    from course_lib.bench.live_page import goals, table

    updates = {
        "LivePlot": {"100": {"ms": 0.1, "bytes": 900.0}, "10000": {"ms": 0.1, "bytes": 910.0}},
        "livelossplot": {"100": {"ms": 15.0, "bytes": 4e4}, "10000": {"ms": 300.0, "bytes": 4e4}},
    }
    run = {"epochs": 200, "plain_s": 1.0, "live_s": 1.01, "ratio": 1.01, "ratio_low": 1.0, "ratio_high": 1.02}
    result = {
        "versions": {"python": "3.12"},
        "updates": updates,
        "run": run | {"cpu_ratio": 1.01, "picture_s": 0.2, "picture_cpu_s": 0.1},
        "memory": {"updates": 1000, "mb": 0.1, "us_per_update": 80.0, "bytes": 900.0},
        "explorers_p95_ms": {"confidence": 90.0, "modes": 100.0},
        "saved_kb": {"LivePlot": 20.0},
    }
    result["goals"] = goals(result)
    met = {goal["name"]: goal["met"] for goal in result["goals"]}
    assert met["whole run with the plot, as a multiple of the run without"]
    assert not met["final picture, seconds"]
    assert not met["times cheaper per update than livelossplot, at least"], "the smallest ratio counts, 150"
    assert "| livelossplot | 15 ms, 40 kB | 300 ms, 40 kB |  |" in table(result)
