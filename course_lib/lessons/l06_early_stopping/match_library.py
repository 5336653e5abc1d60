"""Lesson 06, `match_library`: the lesson's rule with a learner's arguments beside what each library does."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.mistakes import Sign, by_sign, mistake
from course_lib.checks.plain import show
from course_lib.lessons.l06_early_stopping.stopping_rules import NEVER
from course_lib.training.early_stopping import EarlyStopping

__all__ = ["MATCH_LIBRARY", "SETTINGS", "library_case", "library_stop"]

#: What others wrote, by the letter in the exercise, and the words for it.
SETTINGS: dict[str, str] = {
    "A": "Keras: EarlyStopping(patience=0)",
    "B": "Keras: EarlyStopping(patience=3, min_delta=-0.05)",
    "C": "PyTorch: ReduceLROnPlateau(patience=3, threshold=0), its first cut of the learning rate",
    "D": "Lightning: EarlyStopping(patience=2, min_delta=0.05)",
}
#: The same as the course's library follows each, which tests hold against the libraries themselves.
_RULES: dict[str, dict[str, Any]] = {
    "A": {"patience": 0, "convention": "keras"},
    "B": {"patience": 3, "min_delta": -0.05, "convention": "keras"},
    "D": {"patience": 2, "min_delta": 0.05, "convention": "lightning"},
}


def _stop(rule: EarlyStopping, losses: Sequence[float]) -> int | str:
    return next((epoch for epoch, loss in enumerate(losses, start=1) if rule.step(loss)), NEVER)


def library_stop(letter: str, losses: Sequence[float]) -> int | str:
    """Return the epoch after which the library acts; it follows each library's own convention, not the lesson's."""
    if letter in _RULES:
        return _stop(EarlyStopping(**_RULES[letter]), losses)
    best, bad = math.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        best, bad = (loss, 0) if loss < best else (best, bad + 1)
        if bad > 3:
            return epoch
    return NEVER


def _lesson_stop(e: Evidence, losses: Sequence[float], min_delta: float) -> int | str:
    """Return where the lesson's rule stops with the learner's patience, which need be no whole number."""
    patience = max(0, math.ceil(e["patience"]))
    return _stop(EarlyStopping(patience, min_delta, convention="skorch", relative=False), losses)


# --- how it is watched and judged --------------------------------------------------------------------


def _random_curves(rng: np.random.Generator, count: int, epochs: int = 25) -> list[list[float]]:
    """Return loss curves, four made by hand and others on a grid of 0.02: no gain is exactly 0.05."""
    curves = [
        [1.0, 0.9] + [0.94] * (epochs - 2),
        [1.0, 0.9505] + [0.9505] * (epochs - 2),  # a gain just below 0.05, and one just above
        [1.0, 0.9495] + [0.9495] * (epochs - 2),
        [round(1 - 1e-5 * epoch, 5) for epoch in range(epochs)],  # tiny gains, and still gains
    ]
    for _ in range(count - len(curves)):
        falling = 1.2 * np.exp(-np.arange(epochs) / rng.uniform(2, 12)) + rng.uniform(0, 0.03) * np.arange(epochs)
        noisy = falling + rng.normal(0, rng.uniform(0.01, 0.12), epochs)
        curves.append([round(0.02 * round(v / 0.02), 2) for v in noisy])
    return curves


def _arguments(answer: Any, letter: str) -> tuple[float, float] | str:
    """Return patience and min_delta as the learner gave them for one letter, or what is wrong with them."""
    if not isinstance(answer, dict):
        return "your answer should be a dictionary with the keys A, B, C and D"
    given = answer.get(letter)
    if given is None or given is Ellipsis:
        return f"there is nothing under the key {letter!r}"
    try:
        found = given if isinstance(given, dict) else dict(zip(("patience", "min_delta"), given, strict=True))
        if any(isinstance(value, str) for value in found.values()):
            raise TypeError("a text is no number")
        if set(found) - {"patience", "min_delta"} or "patience" not in found:
            return f"under {letter!r} you wrote {', '.join(map(str, given))}; the keys are patience and min_delta"
        return float(found["patience"]), float(found.get("min_delta", 0.0))
    except (TypeError, ValueError):
        return f"under {letter!r} you wrote {show(given)}; the form is {{'patience': number, 'min_delta': number}}"


def _observe(answer: Any, record: dict[str, Any], letter: str, curves: Any) -> Any:
    """Note the learner's arguments; what comes of them is worked out where they are judged."""
    arguments = _arguments(answer, letter)
    if isinstance(arguments, str):
        record["unreadable"] = arguments
    else:
        record["patience"], record["min_delta"] = arguments
    return answer


