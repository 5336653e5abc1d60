"""Lesson 04, `diagnose`: labels for twelve real runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.mistakes import Fields, by_sign
from course_lib.checks.plain import Plain, dict_of, show
from course_lib.lessons.l04_overfitting.runs import LABELS, SICK, Label, StoredRun, stored_runs, verdict

__all__ = ["DIAGNOSE", "curve_case"]

#: A gap above this share of the loss of guessing looks large in the picture.
_LARGE_GAP = 0.1
#: In place of a letter: the case that judges whether there is a label for each run.
_ALL = "all"


def _words(label: str) -> tuple[str, ...]:
    """Return a label's words; commas and spaces make no other label."""
    return tuple(label.lower().replace(",", " ").split())


_KNOWN = {_words(label): label for label in LABELS}


# --- what was given --------------------------------------------------------------------------------------


def _entries(e: Evidence) -> dict[str, Plain]:
    """Return what stands under each letter, text or not."""
    given = dict_of(e.result) or {}
    return {letter.strip().upper(): item for letter, item in given.items() if item["kind"] != "none"}


def _labels(e: Evidence) -> dict[str, str]:
    """Return the labels that were given, by capital letter; what is no text counts as no label."""
    texts = {letter: item["value"] for letter, item in _entries(e).items() if item["kind"] == "text"}
    return {letter: _KNOWN.get(_words(text), " ".join(text.lower().split())) for letter, text in texts.items()}


def _asked(e: Evidence) -> list[str]:
    """Return the letters that the case judges."""
    return list(stored_runs()) if e.inputs[0] == _ALL else [e.inputs[0]]


def _missing(e: Evidence) -> list[str]:
    return [letter for letter in _asked(e) if letter not in _labels(e)]


def _unknown(e: Evidence) -> str:
    """Return, as a text, which labels are none of those that may be given."""
    labels = {letter: label for letter, label in _labels(e).items() if letter in _asked(e) and label not in LABELS}
    return "; ".join(f"{letter}: '{label}' is none of the labels" for letter, label in labels.items())


def _run(e: Evidence) -> StoredRun:
    return stored_runs()[e.inputs[0]]


def _judge(e: Evidence) -> str | None:
    if dict_of(e.result) is None:
        return f"your answer should be a dictionary with a label for each letter; it is {show(e.result)}"
    if _missing(e):
        return f"there is no label yet for {', '.join(_missing(e))}"
    if e.inputs[0] == _ALL:
        return _unknown(e) or None
    label = _labels(e)[e.inputs[0]]
    return None if label == verdict(_run(e)) else f"Label: yours is '{label}'. {_run(e).describe()}"


# --- what can go wrong -----------------------------------------------------------------------------------


def _mistaken(
    right: tuple[str, ...], given: tuple[str, ...], large_gap: bool | None = None
) -> Callable[[Evidence], bool]:
    """Return a sign: the run is one of ``right``, with a large or a small gap, and was labelled one of ``given``."""

    def sign(e: Evidence) -> bool:
        run = _run(e)
        fits = large_gap is None or large_gap == (run.gap > _LARGE_GAP * run.guessing)
        return fits and verdict(run) in right and _labels(e).get(run.letter) in given

    return sign


_TURNED = (Label.HOLDS, Label.FALLS)
_SOUND = (Label.UNDERFIT, Label.UNFINISHED, Label.GOOD)
#: The sick runs come first: whatever else was read into their curves, their sickness was not seen.
_SIGNS: tuple[tuple[str, Callable[[Evidence], bool]], ...] = (
    ("labels_as_keys", lambda e: any(_words(key) in _KNOWN for key in dict_of(e.result) or {})),
    ("labels_missing", lambda e: e.inputs[0] == _ALL and dict_of(e.result) is not None and bool(_missing(e))),
    ("no_text", lambda e: e.inputs[0] in _entries(e) and bool(_missing(e))),
    ("unknown_label", lambda e: bool(_unknown(e))),
    ("missing_numbers_not_seen", _mistaken((Label.NO_NUMBER,), LABELS)),
    ("explosion_not_seen", _mistaken((Label.EXPLODES,), LABELS)),
    ("guessing_not_seen", _mistaken((Label.NEVER,), LABELS)),
    ("jumps_not_seen", _mistaken((Label.OSCILLATES,), LABELS)),
    ("underfit_taken_for_never_learns", _mistaken((Label.UNDERFIT,), (Label.NEVER,))),
    ("ripples_taken_for_sickness", _mistaken((*_SOUND, *_TURNED), SICK)),
    ("gap_alone", _mistaken((Label.GOOD, Label.UNFINISHED), _TURNED, large_gap=True)),
    ("close_means_good", _mistaken((Label.UNDERFIT, Label.UNFINISHED), (Label.GOOD,), large_gap=False)),
    ("rising_loss_falling_accuracy", _mistaken((Label.HOLDS,), (Label.FALLS,))),
    ("accuracy_not_read", _mistaken((Label.FALLS,), (Label.HOLDS,))),
    ("turn_missed", _mistaken(_TURNED, (Label.GOOD, Label.UNDERFIT, Label.UNFINISHED))),
    ("trend_not_read", _mistaken((Label.UNFINISHED,), (Label.UNDERFIT, Label.GOOD, *_TURNED))),
    ("flat_taken_for_falling", _mistaken((Label.UNDERFIT, Label.GOOD), (Label.UNFINISHED,))),
    ("gap_needed_for_underfit", _mistaken((Label.UNDERFIT,), _TURNED)),
    ("good_taken_for_underfit", _mistaken((Label.GOOD,), (Label.UNDERFIT,))),
)
_FIELDS: Fields = {
    "letter": lambda e: e.inputs[0],
    "entry": lambda e: show(_entries(e)[e.inputs[0]]),
    "missing": lambda e: ", ".join(_missing(e)),
    "unknown": _unknown,
    "labels": "; ".join(LABELS),
}


def _value(answer: Any, record: dict[str, Any], letter: str) -> Any:
    return answer


def curve_case(letter: str, hint: str = "") -> Case:
    """Return the case that judges the label of one run."""
    return Case(f"run {letter}", (letter,), None, hint, _value, _judge)


#: Whether there is a known label for each run, right or not. It weighs little: it says nothing of the reading.
_WHOLE = Case(
    "a label for each of the twelve (F, G and H are graded later)", (_ALL,), None, "", _value, _judge, weight=0.1
)

DIAGNOSE = Exercise(
    name="diagnose",
    points=2,
    kind="value",
    answer="labels",
    cases=(*(curve_case(letter) for letter in "ABCDEIJKL"), _WHOLE),
    diagnoses=by_sign(_SIGNS, _FIELDS),
)
