"""Records that others keep of a run: each value at its own epoch, or a question."""

from __future__ import annotations

import io
import math
import types

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib import plots
from course_lib.plots import reading
from course_lib.plots.foreign_history import by_epoch
from course_lib.training.history import History

NAN = math.nan


def keras_history(epochs, validated, first=0):
    """Return what Keras's fit returns when rows were validated after these epochs, counted from 1."""
    numbers = list(range(first + 1, first + epochs + 1))
    columns = {"loss": [2.0 - 0.1 * n for n in numbers]}
    if any(n in validated for n in numbers):
        columns |= {"val_loss": [float(n) for n in numbers if n in validated]}
    return types.SimpleNamespace(history=columns, epoch=[n - 1 for n in numbers])


def drawn(history):
    """Return the places and values of the validation curve in the figure."""
    line = next(line for line in plots.curves(history).get_lines() if line.get_label() == "validation")
    return dict(zip(line.get_xdata().tolist(), line.get_ydata().tolist(), strict=True))


@given(
    epochs=st.integers(1, 30),
    first=st.sampled_from([0, 0, 3]),
    freq=st.integers(1, 31) | st.sets(st.integers(1, 35), min_size=1),
)
def test_a_validation_frequency_that_is_told_places_every_value(epochs, first, freq):
    numbers = range(first + 1, first + epochs + 1)
    validated = {n for n in numbers if (n % freq == 0 if isinstance(freq, int) else n in freq)}
    theirs = keras_history(epochs, validated, first)
    ours = History.from_keras(theirs, validation_freq=freq)
    assert ours.epochs == epochs
    assert [int(n) for n in ours.val_loss[np.isfinite(ours.val_loss)]] == sorted(validated)
    assert (np.flatnonzero(np.isfinite(ours.val_loss)) + first + 1).tolist() == sorted(validated)


@given(epochs=st.integers(1, 25), validated=st.sets(st.integers(1, 25), min_size=1))
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_what_is_not_told_is_taken_from_a_whole_number_or_refused(epochs, validated):
    theirs = keras_history(epochs, validated)
    kept = {n for n in validated if n <= epochs}
    patterns = [{n for n in range(1, epochs + 1) if n % freq == 0} for freq in range(1, epochs + 1)]
    alike = [pattern for pattern in patterns if len(pattern) == len(kept)]
    if not kept or len(alike) == 1:
        expected = sorted(alike[0]) if kept else []
        assert (np.flatnonzero(np.isfinite(History.from_keras(theirs).val_loss)) + 1).tolist() == expected
    else:
        with pytest.raises(ValueError, match=r"say which epochs were validated, as in History\.from_keras"):
            History.from_keras(theirs)
        with pytest.raises(ValueError, match="say which epochs were validated"):
            plots.describe(theirs)


def test_every_other_epoch_is_drawn_at_its_own_place_and_the_guess_is_told():
    theirs = keras_history(4, {2, 4})
    with pytest.warns(UserWarning, match=r"placed as after validation_freq=2; if fit was given a list, pass it"):
        assert drawn(theirs) == {2.0: 2.0, 4.0: 4.0}
    with pytest.warns(UserWarning, match="validation_freq=2"):
        assert "lowest, 2, at epoch 2" in plots.describe(theirs)
    with pytest.warns(UserWarning, match="validation_freq=2"):
        assert drawn(theirs.history) == {2.0: 2.0, 4.0: 4.0}
    assert drawn(History.from_keras(theirs, validation_freq=[1, 4])) == {1.0: 2.0, 4.0: 4.0}


@pytest.mark.parametrize(
    ("freq", "words"),
    [
        (3, r"validation_freq=3, 4 epochs have 1 validation losses, but this history has 2"),
        ([1, 2, 3], r"\[1, 2, 3\], 4 epochs have 3"),
        (0, "validation_freq is 0; expected at least 1"),
    ],
)
def test_a_frequency_that_does_not_fit_is_refused(freq, words):
    with pytest.raises(ValueError, match=words):
        History.from_keras(keras_history(4, {2, 4}), validation_freq=freq)


