"""Metrics that keep counts: fed batch by batch, one result, the same as from all rows at once.

A precision is a ratio of counts. The mean of the batches' precisions is another number, and it depends on the
batch size; the same holds for F1 and for areas under curves. The objects here add up what the result needs and
divide once. Both trainers take them as ``metrics=[…]``, by name or as objects; a loop written by hand can feed them
as well. They know no framework: arrays, torch tensors and Keras tensors will all do.

The protocol
------------
Any object with these three methods is a streaming metric:

======================================  ==============================================================
``reset()``                             forget everything; called before each pass over the rows
``update(outputs, targets, weights)``   take some rows, as NumPy arrays; `weights` is `None`, or one a row
``result()``                            return one number for all rows since `reset`
======================================  ==============================================================

The trainers may hand several batches to one `update`, so the result must not depend on how rows are cut into batches.
A metric with an attribute ``name`` is recorded under that name.

Where a result is not defined
-----------------------------
Nothing is raised. Precision, recall and F1 are ``undefined`` where they would divide 0 by 0: 0.0 by default, as in
scikit-learn, Keras and torchmetrics. So a model that predicts no positive in its first epochs has a low score, and
early stopping goes on; ``undefined=math.nan`` tells such epochs from those that were wrong. Average precision
without a positive row and ROC AUC without both classes are NaN: no order of the rows is better than another, and
0 would say that this one is the worst.
"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

from course_lib.training.binary import Array, Binary

__all__ = ["F1", "STREAMING", "AveragePrecision", "Precision", "Recall", "RocAuc", "StreamingMetric", "by_name"]


class StreamingMetric(Protocol):
    """What a trainer asks of a metric; see the module's text."""

    def reset(self) -> None:
        """Forget everything."""

    def update(self, outputs: Array, targets: Array, weights: Array | None = None) -> None:
        """Take some rows."""

    def result(self) -> float:
        """Return one number for all rows since `reset`."""


class _Counting(Binary):
    """Sums of weights of true positives, false positives and false negatives.

    Parameters
    ----------
    threshold : float
        An output above it predicts class 1. Outputs are logits: 0 is a probability of 0.5, and
        ``math.log(p / (1 - p))`` one of p. Where a model returns probabilities, so is the threshold.
    undefined : float
        The result where nothing is there to divide by.

    Attributes
    ----------
    true_positives, false_positives, false_negatives : float
        Numbers of rows, or sums of their weights.
    """

    def __init__(self, threshold: float = 0.0, *, undefined: float = 0.0) -> None:
        self.threshold, self.undefined = float(threshold), float(undefined)
        super().__init__()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(threshold={self.threshold:g})"

    def reset(self) -> None:
        """Forget all counts."""
        self.true_positives = self.false_positives = self.false_negatives = 0.0
        self._nan = False

    def _take(self, scores: Array, positive: Array, weights: Array) -> None:
        predicted = scores > self.threshold
        self.true_positives += float(weights[predicted & positive].sum())
        self.false_positives += float(weights[predicted & ~positive].sum())
        self.false_negatives += float(weights[~predicted & positive].sum())
        self._nan |= bool(np.isnan(scores).any())

    def result(self) -> float:
        """Return the ratio of the counts since `reset`; NaN where an output was NaN."""
        above, below = self._ratio()
        if self._nan:
            return math.nan
        return above / below if below else self.undefined

    def _ratio(self) -> tuple[float, float]:
        raise NotImplementedError


class Precision(_Counting):
    """The share of rows predicted positive that are positive; `undefined` where none is predicted.

    See `course_lib.training.metrics` for the protocol, and `Precision.update` for shapes.

    Parameters
    ----------
    threshold : float
        An output above it predicts class 1; 0 by default, for logits.
    undefined : float
        The result where no row is predicted positive; 0.0 by default.

    Examples
    --------
    Four batches of one row each: two alarms, one of them right. The mean of the batches' precisions says 0.25.

    >>> precision = Precision()
    >>> for logit, target in [(2.0, 1), (1.0, 0), (-1.0, 0), (-2.0, 1)]:
    ...     precision.update([logit], [target])
    >>> precision.result()
    0.5
    """

    name = "precision"

    def _ratio(self) -> tuple[float, float]:
        return self.true_positives, self.true_positives + self.false_positives


