"""What a learner reads of a failed case: the mistake where it has a name, else what was seen; each thing once."""

from __future__ import annotations

from typing import NamedTuple

from course_lib.checks.case import Case, Evidence
from course_lib.checks.compare import form_key, kind_problem
from course_lib.checks.diagnosis import AGAIN, Diagnosis
from course_lib.checks.plain import show

__all__ = ["Told", "changed_input", "explain"]


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


class Told(NamedTuple):
    """What a learner reads of a failed case: the mistake's key, the message, and how much of it names the mistake."""

    key: str | None
    message: str
    named: int = 0


def explain(case: Case, evidence: Evidence, problem: str, found: Diagnosis | None, said: set[tuple[str, str]]) -> Told:
    """Return the most specific thing that can be said, and note it in ``said``.

    Parameters
    ----------
    case : Case
    evidence : Evidence
    problem : str
        What is wrong, as the judge says it.
    found : Diagnosis or None
        The misconception to name.
    said : set of (str, str)
        Keys and texts of what visible cases have been told so far.
    """
    if found is not None:
        words = found.key, found.text(evidence)
        again = words in said
        message = found.message(evidence, problem, again=again)
        if not case.hidden:
            said.add(words)
        return Told(found.key, message, len(AGAIN if again else words[1]))
    if evidence.error is not None:
        return _once(*_error_message(evidence), case, said)
    kind = kind_problem(evidence.given)
    if kind is not None:
        return _once(kind[0], _sentence(kind[1]), case, said)
    if evidence.seen.get("changed"):
        return _once("changed_inputs", problem, case, said, again=f"It was {changed_input(evidence)}.")
    text = _sentence(problem)
    if case.observe is None and evidence.shown_inputs:
        text = f"With {_short(evidence.shown_inputs)}: {problem}"
    return Told(form_key(evidence.given, evidence.expected), text if text.endswith(".") else text + ".")


def _once(key: str, message: str, case: Case, said: set[tuple[str, str]], again: str = "") -> Told:
    """Return a key and its message, or that it is the same again, where an earlier case has said so.

    Messages that name the case's input differ from case to case; with ``again``, the key alone tells.
    """
    words = key, "" if again else message
    if words in said:
        return Told(key, f"{AGAIN} {again}".strip(), len(AGAIN))
    if not case.hidden:
        said.add(words)
    return Told(key, message, len(message))


def changed_input(evidence: Evidence) -> str:
    """Return what a changed input was before the call."""
    return f"{show(evidence.inputs[evidence.seen['changed'][0]])} before the call"


def _sentence(text: str) -> str:
    """Begin with a capital letter, unless a name stands first."""
    return text[:1].upper() + text[1:] if text.split(" ", 1)[0].isalpha() else text


def _short(text: str, most: int = 160) -> str:
    return text if len(text) <= most else text[:most] + " ..."
