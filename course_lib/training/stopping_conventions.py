"""The rules of five libraries, each as one step of `course_lib.training.early_stopping.EarlyStopping`.

The course's own rule is Keras's, with four edges mended: a value that is not finite is never the
best and ends training with that reason; a column that is not there is an error; the best weights
come back however training ended; and what is kept is always a copy.

The other conventions reproduce, to the last tie, what the named library does (read in the sources
of Keras 3.15, Lightning 2.6, ignite 0.5.4 and 0.5.5, skorch 1.4 and held against their code by tests):

===========  =====================================  ==================================  ===================
convention   improved when (mode "min")             a value that is not finite          patience 0
===========  =====================================  ==================================  ===================
course       ``value + delta < best``               stops at once, never best           refused
keras        the same, compared in float32          a miss, but NaN first is a best     as patience 1
                                                    that nothing beats
lightning    the same, computed in float32;         stops at once                       as patience 1
             a negative delta allows worse values
ignite       ``not value >= best - delta``; best    NaN always improves                 refused
             moves on misses too by default
skorch       ``value < best - 1e-4 · best``         a miss                              stops at the first
                                                                                        improvement
===========  =====================================  ==================================  ===================

Keras, Lightning, ignite and skorch are the work of their authors; no code of theirs is used here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from course_lib.training.early_stopping import EarlyStopping

__all__ = ["STEPS"]


def _take(rule: EarlyStopping, value: float) -> None:
    rule.best, rule.best_epoch = value, rule.epoch


def _better(rule: EarlyStopping, value: float, reference: float) -> bool:
    """Whether `value` beats `reference` by more than the rule's delta; false when one of them is NaN."""
    return value + rule.min_delta < reference if rule.mode == "min" else value - rule.min_delta > reference


def _patience(rule: EarlyStopping, value: float, better: Callable[[EarlyStopping, float, float], bool]) -> bool:
    """Count the epochs without a value that beats the best one and the baseline; tell whether they are too many."""
    rule.wait += 1
    if rule.best is None or better(rule, value, rule.best):
        _take(rule, value)
        if rule.baseline is None or better(rule, value, rule.baseline):
            rule.wait = 0
        return False
    return rule.wait >= rule.patience


def _course(rule: EarlyStopping, value: float) -> bool:
    if not math.isfinite(value):
        rule.reason = f"{rule.monitor} became {value} in epoch {rule.epoch}"
        return True
    return _patience(rule, value, _better)


def _keras(rule: EarlyStopping, value: float) -> bool:
    return _patience(rule, value, _better_in_float32) and rule.epoch > 1


def _better_in_float32(rule: EarlyStopping, value: float, reference: float) -> bool:
    """Compare as ``keras.ops.less`` does: Python numbers become float32 tensors."""
    delta = abs(rule.min_delta)
    moved = _float32(value + delta if rule.mode == "min" else value - delta)
    return moved < _float32(reference) if rule.mode == "min" else moved > _float32(reference)


def _lightning(rule: EarlyStopping, value: float) -> bool:
    value = _float32(value)
    if not math.isfinite(value):
        rule.reason = f"{rule.monitor} became {value} in epoch {rule.epoch}"
        return True
    worst = math.inf if rule.mode == "min" else -math.inf
    best = worst if rule.best is None else rule.best
    delta = _float32(rule.min_delta)
    moved = _float32(value + delta if rule.mode == "min" else value - delta)
    if moved < best if rule.mode == "min" else moved > best:
        _take(rule, value)
        rule.wait = 0
        return False
    rule.wait += 1
    return rule.wait >= rule.patience


def _ignite(rule: EarlyStopping, value: float) -> bool:
    if rule.best is None:
        _take(rule, value)
        return False
    sign = -1.0 if rule.mode == "min" else 1.0
    delta = sign * rule.min_delta
    threshold = rule.best * (1 + delta) if rule.relative else rule.best + delta
    missed = value >= threshold if rule.mode == "min" else value <= threshold
    if not missed:  # so NaN, which compares false, improves
        _take(rule, value)
        rule.wait = 0
        return False
    if not rule.cumulative and (value < rule.best if rule.mode == "min" else value > rule.best):
        _take(rule, value)
    rule.wait += 1
    return rule.wait >= rule.patience


def _skorch(rule: EarlyStopping, value: float) -> bool:
    sign = -1.0 if rule.mode == "min" else 1.0
    if rule.best is None:
        threshold = -sign * math.inf
    else:
        threshold = rule.best + sign * (rule.min_delta * rule.best if rule.relative else rule.min_delta)
    if value < threshold if rule.mode == "min" else value > threshold:
        _take(rule, value)
        rule.wait = 0
    else:
        rule.wait += 1
    return rule.wait == rule.patience


def _float32(value: float) -> float:
    """Round to float32 as NumPy, torch and TensorFlow do; too large a number becomes infinite."""
    import numpy as np

    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.float32(value))


#: One step by each convention: takes the next epoch's value, notes in the rule what follows, tells whether to stop.
STEPS: dict[str, Callable[[EarlyStopping, float], bool]] = {
    "course": _course,
    "keras": _keras,
    "lightning": _lightning,
    "ignite": _ignite,
    "skorch": _skorch,
}
