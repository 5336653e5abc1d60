"""Running an exercise's cases on an answer: observe first, then judge plain data.

`observe_case` runs the learner's code and keeps what was seen as JSON data; `course_lib.checks.judging` says what is
wrong with it.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any, Literal, cast

from course_lib.checks import guard
from course_lib.checks.canary import signs_of_tampering
from course_lib.checks.case import Case, Exercise
from course_lib.checks.judging import judge, judge_case, summarise
from course_lib.checks.plain import show
from course_lib.checks.result import CaseResult, CheckResult, Status

__all__ = ["Observer", "Stop", "observe_case", "run_exercise"]

Stop = Literal["never", "hidden", "fault"]
Observer = Callable[[Case, Any, int], dict[str, Any]]

#: NaN and infinities are no JSON numbers, and so kept as strings; ``float`` reads them back.
_NO_NUMBERS = {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}


def observe_case(case: Case, answer: Any, seed: int) -> dict[str, Any]:
    """Run one case and return what was seen, as JSON data."""
    record: dict[str, Any] = {}
    inputs = case.make_inputs(seed)
    outcome = guard.call(lambda: case.perform(answer, record, inputs))
    record["error"] = outcome.error
    record["printed"] = outcome.printed[:500]
    return json.loads(json.dumps(record, default=str), parse_constant=_NO_NUMBERS.__getitem__)


def _run_cases(
    exercise: Exercise, answer: Any, seed: int, stop: Stop, observe: Observer
) -> tuple[list[CaseResult], dict[str, dict[str, Any]], Status]:
    """Run the cases on the answer, then judge them."""
    runs: dict[str, dict[str, Any]] = {}
    failed, status = False, cast(Status, "done")
    for case in exercise.cases:
        if failed and (stop == "fault" or (stop == "hidden" and case.hidden)):
            break
        if case.key not in runs:
            runs[case.key] = seen = observe(case, answer, seed)
            if len(runs) == 1 and _not_done(seen):
                return [], runs, "not_done"
            if (seen["error"] or {}).get("type") == "KeyboardInterrupt":
                status = "interrupted"
                break
        failed = failed or (stop != "never" and judge_case(exercise, case, runs[case.key], seed) is not None)
    return judge(exercise, runs, seed), runs, status


def _unfinished(exercise: Exercise, answer: Any) -> bool:
    if answer is None or answer is Ellipsis or answer is NotImplemented:
        return True
    if exercise.kind != "value":
        return False
    if isinstance(answer, str):
        return answer.strip(". ") == ""
    if exercise.may_be_empty and isinstance(answer, (list, tuple)) and not answer:
        return False
    return isinstance(answer, (list, tuple)) and all(item is None or item is Ellipsis for item in answer)


def _not_done(seen: dict[str, Any]) -> bool:
    """Whether the answer stopped at the line of an exercise's stub, and not at something a library lacks."""
    error = seen.get("error") or {}
    if error.get("type") != "NotImplementedError" or error.get("message"):
        return False
    return not error.get("line") or error["line"].startswith("raise NotImplementedError")


def run_exercise(
    exercise: Exercise,
    answer: Any,
    *,
    lesson: str,
    track: str,
    seed: int = 0,
    graded: bool = False,
    stop: Stop = "never",
    observe: Observer = observe_case,
) -> CheckResult:
    """Run all cases of an exercise on an answer.

    Parameters
    ----------
    exercise : Exercise
    answer : object
        The learner's function, class or value.
    lesson, track : str
        For the result's data.
    seed : int, optional
        Of the random inputs; the same seed gives the same verdict.
    graded : bool, optional
        Whether the result keeps the evidence for another process.
    stop : {"never", "hidden", "fault"}
        For proving that faults are noticed: after a failing case run nothing more ("fault"), or no hidden
        case ("hidden").
    observe : callable(Case, object, int) -> dict, optional
        What runs one case and returns what was seen, in place of `observe_case`.

    Returns
    -------
    CheckResult
    """
    about: dict[str, Any] = {
        "lesson": lesson,
        "track": track,
        "exercise": exercise.name,
        "points": float(exercise.points),
        "seed": seed,
        "graded": graded,
    }
    if exercise.kind == "value" and hasattr(answer, "__next__"):
        answer = guard.call(lambda: list(itertools.islice(answer, 1000))).value
    not_done = (
        f"The exercise {exercise.name} is not done yet: write {exercise.answer_name} in its cell above, run that cell, "
        "then this check again."
    )
    if _unfinished(exercise, answer):
        return CheckResult(**about, score=0.0, status="not_done", message=not_done)
    wrong_kind = _wrong_kind(exercise, answer)
    if wrong_kind:
        result = CaseResult(
            "what was handed in", False, wrong_kind, 0.0, float(exercise.points), diagnosis="wrong_kind"
        )
        return CheckResult(**about, score=0.0, status="done", message="0 points.", cases=(result,))
    results, runs, status = _run_cases(exercise, answer, seed, stop, observe)
    if status == "not_done":
        return CheckResult(**about, score=0.0, status=status, message=not_done)
    score, message = summarise(results, exercise.points)
    signs = signs_of_tampering(observe_case, judge)
    if any(sign.serious for sign in signs):
        status, score = "tampered", 0.0
        message = "The check did not behave as it must, so it gives no points. Restart the kernel and run all cells."
    flags = tuple(sign.text for sign in signs)
    evidence = [{"run": key, "seen": seen} for key, seen in runs.items()]
    return CheckResult(
        **about, score=score, status=status, message=message, cases=tuple(results), flags=flags, evidence=evidence
    )


def _wrong_kind(exercise: Exercise, answer: Any) -> str:
    name = exercise.answer_name
    if exercise.kind == "function" and not callable(answer):
        return f"A function was asked for, and {name} is {show(answer)}. Hand over the function itself, not its result."
    if exercise.kind == "class" and not isinstance(answer, type):
        if callable(answer) and not hasattr(answer, "set_model"):
            return ""  # a factory, such as functools.partial of a class, serves as well
        return f"A class was asked for, and {name} is {show(answer)}. Hand over the class itself, without parentheses."
    return ""
