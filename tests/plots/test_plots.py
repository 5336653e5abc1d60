"""The static figures: where points stand, what the words say, how small they are."""

from __future__ import annotations

import re
import types

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib import plots
from course_lib.plots.style import CYCLE, RUNS
from course_lib.training.history import History

RUN = {"train_loss": [1.0, 0.5, 0.2, 0.1], "val_loss": [1.1, 0.6, 0.7, 1.3]}


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def line(ax, label):
    return next(one for one in ax.get_lines() if one.get_label() == label)


def test_training_points_stand_at_mid_epoch_and_validation_at_its_end():
    ax = plots.curves(RUN)
    assert line(ax, "training").get_xdata().tolist() == [0.5, 1.5, 2.5, 3.5]
    assert line(ax, "validation").get_xdata().tolist() == [1, 2, 3, 4]
    assert line(plots.curves(RUN, shift=False), "training").get_xdata().tolist() == [1, 2, 3, 4]


def test_batches_stand_inside_their_epoch_also_where_the_last_epoch_was_cut_short():
    history = History()
    for epoch, batches in enumerate((4, 4, 1)):
        for _ in range(batches):
            history.batch(1.0 / (epoch + 1), 8)
        if batches == 4:
            history.epoch(val_loss=1.0)
    drawn = line(plots.curves(history), "each batch").get_xdata()
    assert drawn.tolist() == [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.25]


@pytest.mark.parametrize(("planned", "last"), [(40, 0.25), (None, 1.0), (5, 1.0)])
def test_batches_of_a_first_epoch_that_was_cut_short_stand_where_they_ended(planned, last):
    history = History()
    history.steps_per_epoch = planned
    history.batches([1.0] * 10, [4] * 10)
    places = plots.curves(history).get_lines()[0].get_xdata()
    assert places[-1] == last
    assert np.allclose(np.diff(places), last / 10)


def test_a_shorter_last_epoch_that_is_complete_reaches_its_end():
    history = History()
    for steps in (10, 4):
        history.batches([1.0] * steps, [4] * steps)
        history.epoch(val_loss=1.0)
    assert plots.curves(history).get_lines()[0].get_xdata().tolist()[-4:] == [1.25, 1.5, 1.75, 2.0]


def test_an_epoch_that_was_chosen_is_not_called_the_lowest():
    history = History()
    for value in (1.0, 0.9, 0.7, 0.8):
        history.epoch(val_loss=value)
    history.best_epoch = 2
    told = plots.describe(history)
    assert "lowest, 0.7, at epoch 3, then rises to 0.8. Epoch 2 was chosen as the best, with 0.9." in told
    assert "best epoch 2 with val_loss 0.9" in repr(history)
    history.best_epoch = 3
    assert "chosen" not in plots.describe(history)


def test_best_epoch_is_marked_where_validation_is_lowest():
    ax = plots.curves(RUN)
    star = line(ax, "best epoch 2: 0.6")
    assert (star.get_xdata()[0], star.get_ydata()[0]) == (2, 0.6)


def test_curves_are_told_apart_without_colour():
    assert plots.TRAIN.linestyle != plots.VALIDATION.linestyle
    assert plots.TRAIN.marker != plots.VALIDATION.marker
    named = {str(k): RUN for k in range(6)}
    drawn = plots.compare(named).get_lines()
    assert len({(one.get_linestyle(), str(one._unscaled_dash_pattern), one.get_marker()) for one in drawn}) == 6


def test_runs_side_by_side_do_not_look_like_training_and_validation():
    drawn = plots.compare({str(k): RUN for k in range(6)}).get_lines()
    assert not {one.get_color() for one in drawn} & {plots.TRAIN.color, plots.VALIDATION.color}


def test_the_note_on_batches_that_are_cut_off_crosses_no_line():
    history = History()
    for epoch in range(4):
        history.batches([50.0 if epoch == 0 and k == 0 else 1.0 for k in range(100)], [8] * 100)
        history.epoch(val_loss=1.0)
    ax = plots.curves(history, title="wild")
    note = ax._right_title
    assert "above, up to 50" in note.get_text()
    ax.figure.canvas.draw()
    assert note.get_window_extent().y0 >= ax.bbox.y1, "inside the axes it lies on a curve"
    assert note.get_window_extent().y1 <= ax.figure.bbox.y1, "cut off by the figure's edge"
    assert not note.get_window_extent().overlaps(ax._left_title.get_window_extent())


@pytest.mark.parametrize("colour", [plots.TRAIN.color, plots.VALIDATION.color, *(look.color for look in CYCLE + RUNS)])
def test_every_colour_has_a_contrast_of_4_5_against_white(colour):
    channels = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    assert 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05) >= 4.5  # WCAG 2.2, relative luminance


