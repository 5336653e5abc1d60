"""Lesson 10, `streaming_f1`: the class `StreamingF1`, which keeps counts, and what comes of keeping scores."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import Matches
from course_lib.checks.mistakes import Sign, by_sign, by_value

__all__ = ["STREAMING_F1", "score_case"]

#: One step of a script: which object, what is called, and the batch for `update`.
Step = tuple[Any, ...]
Script = Sequence[Step]
#: How many rows are hits, false alarms, misses, and rightly left alone.
Counts = tuple[float, float, float, float]


@dataclass
class Kept:
    """What an object has been given when `compute` is called, batch by batch."""

    since_reset: list[Step] = field(default_factory=list)
    ever: list[Step] = field(default_factory=list)
    since_result: list[Step] = field(default_factory=list)
    #: What all objects together were given since any of them was reset.
    by_all: list[Step] = field(default_factory=list)


def _counts(batches: Sequence[Step], alarms: Callable[[Any], Any] = lambda z: z > 0) -> Counts:
    """Return the counts of all rows of some batches."""
    if not batches:
        return 0.0, 0.0, 0.0, 0.0
    z = np.concatenate([np.ravel(batch[2]) for batch in batches]).astype(float)
    y = np.concatenate([np.ravel(batch[3]) for batch in batches]) == 1
    alarm = alarms(z)
    cells = (alarm & y, alarm & ~y, ~alarm & y, ~alarm & ~y)
    return tuple(float(cell.sum()) for cell in cells)  # type: ignore[return-value]


def _share(part: float, whole: float, empty: float = 0.0) -> float:
    return part / whole if whole else empty


def _f1(hits: float, false: float, missed: float, empty: float = 0.0) -> float:
    return _share(2 * hits, 2 * hits + false + missed, empty)


def _precision_and_recall(counts: Counts) -> tuple[float, float]:
    hits, false, missed, _ = counts
    return _share(hits, hits + false), _share(hits, hits + missed)


def _harmonic(a: float, b: float) -> float:
    return _share(2 * a * b, a + b)


def _walk(script: Script) -> list[Kept]:
    """Return what was known at each call of `compute`."""
    objects: dict[str, Kept] = {}
    shared: list[Step] = []
    found = []
    for step in script:
        kept = objects.setdefault(step[0], Kept())
        if step[1] == "update":
            for batches in (kept.since_reset, kept.ever, kept.since_result, shared):
                batches.append(step)
        elif step[1] == "reset":
            kept.since_reset, kept.since_result = [], []
            shared.clear()
        else:
            found.append(Kept(list(kept.since_reset), list(kept.ever), list(kept.since_result), list(shared)))
            kept.since_result = []
    return found


Rule = Callable[[Kept], float]


def _each(rule: Rule) -> Callable[[Script], list[float]]:
    return lambda script: [rule(kept) for kept in _walk(script)]


def _of_batches(score: Callable[[Counts], float], weigh: bool = False, holding: bool = False) -> Rule:
    """Return the rule that averages a score of each batch, by rows or not, of all or of those with a positive."""

    def rule(kept: Kept) -> float:
        batches = [b for b in kept.since_reset if not holding or np.sum(b[3])]
        sizes = [len(np.ravel(b[2])) if weigh else 1.0 for b in batches]
        return float(np.average([score(_counts([b])) for b in batches], weights=sizes)) if batches else 0.0

    return rule


def _on(batches: Callable[[Kept], Sequence[Step]], score: Callable[[Counts], float]) -> Rule:
    return lambda kept: score(_counts(batches(kept)))


def _of_all(score: Callable[[Counts], float]) -> Rule:
    return _on(lambda kept: kept.since_reset, score)


def _with(alarms: Callable[[Any], Any]) -> Rule:
    return lambda kept: _f1(*_counts(kept.since_reset, alarms)[:3])


def _harmonic_of_means(kept: Kept) -> float:
    pairs = [_precision_and_recall(_counts([b])) for b in kept.since_reset]
    return _harmonic(*np.mean(pairs, axis=0)) if pairs else 0.0


def _broadcast(kept: Kept) -> float:
    """Return what comes of comparing a column of logits with a row of labels: every pair is counted."""
    hits = false = missed = 0.0
    for _, _, z, y in kept.since_reset:
        if np.ndim(z) < 2:
            cells = _counts([("", "", z, y)])
            hits, false, missed = hits + cells[0], false + cells[1], missed + cells[2]
            continue
        alarms, positives = float((np.ravel(z) > 0).sum()), float(np.sum(y))
        n = len(y)
        hits += alarms * positives
        false += alarms * (n - positives)
        missed += (n - alarms) * positives
    return _f1(hits, false, missed)


def _partly_reset(*kinds: int) -> Rule:
    """Return the rule that goes on counting some kinds of rows after a reset."""

    def rule(kept: Kept) -> float:
        now, ever = _counts(kept.since_reset), _counts(kept.ever)
        return _f1(*(ever[k] if k in kinds else now[k] for k in range(3)))

    return rule


def _weighted_by_class(counts: Counts) -> float:
    """Return the mean of both classes' F1, weighted by their rows."""
    hits, false, missed, left = counts
    both = (hits + missed) * _f1(hits, false, missed) + (false + left) * _f1(left, missed, false)
    return _share(both, sum(counts))


