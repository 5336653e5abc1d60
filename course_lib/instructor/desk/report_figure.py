"""The figure of a report: shares by question, and a histogram of totals."""

from __future__ import annotations

import base64
import io
import statistics
from typing import TYPE_CHECKING

import numpy as np

from course_lib.instructor.grading.scores import Score

if TYPE_CHECKING:
    from course_lib.instructor.desk.report import Item

__all__ = ["figure"]


def figure(items: list[Item], scores: list[Score]) -> tuple[str, str]:
    """Draw the shares and the totals; return the picture as SVG in base 64, and its description."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    fig, (left, right) = plt.subplots(1, 2, figsize=(10, max(3.2, 0.5 * len(items) + 2.2)), layout="constrained")
    names = [f"{item.name.removeprefix('check_')}" for item in items]
    at = np.arange(len(items))
    left.barh(at + 0.2, [item.difficulty for item in items], 0.4, color="#0072b2", label="mean share of points")
    left.barh(at - 0.2, [item.full for item in items], 0.4, color="#e69f00", hatch="//", label="share with all points")
    left.set(yticks=at, yticklabels=names, xlim=(0, 1), xlabel="share (0 to 1)", title="Questions")
    left.invert_yaxis()
    left.legend(fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=2, frameon=False)
    totals = [score.total for score in scores if score.counts and not score.shared_from]
    most = max((score.points for score in scores), default=1.0) or 1.0
    right.hist(totals, bins=np.linspace(0, most, 11), color="#009e73", edgecolor="black")
    right.yaxis.get_major_locator().set_params(integer=True)
    right.set(xlabel="total (points)", ylabel="students", title="Totals", xlim=(0, most))
    text = io.BytesIO()
    fig.savefig(text, format="svg", metadata={"Date": None})
    plt.close(fig)
    if not items or not totals:
        return base64.b64encode(text.getvalue()).decode(), "Nothing is graded yet."
    hardest = min(items, key=lambda item: item.difficulty)
    words = (
        "Left: for each question, the mean share of points and the share of students with all points; the hardest is "
        f"{hardest.name.removeprefix('check_')} with {hardest.difficulty:.2f}. Right: how many students have which "
        f"total; the median is {statistics.median(totals):g} of {most:g} points."
    )
    return base64.b64encode(text.getvalue()).decode(), words