@pytest.mark.parametrize(
    ("history", "said"),
    [
        (RUN, "Validation loss is lowest, 0.6, at epoch 2, then rises to 1.3."),
        ({"val_loss": [2.0, 1.0]}, "Validation loss is lowest, 1, at epoch 2, the last one."),
        (
            {"val_loss": [1.0, float("nan")]},
            "Validation loss is lowest, 1, at epoch 1; the last epoch has no finite one.",
        ),
        ({"val_loss": [1.0, float("inf")]}, "the last epoch has no finite one."),
        ({"val_loss": [float("inf")] * 2}, "Validation loss is never a finite number."),
        ({"val_loss": [1.5, 5.6, 3.7]}, "is lowest, 1.5, at epoch 1, then rises to 5.6 at epoch 2 and ends at 3.7."),
        ({"train_loss": []}, "Nothing recorded yet."),
        ({"train_loss": [0.5]}, "Training loss 0.5 over 1 epoch."),
    ],
)
def test_the_story_in_words(history, said):
    assert said in plots.describe(history)


def test_runs_draw_mean_and_standard_error_with_n_minus_one():
    values = np.array([[1.0, 0.8], [1.2, 0.4], [0.8, 0.9]])
    ax = plots.runs([{"val_loss": row} for row in values])
    mean, error = values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(3)
    band = ax.collections[0].get_paths()[0].vertices
    assert np.allclose(
        sorted({round(y, 9) for y in band[:, 1]}), sorted(np.round([*(mean - error), *(mean + error)], 9))
    )


def test_runs_of_different_lengths_use_those_that_got_there():
    ax = plots.runs([{"val_loss": [1.0, 0.5]}, {"val_loss": [2.0]}])
    means = next(one for one in ax.get_lines() if one.get_label().startswith("validation"))
    assert means.get_ydata().tolist() == [1.5, 0.5]


def test_before_and_after_share_the_loss_axis():
    left, right = plots.before_after(RUN, {"val_loss": [5.0, 4.0]})
    assert left.get_ylim() == right.get_ylim()
    assert plots.story([left, right]).startswith("before. ")


def test_the_gap_is_measured_at_the_same_moment():
    told = plots.story(plots.gap({"train_loss": [1.0, 0.5, 0.1], "val_loss": [1.1, 0.6, 0.9]}))
    assert told.startswith("The gap between validation and training loss goes from 0.35 at epoch 1")  # 1.1 - 0.75


def test_every_figure_takes_ax_and_returns_it():
    _, axes = plt.subplots(1, 4)
    assert plots.curves(RUN, axes[0]) is axes[0]
    assert plots.gap(RUN, axes[1]) is axes[1]
    assert plots.runs([RUN], axes[2]) is axes[2]
    assert plots.compare({"a": RUN}, axes[3]) is axes[3]
    assert plots.before_after(RUN, RUN, axes[:2])[0] is axes[0]


def test_a_busy_figure_fits_in_60_kB_with_escaped_alternative_text():
    history, rng = History(), np.random.default_rng(0)
    for _ in range(100):
        for _ in range(50):
            history.batch(float(rng.random()), 8)
        history.epoch(val_loss=float(rng.random()))
    markup = plots.figure_html(plots.curves(history), 'a "wild" <run>')
    assert len(markup) <= 60_500
    assert 'alt="a &quot;wild&quot; &lt;run&gt;"' in markup


def test_a_figure_without_words_is_refused():
    with pytest.raises(ValueError, match="alternative text is missing"):
        plots.figure_html(plt.figure())


def test_show_closes_the_figure_so_that_it_is_not_shown_twice(capsys):
    plots.show(plots.curves(RUN))
    assert plt.get_fignums() == []


@pytest.mark.parametrize("wrong", [3, "history", [1, 2]])
def test_what_is_no_history_is_refused_with_what_to_pass(wrong):
    with pytest.raises(TypeError, match="Pass what fit returned"):
        plots.curves(wrong)


def test_what_keras_fit_returns_can_be_drawn():
    returned = types.SimpleNamespace(history={"loss": [1.0, 0.5], "val_loss": [1.1, 0.9]})
    assert plots.describe(returned).startswith("Training loss falls from 1 to 0.5")


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), max_size=8))
def test_any_numbers_have_a_story(values):
    text = plots.describe({"train_loss": values, "val_loss": values[::-1]})
    assert text
    assert not re.search(r"\bnan\b|\binf\b", text)


def test_a_run_without_validation_has_no_entry_for_it() -> None:
    ax = plots.curves({"train_loss": [1.0, 0.5]})
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["training"]