def _score(counts: Counts) -> float:
    return _f1(*counts[:3])


def _empty_is(value: float) -> Rule:
    return _of_all(lambda counts: _f1(*counts[:3], empty=value))


_RULES: tuple[tuple[str, Rule], ...] = (
    ("mean_of_batch_scores", _of_batches(_score)),
    ("mean_of_batch_scores", _of_batches(_score, weigh=True)),
    ("mean_of_batch_scores", _of_batches(_score, holding=True)),
    ("mean_of_batch_scores", _of_batches(_score, weigh=True, holding=True)),
    ("mean_of_batch_scores/parts", _harmonic_of_means),
    ("last_batch/score", _on(lambda kept: kept.since_reset[-1:], _score)),
    ("not_reset_per_epoch/metric", _on(lambda kept: kept.ever, _score)),
    *(("not_reset_per_epoch/metric", _partly_reset(*kinds)) for kinds in ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2))),
    ("asking_empties", _on(lambda kept: kept.since_result, _score)),
    ("shared_between_objects/metric", _on(lambda kept: kept.by_all, _score)),
    ("broadcast/counts", _broadcast),
    ("logit_cut_at_half", _with(lambda z: z > 0.5)),
    ("logit_cut_at_half", _with(lambda z: z >= 0.5)),
    ("all_are_alarms", _with(lambda z: z > -math.inf)),
    ("zero_is_an_alarm", _with(lambda z: z >= 0)),
    ("other_class_scored", _of_all(lambda c: _f1(c[3], c[2], c[1]))),
    ("both_classes_scored", _of_all(lambda c: (_f1(*c[:3]) + _f1(c[3], c[2], c[1])) / 2)),
    ("both_classes_scored", _of_all(_weighted_by_class)),
    ("accuracy/score", _of_all(lambda c: _share(c[0] + c[3], sum(c)))),
    ("precision_alone", _of_all(lambda c: _precision_and_recall(c)[0])),
    ("recall_alone", _of_all(lambda c: _precision_and_recall(c)[1])),
    ("plain_mean_of_both", _of_all(lambda c: sum(_precision_and_recall(c)) / 2)),
    ("hits_counted_once", _of_all(lambda c: _share(c[0], c[0] + c[1] + c[2]))),
    ("hits_counted_once", _of_all(lambda c: _share(2 * c[0], c[0] + c[1] + c[2]))),
    ("harmonic_mean_halved", _of_all(lambda c: _score(c) / 2)),
    ("geometric_mean", _of_all(lambda c: math.sqrt(math.prod(_precision_and_recall(c))))),
    ("nothing_found_is_not_0", _empty_is(1.0)),
    ("nothing_found_is_not_0", _empty_is(math.nan)),
)


def _observe(answer: Any, record: dict[str, Any], script: Script) -> Any:
    """Walk through a script with the learner's class, and return what `compute` gave, one number for each call."""
    made: dict[str, Any] = {}
    found = []
    for who, what, *batch in script:
        if who not in made:
            made[who] = answer()
        if what == "update":
            made[who].update(*batch)
        elif what == "reset":
            made[who].reset()
        else:
            found.append(made[who].compute())
            if found[-1] is None:
                record["result_is_none"] = True
    with contextlib.suppress(Exception):  # what a new object says is judged by cases of their own
        record["newborn"] = float(answer().compute())
    return found


