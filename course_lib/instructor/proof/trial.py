"""Trying one answer of the bank: its cases under every seed, and what the check says of it."""

from __future__ import annotations

import json
import pickle
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from course_lib.checks.case import Case
from course_lib.checks.judging import seen_in
from course_lib.checks.result import CheckResult
from course_lib.checks.run import Stop, observe_case, run_exercise
from course_lib.checks.unnamed import why_unnamed
from course_lib.instructor.proof.bank import Entry, load_answer

__all__ = ["Repeats", "prepare", "try_answer"]

#: What need not run any more once an answer of a kind was found wrong.
_STOP: dict[str, Stop] = {"mutant": "fault", "misconception": "hidden"}


#: A case's inputs, and what was seen on them.
_Seen = tuple[bytes, dict[str, Any]]


class Repeats:
    """Runs cases, but not again where inputs and all that was seen were twice the same under different seeds.

    Examples
    --------
    >>> case, calls = Case("a number", inputs=(3.0,)), []
    >>> observe = Repeats()
    >>> for seed in range(5):
    ...     seen = observe(case, lambda x: calls.append(x), seed)
    >>> calls
    [3.0, 3.0]
    """

    def __init__(self) -> None:
        self._last: dict[str, _Seen] = {}
        self._settled: dict[str, _Seen] = {}
        self._shown: dict[str, tuple[Case, _Seen | None]] = {}

    def __call__(self, case: Case, answer: Any, seed: int) -> dict[str, Any]:
        """Return what is seen under a seed, as `observe_case` does."""
        try:
            inputs = pickle.dumps(case.make_inputs(seed))
        except Exception:
            self._shown[case.key] = case, None
            return observe_case(case, answer, seed)
        settled = self._settled.get(case.key)
        if settled is None or settled[0] != inputs:
            now = inputs, observe_case(case, answer, seed)
            if self._last.get(case.key) == now:
                self._settled[case.key] = now
            self._last[case.key] = settled = now
        self._shown[case.key] = case, settled
        return settled[1]

    def begin(self) -> None:
        """Forget which cases were shown: another seed begins."""
        self._shown.clear()

    def decided(self, seed: int) -> bool:
        """Whether nothing can be seen under a seed but what was shown since `begin`, so that the verdict is the same.

        What is judged is a function of inputs and of what was seen. Cases that were not run do not count: that they
        are not hangs on the verdict on those before them.
        """
        return bool(self._shown) and all(
            seen is not None and self._settled.get(key) == seen and pickle.dumps(case.make_inputs(seed)) == seen[0]
            for key, (case, seen) in self._shown.items()
        )


def prepare(track: str) -> None:
    """Import a track's framework, and set what holds for all its trials."""
    if track == "pytorch":
        import torch
        import torch._dynamo  # the first step of an optimizer loads it; once is enough

        torch.set_num_threads(1)
    else:
        import tensorflow as tf

        # Rewriting a graph takes longer than the few steps that an answer makes with it.
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


def _result(entry: Entry, answer: Any, seed: int, observe: Repeats, before: CheckResult | None) -> CheckResult:
    """Return what the check says under a seed, when it said ``before`` under another."""
    from course_lib.instructor.hidden import graded_exercises, run_graded

    if before is not None and observe.decided(seed):
        return before
    observe.begin()
    how: dict[str, Any] = {"seed": seed, "stop": _STOP.get(entry.kind, "never"), "observe": observe}
    failed = [case.name for case in before.cases if not case.passed] if before and entry.kind == "mutant" else []
    if failed:
        # One case that fails kills a mutant, most likely that which did so before. If it passes, all are run.
        spec = graded_exercises(entry.lesson, entry.track)[entry.exercise]
        one = replace(spec, cases=tuple(case for case in spec.cases if case.name == failed[0]) or spec.cases)
        result = run_exercise(one, answer, lesson=entry.lesson, track=entry.track, graded=True, **how)
        if not result.passed:
            return result
        observe.begin()
    return run_graded(entry.lesson, entry.track, entry.exercise, answer, **how)


def _told_nothing(entry: Entry, told: Sequence[str], seed: int) -> str:
    """Say why a learner would be told nothing of a misconception, or return an empty string."""
    from course_lib.instructor.grading.gate import MOST_TEXT, Gate

    problem = Gate(entry.lesson, entry.track, seed).problem(told)
    if problem or max(map(len, told), default=0) > MOST_TEXT:
        return f"is told nothing: {problem or 'its message is too long'}: {told[0]}"
    return ""


def _why_unnamed(entry: Entry, result: CheckResult, seed: int) -> str:
    """Say why a misconception got no name, or another one than it should have."""
    from course_lib.instructor.hidden import graded_exercises

    exercise = graded_exercises(entry.lesson, entry.track)[entry.exercise]
    runs = {str(one["run"]): one["seen"] for one in result.evidence}
    return why_unnamed([seen_in(exercise, case, runs, seed) for case in exercise.cases], str(entry.diagnosis))


def try_answer(entry: Entry, seeds: Sequence[int]) -> dict[str, Any]:
    """Run one answer under all seeds and return what was found; called in a forked process.

    Parameters
    ----------
    entry : Entry
    seeds : sequence of int

    Returns
    -------
    dict
        "scores", "diagnoses", "statuses" and "messages" by seed, the score when "rejudged", a "note" of what is
        wrong otherwise, "why" a misconception was not named, and the "seconds" of processor time.
    """
    from course_lib.instructor.hidden import rejudge

    start = time.process_time()
    answer, observe, result = load_answer(entry), Repeats(), None
    found: dict[str, Any] = {name: [] for name in ("scores", "diagnoses", "statuses", "messages")}
    found |= {"rejudged": None, "note": ""}
    # An equivalent does what the reference solution does; one seed shows whether it is listed rightly.
    for seed in seeds[:1] if entry.equivalent is not None else seeds:
        result = _result(entry, answer, seed, observe, result)
        failed = [case for case in result.cases if not case.passed]
        found["scores"].append(result.score)
        found["statuses"].append(result.status)
        found["diagnoses"].append(next((c.diagnosis for c in failed if c.diagnosis and not c.hidden), None))
        found["messages"].append(f"[{failed[0].name}] {failed[0].message}" if failed else result.message)
        if failed and result.score >= result.points:
            found["note"] = f"got all points, though a case failed: {found['messages'][-1]}"
        if seed == seeds[0] and entry.kind == "misconception":
            told = [case.message for case in failed if not case.hidden]
            found["note"] = _told_nothing(entry, told, seed) or found["note"]
            if found["diagnoses"] != [entry.diagnosis]:
                found["why"] = _why_unnamed(entry, result, seed)
        if seed == seeds[0] and entry.kind == "accepted":
            payload = json.loads(json.dumps(result.to_json(), allow_nan=False))
            found["rejudged"] = rejudge(payload, entry.lesson, entry.track, entry.exercise).score
    return found | {"seconds": time.process_time() - start}
