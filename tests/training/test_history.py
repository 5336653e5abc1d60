"""The history: means are over samples, files give back exactly what was written, a record is cheap."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.training.history import FORMAT_VERSION, History, HistoryFileError

NUMBERS = st.floats(width=64)  # NaN, infinities, -0.0 and denormal numbers included
BATCH = st.tuples(NUMBERS, st.integers(0, 10**6), st.one_of(st.none(), st.floats(0, 10)), NUMBERS)


@st.composite
def histories(draw) -> History:
    history = History(draw(st.sampled_from(["", "pytorch", "keras"])))
    metrics = draw(st.lists(st.sampled_from(["accuracy", "mae", 'odd, "name"\n#']), unique=True, max_size=2))
    for _ in range(draw(st.integers(0, 3))):
        for loss, size, weight, lr in draw(st.lists(BATCH, max_size=4)):
            history.batch(loss, size, weight=weight, lr=lr, metrics={m: draw(NUMBERS) for m in metrics})
        values = {"val_loss": draw(NUMBERS), "seconds": 0.1}
        history.epoch(**{name: value for name, value in values.items() if draw(st.booleans())})
    for loss, size, weight, lr in draw(st.lists(BATCH, max_size=2)):
        history.batch(loss, size, weight=weight, lr=lr)
    history.stop_reason = draw(st.sampled_from([None, "interrupted"]))
    history.stop_message = draw(st.sampled_from(["", 'a comma, a "quote"\nand a line', "# end"]))
    history.best_epoch = draw(st.sampled_from([None, 1]))
    return history


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(deadline=None)
@given(histories())
def test_files_give_back_exactly_what_was_written(history):
    assert History.from_json(history.to_json()) == history
    assert History.from_csv(history.to_csv()) == history
    json.loads(history.to_json(), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(deadline=None, max_examples=50)
@given(histories(), st.floats(0, 0.999))
def test_a_file_that_was_cut_anywhere_says_so(history, share):
    for text, read in ((history.to_json(), History.from_json), (history.to_csv().rstrip("\n"), History.from_csv)):
        cut = text[: int(share * len(text))]
        if cut:
            with pytest.raises((HistoryFileError, FileNotFoundError, OSError)):
                read(cut)


def test_a_cut_file_is_called_cut(tmp_path):
    history = History()
    for loss in range(100):
        history.batch(loss / 3, 7)
    history.epoch(val_loss=0.1)
    for write, read, name in (
        (history.to_json, History.from_json, "run.json"),
        (history.to_csv, History.from_csv, "run.csv"),
    ):
        path = tmp_path / name
        write(path)
        assert read(path) == history
        text = path.read_text()
        for share in (0.0, 0.5, 0.99):
            path.write_text(text[: int(len(text) * share)])
            with pytest.raises(HistoryFileError, match="cut short"):
                read(path)


def test_missing_rows_are_noticed():
    history = History()
    for loss in (1.0, 2.0, 3.0):
        history.batch(loss)
    lines = history.to_csv().splitlines()
    del lines[3]
    with pytest.raises(HistoryFileError, match=r"2 batches.*says 3"):
        History.from_csv("\n".join(lines) + "\n")
    content = json.loads(history.to_json())
    content["batches"]["loss"].pop()
    with pytest.raises(HistoryFileError, match="differ in length"):
        History.from_json(json.dumps(content))


# As version 1 wrote them. Never change these two: they stand for the files people already have.
VERSION_1_JSON = (
    '{"format": "course_lib history", "version": 1, "framework": "pytorch", "stop_reason": "finished", '
    '"stop_message": "all 1 epochs ran", "best_epoch": null, "n_batches": 2, "n_epochs": 1, "batches": '
    '{"epoch": [1, 1], "size": [4, 1], "weight": [4.0, 1.0], "loss": [1.0, "Infinity"], "lr": [0.1, null]}, '
    '"batch_metrics": {}, "epochs": {"train_loss": [2.0], "val_loss": [1.5]}}'
)
VERSION_1_CSV = """\
# {"format": "course_lib history", "version": 1, "framework": "pytorch", "stop_reason": "finished", \
"stop_message": "all 1 epochs ran", "best_epoch": null, "n_batches": 2, "n_epochs": 1, "batch_metrics": [], \
"epoch_columns": ["train_loss", "val_loss"]}
record,epoch,batch_size,batch_weight,batch_loss,batch_lr,train_loss,val_loss
batch,1,4,4.0,1.0,0.1,,
batch,1,1,1.0,inf,,,
epoch,1,,,,,2.0,1.5
# end
"""


def test_files_of_older_versions_load():
    for history in (History.from_json(VERSION_1_JSON), History.from_csv(VERSION_1_CSV)):
        assert history.batch_loss.tolist() == [1.0, math.inf]
        assert history.val_loss.tolist() == [1.5]
        assert (history.framework, history.stop_reason) == ("pytorch", "finished")
    # a version from before there were weights, learning rates and counts
    content = json.loads(VERSION_1_JSON)
    for key in ("weight", "lr"):
        del content["batches"][key]
    for key in ("n_batches", "n_epochs", "batch_metrics", "stop_message", "version", "framework"):
        del content[key]
    history = History.from_json(json.dumps(content))
    assert history.batch_weight.tolist() == [4.0, 1.0]
    assert np.isnan(history.batch_lr).all()


def test_files_of_newer_versions_and_other_files_are_refused():
    newer = VERSION_1_JSON.replace('"version": 1', f'"version": {FORMAT_VERSION + 1}')
    with pytest.raises(HistoryFileError, match="install the newer version"):
        History.from_json(newer)
    with pytest.raises(HistoryFileError, match="not a history"):
        History.from_json('{"loss": [1, 2]}')
    with pytest.raises(HistoryFileError, match="not a history"):
        History.from_csv('# {"a": 1}\n# end\n')


@given(st.lists(st.tuples(st.floats(-100, 100), st.integers(1, 50)), min_size=1, max_size=20))
def test_epoch_means_are_over_samples_not_over_batches(batches):
    history = History()
    for loss, size in batches:
        history.batch(loss, size, metrics={"accuracy": loss / 2})
    history.epoch()
    every_sample = np.concatenate([np.full(size, loss) for loss, size in batches])
    assert history.train_loss[0] == pytest.approx(every_sample.mean(), rel=1e-9, abs=1e-9)
    assert history["train_accuracy"][0] == pytest.approx(every_sample.mean() / 2, rel=1e-9, abs=1e-9)
    assert history.samples[0] == len(every_sample)


def test_weights_replace_sizes_in_the_mean():
    history = History()
    history.batch(1.0, 4, weight=10.0)
    history.batch(4.0, 4, weight=2.0)
    history.epoch()
    assert history.train_loss[0] == pytest.approx((10 + 8) / 12)


def test_batches_belong_to_the_epoch_under_way():
    history = History()
    history.batch(1.0)
    history.epoch(val_loss=1.0)
    history.batches([2.0, 3.0], [1, 3], lr=[0.1, 0.2], metrics={"mae": [1.0, 2.0]})
    history.epoch(val_loss=0.5)
    history.batch(9.0)
    assert history.batch_epoch.tolist() == [1, 2, 2, 3]
    assert history.train_loss.tolist() == [1.0, 2.75]
    assert history.lr.tolist()[1] == 0.2
    assert np.isnan(history.batch_metrics["mae"][[0, 3]]).all()
    assert history.row(2)["val_loss"] == 0.5
    with pytest.raises(IndexError, match="no epoch 3"):
        history.row(3)


def test_best_epoch_is_the_first_lowest_finite_one_or_the_one_that_was_chosen():
    history = History.from_keras({"val_loss": [math.nan, 2.0, 1.0, 1.0, math.inf, -math.inf]})
    assert history.best_epoch == 3
    history.best_epoch = 2
    assert history.best_epoch == 2
    assert History.from_keras({"val_loss": [math.nan]}).best_epoch is None
    assert History().best_epoch is None


def test_from_keras_takes_over_every_column():
    history = History.from_keras(
        {"loss": [2.0, 1.0], "accuracy": [0.1, 0.2], "val_loss": [3.0, 2.0], "learning_rate": [0.1, 0.01]}
    )
    assert history.names == ["train_loss", "train_accuracy", "val_loss", "lr"]
    assert history.epochs == 2
    with pytest.raises(TypeError, match=r"what .model\.fit. returns"):
        History.from_keras([1, 2])
    with pytest.raises(ValueError, match="differ in length"):
        History.from_keras({"loss": [1.0], "val_loss": [1.0, 2.0]})


def test_frames_have_one_row_a_record():
    history = History()
    history.batch(1.0, 2, metrics={"accuracy": 0.5})
    history.epoch(val_loss=3.0)
    epochs, batches = history.to_frame(), history.to_frame("batches")
    assert epochs.loc[1, "val_loss"] == 3.0
    assert batches.loc[1, ["size", "loss", "accuracy"]].tolist() == [2, 1.0, 0.5]
    with pytest.raises(ValueError, match="'epochs' or 'batches'"):
        history.to_frame("steps")


def test_unknown_columns_are_named():
    history = History.from_keras({"loss": [1.0]})
    with pytest.raises(KeyError, match="no column 'val_loss'; it has: train_loss"):
        history["val_loss"]
    assert "val_loss" not in history


def test_a_batch_record_takes_less_than_64_bytes():
    history = History()
    for _ in range(10_000):
        history.batch(0.5, 32, lr=0.1, metrics={"accuracy": 0.5, "mae": 0.1})
    assert history.nbytes / 10_000 <= 64


def test_nothing_heavy_is_imported():
    code = (
        "import sys, course_lib, course_lib.training.history as h; h.History().batch(1.0); h.History().to_json(); "
        "print([m for m in ('torch', 'tensorflow', 'keras', 'pandas', 'matplotlib', 'sklearn') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_plot_draws_both_curves():
    import matplotlib

    matplotlib.use("agg")
    history = History.from_keras({"loss": [2.0, 1.0], "val_loss": [3.0, 2.0]})
    axes = history.plot()
    assert len(axes.get_lines()) >= 2


def test_a_record_that_is_refused_leaves_nothing_behind():
    history = History()
    history.batch(1.0, 4, metrics={"accuracy": 0.5})
    before = history.to_json()
    for wrong in (
        lambda: history.batch(1.0, 3.0),
        lambda: history.batch("one", 3),
        lambda: history.batch(1.0, 3, metrics={"accuracy": "half"}),
        lambda: history.batches([1.0, 2.0], [3]),
        lambda: history.batches([1.0, 2.0], [3, 3], metrics={"accuracy": [0.5]}),
        lambda: history.epoch(val_loss="low"),
    ):
        with pytest.raises((TypeError, ValueError)):
            wrong()
        assert history.to_json() == before


def test_columns_may_be_arrays():
    history, expected = History(), History()
    history.batches(np.array([1.0, 2.0]), np.array([3, 4]), metrics={"accuracy": np.array([0.5, 0.6])})
    expected.batches([1.0, 2.0], [3, 4], metrics={"accuracy": [0.5, 0.6]})
    assert history == expected


def test_other_files_are_named(tmp_path):
    path = tmp_path / "run.json"
    path.write_bytes(b"\xff\xfe\x00")
    for read in (History.from_json, History.from_csv):
        with pytest.raises(HistoryFileError, match="not text in UTF-8"):
            read(path)
    with pytest.raises(HistoryFileError, match="this text"):
        History.from_csv(History().to_json())
