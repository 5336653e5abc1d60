"""The verdict, made outside: what was seen in the sandbox is plain data, and is judged where no learner's code ran."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import Any

from course_lib.checks.case import Case, Exercise
from course_lib.checks.judging import judge as judge_runs
from course_lib.checks.judging import summarise
from course_lib.checks.result import CaseResult, CheckResult
from course_lib.instructor.grading.evidence import form_problem
from course_lib.instructor.grading.gate import MOST_TEXT, Gate
from course_lib.instructor.grading.packing import SEED
from course_lib.instructor.hidden import graded_exercises, is_personal, of_student

__all__ = ["judge", "not_judged", "prepare"]

MOST_FLAGS = 20
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}")
_NOT_DEFINED = re.compile(r"name '\w{1,60}' is not defined")
LEFT_OUT = "What it showed is left out here; run the check in the notebook to see it."


def _prepared(lesson: str, track: str, exercise: str, student: str = "") -> Exercise:
    """Return the exercise with each case's right result computed once."""
    return _computed_once(lesson, track, exercise, student if is_personal(lesson, track, exercise) else "")


@cache
def _computed_once(lesson: str, track: str, exercise: str, student: str) -> Exercise:
    spec = of_student(lesson, track, exercise, student)
    return replace(spec, cases=tuple(_computed(case) for case in spec.cases))


def _computed(case: Case) -> Case:
    if not callable(case.expected) and not callable(case.truth):
        return case
    inputs = case.make_inputs(SEED)
    right, truth = case.right(inputs), case.true(inputs)
    return replace(case, expected=lambda *_: right, truth=lambda *_: truth)


def _nothing(spec: Exercise, lesson: str, track: str, status: Any, message: str, flags: tuple[str, ...]) -> CheckResult:
    return CheckResult(
        lesson=lesson, track=track, exercise=spec.name, points=float(spec.points), score=0.0, status=status,
        message=message, seed=SEED, graded=True, flags=flags,
    )  # fmt: skip


def prepare(lesson: str, track: str, exercise: str = "", student: str = "") -> None:
    """Work out what is right in an exercise, or in all of a lesson, so that judging need not."""
    for name in [exercise] if exercise else graded_exercises(lesson, track):
        _prepared(lesson, track, name, student)


def not_judged(lesson: str, track: str, exercise: str, why: str) -> CheckResult:
    """Return the verdict on what cost more to judge than it may: no points, and a flag."""
    spec = graded_exercises(lesson, track)[exercise]
    text = "What the check saw could not be judged; your instructor was told."
    return _nothing(spec, lesson, track, "interrupted", text, (why,))


def judge(
    evidence: list[dict[str, Any]], lesson: str, track: str, exercise: str, failure: str = "", student: str = ""
) -> CheckResult:
    """Judge what a check saw.

    Parameters
    ----------
    evidence : list of dict
        What the kernel handed out; one entry, unless somebody forged another.
    lesson, track, exercise : str
    failure : str
        Why there is none, such as a time limit.
    student : str
        Whose work it is, as the grader knows it: what is right may differ from student to student.

    Returns
    -------
    CheckResult
        Of the same score that the check would have given in the notebook, without evidence in it. Its points are
        between 0 and the exercise's, and all its texts have passed the gate.
    """
    spec = _prepared(lesson, track, exercise, student)
    return _through_the_gate(spec, _judged(spec, evidence, lesson, track, failure))


def _judged(spec: Exercise, evidence: list[dict[str, Any]], lesson: str, track: str, failure: str) -> CheckResult:
    if len(evidence) != 1:
        text = failure or "The check gave no result."
        forged: tuple[str, ...] = ("several results for one check: one of them is forged",) if evidence else ()
        if not evidence and not failure:
            forged = ("the check gave no result",)
        if failure.startswith("The check ended in"):  # no answer can make it do that
            forged = ("the check itself was broken",)
        return _nothing(spec, lesson, track, "interrupted", text, forged)
    data = evidence[0]
    problem = form_problem(data)
    if problem:
        unfit = f"the check's data was forged: {problem}"
        return _nothing(spec, lesson, track, "tampered", "What the check saw could not be read.", (unfit,))
    try:
        return _read(spec, data, lesson, track)
    except MemoryError:
        raise
    except Exception as error:  # nothing that a kernel sends ends the run of a class
        unfit = f"the check's data could not be judged ({type(error).__name__})"
        return _nothing(spec, lesson, track, "tampered", "What the check saw could not be read.", (unfit,))


