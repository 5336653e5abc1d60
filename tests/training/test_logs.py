"""Logs that outlive a run: what is in them after an end, a crash and a resume, held against the history."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import types
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from course_lib.data import Data, digits
from course_lib.training.callbacks import Callback, Checkpoint
from course_lib.training.event_files import EventWriter, read_events
from course_lib.training.logs import RunLog, TensorBoardLog, read_log

SGD = {"loss": "cross_entropy", "optimizer": "sgd", "metrics": ["accuracy"]}


@pytest.fixture(scope="module")
def data() -> Data:
    return digits()


@pytest.fixture(params=["pytorch", pytest.param("keras", marks=pytest.mark.slow)])
def lib(request: pytest.FixtureRequest) -> Any:
    if request.param == "pytorch":
        import torch

        from course_lib import pytorch as trainer

        def model() -> Any:
            torch.manual_seed(0)
            return torch.nn.Linear(64, 10)
    else:
        import keras

        from course_lib import keras as trainer

        def model() -> Any:
            keras.utils.set_random_seed(0)
            return keras.Sequential([keras.Input((64,)), keras.layers.Dense(10)])

    return types.SimpleNamespace(name=request.param, fit=trainer.fit, model=model)


class Crash(Callback):
    """Breaks off in the middle of an epoch; not told in groups, so at exactly that batch."""

    def __init__(self, epoch: int, batch: int) -> None:
        self.at = epoch, batch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if (self.run.history.epochs + 1, batch) == self.at:
            raise RuntimeError("the power went off")


def by_tag(points: list[Any]) -> dict[str, list[tuple[int, float]]]:
    found: dict[str, list[tuple[int, float]]] = {}
    for point in points:
        found.setdefault(point.tag, []).append((point.step, point.value))
    return found


def shown(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """What TensorBoard's own reader makes of a folder."""
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    reader = accumulator.EventAccumulator(str(folder), size_guidance={"scalars": 0})
    reader.Reload()
    return {tag: [(e.step, e.value) for e in reader.Scalars(tag)] for tag in reader.Tags()["scalars"]}


def single(values: Any) -> list[float]:
    return np.asarray(values, "float32").astype(float).tolist()


