"""Lesson 06: what the checks hold right is what a second implementation finds, over every input that is allowed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.checks.case import Evidence
from course_lib.checks.plain import describe
from course_lib.instructor.hidden import graded_exercises
from course_lib.instructor.hidden.l06_early_stopping import _outcome, run_ends
from course_lib.instructor.proof.bank import bank_root, entries, load_answer
from course_lib.lessons import load
from course_lib.lessons.l06_early_stopping.match_library import library_stop
from course_lib.lessons.l06_early_stopping.stage import scripted
from course_lib.lessons.l06_early_stopping.stopping_rules import Fault

LESSON = "06_early_stopping"
#: On a grid, so that ties are exact; 0 and numbers below it are as likely as others.
LOSSES = st.integers(-8, 8).map(lambda k: k / 4)
LONG = st.lists(LOSSES, min_size=1, max_size=25)


def by_definition(losses: Sequence[float], patience: int, min_delta: float) -> tuple[int | str, int, float]:
    """Return stop, best epoch and best loss, each epoch worked out from all losses before it."""
    watched = np.asarray(losses, dtype=np.float64)
    improving: list[int] = []
    for epoch, loss in enumerate(watched, start=1):
        line = watched[improving[-1] - 1] - min_delta if improving else np.inf
        if loss < line:
            improving.append(epoch)
        since = epoch - (improving[-1] if improving else 0)
        if since >= patience:
            break
    else:
        epoch = "never"  # type: ignore[assignment]
    best = improving[-1] if improving else 0
    return epoch, best, float(watched[best - 1]) if improving else math.inf


@cache
def solution(track: str, exercise: str) -> Any:
    """Return the lesson's own solution."""
    found = entries(bank_root(), LESSON, track, exercise)
    return load_answer(next(entry for entry in found if entry.name == "reference solution"))


@given(
    losses=st.lists(st.one_of(LOSSES, st.just(math.nan)), min_size=1, max_size=30),
    patience=st.sampled_from([1, 2, 3, 5, 1000]),
    min_delta=st.sampled_from([0.0, 0.25, 0.5, 1.0]),
    kind=st.sampled_from([float, np.float64, np.float32]),
)
def test_the_rule_is_the_definition(losses: list[float], patience: int, min_delta: float, kind: Any) -> None:
    stop, best_epoch, best = by_definition(losses, patience, min_delta)
    rule = solution("pytorch", "early_stopping_class")(patience=patience, min_delta=min_delta)
    stopped = next((epoch for epoch, loss in enumerate(losses, start=1) if rule.step(kind(loss))), "never")
    assert (stopped, rule.best_epoch, float(rule.best)) == (stop, best_epoch, best)
    if not math.isnan(losses[0]):
        found = _outcome(losses, patience, min_delta)
        assert (found["stops_after"], found["best_epoch"], found["best"]) == (stop, best_epoch, best)


@pytest.mark.parametrize("seed", range(5))
def test_every_case_of_the_rule_expects_what_the_definition_gives(seed: int) -> None:
    judged = 0
    for case in graded_exercises(LESSON, "pytorch")["early_stopping_class"].cases:
        inputs = case.make_inputs(seed)
        run, right = inputs[0], case.right(inputs)
        stop, best_epoch, best = by_definition(
            run["second"] if "second" in run else run["losses"], run["patience"], run["min_delta"]
        )
        found = {"stops_after": stop, "best_epoch": best_epoch, "best": best}
        for name in right.keys() & found.keys():
            judged += 1
            assert right[name] == pytest.approx(found[name]), case.name
    assert judged > 40


@given(losses=LONG, patience=st.sampled_from([1, 2, 3, 1000]), max_epochs=st.integers(1, 30))
def test_a_run_ends_where_the_definition_says(losses: list[float], patience: int, max_epochs: int) -> None:
    stop, best_epoch, _ = by_definition(losses[:max_epochs], patience, 0.0)
    ends = min(len(losses), max_epochs) if stop == "never" else stop
    assert run_ends(scripted(losses), patience, max_epochs) == (ends, best_epoch)


@settings(max_examples=15)
@given(losses=LONG, patience=st.sampled_from([1, 2, 3, 1000]))
def test_the_solutions_are_judged_right_on_any_curve(losses: list[float], patience: int) -> None:
    """The observers and judges of both weight exercises agree with the definition, not only on the cases' curves."""
    stop, best_epoch, _ = by_definition(losses, patience, 0.0)
    ends = len(losses) if stop == "never" else stop
    lowest = int(np.argmin(np.asarray(losses, dtype=np.float64))) + 1
    for exercise, inputs, truth in (
        ("keep_best_weights", (scripted(losses), len(losses)), (len(losses), lowest)),
        ("train_with_early_stopping", (scripted(losses), patience, len(losses)), (ends, best_epoch)),
    ):
        answer = solution("pytorch", exercise)
        for case in load(LESSON, "pytorch")[exercise].cases[:3]:
            record: dict[str, Any] = {}
            assert case.observe is not None
            assert case.judge is not None
            result = case.observe(answer, record, *inputs)
            seen = Evidence(inputs, record | {"result": describe(result)}, truth=truth)
            assert case.judge(seen) is None, (exercise, case.name)
            assert (result if exercise == "keep_best_weights" else result["best_epoch"]) == truth[1]
            assert record["weights_of_epoch"]["parameters"] == truth[1]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("exercise", ["keep_best_weights", "train_with_early_stopping"])
def test_every_case_of_the_weights_goes_by_the_definition(exercise: str, seed: int) -> None:
    for case in graded_exercises(LESSON, "pytorch")[exercise].cases:
        curves, *settings = inputs = case.make_inputs(seed)
        patience, epochs = (len(curves["val"]), settings[0]) if exercise == "keep_best_weights" else settings
        stop, best_epoch, _ = by_definition(curves["val"][1 : epochs + 1], patience, 0.0)
        assert case.true(inputs) == (epochs if stop == "never" else stop, best_epoch), case.name


def test_the_right_rule_cannot_be_asked_for() -> None:
    with pytest.raises(ValueError, match="a rule without a fault"):
        Fault(holds=("best",))


#: No gain on this grid is exactly 0.05, where the libraries' own roundings decide.
FINE = st.lists(st.integers(16, 48).map(lambda k: k / 64), min_size=1, max_size=25)


@given(losses=FINE)
def test_match_library_follows_the_definition(losses: list[float]) -> None:
    for letter, patience, min_delta in (("A", 1, 0.0), ("B", 3, 0.05), ("C", 4, 0.0), ("D", 2, 0.05)):
        assert library_stop(letter, losses) == by_definition(losses, patience, min_delta)[0]