def _read(spec: Exercise, data: dict[str, Any], lesson: str, track: str) -> CheckResult:
    """Judge data of the form that a check hands out."""
    flags: tuple[str, ...] = tuple(str(flag)[:300] for flag in (data.get("flags") or [])[:MOST_FLAGS])
    if (data.get("lesson"), data.get("track"), data.get("exercise")) != (lesson, track, spec.name):
        return _nothing(spec, lesson, track, "tampered", "The result is that of another check.", ("forged result",))
    runs = {str(e.get("run")): e.get("seen") for e in data.get("evidence") or [] if isinstance(e, dict)}
    if data.get("status") == "not_done":
        message = f"The exercise {spec.name} is not done yet."
        if named := _NOT_DEFINED.fullmatch(str(data.get("missing"))[:100]):
            message = f"{message} ({named[0]})"
        return _nothing(spec, lesson, track, "not_done", message, flags)
    if not runs:  # the kind of the answer was wrong
        if data.get("score"):
            flags = (*flags, "it claims points, and hands out no evidence")
        cases = data.get("cases") or [{}]
        case = CaseResult("what was handed in", False, str(cases[0].get("message", ""))[:500], 0.0, spec.points)
        nothing = replace(_nothing(spec, lesson, track, "done", "0 points.", flags), cases=(case,))
        return nothing
    return _verdict(spec, runs, data, lesson, track, flags)


def _verdict(
    spec: Exercise, runs: dict[str, Any], data: dict[str, Any], lesson: str, track: str, flags: tuple[str, ...]
) -> CheckResult:
    read = {key: seen for key, seen in runs.items() if isinstance(seen, dict)}
    results = judge_runs(spec, read, SEED)
    score, message = summarise(results, spec.points)
    status = data.get("status") if data.get("status") in ("done", "interrupted", "tampered") else "done"
    if status == "tampered":
        score, message = 0.0, "The check did not behave as it must, so it gives no points."
        flags = flags or ("the check was tampered with",)
    return replace(_nothing(spec, lesson, track, status, message, flags), score=score, cases=tuple(results))


def _through_the_gate(spec: Exercise, result: CheckResult) -> CheckResult:
    """Let out what may be read: short harmless texts that show no hidden input, and points within their bounds."""
    gate = Gate(result.lesson, result.track, SEED)
    own = {case.hint for case in spec.cases if case.hidden}  # written by the case's author
    problem = gate.problem(
        [result.message, *result.flags, *(t for c in result.cases if c.message not in own for t in _texts(c))]
    )
    cases, flags = result.cases, result.flags
    if problem:
        cases = tuple(_withheld(case, gate) if case.message not in own else case for case in cases)
        flags = (*(flag for flag in flags if gate.problem([flag]) is None), problem)
    if any(len(case.message) > 10 * MOST_TEXT for case in result.cases):
        flags = (*flags, "its messages were too long, and are cut")
    cases = tuple(
        replace(case, message=gate.shown(case.message), diagnosis=case.diagnosis and _key(case.diagnosis))
        for case in cases
    )
    message = result.message if gate.problem([result.message]) is None else LEFT_OUT
    return replace(
        result,
        score=_within(result.score, spec.points),
        message=gate.shown(message),
        cases=cases,
        flags=tuple(gate.shown(flag, 300) for flag in flags[-MOST_FLAGS:]),
    )


def _texts(case: CaseResult) -> tuple[str, str]:
    return case.message, case.diagnosis or ""


def _withheld(case: CaseResult, gate: Gate) -> CaseResult:
    """Leave a message out unless it is plainly one of the course's own sentences, without a number or a quotation."""
    harmless = case.passed or not any(c.isdigit() or not c.isascii() or c in "`'\":" for c in case.message)
    if harmless and gate.problem(_texts(case)) is None:
        return case
    diagnosis = None if gate.problem([case.diagnosis or ""]) else case.diagnosis
    return replace(case, message=LEFT_OUT, named=0, diagnosis=diagnosis)


def _key(key: str) -> str:
    """Return a diagnosis' name as it is stored; that of an exception which a learner named need be no name at all."""
    return key if _KEY.fullmatch(key) else "raised_an_error_of_its_own"


def _within(score: float, points: float) -> float:
    """Return a score between 0 and the exercise's points, whatever it was."""
    return max(0.0, min(float(score), float(points))) if score == score else 0.0
