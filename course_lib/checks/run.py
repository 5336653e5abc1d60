"""Running an exercise's cases on an answer: observe first, then judge plain data.

`observe_case` runs the learner's code and keeps what was seen as JSON data. `judge_case` is a pure
function of that data and of the seed, so another process, in which the learner's code never ran, can
come to the same verdict.
"""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, cast

from course_lib.checks import guard
from course_lib.checks.canary import signs_of_tampering
from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import form_key, kind_problem
from course_lib.checks.diagnosis import AGAIN, Diagnosis
from course_lib.checks.naming import Seen, name_faults
from course_lib.checks.plain import show
from course_lib.checks.result import CaseResult, CheckResult, Status

__all__ = ["Observer", "Stop", "judge", "judge_case", "observe_case", "run_exercise", "seen_in", "summarise"]

Stop = Literal["never", "hidden", "fault"]
Observer = Callable[[Case, Any, int], dict[str, Any]]

#: A right answer's notes have fewer than 200 elements anywhere; what has many more did something else than was asked.
MOST_IN_A_LIST = 500
MOST_NOTED = 20_000

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


def _error_message(evidence: Evidence) -> tuple[str, str]:
    error = evidence.error or {}
    if error["type"] == "TooMuchOutput":
        return "endless_output", "It printed more than a million characters. Look for a loop that never ends."
    if error["type"] == "RecursionError":
        return "endless_recursion", "It calls itself without end. Look at what stops the recursion."
    if error["type"] in ("SystemExit", "KeyboardInterrupt", "GeneratorExit"):
        return "left_early", f"It ended the run with {error['type']} instead of returning a result."
    where = f" at the line `{error['line']}`" if error.get("line") else ""
    message = f": {error['message']}" if error.get("message") else ""
    return f"raised_{error['type']}", f"It stopped with {error['type']}{message}{where}."


class _Told(NamedTuple):
    """What a learner reads of a failed case: the mistake's key, the message, and how much of it names the mistake."""

    key: str | None
    message: str
    named: int = 0


def _explain(
    case: Case, evidence: Evidence, problem: str, found: Diagnosis | None, said: set[tuple[str, str]]
) -> _Told:
    """Return the most specific thing that can be said, and note it in ``said``."""
    if found is not None:
        words = found.key, found.text(evidence)
        again = words in said
        message = found.message(evidence, problem, again=again)
        if not case.hidden:
            said.add(words)
        return _Told(found.key, message, len(AGAIN if again else words[1]))
    if evidence.error is not None:
        return _once(*_error_message(evidence), case, said)
    kind = kind_problem(evidence.given)
    if kind is not None:
        return _once(kind[0], _sentence(kind[1]), case, said)
    if evidence.seen.get("changed"):
        return _once("changed_inputs", problem, case, said, again=f"It was {_changed_input(evidence)}.")
    text = _sentence(problem)
    if case.observe is None and evidence.shown_inputs:
        text = f"With {_short(evidence.shown_inputs)}: {problem}"
    return _Told(form_key(evidence.given, evidence.expected), text if text.endswith(".") else text + ".")


def _once(key: str, message: str, case: Case, said: set[tuple[str, str]], again: str = "") -> _Told:
    """Return a key and its message, or that it is the same again, where an earlier case has said so.

    Messages that name the case's input differ from case to case; with ``again``, the key alone tells.
    """
    words = key, "" if again else message
    if words in said:
        return _Told(key, f"{AGAIN} {again}".strip(), len(AGAIN))
    if not case.hidden:
        said.add(words)
    return _Told(key, message, len(message))


def _changed_input(evidence: Evidence) -> str:
    return f"{show(evidence.inputs[evidence.seen['changed'][0]])} before the call"


def _sentence(text: str) -> str:
    """Begin with a capital letter, unless a name stands first."""
    return text[:1].upper() + text[1:] if text.split(" ", 1)[0].isalpha() else text


def _short(text: str, most: int = 160) -> str:
    return text if len(text) <= most else text[:most] + " ..."


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
            f"The function changed its input, which was {_changed_input(evidence)}. Whoever called it still "
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
        told = _Told(None, problem)
        if evidence is not None:
            with contextlib.suppress(Exception):  # a stored run that was tampered with may be unreadable
                told = _explain(case, evidence, problem, best, said)
        if case.hidden and evidence is not None:
            told = _Told(told.key, case.hint or "Look again at what the docstring asks.")
        results.append(CaseResult(case.name, False, told.message, 0.0, of, case.hidden, told.key, told.named))
    return results


def seen_in(exercise: Exercise, case: Case, runs: dict[str, dict[str, Any]], seed: int) -> Seen:
    """Return one case with what was seen in its run and what is wrong with it, as `name_faults` takes it."""
    if case.key not in runs:
        return Seen(exercise, case, None, "Not run.")
    evidence = _evidence(exercise, case, runs[case.key], seed)
    problem = _problem_seen(case, evidence)
    return Seen(exercise, case, evidence, problem, asked=problem is None or _too_much(evidence.seen) is None)


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


def summarise(cases: Sequence[CaseResult], points: float) -> tuple[float, str]:
    """Return the score and the line that sums the cases up."""
    # Rounding: thirds of points add up to a hair more or less than the whole.
    right = sum(case.passed for case in cases)
    score = float(points) if cases and right == len(cases) else float(min(points, sum(c.points for c in cases)))
    of = f"of {points:g} point{'' if points == 1 else 's'}."
    if cases and right == len(cases):
        return score, f"All {len(cases)} cases are right: {score:g} {of}"
    uneven = " Some cases count for more than others." if right > 0 and len({case.of for case in cases}) > 1 else ""
    return round(score, 4), f"{right} of {len(cases)} cases are right: {round(score, 2):g} {of}{uneven}"


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
