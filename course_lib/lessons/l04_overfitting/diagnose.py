"""Lesson 04: the exercise `diagnose`, labels for eight real runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.mistakes import mistake
from course_lib.checks.plain import dict_of, show
from course_lib.lessons.l04_overfitting.runs import (
    FALLS,
    GOOD,
    HOLDS,
    LABELS,
    UNDERFIT,
    UNFINISHED,
    StoredRun,
    eight_runs,
    verdict,
)

__all__ = ["DIAGNOSE", "curve_case"]

#: A gap above this share of the loss of guessing looks large in the picture.
_LARGE_GAP = 0.1


def _words(label: str) -> tuple[str, ...]:
    """Return a label's words; commas and spaces make no other label."""
    return tuple(label.lower().replace(",", " ").split())


_KNOWN = {_words(label): label for label in LABELS}


def _labels(e: Evidence) -> dict[str, str]:
    """Return the labels that were given, by capital letter; what is no text counts as no label."""
    items = dict_of(e.result) or {}
    found = {}
    for letter, item in items.items():
        if item["kind"] == "text":
            found[letter.strip().upper()] = _KNOWN.get(_words(item["value"]), " ".join(item["value"].lower().split()))
    return found


def _run(e: Evidence) -> StoredRun:
    return eight_runs()[e.inputs[0]]


def _label(e: Evidence) -> str | None:
    return _labels(e).get(e.inputs[0])


def _raw(e: Evidence) -> Any:
    """Return what stands under the letter, text or not; ``None`` if nothing does."""
    items = dict_of(e.result) or {}
    found = next((item for letter, item in items.items() if letter.strip().upper() == e.inputs[0]), None)
    return None if found is None or found["kind"] == "none" else found


def _labels_as_keys(e: Evidence) -> bool:
    return any(_words(key) in _KNOWN for key in dict_of(e.result) or {})


def _judge(e: Evidence) -> str | None:
    run, label = _run(e), _label(e)
    if dict_of(e.result) is None:
        return f"expected a dictionary with a label for each letter, given {show(e.result)}"
    if label is None:
        return f"there is no label for {run.letter} yet"
    if label == verdict(run):
        return None
    return f"'{label}' does not fit. {run.describe()}"


def _value(answer: Any, record: dict[str, Any], letter: str) -> Any:
    return answer


def curve_case(letter: str, hint: str = "") -> Case:
    """Return the case that judges the label of one run."""
    return Case(f"run {letter}", (letter,), None, hint, _value, _judge)


def _missing(e: Evidence) -> list[str]:
    return [letter for letter in eight_runs() if letter not in _labels(e)]


def _unknown(e: Evidence) -> dict[str, str]:
    return {letter: label for letter, label in _labels(e).items() if letter in eight_runs() and label not in LABELS}


def _judge_whole(e: Evidence) -> str | None:
    if dict_of(e.result) is None:
        return f"expected a dictionary with a label for each letter, given {show(e.result)}"
    if _missing(e):
        return f"there is no label yet for {', '.join(_missing(e))}"
    if _unknown(e):
        return "; ".join(f"{letter}: '{label}' is none of the labels" for letter, label in _unknown(e).items())
    return None


#: Whether there is a known label for each run, right or not. It weighs little: it says nothing of the reading.
_WHOLE = Case(
    "a label for each of the eight (runs F to H are graded later)",
    ("all",),
    None,
    "",
    _value,
    _judge_whole,
    weight=0.1,
    diagnoses=(
        mistake(
            "labels_missing",
            says=lambda e: (
                f"there is no label yet for {', '.join(_missing(e))}. The runs F to H are graded later, with the same "
                "dictionary."
            ),
            probe=lambda e: dict_of(e.result) is not None and bool(_missing(e)),
        ),
        mistake(
            "unknown_label/diagnose",
            says=lambda e: (
                "; ".join(f"{letter}: '{label}' is none of the labels" for letter, label in _unknown(e).items())
                + f". They are: {'; '.join(LABELS)}."
            ),
            probe=lambda e: bool(_unknown(e)),
        ),
    ),
)


