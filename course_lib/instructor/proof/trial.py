"""Trying one answer of the bank: its cases under every seed, and what the check says of it."""

from __future__ import annotations

import json
import pickle
import time
from collections.abc import Sequence
from typing import Any

from course_lib.checks.case import Case
from course_lib.checks.run import Stop, observe_case
from course_lib.instructor.proof.bank import Entry, load_answer

__all__ = ["Repeats", "prepare", "try_answer"]

#: What need not run any more once an answer of a kind was found wrong.
_STOP: dict[str, Stop] = {"mutant": "fault", "misconception": "hidden"}


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
        self._last: dict[str, tuple[bytes, dict[str, Any]]] = {}
        self._settled: dict[str, tuple[bytes, dict[str, Any]]] = {}

    def __call__(self, case: Case, answer: Any, seed: int) -> dict[str, Any]:
        """Return what is seen under a seed, as `observe_case` does."""
        try:
            inputs = pickle.dumps(case.make_inputs(seed))
        except Exception:
            return observe_case(case, answer, seed)
        if case.key in self._settled and self._settled[case.key][0] == inputs:
            return self._settled[case.key][1]
        now = inputs, observe_case(case, answer, seed)
        if self._last.get(case.key) == now:
            self._settled[case.key] = now
        self._last[case.key] = now
        return now[1]


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


def try_answer(entry: Entry, seeds: Sequence[int]) -> dict[str, Any]:
    """Run one answer under all seeds and return what was found; called in a forked process."""
    from course_lib.instructor.grading.gate import MOST_TEXT, Gate
    from course_lib.instructor.hidden import rejudge, run_graded

    start = time.process_time()
    answer, observe = load_answer(entry), Repeats()
    scores, diagnoses, statuses, messages, rejudged, note = [], [], [], [], None, ""
    # An equivalent does what the reference solution does; one seed shows whether it is listed rightly.
    for seed in seeds[:1] if entry.equivalent is not None else seeds:
        how: dict[str, Any] = {"seed": seed, "stop": _STOP.get(entry.kind, "never"), "observe": observe}
        result = run_graded(entry.lesson, entry.track, entry.exercise, answer, **how)
        failed = [case for case in result.cases if not case.passed]
        scores.append(result.score)
        statuses.append(result.status)
        diagnoses.append(next((c.diagnosis for c in failed if c.diagnosis and not c.hidden), None))
        messages.append(f"[{failed[0].name}] {failed[0].message}" if failed else result.message)
        if failed and result.score >= result.points:
            note = f"got all points, though a case failed: {messages[-1]}"
        told = [case.message for case in failed if not case.hidden]
        if seed == seeds[0] and entry.kind == "misconception":
            problem = Gate(entry.lesson, entry.track, seed).problem(told)
            if problem or max(map(len, told), default=0) > MOST_TEXT:
                note = f"is told nothing: {problem or 'its message is too long'}: {told[0]}"
        if seed == seeds[0] and entry.kind == "accepted":
            payload = json.loads(json.dumps(result.to_json(), allow_nan=False))
            rejudged = rejudge(payload, entry.lesson, entry.track, entry.exercise).score
    return {
        "scores": scores,
        "diagnoses": diagnoses,
        "statuses": statuses,
        "messages": messages,
        "rejudged": rejudged,
        "note": note,
        "seconds": time.process_time() - start,
    }
