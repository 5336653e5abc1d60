"""Figures of two panels: they are cut between them, and nowhere else, and each panel can stand alone."""

from __future__ import annotations

import io
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from course_lib import plots
from course_lib.notebook.explorer.base import canvas
from course_lib.plots.output import _drawn, pngs
from course_lib.plots.seam import cut, label_both

pytestmark = pytest.mark.slow

RUN = {"train_loss": [1.0, 0.5, 0.2, 0.1], "val_loss": [1.1, 0.6, 0.7, 1.3]}


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def free(columns):
    """Two panels that share nothing, in a figure of the explorers."""
    figure, (left, right) = canvas(2)
    left.set_ylabel("loss")
    right.set_ylabel("gap")
    return figure


def shared():
    """Two panels with one axis of losses, laid out by hand."""
    figure, axes = plt.subplots(1, 2, figsize=(8, 3), sharey=True)
    axes[0].set_ylabel("loss")
    return figure


@pytest.mark.parametrize("make", [lambda: free(2), shared, lambda: plots.before_after(RUN, RUN)[0].figure])
@pytest.mark.parametrize("dpi", [144, 100, 72])
def test_two_panels_are_cut_between_them(make, dpi):
    figure = make()
    label_both(figure)
    pixels = _drawn(figure, dpi)
    (one, left), (other, right) = cut(figure, pixels)
    assert one + other == round(96 * figure.get_figwidth())
    assert (left.start, left.stop, right.stop) == (0, right.start, pixels.shape[1])
    seam = pixels[:, left.stop - 1 : left.stop + 1]
    assert (seam == pixels[0, 0]).all(), "the cut goes through something"
    ink = [int((pixels[:, part] != pixels[0, 0]).any(axis=2).sum()) for part in (left, right)]
    assert min(ink) > 0.3 * max(ink)
    # The right panel keeps its numbers and its label: there is ink to the left of its axes.
    x0 = round(figure.axes[1].get_position().x0 * pixels.shape[1])
    assert (pixels[:, right.start : x0 - 2] != pixels[0, 0]).any()


def test_a_shared_axis_is_labelled_on_both_sides():
    figure = shared()
    label_both(figure)
    right = figure.axes[1]
    assert right.get_ylabel() == "loss"
    assert right.yaxis.get_tick_params()["labelleft"] is True


@pytest.mark.parametrize("columns", [1, 3])
def test_other_figures_stay_whole(columns):
    figure, _ = plt.subplots(1, columns, figsize=(8, 3))
    assert len(pngs(figure)) == 1
    stacked, _ = plt.subplots(2, 1)
    assert len(pngs(stacked)) == 1
    beside, axes = plt.subplots(1, 2)
    axes[0].annotate("a line of words that reaches into the other panel", (0.5, 0.5), (1.4, 0.5), "axes fraction",
                     arrowprops={"arrowstyle": "-"})  # fmt: skip
    assert len(pngs(beside)) == 1


def test_each_panel_has_words_and_its_own_width():
    markup = plots.figure_html(plots.before_after(RUN, RUN)[0], "Two runs side by side.")
    widths = [int(width) for width in re.findall(r'width="(\d+)"', markup)]
    assert re.findall(r'alt="([^"]*)"', markup) == ["Two runs side by side.", "Second panel of the same figure."]
    assert sum(widths) == round(8.4 * 96)
    sizes = [Image.open(io.BytesIO(data)).size for _, data in pngs(plots.before_after(RUN, RUN)[0].figure)]
    assert np.allclose([wide for wide, _ in sizes], 1.5 * np.array(widths), atol=1)