class Recall(_Counting):
    """The share of positive rows that are predicted so; `undefined` where there are none.

    Parameters
    ----------
    threshold : float
        An output above it predicts class 1; 0 by default, for logits.
    undefined : float
        The result where no row is positive; 0.0 by default.

    Examples
    --------
    >>> recall = Recall()
    >>> recall.update([2.0, 1.0, -1.0, -2.0], [1, 0, 0, 1], weights=[1, 1, 1, 3])
    >>> recall.result()
    0.25
    """

    name = "recall"

    def _ratio(self) -> tuple[float, float]:
        return self.true_positives, self.true_positives + self.false_negatives


class F1(_Counting):
    """Twice the true positives, by predicted positives plus positives; `undefined` where both are none.

    Parameters
    ----------
    threshold : float
        An output above it predicts class 1; 0 by default, for logits.
    undefined : float
        The result where no row is positive and none is predicted so; 0.0 by default.

    Examples
    --------
    >>> f1 = F1()
    >>> f1.update([2.0, 1.0, -1.0, -2.0], [1, 0, 0, 0])
    >>> round(f1.result(), 3)
    0.667
    """

    name = "f1"

    def _ratio(self) -> tuple[float, float]:
        twice = 2 * self.true_positives
        return twice, twice + self.false_positives + self.false_negatives


class _Ranking(Binary):
    """Keeps scores and targets, some 20 bytes a row, since an area under a curve needs their order."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def reset(self) -> None:
        """Forget all rows."""
        self._kept: list[tuple[Array, Array, Array]] = []

    def _take(self, scores: Array, positive: Array, weights: Array) -> None:
        self._kept.append((scores, positive, weights))

    def result(self) -> float:
        """Return the area for all rows since `reset`; NaN where an output was NaN or the area is not defined."""
        if not self._kept:
            return math.nan
        scores, positive, weights = map(np.concatenate, zip(*self._kept, strict=True))
        if np.isnan(scores).any():
            return math.nan
        order = np.argsort(-scores, kind="stable")
        last_of_equals = np.append(np.diff(scores[order]) != 0, True)[: len(order)]
        right = np.cumsum(weights[order] * positive[order])[last_of_equals]
        wrong = np.cumsum(weights[order] * ~positive[order])[last_of_equals]
        return self._area(right, wrong)

    def _area(self, right: Array, wrong: Array) -> float:
        """Return the area, from the true and false positives at each threshold, highest first."""
        raise NotImplementedError


class AveragePrecision(_Ranking):
    """The mean of the precisions at each positive row, highest output first; NaN without a positive row.

    A step function, not the trapezoids under the precision-recall curve, which are too optimistic. Equal outputs
    share one step. It keeps scores and targets until `reset`, since no counts would do.

    Examples
    --------
    >>> metric = AveragePrecision()
    >>> metric.update([3.0, 2.0, 1.0, 0.0], [1, 0, 1, 0])
    >>> round(metric.result(), 4)    # (1/1 + 2/3) / 2
    0.8333
    """

    name = "average_precision"

    def _area(self, right: Array, wrong: Array) -> float:
        if not len(right) or not right[-1]:
            return math.nan
        return float(np.sum(np.diff(right, prepend=0.0) * right / (right + wrong)) / right[-1])


class RocAuc(_Ranking):
    """The chance that a positive row gets a higher output than a negative one; NaN without both classes.

    Equal outputs count one half. It keeps scores and targets until `reset`, since no counts would do.

    Examples
    --------
    >>> metric = RocAuc()
    >>> metric.update([3.0, 2.0, 1.0, 0.0], [1, 0, 1, 0])
    >>> metric.result()
    0.75
    """

    name = "roc_auc"

    def _area(self, right: Array, wrong: Array) -> float:
        if not len(right) or not right[-1] or not wrong[-1]:
            return math.nan
        heights = (right + np.append(0.0, right[:-1])) / 2
        return float(np.sum(np.diff(wrong, prepend=0.0) * heights) / right[-1] / wrong[-1])


#: The streaming metrics that have a name.
STREAMING: dict[str, type[_Counting] | type[_Ranking]] = {
    metric.name: metric for metric in (Precision, Recall, F1, AveragePrecision, RocAuc)
}


def by_name(name: str, threshold: float = 0.0) -> StreamingMetric:
    """Return a new metric of this name, which cuts outputs at the threshold if it cuts them at all."""
    kind = STREAMING[name]
    return kind(threshold) if issubclass(kind, _Counting) else kind()