def _mistaken(right: tuple[str, ...], given: tuple[str, ...]) -> Callable[[Evidence], bool]:
    """Return a probe: the run is one of ``right``, and was labelled one of ``given``."""
    return lambda e: verdict(_run(e)) in right and _label(e) in given


def _large_gap(e: Evidence) -> bool:
    run = _run(e)
    return run.gap > _LARGE_GAP * run.guessing


def _numbers(text: str) -> Callable[[Evidence], str]:
    """Return a message that begins with the letter and ends with the run in numbers."""
    return lambda e: f"Run {e.inputs[0]}: {text} {_run(e).describe()}."


_turned = (HOLDS, FALLS)

DIAGNOSE = Exercise(
    name="diagnose",
    points=2,
    kind="value",
    answer="labels",
    cases=(*(curve_case(letter) for letter in "ABCDE"), _WHOLE),
    diagnoses=(
        mistake("labels_as_keys", probe=_labels_as_keys),
        mistake(
            "no_text",
            says=lambda e: f"under {e.inputs[0]} stands {show(_raw(e))}; asked is the label itself, as a text.",
            probe=lambda e: _raw(e) is not None and _label(e) is None,
        ),
        mistake(
            "unknown_label/diagnose_2",
            says=lambda e: f"'{_label(e)}' is none of the labels. They are: {'; '.join(LABELS)}.",
            probe=lambda e: _label(e) is not None and _label(e) not in LABELS,
        ),
        mistake(
            "gap_alone",
            says=_numbers(
                "the gap is large, and that alone was taken for overfitting. Overfitting shows in the trend: "
                "validation loss turns and rises."
            ),
            probe=lambda e: _large_gap(e) and _mistaken((GOOD, UNFINISHED), _turned)(e),
        ),
        mistake(
            "close_means_good",
            says=_numbers(
                "the two curves lie close together, and that was taken for a good fit. Two losses can be close and "
                "both be high, or both be on their way."
            ),
            probe=lambda e: not _large_gap(e) and _mistaken((UNDERFIT, UNFINISHED), (GOOD,))(e),
        ),
        mistake(
            "rising_loss_falling_accuracy",
            says=_numbers(
                "validation loss rises, and from that a falling accuracy was concluded. The accuracy is drawn below: "
                "it stays where it was."
            ),
            probe=_mistaken((HOLDS,), (FALLS,)),
        ),
        mistake(
            "accuracy_not_read",
            says=_numbers(
                "the accuracy does not hold in this run: it ends clearly lower than it was at the lowest loss."
            ),
            probe=_mistaken((FALLS,), (HOLDS,)),
        ),
        mistake(
            "turn_missed",
            says=_numbers("the turn was missed: validation loss ends well above its lowest value, which came early."),
            probe=_mistaken(_turned, (GOOD, UNDERFIT, UNFINISHED)),
        ),
        mistake(
            "trend_not_read",
            says=_numbers(
                "the level was read and not the trend: at the end of this run validation loss is still falling."
            ),
            probe=_mistaken((UNFINISHED,), (UNDERFIT, GOOD, *_turned)),
        ),
        mistake(
            "flat_taken_for_falling",
            says=_numbers("this run is not on its way any more: validation loss has been flat for many epochs."),
            probe=_mistaken((UNDERFIT, GOOD), (UNFINISHED,)),
        ),
        mistake(
            "gap_needed_for_underfit",
            says=_numbers(
                "nothing has turned here, so it does not overfit; what is wrong is how high both losses are."
            ),
            probe=_mistaken((UNDERFIT,), _turned),
        ),
        mistake(
            "good_taken_for_underfit",
            says=_numbers("the losses are low here: the model learned what it was shown."),
            probe=_mistaken((GOOD,), (UNDERFIT,)),
        ),
        mistake(
            "settled_taken_for_turned",
            says=_numbers(
                "no turn here: validation loss came down and stays about there, and a small ripple is noise."
            ),
            probe=_mistaken((GOOD,), _turned),
        ),
    ),
)