def holds(history: Any, found: dict[str, list[tuple[int, float]]], validation: dict[str, Any]) -> None:
    """The points of a run are those of its history, at their steps, once each."""
    steps = list(range(1, history.steps + 1))
    per_epoch = history.steps // history.epochs
    ends = [per_epoch * epoch for epoch in range(1, history.epochs + 1)]
    middles = [end - per_epoch // 2 for end in ends]  # the 23rd of 45, the 8th of 15
    assert found["batch_loss"] == list(zip(steps, single(history.batch_loss), strict=True))
    assert found["learning_rate"] == list(zip(steps, single(history.batch_lr), strict=True))
    assert found["epoch_loss"] == list(zip(middles, single(history.train_loss), strict=True))
    assert validation["epoch_loss"] == list(zip(ends, single(history.val_loss), strict=True))
    accuracy = single(history.to_frame()["val_accuracy"])
    assert validation["epoch_accuracy"] == list(zip(ends, accuracy, strict=True))
    assert set(found) == {"batch_loss", "learning_rate", "epoch_loss", "epoch_accuracy"}


# --- whole runs --------------------------------------------------------------------------------------


def test_tensorboards_points_are_the_historys(lib: Any, data: Data, tmp_path: Path) -> None:
    history = lib.fit(lib.model(), data.train, data.val, epochs=3, callbacks=[TensorBoardLog(tmp_path)], **SGD)
    holds(history, by_tag(read_events(tmp_path / "train")), by_tag(read_events(tmp_path / "validation")))
    holds(history, shown(tmp_path / "train"), shown(tmp_path / "validation"))


def test_the_lines_are_the_historys(lib: Any, data: Data, tmp_path: Path) -> None:
    path = tmp_path / "new" / "run.jsonl"
    history = lib.fit(lib.model(), data.train, data.val, epochs=3, callbacks=[RunLog(path)], **SGD)
    log = read_log(path)
    assert (log.record.iloc[0], log.record.iloc[-1], log.reason.iloc[-1]) == ("start", "end", "finished")
    assert log.framework.iloc[0] == lib.name
    batches, epochs = log[log.record == "batch"], log[log.record == "epoch"]
    assert batches.step.tolist() == list(range(1, history.steps + 1))
    assert batches.epoch.tolist() == history.batch_epoch.tolist()
    for column, name in ((history.batch_loss, "loss"), (history.batch_lr, "lr"), (history.batch_size, "size")):
        assert batches[name].tolist() == column.tolist()
    frame = history.to_frame()
    for name in frame:
        assert epochs[name].tolist() == frame[name].tolist(), name
    assert epochs.step.tolist() == [history.steps // 3 * epoch for epoch in (1, 2, 3)]


def test_both_frameworks_write_the_same_names(data: Data, tmp_path: Path) -> None:
    keys = []
    for name in ("pytorch", "keras"):
        if name == "pytorch":
            import torch

            from course_lib.pytorch import fit

            model: Any = torch.nn.Linear(64, 10)
        else:
            import keras

            from course_lib.keras import fit

            model = keras.Sequential([keras.layers.Dense(10)])
        fit(model, data.train, data.val, epochs=1, callbacks=[RunLog(tmp_path / name)], **SGD)
        keys.append([list(json.loads(line)) for line in (tmp_path / name).read_text().splitlines()])
    assert keys[0] == keys[1]


def test_without_validation_there_is_no_such_run(lib: Any, data: Data, tmp_path: Path) -> None:
    lib.fit(lib.model(), data.train, epochs=1, callbacks=[TensorBoardLog(tmp_path)], **SGD)
    assert [path.name for path in tmp_path.iterdir()] == ["train"]


# --- crash and resume --------------------------------------------------------------------------------


def crashed_and_resumed(lib: Any, data: Data, folder: Path, logs: Any) -> tuple[Any, Any]:
    """Return the history of a run that broke off in epoch 3 of 4 and went on from epoch 2, and of one that did not."""
    kept = Checkpoint(folder / "kept")
    with pytest.raises(RuntimeError, match="power"):
        lib.fit(lib.model(), data.train, data.val, epochs=4, callbacks=[*logs, kept, Crash(3, 20)], **SGD)
    resumed = lib.fit(lib.model(), data.train, data.val, epochs=4, callbacks=[*logs, kept], resume=kept.last, **SGD)
    whole = lib.fit(lib.model(), data.train, data.val, epochs=4, **SGD)
    return resumed, whole


def test_a_resumed_run_has_each_point_once(lib: Any, data: Data, tmp_path: Path) -> None:
    lines, board = RunLog(tmp_path / "run.jsonl"), TensorBoardLog(tmp_path / "board")
    resumed, whole = crashed_and_resumed(lib, data, tmp_path, [lines, board])
    assert resumed.batch_loss.tolist() == whole.batch_loss.tolist()
    log = read_log(lines.path)
    assert log[log.record == "batch"].loss.tolist() == whole.batch_loss.tolist()
    assert log[log.record == "batch"].step.tolist() == list(range(1, whole.steps + 1))
    assert log[log.record == "epoch"].epoch.tolist() == [1, 2, 3, 4]
    assert log[log.record == "start"].epoch.tolist() == [3]
    assert [path.name for path in tmp_path.glob("run*")] == ["run.jsonl"]  # its own log went on, no copy of it is left
    holds(whole, shown(board.folder / "train"), shown(board.folder / "validation"))
    raw = Counter(point.step for point in read_events(board.folder / "train") if point.tag == "batch_loss")
    assert {step for step, times in raw.items() if times == 2} == set(range(91, 111))  # on disk they still are


def test_a_resumed_run_tells_a_new_log_what_was_before(lib: Any, data: Data, tmp_path: Path) -> None:
    kept = Checkpoint(tmp_path / "kept")
    lib.fit(lib.model(), data.train, data.val, epochs=2, callbacks=[kept], **SGD)
    lines, board = RunLog(tmp_path / "run.jsonl"), TensorBoardLog(tmp_path / "board")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        history = lib.fit(
            lib.model(), data.train, data.val, epochs=3, callbacks=[lines, board], resume=kept.last, **SGD
        )
    holds(history, shown(board.folder / "train"), shown(board.folder / "validation"))
    log = read_log(lines.path)
    assert log[log.record == "batch"].loss.tolist() == history.batch_loss.tolist()
    assert log[log.record == "epoch"].train_loss.tolist() == history.train_loss.tolist()


def test_a_resumed_run_leaves_the_log_of_another_one(lib: Any, data: Data, tmp_path: Path) -> None:
    kept, log = Checkpoint(tmp_path / "kept"), RunLog(tmp_path / "run.jsonl")
    lib.fit(lib.model(), data.train, epochs=2, callbacks=[kept], **SGD)
    lib.fit(lib.model(), data.train, epochs=2, lr=0.3, callbacks=[log], **{k: v for k, v in SGD.items() if k != "lr"})
    others = log.path.read_bytes()
    lib.fit(lib.model(), data.train, epochs=3, callbacks=[log], resume=kept.last, **SGD)
    assert (tmp_path / "run.1.jsonl").read_bytes() == others
    assert read_log(log.path).epoch.max() == 3
    log.path.write_text("{my notes}\n")
    lib.fit(lib.model(), data.train, epochs=3, callbacks=[log], resume=kept.last, **SGD)
    assert (tmp_path / "run.2.jsonl").read_text() == "{my notes}\n"


def test_a_second_run_leaves_the_first_ones_lines(lib: Any, data: Data, tmp_path: Path) -> None:
    log = RunLog(tmp_path / "run.jsonl")
    contents = []
    for epochs in (1, 2, 3):
        lib.fit(lib.model(), data.train, epochs=epochs, callbacks=[log], **SGD)
        contents.append(log.path.read_bytes())
    assert (tmp_path / "run.1.jsonl").read_bytes() == contents[0]
    assert (tmp_path / "run.2.jsonl").read_bytes() == contents[1]
    assert read_log(log.path).epoch.max() == 3


def test_a_second_run_in_the_same_folder_is_what_tensorboard_shows(lib: Any, data: Data, tmp_path: Path) -> None:
    lib.fit(lib.model(), data.train, data.val, epochs=3, lr=0.5, callbacks=[TensorBoardLog(tmp_path)], **SGD)
    second = lib.fit(lib.model(), data.train, data.val, epochs=2, callbacks=[TensorBoardLog(tmp_path)], **SGD)
    holds(second, shown(tmp_path / "train"), shown(tmp_path / "validation"))


def test_a_run_that_does_not_come_about_leaves_old_logs_alone(lib: Any, data: Data, tmp_path: Path) -> None:
    lines, board = RunLog(tmp_path / "run.jsonl"), TensorBoardLog(tmp_path / "board")
    lib.fit(lib.model(), data.train, epochs=1, callbacks=[lines, board], **SGD)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(FileNotFoundError):
        lib.fit(lib.model(), data.train, epochs=2, callbacks=[lines, board], resume=tmp_path / "none", **SGD)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


KILLED = """
import os, sys
import torch
from course_lib.data import digits
from course_lib.pytorch import fit
from course_lib.training.callbacks import Callback
from course_lib.training.logs import RunLog, TensorBoardLog

class Kill(Callback):
    order = 1
    def on_train_batch_end(self, batch, logs=None):
        if batch == 30:
            os._exit(9)  # nothing is flushed, no `finally` runs

fit(torch.nn.Linear(64, 10), digits().train, loss="mse" and "cross_entropy", epochs=1,
    callbacks=[RunLog(sys.argv[1] + "/run.jsonl"), TensorBoardLog(sys.argv[1]), Kill()])
"""


@pytest.mark.slow
def test_a_process_that_is_killed_loses_nothing_of_what_it_logged(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert ended.returncode == 9
    log = read_log(tmp_path / "run.jsonl")
    assert log[log.record == "batch"].step.tolist() == list(range(1, 31))
    points = by_tag(read_events(tmp_path / "train"))["batch_loss"]
    assert [step for step, _ in points] == list(range(1, 31))
    assert single(log[log.record == "batch"].loss) == [value for _, value in points]


# --- what a file can hold, and how it can be cut -----------------------------------------------------


def test_a_cut_file_gives_all_that_is_whole(tmp_path: Path) -> None:
    writer = EventWriter(tmp_path)
    for step in (1, 2, 3):
        writer.add(step, {"loss": 1 / step})
    writer.close()
    content, path = writer.path.read_bytes(), tmp_path / "cut"
    lengths = set()
    for size in range(len(content) + 1):
        path.write_bytes(content[:size])
        found = [point.step for point in read_events(path)]
        assert found == [1, 2, 3][: len(found)]
        lengths.add(len(found))
    assert lengths == {0, 1, 2, 3}
    path.write_bytes(content[:-20] + b"?" + content[-19:])
    assert [point.step for point in read_events(path)] == [1, 2]


def test_a_cut_last_line_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    whole = '{"record": "batch", "step": 1, "loss": 2.5}\n{"record": "batch", "step": 2, "loss": null}\n'
    for size in range(whole.index("\n") + 1, len(whole)):
        path.write_text(whole[:size])
        assert read_log(path).step.tolist() == [1]
    path.write_text(whole)
    assert read_log(path).step.tolist() == [1, 2]
    assert math.isnan(read_log(path).loss[1])


def test_values_that_are_not_finite_are_kept_as_valid_json(tmp_path: Path) -> None:
    import torch

    from course_lib.pytorch import fit

    log, board = RunLog(tmp_path / "run.jsonl"), TensorBoardLog(tmp_path / "board")
    for bad in (math.nan, math.inf, -math.inf):

        def loss(output: Any, target: Any, bad: float = bad) -> Any:
            return output.sum() * 0 + bad

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit(torch.nn.Linear(1, 1), (np.ones((4, 1), "float32"),) * 2, loss=loss, epochs=1, callbacks=[log, board])
        for line in log.path.read_text().splitlines():
            json.loads(line, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
        frame = read_log(log.path)
        assert np.array_equal(frame[frame.record == "batch"].loss, [bad], equal_nan=True)
        assert frame.reason.iloc[-1] == "non_finite"
        last = [point.value for point in read_events(board.folder / "train") if point.tag == "batch_loss"][-1]
        assert np.array_equal(last, bad, equal_nan=True)


def test_steps_and_values_come_back(tmp_path: Path) -> None:
    writer = EventWriter(tmp_path, first_step=0)
    rows = [(0, {"a": 1.0}), (-3, {"a": 0.1, "größe/b": -0.0}), (2**40, {"a": 1e30})]
    for step, values in rows:
        writer.add(step, values)
    writer.close()
    points = read_events(writer.path)
    assert [(p.step, p.tag) for p in points] == [(0, "a"), (-3, "a"), (-3, "größe/b"), (2**40, "a")]
    assert points[1].value == float(np.float32(0.1)) != 0.1
    assert shown(tmp_path)["größe/b"] == [(-3, 0.0)]


@pytest.mark.slow
def test_other_writers_files_are_read(tmp_path: Path) -> None:
    """Torch's and TensorFlow's, each held against TensorBoard's own reader."""
    pytest.importorskip("tensorboard")
    script = """
import sys
import numpy as np
from torch.utils.tensorboard import SummaryWriter
writer = SummaryWriter(sys.argv[1] + "/torch")
for step in range(50):
    writer.add_scalar("loss", 1 / (step + 1), step)
    writer.add_text("words", "more than numbers", step)
writer.add_histogram("weights", np.arange(100.0), 50)
writer.close()
import tensorflow as tf
with tf.summary.create_file_writer(sys.argv[1] + "/tf").as_default():
    for step in range(50):
        tf.summary.scalar("loss", 1 / (step + 1), step)
"""
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, capture_output=True)
    for name in ("torch", "tf"):
        found = by_tag(read_events(tmp_path / name))
        assert found == {"loss": list(zip(range(50), single([1 / (k + 1) for k in range(50)]), strict=True))}
    assert shown(tmp_path / "torch") == by_tag(read_events(tmp_path / "torch"))


def test_a_folder_without_event_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="tfevents"):
        read_events(tmp_path)


def test_neither_tensorboard_nor_tensorflow_is_loaded() -> None:
    script = (
        "import sys, course_lib.callbacks, course_lib.training.event_files, course_lib.notebook.tensorboard;"
        "print(sorted({'tensorboard', 'tensorflow', 'torch', 'keras'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "[]"