def _divides_by_zero(e: Evidence) -> bool:
    """Whether it ended in a division by zero where some result, or a batch, has nothing to divide by."""
    if e.error is None or e.error["type"] != "ZeroDivisionError":
        return False
    return any(_counts(kept.since_reset)[0] == 0 for kept in _walk(e.inputs[0])) or any(
        _counts([step])[0] == 0 for step in e.inputs[0] if step[1] == "update"
    )


def _born_with_rows(e: Evidence) -> bool:
    """Whether an object that was given nothing gives a score of its own; 1 is what some take for an empty one."""
    newborn = e.seen.get("newborn")
    return newborn is not None and 0 < newborn < 1


_OF_THE_FORM: tuple[tuple[str, Sign], ...] = (
    ("shared_between_objects/metric", _born_with_rows),
    ("result_gives_nothing", lambda e: e.seen.get("result_is_none")),
    ("nothing_found_is_not_0", _divides_by_zero),
)

_ORDINALS = ("first", "second", "third", "fourth", "fifth")


def score_case(name: str, script: Any, expected: Any, hint: str = "", calls: int = 1, denies: bool = True) -> Case:
    """Return a case that walks through a script; ``expected`` has a number for each call of `compute`."""
    names = ("compute()",) if calls == 1 else tuple(f"{nth} compute()" for nth in _ORDINALS[:calls])
    inputs = script if callable(script) else (script,)
    return Case(name, inputs, expected, hint, _observe, compare=Matches(names=names), denies=denies)


def _rows(name: str, *batches: tuple[Any, Any]) -> list[Step]:
    return [(name, "update", np.array(z), np.array(y)) for z, y in batches]


_ASK, _RESET = ("a", "result"), ("a", "reset")
_FIRST = ([2.0, -1.0, 0.75, -3.0, -0.25, 1.5, -2.0], [1, 0, 0, 0, 1, 1, 0])  # 2 hits, 1 false alarm, 1 miss
_SECOND = ([-1.0, -2.0, 0.25, -0.5], [0, 1, 1, 0])  # 1 hit that 0.5 would miss, 1 miss
_NONE = ([-1.0, -0.5, -2.0], [0, 0, 0])
_THIRD = ([0.3, 1.25, 0.1, -0.75, 2.5], [0, 1, 0, 0, 0])  # 1 hit, 3 false alarms

STREAMING_F1 = Exercise(
    name="streaming_f1",
    points=3,
    kind="class",
    answer="StreamingF1",
    cases=(
        score_case(
            "the docstring's example",
            [*_rows("a", ([2.0, -1.0, 0.5], [1, 0, 0]), ([-0.5, 3.0], [1, 1])), _ASK],
            [2 / 3],
        ),
        score_case("three batches of three sizes", [*_rows("a", _FIRST, _SECOND, _THIRD), _ASK], [8 / 14]),
        score_case("a batch without any positive", [*_rows("a", _FIRST, _NONE, _THIRD), _ASK], [6 / 11]),
        score_case("one batch alone", [*_rows("a", _FIRST), _ASK], [4 / 6]),
        score_case(
            "a logit of exactly 0",
            [*_rows("a", ([0.0, 0.0, 1.0, -1.0, 0.75], [0, 1, 1, 0, 0]), _SECOND), _ASK],
            [4 / 7],
        ),
        score_case(
            "asked after every batch",
            [*_rows("a", _FIRST), _ASK, *_rows("a", _SECOND), _ASK, *_rows("a", _THIRD), _ASK],
            [4 / 6, 6 / 9, 8 / 14],
            calls=3,
        ),
        score_case(
            "a second epoch after reset()",
            [*_rows("a", _FIRST, _SECOND), _ASK, _RESET, *_rows("a", _THIRD, _SECOND), _ASK],
            [6 / 9, 4 / 8],
            calls=2,
        ),
        score_case(
            "two objects at the same time",
            [*_rows("a", _FIRST), *_rows("b", _THIRD), *_rows("a", _SECOND), _ASK, ("b", "result")],
            [6 / 9, 2 / 5],
            calls=2,
        ),
        score_case(
            "logits of shape (n, 1)",
            [("a", "update", np.array(_FIRST[0])[:, None], np.array(_FIRST[1])), *_rows("a", _SECOND), _ASK],
            [6 / 9],
        ),
        score_case("no positives, and none predicted", [*_rows("a", _NONE, _NONE), _ASK], [0.0]),
    ),
    diagnoses=(*by_sign(_OF_THE_FORM), *by_value((name, _each(rule)) for name, rule in _RULES)),
)