@pytest.mark.parametrize(
    "columns",
    [
        {"train_loss": [3.0, 2.0, 1.0], "val_loss": [3.0, 2.0]},
        {"train_loss": [3.0, 2.0], "val_loss": [3.0, 2.0, 1.0]},
        {"loss": [3.0, 2.0], "val_loss": [3.0, 2.0, 1.0]},
    ],
)
def test_lists_of_different_length_are_not_put_at_some_epoch(columns):
    of_a_learner = types.SimpleNamespace(**columns)
    for history in (columns, of_a_learner) if "train_loss" in columns else (columns,):
        for draw in (
            plots.curves,
            plots.gap,
            plots.describe,
            lambda h: plots.runs([h]),
            lambda h: plots.compare({"a": h}),
        ):
            with pytest.raises(
                ValueError, match=r"val_loss has \d values; pass one value an epoch, and float\('nan'\)"
            ):
                draw(history)


def test_an_empty_or_missing_column_is_no_column():
    assert by_epoch({"train_loss": [1.0, 2.0], "val_loss": []}).keys() == {"train_loss"}
    assert (
        plots.describe({"train_loss": [2.0, 1.0], "val_loss": None}) == "Training loss falls from 2 to 1 over 2 epochs."
    )


@pytest.mark.parametrize(
    ("text", "train", "val"),
    [
        ("epoch,train_loss,val_loss\n1,3,\n2,2,5\n3,1,\n4,0.5,4\n", [3, 2, 1, 0.5], [NAN, 5, NAN, 4]),
        ("epoch,loss,val_loss\n0,3,NA\n1,2,5\n", [3, 2], [NAN, 5]),
        # Lightning: a row for training and one for validation, epochs from 0
        ("epoch,step,train_loss_epoch,val_loss\n0,9,,5\n0,9,3,\n1,19,,4\n1,19,2,\n", [3, 2], [5, 4]),
        ("epoch,val_loss\n2,5\n4,4\n", None, [NAN, 5, NAN, 4]),
        ("train_loss,val_loss\n3,\n2,5\n", [3, 2], [NAN, 5]),
    ],
)
def test_a_table_is_read_by_its_epochs(text, train, val):
    data = reading.read(pd.read_csv(io.StringIO(text)))
    assert np.array_equal(data.val, val, equal_nan=True)
    assert np.array_equal(data.train, [NAN] * len(val) if train is None else train, equal_nan=True)


def test_tables_of_the_course_are_read_too(tmp_path):
    history = History()
    for value in (3.0, 1.0, 2.0):
        history.batches([value, value], [1, 1])
        history.epoch(val_loss=value + 1)
    for table in (history.to_frame(), pd.read_csv(io.StringIO(history.to_csv()), comment="#")):
        assert plots.describe(table) == plots.describe(history)


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("epoch,train_loss\n0,3\n0,2\n", ValueError, "train_loss has several values in epoch 1 of this table"),
        ("epoch,train_loss\n0.5,3\n", ValueError, "not whole numbers"),
        ("epoch,accuracy\n1,3\n", TypeError, "no column train_loss, loss or val_loss; it has: epoch, accuracy"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(text, error, words):
    with pytest.raises(error, match=words):
        plots.curves(pd.read_csv(io.StringIO(text)))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_keras_own_fit_with_validation_every_other_epoch():
    keras = pytest.importorskip("keras")
    rng = np.random.default_rng(0)
    x, y = rng.random((32, 3), dtype=np.float32), rng.random((32, 1), dtype=np.float32)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["mae"])
    seen = {}

    class Measure(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen[epoch + 1] = model.evaluate(x, y, verbose=0)[0]

    theirs = model.fit(x, y, validation_data=(x, y), validation_freq=2, epochs=4, verbose=0, callbacks=[Measure()])
    ours = History.from_keras(theirs)
    assert np.allclose(ours.val_loss, [NAN, seen[2], NAN, seen[4]], equal_nan=True, rtol=1e-4)
    assert np.isfinite(ours["val_mae"]).tolist() == [False, True, False, True]
    assert drawn(theirs) == {n: pytest.approx(seen[n], rel=1e-4) for n in (2, 4)}
