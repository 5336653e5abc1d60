"""Several seeds in one call: what is kept, what is computed, what is refused."""

from __future__ import annotations

import math
import os
import signal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from course_lib import plots
from course_lib.training.history import History
from course_lib.training.repeat import Difference, Repeats, repeat


def run(losses) -> History:
    history = History()
    for loss in losses:
        history.epoch(train_loss=loss, val_loss=loss)
    return history


def repeats(table) -> Repeats:
    runs = Repeats()
    for seed, row in enumerate(table):
        runs.add(seed, run(row))
    return runs


TABLE = arrays(float, st.tuples(st.integers(2, 6), st.integers(1, 5)), elements=st.floats(-1e3, 1e3))


@given(TABLE)
def test_mean_and_standard_error_are_those_of_numpy(table):
    runs = repeats(table)
    np.testing.assert_allclose(runs.mean(), table.mean(axis=0), atol=1e-9)
    np.testing.assert_allclose(runs.standard_error(), table.std(axis=0, ddof=1) / math.sqrt(len(table)), atol=1e-9)


@given(TABLE, st.randoms())
def test_differences_are_taken_seed_by_seed_whatever_the_order(table, random):
    a, shift = repeats(table), np.linspace(1, 2, table.size).reshape(table.shape)
    order = list(range(len(table)))
    random.shuffle(order)
    b = Repeats()
    for seed in order:
        b.add(seed, run(table[seed] + shift[seed]))
    difference = b - a
    np.testing.assert_allclose(difference.mean, shift.mean(axis=0), atol=1e-9)
    np.testing.assert_allclose(difference.standard_error, shift.std(axis=0, ddof=1) / math.sqrt(len(table)), atol=1e-9)
    np.testing.assert_allclose((a - b).mean, -difference.mean)


def test_runs_that_ended_early_count_where_they_got_to():
    runs = repeats([[1.0, 0.5], [2.0]])
    assert runs.mean().tolist() == [1.5, 0.5]
    np.testing.assert_array_equal(runs.standard_error(), [0.5, math.nan])


def test_a_single_run_has_no_standard_error():
    assert np.isnan(repeats([[1.0]]).standard_error()).all()
    assert repr(repeats([[1.0]])) == "1 run with seed 0: val_loss 1 after 1 epoch"
    assert repr(Repeats()) == "no finished runs"


def test_the_same_call_gives_the_same_runs():
    draw = np.random.rand
    first, second = (repeat(lambda seed: run(draw(2)), 3) for _ in range(2))
    assert first.values().tolist() == second.values().tolist()
    assert len({row[0] for row in first.values().tolist()}) == 3


def test_an_interrupt_keeps_what_was_finished_and_the_rest_can_follow():
    def train(seed):
        if seed == 2 and not again:
            raise KeyboardInterrupt
        return run([float(seed)])

    again = False
    runs = repeat(train, 4)
    assert runs.seeds == [0, 1]
    again = True
    assert repeat(train, 4, into=runs) is runs
    assert (runs.seeds, runs.values().ravel().tolist()) == ([0, 1, 2, 3], [0.0, 1.0, 2.0, 3.0])


def test_stopping_fit_stops_the_seeds_too_and_the_half_run_is_in_no_mean():
    torch = pytest.importorskip("torch")
    from course_lib.pytorch import fit
    from course_lib.training.callbacks import Callback

    x, y = np.random.default_rng(0).normal(size=(32, 4)).astype("float32"), np.arange(32) % 2

    class Interrupt(Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 2:
                os.kill(os.getpid(), signal.SIGINT)

    def train(seed):
        model = torch.nn.Linear(4, 2)
        callbacks = [Interrupt()] if seed == 1 else []
        return fit(model, (x, y), (x, y), loss="cross_entropy", epochs=5, seed=seed, callbacks=callbacks)

    runs = repeat(train, 3)
    assert runs.seeds == [0]
    assert runs.unfinished.epochs == 2


def test_an_error_in_one_seed_loses_no_run_that_was_kept_elsewhere():
    runs = Repeats()

    def train(seed):
        if seed == 1:
            raise RuntimeError("out of memory")
        return run([1.0])

    with pytest.raises(RuntimeError, match="out of memory"):
        repeat(train, 3, into=runs)
    assert runs.seeds == [0]


@pytest.mark.parametrize(
    ("seeds", "error", "words"),
    [
        (0, ValueError, "seeds is 0; expected how many seeds, at least 1"),
        ([], ValueError, "at least one seed"),
        ([1, 1], ValueError, "each only once"),
        ([-1], ValueError, "seed is -1"),
        ("12", TypeError, "seeds is a str"),
        (1.5, TypeError, "seeds is a float"),
    ],
)
def test_seeds_that_are_none_are_refused(seeds, error, words):
    with pytest.raises(error, match=words):
        repeat(lambda seed: run([1.0]), seeds)


def test_what_makes_no_pairs_is_refused():
    a, b = repeats([[1.0], [2.0]]), repeats([[1.0]])
    with pytest.raises(ValueError, match=r"seeds are \[0, 1\] and \[0\], and only equal ones make pairs"):
        a.minus(b)
    with pytest.raises(ValueError, match="1 and 2 epochs"):
        b.minus(repeats([[1.0, 2.0]]))
    with pytest.raises(TypeError, match="the other one is a list"):
        b.minus([])
    with pytest.raises(TypeError, match="train returned a float; expected the history"):
        repeat(lambda seed: 1.0, 1)
    with pytest.raises(ValueError, match="no finished runs"):
        Repeats().mean()


def test_it_can_be_drawn_like_a_list_of_histories():
    runs = repeats([[1.0, 0.5], [2.0, 0.7]])
    assert plots.story(plots.runs(runs)) == plots.story(runs.plot())
    assert "Mean of 2 runs" in plots.story(runs.plot())
    assert list(runs.to_frame().columns) == ["mean", "standard error", "seed 0", "seed 1"]
    assert "of 2 seeds: in the last epoch 0 ± 0" in plots.story((runs - runs).plot())
    assert repr(Difference([0], np.array([[0.5]]))) == "difference in val_loss of 1 pair: +0.5"
