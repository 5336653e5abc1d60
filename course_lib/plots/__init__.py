"""Static figures of loss curves: one look for the whole course, small functions that return the Axes.

Every function takes ``ax=`` and returns what it drew on. It also remembers the story of the picture in
words, so that ``show(curves(history))`` puts the figure into the notebook with alternative text that a
screen reader speaks, and that is still there when the notebook is opened without a kernel.

Where the points stand: epoch ``k`` runs from ``k - 1`` to ``k``. A training loss is an average over the
whole epoch while the weights move, so its point stands in the middle, at ``k - 0.5``; a validation loss
is measured when the epoch is over, so its point stands at ``k``.
"""

from course_lib.plots.images import pictures
from course_lib.plots.noise import band, paired_difference, smoothed
from course_lib.plots.one_run import curves, gap
from course_lib.plots.output import figure_html, show
from course_lib.plots.rates import rates
from course_lib.plots.reading import read as _read  # noqa: F401  (the name by which scripts know it)
from course_lib.plots.several_runs import before_after, compare, runs
from course_lib.plots.stories import describe, set_story, story
from course_lib.plots.style import TRAIN, VALIDATION, style

__all__ = [
    "TRAIN",
    "VALIDATION",
    "band",
    "before_after",
    "compare",
    "curves",
    "describe",
    "figure_html",
    "gap",
    "paired_difference",
    "pictures",
    "rates",
    "runs",
    "set_story",
    "show",
    "smoothed",
    "story",
    "style",
]
