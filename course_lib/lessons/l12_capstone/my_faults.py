"""Lesson 12, `my_faults`: what is wrong with each run of a student's project, and the number that proves it.

A learner's own check reads the form, and whether each number proves the fault next to it. What is right for
this student is known where answers are graded, which also asks whether the number is this run's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.mistakes import mistake
from course_lib.lessons.l12_capstone.broken import KINDS

__all__ = ["MY_FAULTS", "PAIRS", "faults_of_another", "named_case", "numbers_agree", "pairs_of"]

PAIRS = ("AB", "CD", "EF")
#: From where on, or below where, a number proves a fault.
PROOFS: dict[str, Callable[[float], bool]] = {
    "double softmax": lambda loss: loss > 0.2,
    "last batch logged": lambda apart: apart > 0.004,
    "dropout in validation": lambda apart: apart > 0.0004,
    "leaked rows": lambda rows: rows >= 1,
    "validation scaled differently": lambda ratio: not 0.7 < ratio < 1.4,
    "schedule too short": lambda rises: rises >= 1,
    "sums for means": lambda factor: factor > 1.5,
    "shuffled labels": lambda share: share > 0.2,
}


def _observe(answer: Any, record: dict[str, Any], letters: str) -> Any:
    """Note by letter the fault and the number of an answer, in whatever pair they are written; return how many."""
    record["mapping"] = isinstance(answer, Mapping)
    found = {}
    for key, item in list(answer.items())[:20] if record["mapping"] else ():
        both = [item] if isinstance(item, str) or not hasattr(item, "__iter__") else list(item)[:2]
        try:
            number = float(both[1])
        except (IndexError, TypeError, ValueError):
            number = math.nan
        found[str(key).strip().upper()[:9]] = [" ".join(str(both[0] if both else "").lower().split())[:60], number]
    record["named"] = found
    return len(found)


def pairs_of(e: Evidence) -> dict[str, tuple[str, float]]:
    """Return by letter the fault that was named and the number next to it."""
    return {letter: (str(pair[0]), float(pair[1])) for letter, pair in (e.seen.get("named") or {}).items()}


def _named(e: Evidence, letter: str) -> tuple[str, float]:
    return pairs_of(e).get(letter, ("", math.nan))


def numbers_agree(given: float, right: float) -> bool:
    """Tell whether a number is the one that was measured: a count to the unit, others may be rounded to two decimals.

    Examples
    --------
    >>> numbers_agree(0.11, 0.1138), numbers_agree(0.2, 0.1138)
    (True, False)
    """
    counted = right >= 1 and right == int(right)
    return abs(given - right) <= (0.01 if counted else max(0.0051, 0.02 * abs(right)))


def _unproved(e: Evidence, letter: str) -> bool:
    fault, number = _named(e, letter)
    return fault in PROOFS and not (math.isfinite(number) and PROOFS[fault](number))


def _form(e: Evidence) -> str | None:
    """Say what keeps an answer from being judged, or return None."""
    if not e["mapping"]:
        return "`my_faults` is no dictionary"
    for letter in e.inputs[0]:
        fault, number = _named(e, letter)
        if not fault or fault in ("...", "ellipsis", "none"):
            return f"run {letter} has no fault yet"
        if fault not in KINDS:
            return f"run {letter}: {fault!r} is none of the {len(KINDS)} names"
        if _unproved(e, letter):
            shown = f"the number {number:g}" if math.isfinite(number) else "no number"
            return f"run {letter}: there is {shown} next to {fault!r}, which does not prove it"
    return None


def _wrong(e: Evidence) -> list[tuple[str, str, str]]:
    """Return the letters whose fault is another one, with the fault that was named and the right one."""
    right = e.truth or {}
    return [(x, _named(e, x)[0], right[x][0]) for x in e.inputs[0] if x in right and _named(e, x)[0] != right[x][0]]


def _other_numbers(e: Evidence) -> list[str]:
    right = e.truth or {}
    return [
        x
        for x in e.inputs[0]
        if x in right
        and _named(e, x)[0] == right[x][0] != "healthy"
        and not numbers_agree(_named(e, x)[1], right[x][1])
    ]


def _judge(e: Evidence) -> str | None:
    form = _form(e)
    if form is not None or e.truth is None:
        return form
    if wrong := _wrong(e):
        letter, given, _ = wrong[0]
        return f"run {letter} is not {given!r}" if given != "healthy" else f"run {letter} is not healthy"
    if others := _other_numbers(e):
        return f"run {others[0]}: the experiment measures another number on this run"
    return None


def named_case(name: str, pair: str, truth: Any = None, diagnoses: tuple[Diagnosis, ...] = ()) -> Case:
    """Return the case that judges two runs: their form, and with a truth what is right."""
    return Case(name, (pair,), None, "", _observe, _judge, run=pair, truth=truth, diagnoses=diagnoses)


def faults_of_another(probe: Callable[[Evidence], bool], whose: str) -> Diagnosis:
    """Return the mistake of an answer for another variant; whose was due, it says."""
    return mistake("another_variant/faults", probe=probe, fields={"whose": whose})


def _confused(name: str, *confusions: tuple[str, str]) -> Diagnosis:
    """Return the mistake of naming one fault where another was planted: (planted, named)."""

    def seen(e: Evidence) -> list[str]:
        return [letter for letter, given, right in _wrong(e) if (right, given) in confusions]

    return mistake(name, probe=lambda e: bool(seen(e)), fields={"letter": lambda e: seen(e)[0]})


def _letter(of: Callable[[Evidence], list[str]]) -> dict[str, Callable[[Evidence], object]]:
    return {"letter": lambda e: of(e)[0], "named": lambda e: _named(e, of(e)[0])[0]}


def _unproved_letters(e: Evidence) -> list[str]:
    return [letter for letter in e.inputs[0] if _unproved(e, letter)]


def _unknown(e: Evidence) -> list[str]:
    return [letter for letter in e.inputs[0] if _named(e, letter)[0] not in (*KINDS, "", "...", "ellipsis", "none")]


_JAGGED = ("last batch logged", "dropout in validation")

MY_FAULTS = Exercise(
    name="my_faults",
    points=3,
    kind="value",
    cases=tuple(
        named_case(f"runs {pair[0]} and {pair[1]}: each fault with a number that proves it", pair) for pair in PAIRS
    ),
    diagnoses=(
        mistake("no_dictionary/faults", probe=lambda e: not e["mapping"]),
        mistake("unknown_fault", probe=lambda e: bool(_unknown(e)), fields=_letter(_unknown)),
        mistake("proof_of_nothing", probe=lambda e: bool(_unproved_letters(e)), fields=_letter(_unproved_letters)),
        _confused("low_validation_trusted", ("leaked rows", "healthy")),
        _confused("jitter_overlooked", *((fault, "healthy") for fault in _JAGGED)),
        _confused("jitter_of_one_curve", *((fault, "schedule too short") for fault in _JAGGED)),
        _confused("jitter_of_both_curves", *(("schedule too short", fault) for fault in _JAGGED)),
        _confused("constant_factor_overlooked", ("sums for means", "validation scaled differently")),
        _confused("floor_taken_for_noise", ("double softmax", "shuffled labels")),
        mistake(
            "number_of_another_run",
            probe=lambda e: bool(_other_numbers(e)) and not _wrong(e),
            fields=_letter(_other_numbers),
        ),
    ),
)
