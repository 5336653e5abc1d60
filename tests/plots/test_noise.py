"""Smoothed curves, bands and paired differences: what is drawn and what is said of it."""

from __future__ import annotations

import doctest
import importlib
import math
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib import plots
from course_lib.history import History

VALUES = st.lists(st.floats(-1e3, 1e3) | st.just(math.nan), min_size=1, max_size=30)


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def labelled(ax, begins):
    (found,) = [one for one in ax.get_lines() if one.get_label().startswith(begins)]
    return found


@pytest.mark.slow
@given(VALUES, st.floats(0, 0.99))
def test_the_average_is_corrected_and_what_was_measured_stays_below_it(values, beta):
    if not np.isfinite(values).any():
        return
    ax = plots.smoothed(values, beta=beta)
    np.testing.assert_array_equal(labelled(ax, "as measured").get_ydata(), values)
    average, kept, weight = [], 0.0, 0.0
    for value in values:
        if math.isfinite(value):
            kept, weight = beta * kept + (1 - beta) * value, beta * weight + 1 - beta
        average.append(kept / weight if weight else math.nan)
    np.testing.assert_allclose(labelled(ax, "exponential average").get_ydata(), average, rtol=1e-6, atol=1e-6)
    plt.close(ax.figure)


def test_the_legend_says_how_late_the_average_is():
    ax = plots.smoothed([1.0, 2.0], beta=0.9)
    assert labelled(ax, "exponential average").get_label() == "exponential average, beta 0.9: 9 values late"


def test_a_run_is_smoothed_on_the_axis_of_epochs():
    history = History()
    for _ in range(2):
        history.batches([2.0, 1.0], [4, 4])
        history.epoch()
    ax = plots.smoothed(history)
    assert labelled(ax, "each batch").get_xdata().tolist() == [0.5, 1.0, 1.5, 2.0]
    assert plots.story(ax).startswith("Losses of 4 batches from 2 to 1, and their exponential average with beta 0.9")


def test_what_cannot_be_smoothed_is_refused():
    for beta in (1, -0.1, math.nan):
        with pytest.raises(ValueError, match=f"beta is {beta}; expected a share"):
            plots.smoothed([1.0], beta=beta)
    for nothing in ([], [math.nan], {"val_loss": [1.0]}):
        with pytest.raises(ValueError, match="no batch loss to smooth"):
            plots.smoothed(nothing)


def test_a_band_reaches_one_standard_error_to_either_side():
    values = np.array([[1.0, 0.8], [1.2, 0.4], [0.8, 0.9]])
    ax = plots.band({"a": [{"val_loss": row} for row in values], "b": [{"val_loss": [2.0, 1.5]}]})
    mean, error = values.mean(axis=0), values.std(axis=0, ddof=1) / math.sqrt(3)
    corners = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert {round(y, 9) for y in corners} == {round(y, 9) for y in (*(mean - error), *(mean + error))}
    assert labelled(ax, "a, 3 runs").get_ydata().tolist() == mean.tolist()
    assert plots.story(ax).endswith("b: 1 run, last 1.5.")
    colors = {one.get_color() for one in ax.get_lines()}
    assert len(colors) == 2
    assert not colors & {plots.TRAIN.color, plots.VALIDATION.color}


def test_groups_that_are_too_many_or_empty_are_refused():
    with pytest.raises(ValueError, match="0 groups were given; from 1 to 6"):
        plots.band({})
    with pytest.raises(ValueError, match="'a' has no runs with val_loss"):
        plots.band({"a": []})


def test_paired_differences_are_drawn_with_their_own_standard_error():
    values = np.array([[0.2, -0.1], [0.4, -0.3]])
    ax = plots.paired_difference(SimpleNamespace(seeds=[0, 1], values=values, of="val_accuracy"))
    mean = labelled(ax, "mean of 2 seeds")
    assert mean.get_ydata().tolist() == pytest.approx([0.3, -0.2])
    assert ax.get_ylabel() == "difference in validation accuracy"
    assert "in the last epoch -0.2 ± 0.1, below zero in 2 of 2" in plots.story(ax)


def test_rates_are_stairs_of_what_each_batch_was_used_with():
    history = History()
    history.batches([1.0] * 2, [4] * 2, lr=[0.1, 0.01], rates={"lr_2": [0.5, 0.5]})
    history.epoch()
    ax = plots.rates(history)
    assert labelled(ax, "lr_2").get_ydata().tolist() == [0.5] * 4
    first = next(one for one in ax.get_lines() if one.get_label() == "lr")
    assert list(zip(first.get_xdata(), first.get_ydata(), strict=True)) == [
        (0, 0.1),
        (0.5, 0.1),
        (0.5, 0.01),
        (1, 0.01),
    ]
    assert plots.story(ax) == "Learning rate from 0.1 to 0.01. Rate lr_2 from 0.5 to 0.5."
    assert len({one.get_linestyle() + str(one._unscaled_dash_pattern) for one in ax.get_lines()}) == 2
    with pytest.raises(ValueError, match="no learning rates"):
        plots.rates({"val_loss": [1.0]})


@pytest.mark.parametrize("module", ["plots.noise", "plots.rates", "training.repeat", "training.schedule_units"])
def test_the_examples_give_what_they_say(module):
    names = {name: getattr(plots, name) for name in plots.__all__}
    assert doctest.testmod(importlib.import_module(f"course_lib.{module}"), extraglobs=names).failed == 0
