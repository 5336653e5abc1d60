"""What a measurement does to a model that it should leave alone, and asks of batches that they need not have.

The signs are those of a `course_lib.checks.reading.Reading` whose passes note the "modes" of the parts "norm", a batch
norm, and "drop", a dropout.
"""

from __future__ import annotations

from typing import Any

from course_lib.checks.mistakes import Fields, Sign
from course_lib.checks.reading import Event

__all__ = ["FIELDS", "ITERABLE", "MODES", "touched"]


def touched(*names: str) -> Sign:
    """Return the sign of one of these being not what it was."""
    return lambda seen: bool(set(names) & set(seen.touched))


def _noisy(seen: Any) -> list[bool]:
    """Return for each pass whether any part ran in training mode."""
    return [any(event["modes"].values()) for event in seen.passes]


def _in_training(event: Event, part: str) -> bool:
    """Whether a part ran in training mode; it may lie in another, as "body.norm" does."""
    return any(mode for name, mode in event["modes"].items() if name.split(".")[-1] == part)


def _norm_alone(seen: Any) -> bool:
    """Whether batch norm learned from rows whose loss was measured without dropout, in this pass or in another."""
    clean = {tuple(event["rows"]) for event in seen.passes if not any(event["modes"].values())}
    learned = [event for event in seen.passes if _in_training(event, "norm")]
    return any(not _in_training(event, "drop") or tuple(event["rows"]) in clean for event in learned)


def _all_noisy(seen: Any) -> bool:
    noisy = [_in_training(event, "norm") or _in_training(event, "drop") for event in seen.passes]
    return bool(noisy) and all(noisy)


def _norm_learned(seen: Any) -> str:
    """Say what batch norm did; dropout alone may have been in training mode."""
    learned = any(_in_training(event, "norm") for event in seen.passes)
    return ", and batch norm learns from rows that should only be measured" if learned else ""


#: What ends in an exception, or in nothing, since the batches are no list; they may speak of errors.
ITERABLE: tuple[tuple[str, Sign], ...] = (
    ("needs_length", lambda seen: seen.raised("TypeError", "len()")),
    ("needs_length/dataset", lambda seen: seen.raised("AttributeError", "'dataset'")),
    ("gone_through_twice", lambda seen: bool(seen.noted("gone_through_again"))),
)

#: What a pass in the wrong mode, or with an update, does to the number and to the model; the most specific first.
MODES: tuple[tuple[str, Sign], ...] = (
    ("updates_on_validation_rows/measured_rows", touched("weights")),
    ("norm_in_training", lambda seen: _norm_alone(seen) and "statistics" not in seen.touched),
    ("statistics_changed", _norm_alone),
    ("mode_restored_too_early", lambda seen: len(m := _noisy(seen)) > 1 and not m[0] and m[-1]),
    ("mode_switched_too_late", lambda seen: len(m := _noisy(seen)) > 1 and m[0] and not m[-1]),
    ("no_eval/measured_rows", _all_noisy),
)
#: What stands in the braces of their words.
FIELDS: Fields = {"norm_learned": _norm_learned}
