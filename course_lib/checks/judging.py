"""Judging what was seen in an exercise's cases: plain data in, verdicts out.

All of it is a pure function of that data and of the seed, so another process, in which the learner's code never ran,
can come to the same verdict.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from course_lib.checks import guard
from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import kind_problem
from course_lib.checks.naming import Seen, name_faults
from course_lib.checks.result import CaseResult
from course_lib.checks.telling import Told, changed_input, explain

__all__ = ["MOST_IN_A_LIST", "judge", "judge_case", "seen_in", "summarise"]

#: A right answer's notes have fewer than 200 elements anywhere; what has many more did something else than was asked.
MOST_IN_A_LIST = 500
MOST_NOTED = 20_000


def _too_much(seen: dict[str, Any]) -> str | None:
    """Say that far more was noted than a right answer gives, or return None.

    No judge and no diagnosis looks at such notes: they are written for a few dozen events, and some compare each
    with each.
    """
    todo: list[Any] = [("", seen)]
    total = 0
    while todo:
        place, value = todo.pop()
        if isinstance(value, dict):
            todo += [(place or str(key)[:40], item) for key, item in value.items()]
        elif isinstance(value, list):
            total += len(value)
            long = place != "result" and len(value) > MOST_IN_A_LIST
            if long or total > MOST_NOTED:
                what = "what came back has" if place == "result" else f"the check noted ({place.replace('_', ' ')})"
                return (
                    f"{what} {len(value) if long else total:,} entries, far more than was asked for. Look for a loop "
                    "inside a loop, or for something that grows and is never emptied"
                )
            todo += [(place, item) for item in value]
    return None


def _problem(case: Case, evidence: Evidence) -> str | None:
    if evidence.error is not None:
        return "it stopped with an error"
    if (much := _too_much(evidence.seen)) is not None:
        return much
    problem = None
    if evidence.expected is not None:
        problem = case.compare(evidence.given, evidence.expected)
        if problem and evidence.phrase is not None:
            problem = evidence.phrase.sentence(evidence.given, evidence.expected)
        kind = kind_problem(evidence.given) if problem is None else None
        problem = kind[1] if kind else problem
    if problem is None and case.judge is not None:
        problem = case.judge(evidence)
    if problem is None and evidence.seen.get("changed"):
        problem = (
            f"The function changed its input, which was {changed_input(evidence)}. Whoever called it still "
            "needs that. Look at what is assigned or sorted in place."
        )
    return problem


@guard.silence()
def judge_case(exercise: Exercise, case: Case, seen: dict[str, Any], seed: int) -> str | None:
    """Return what is wrong with what was seen in one case, or ``None``: a pure function of its arguments."""
    return _problem_seen(case, _evidence(exercise, case, seen, seed))


def _evidence(exercise: Exercise, case: Case, seen: dict[str, Any], seed: int) -> Evidence:
    inputs = case.make_inputs(seed)
    phrase = case.phrase or exercise.phrase
    return Evidence(inputs, seen, case.right(inputs), case.compares, phrase, case.true(inputs))


def _problem_seen(case: Case, evidence: Evidence) -> str | None:
    try:
        return _problem(case, evidence)
    except Exception as error:
        # What was seen does not even have the shape that a judge reads: wrong, but never a crash.
        return f"what came back could not be read ({type(error).__name__})"


@guard.silence()
def judge(exercise: Exercise, runs: dict[str, dict[str, Any]], seed: int) -> list[CaseResult]:
    """Judge what was seen in the runs of an exercise's cases: a pure function of its arguments.

    Which misconception a failed case is told of, if any, `name_faults` says.

    Parameters
    ----------
    exercise : Exercise
    runs : dict of str to dict
        What was seen, by `Case.key`. A case whose run is missing counts as not run.
    seed : int
    """
    weights = sum(case.weight for case in exercise.cases)
    found = [seen_in(exercise, case, runs, seed) for case in exercise.cases]
    results = []
    said: set[tuple[str, str]] = set()
    for seen, best in zip(found, name_faults(found), strict=True):
        case, evidence, problem = seen.case, seen.evidence, seen.problem
        of = exercise.points * case.weight / weights
        if problem is None:
            results.append(CaseResult(case.name, True, "", of, of, case.hidden))
            continue
        told = Told(None, problem)
        known = best is not None and not case.hidden and exercise.kind != "value"
        if evidence is not None:
            with contextlib.suppress(Exception):  # a stored run that was tampered with may be unreadable
                told = explain(case, evidence, problem, best, said)
        if case.hidden and evidence is not None:
            told = Told(told.key, case.hint or "Look again at what the docstring asks.")
        results.append(CaseResult(case.name, False, told.message, 0.0, of, case.hidden, told.key, told.named, known))
    return results


def seen_in(exercise: Exercise, case: Case, runs: dict[str, dict[str, Any]], seed: int) -> Seen:
    """Return one case with what was seen in its run and what is wrong with it, as `name_faults` takes it."""
    if case.key not in runs:
        return Seen(exercise, case, None, "Not run.")
    evidence = _evidence(exercise, case, runs[case.key], seed)
    problem = _problem_seen(case, evidence)
    return Seen(exercise, case, evidence, problem, asked=problem is None or _too_much(evidence.seen) is None)


def summarise(cases: Sequence[CaseResult], points: float) -> tuple[float, str]:
    """Return the score and the line that sums the cases up.

    A known mistake costs at least half of the points: checks have many cases, and an answer that is right in all
    but the one that matters most would lose next to nothing.
    """
    # Rounding: thirds of points add up to a hair more or less than the whole.
    right = sum(case.passed for case in cases)
    score = float(points) if cases and right == len(cases) else float(min(points, sum(c.points for c in cases)))
    of = f"of {points:g} point{'' if points == 1 else 's'}."
    if cases and right == len(cases):
        return score, f"All {len(cases)} cases are right: {score:g} {of}"
    more = " Some cases count for more than others." if right > 0 and len({case.of for case in cases}) > 1 else ""
    if score > points / 2 and any(case.known for case in cases):
        score, more = points / 2, " A mistake that the check knows by name costs at least half of them."
    verb = "is" if right == 1 else "are"
    return round(score, 4), f"{right} of {len(cases)} cases {verb} right: {round(score, 2):g} {of}{more}"