def _judge(e: Evidence) -> str | None:
    """Return the first curve on which the two stop at different epochs, or ``None``."""
    if "unreadable" in e.seen:
        return str(e["unreadable"])
    letter, curves = e.inputs
    for losses in curves:
        given, right = _lesson_stop(e, losses, e["min_delta"]), library_stop(letter, losses)
        if given != right:
            yours, theirs = ("never {}" if n == NEVER else f"{{}} after epoch {n}" for n in (given, right))
            seen, library = show(losses, digits=6), SETTINGS[letter].split(":")[0]
            return f"On the losses {seen}: yours {yours.format('stops')}, {library} {theirs.format('acts')}"
    return None


def library_case(letter: str, name: str, hint: str = "", count: int = 30) -> Case:
    """Return a case of `match_library`: one setting on many curves."""
    return Case(name, lambda rng: (letter, _random_curves(rng, count)), None, hint, _observe, _judge)


# --- what may go wrong -------------------------------------------------------------------------------

#: By letter, patience and min_delta; what has a name of its own comes before what is only another number.
_MISTAKES: tuple[tuple[str, Callable[[str, float, float], bool]], ...] = (
    ("patience_zero_literally", lambda letter, patience, delta: letter == "A" and patience == 0),
    ("negative_delta_literally", lambda letter, patience, delta: letter == "B" and delta < 0),
    ("min_delta_dropped", lambda letter, patience, delta: letter in "BD" and delta == 0),
    ("plateau_patience_literally", lambda letter, patience, delta: letter == "C" and patience == 3),
    ("corrected_the_wrong_way", lambda letter, patience, delta: letter == "C" and patience < 3),
    ("corrected_needlessly", lambda letter, patience, delta: patience != {"B": 3, "D": 2}.get(letter, patience)),
)
#: The same where no other name fits, by letter, whether the patience is right, and min_delta.
_OF_ONE_NUMBER: tuple[tuple[str, Callable[[str, bool, float], bool]], ...] = (
    ("wrong_patience", lambda letter, right, delta: letter in "AC" and not right),
    ("wrong_min_delta/negative", lambda letter, right, delta: right and delta < 0),
    ("wrong_min_delta/every_gain_counts", lambda letter, right, delta: right and letter in "AC"),
    ("wrong_min_delta", lambda letter, right, delta: right),
)


def _arguments_are(sign: Callable[[str, float, float], bool]) -> Sign:
    return lambda e: sign(e.inputs[0], e["patience"], e["min_delta"])


def _where_nameless(sign: Callable[[str, bool, float], bool]) -> Sign:
    stuck = [1.0, 0.5] + [0.9] * 20  # has no small gains: where it stops hangs on the patience alone

    def shows(e: Evidence) -> bool:
        named = any(_arguments_are(other)(e) for name, other in _MISTAKES if name != "corrected_needlessly")
        patience_is_right = _lesson_stop(e, stuck, 0.0) == library_stop(e.inputs[0], stuck)
        return not named and sign(e.inputs[0], patience_is_right, e["min_delta"])

    return shows


MATCH_LIBRARY = Exercise(
    name="match_library",
    points=1,
    kind="value",
    answer="matches",
    cases=tuple(library_case(letter, f"{letter}: {words}") for letter, words in SETTINGS.items()),
    diagnoses=(
        mistake("unreadable", says=lambda e: f"{e['unreadable']}.", probe=lambda e: "unreadable" in e.seen),
        *by_sign((name, _arguments_are(sign)) for name, sign in _MISTAKES),
        *by_sign((name, _where_nameless(sign)) for name, sign in _OF_ONE_NUMBER),
    ),
)
