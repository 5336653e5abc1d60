"""Lesson 06, `early_stopping_class`: what the class `EarlyStopping` must do, and what can go wrong in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.mistakes import Sign, by_sign, mistake
from course_lib.checks.plain import Plain, dict_of, number_of, show
from course_lib.lessons.l06_early_stopping.stepped_rule import (
    KEYS,
    observe_rule,
    observe_second,
    observe_two,
    when_it_stops,
)
from course_lib.lessons.l06_early_stopping.stopping_rules import FAULTS, MILLIONTHS, NEVER, Fault, Outcome, faults_of

__all__ = ["EARLY_STOPPING_CLASS", "rule_case", "second_case"]

# --- what may go wrong -------------------------------------------------------------------------------


class Run:
    """One run of a rule: its losses and settings, what was given and what is right, part by part."""

    def __init__(self, e: Evidence) -> None:
        run, found = e.inputs[0], dict_of(e.result) or {}
        self.e, self.losses = e, run.get("second") or run["losses"]
        self.patience, self.delta = run["patience"], run["min_delta"]
        stop, best_epoch, best = (number_of(found.get(key)) for key in KEYS)
        self.given = Outcome(NEVER if stop is None else int(stop), best_epoch, best)
        self.right = Outcome(*(e.expected.get(key) for key in KEYS))  # None where a case judges the stop alone
        self.seen = self.losses if stop is None else self.losses[: int(stop)]
        self.right_stop = self.given.stops_after == self.right.stops_after

    def by(self, fault: Fault) -> Outcome:
        """Return how the run goes by a rule with a fault."""
        return fault.run(self.losses, self.patience, self.delta)


def _alone(e: Evidence) -> bool:
    """Whether the run that is judged went as it goes with a new object; other faults explain nothing else."""
    return "first" not in e.inputs[0] or _shown(dict_of(e.result) or {}) == _shown(e["fresh"])


def _shown(outcome: dict[str, Plain]) -> dict[str, str]:
    return {name: show(value, digits=9) for name, value in outcome.items()}


def _in_a_run(sign: Sign) -> Callable[[Evidence], bool]:
    return lambda e: e.error is None and _alone(e) and sign(Run(e))


def _same(parts: Sequence[str], given: Outcome, outcome: Outcome) -> bool:
    return all(getattr(given, part) == getattr(outcome, part) for part in parts)


def _goes_like(name: str, fault: Fault) -> Diagnosis:
    """Return the mistake of a rule that goes as one with a fault does; a run that stops elsewhere denies it."""

    def shows(run: Run) -> bool:
        outcome = run.by(fault)
        if run.right_stop:
            return run.given == outcome != run.right
        return run.given.stops_after == outcome.stops_after and _same(fault.holds, run.given, outcome)

    denies = _in_a_run(lambda run: run.given.stops_after != run.by(fault).stops_after)
    return mistake(name, probe=_in_a_run(shows), denied=denies, fields={"patience": str(fault.patience(0))})


def _holds_like(name: str) -> Sign:
    """Return the sign of a best that is as a fault leaves it, whatever the stop goes by."""
    ((_, fault),) = faults_of(name)
    parts = fault.holds or KEYS[1:]

    def shows(run: Run) -> bool:
        outcome = fault.run(run.seen, len(run.seen) + 1, run.delta)  # so patient that it sees them all
        return _same(parts, run.given, outcome) and not _same(parts, run.right, outcome)

    return shows


def _waits_for_a_number(run: Run) -> bool:
    """Whether a run that begins with several NaN goes on longer than patience lets it."""
    only_nan = all(math.isnan(loss) for loss in run.losses[: run.patience + 1])
    return only_nan and run.given.stops_after in (run.patience + 1, len(run.losses), NEVER)


def _nan_not_numbered(run: Run) -> bool:
    gaps = sum(math.isnan(loss) for loss in run.seen[: run.right.best_epoch])
    return gaps > 0 and run.given.best_epoch == run.right.best_epoch - gaps


def _best_epoch_never_written(run: Run) -> bool:
    began, given = run.e.seen.get("best_epoch_at_start"), (dict_of(run.e.result) or {}).get("best_epoch")
    if run.given.best != run.right.best:
        return False
    if "first" in run.e.inputs[0]:
        return run.given.best_epoch in (0, -1, None)
    return began is not None and show(began) == show(given)


def _lowered_by_min_delta(run: Run) -> bool:
    lowered = math.isclose(run.given.best, run.right.best - run.delta, rel_tol=1e-6)
    return run.delta != 0 and run.given.best_epoch == run.right.best_epoch and lowered


def _forgotten_at_the_stop(run: Run) -> bool:
    """Whether `best` is infinite, and no NaN, of which that may have come, was among the losses."""
    return run.given.best == math.inf and run.given.stops_after != NEVER and not any(map(math.isnan, run.seen))


#: Of any run, whatever its losses are; no object at all comes before what one holds.
_OF_THE_FORM: tuple[tuple[str, Sign], ...] = (
    ("shared_between_objects", lambda e: "once" in e.seen and _shown(e["once"]) != _shown(e["again"])),
    ("step_returns_nothing", lambda e: e.seen.get("said_nothing")),
    ("step_returns_other", lambda e: "said_other" in e.seen),
    ("no_attribute/best", lambda e: "missing" in e.seen),
    ("nothing_improves", _in_a_run(lambda run: run.given.best == math.inf and run.given.stops_after == run.patience)),
)
#: What is held as best by a rule that stops rightly; what has one cause alone comes first.
_OF_THE_BEST: tuple[tuple[str, Sign], ...] = (
    ("forgotten_at_nan", lambda run: run.given.best == math.inf != run.right.best and math.isnan(run.seen[-1])),
    ("lowered_by_min_delta", _lowered_by_min_delta),
    ("forgotten_at_the_stop", _forgotten_at_the_stop),
    ("best_epoch_never_written", _best_epoch_never_written),
    ("nan_not_numbered", _nan_not_numbered),
    ("min_delta_ignored/best", _holds_like("min_delta_ignored")),
    ("min_delta_sign/best", _holds_like("min_delta_sign")),
    ("counted_from_zero/best_epoch", lambda run: run.given.best_epoch == run.right.best_epoch - 1),
    ("best_epoch_is_last", lambda run: run.given.best_epoch == len(run.seen) != run.right.best_epoch),
    ("best_is_last", lambda run: run.given.best == run.seen[-1] != run.right.best),
    ("best_moves_on_small_gains/best", _holds_like("best_moves_on_small_gains")),
)

_MISTAKES = (
    *by_sign(_OF_THE_FORM, {"returned": lambda e: e["said_other"]}),
    mistake(
        "nan_at_the_start",
        probe=_in_a_run(_waits_for_a_number),
        denied=_in_a_run(lambda run: not run.right_stop and not math.isnan(run.losses[0])),
    ),
    mistake("nan_first_is_best/best", probe=_in_a_run(lambda run: math.isnan(run.given.best))),
    *(_goes_like(name, fault) for name, fault in FAULTS),
    # True after the first epoch, which did improve.
    mistake(
        "says_go_on",
        probe=_in_a_run(lambda run: run.given.stops_after == 1 and run.given.best_epoch in (0, 1)),
        denied=lambda e: e.error is None and Run(e).given.stops_after != 1,
    ),
    *by_sign((name, _in_a_run(lambda run, sign=sign: run.right_stop and sign(run))) for name, sign in _OF_THE_BEST),  # type: ignore[misc]
)


# --- the cases ---------------------------------------------------------------------------------------


def rule_case(
    name: str,
    losses: Sequence[float] | Callable[[np.random.Generator], Sequence[float]],
    patience: int,
    min_delta: float = 0.0,
    expected: Any = None,
    hint: str = "",
    answers: Sequence[bool] | None = None,
    weight: float = 1.0,
) -> Case:
    """Return a case of one run: ``expected`` is its stop, best epoch and best, or a function of the run.

    Where the stop alone is given, it alone is judged. With ``answers``, what step returned after each epoch is held
    against them as well.
    """
    judged = KEYS if callable(expected) else KEYS[: len(expected)]

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        made = losses(rng) if callable(losses) else list(losses)
        return ({"losses": made, "patience": patience, "min_delta": min_delta},)

    def right(run: dict[str, Any]) -> dict[str, Any]:
        found = expected(**run) if callable(expected) else dict(zip(judged, expected, strict=True))
        return found if answers is None else {"answers": list(answers), **found}

    def observe(answer: Any, record: dict[str, Any], run: dict[str, Any]) -> Any:
        seen = observe_rule(answer, record, run)
        found = {name: seen[name] for name in judged}
        return found if answers is None else {"answers": record["answers"], **found}

    phrase = when_it_stops(() if callable(losses) else losses, patience, min_delta)
    return Case(name, inputs, right, hint, observe, weight=weight, phrase=phrase)


#: The losses of the first run, or of the object that is stepped between, whose every epoch improves; how both are
#: watched; and what it means if only the second run goes wrong.
_SECOND = {
    "reset": ([0.5, 0.3, 0.4, 0.45], observe_second, "stale_object"),
    "two objects": ([0.7 - 0.125 * k for k in range(6)], observe_two, "shared_between_objects"),
}


def second_case(
    name: str,
    how: str,
    expected: Any,
    hint: str = "",
    second: Sequence[float] = (0.9, 0.95, 0.8, 0.85, 0.9, 0.95),
    min_delta: float = 0.0,
) -> Case:
    """Return a case with two runs, of which the second is judged; what only the second run gets wrong has one name.

    ``how`` is "reset", one object for both runs, one after the other, or "two objects", which are stepped in turn.
    """
    first, observe, mistaken = _SECOND[how]
    only = by_sign(((mistaken, lambda e: e.error is None and not _alone(e)),))
    runs = {"first": first, "second": list(second), "patience": 2, "min_delta": min_delta}
    return Case(name, (runs,), dict(zip(KEYS, expected, strict=True)), hint, observe, diagnoses=only)


#: Turns at epoch 6 after two false alarms; every known fault stops elsewhere.
TURNS = [1.0, 0.9, 0.95, 0.8, 0.85, 0.7, 0.75, 0.78, 0.76, 0.79, 0.82, 0.9, 1.1, 1.2, 0.6]
NAN = math.nan

EARLY_STOPPING_CLASS = Exercise(
    name="early_stopping_class",
    points=3,
    phrase=when_it_stops(),
    kind="class",
    answer="EarlyStopping",
    cases=(
        rule_case("a curve that turns at epoch 6", TURNS, 3, 0.0, (9, 6, 0.7)),
        rule_case(
            "the docstring's example", [1.0, 0.8, 0.9, 0.85], 2, 0.0, (4, 2, 0.8), answers=[False, False, False, True]
        ),
        rule_case("a patience of 1", [1.0, 0.9, 0.8, 0.85, 0.7], 1, 0.0, (4, 3, 0.8)),
        rule_case("a curve that keeps falling", [1.0, 0.8, 0.7, 0.65, 0.6], 2, 0.0, (NEVER, 5, 0.6)),
        rule_case("a loss that stays the same", [1.0, 0.5, 0.5, 0.5, 0.5, 0.5], 3, 0.0, (5, 2, 0.5)),
        rule_case("gains smaller than min_delta", [10.0, 8.0, 7.9, 8.3, 8.2, 9.0, 9.5, 10.0], 3, 0.5, (5, 2, 8.0)),
        rule_case("a gain of exactly min_delta", [1.0, 0.75, 0.75, 0.5, 0.25], 2, 0.25, (3, 1, 1.0)),
        rule_case("small gains that add up", [1 - 0.004 * k for k in range(20)], 3, 0.01, (NEVER, 19, 0.928)),
        rule_case("very high losses", [6e12, 4e12, 5e12, 4.5e12, 3e12], 2, 0.0, (4, 2, 4e12)),
        # Three in a row, so that leaving them out, counting one epoch too many and another patience stop elsewhere.
        rule_case("NaN in the middle", [1.0, 0.9, 0.95, NAN, NAN, NAN, 0.99, 1.0, 1.1, 1.2], 3, 0.0, (5, 2, 0.9)),
        rule_case("NaN in the first epoch", [NAN, 0.9, 0.8, 0.85, 0.9, 0.95], 2, 0.0, (5, 3, 0.8)),
        rule_case("nothing but NaN at first", [NAN, NAN, NAN, 0.9, 0.95, 0.94], 2, 0.0, (2,)),
        rule_case("gains of a millionth", MILLIONTHS, 3, 0.0, (NEVER, 7, 0.499994)),
        rule_case("a loss of exactly 0", [0.5, 0.0, 0.6, 0.4, 0.7], 2, 0.0, (4, 2, 0.0)),
        rule_case("losses below 0", [1.0, -0.5, -1.0, -0.75, -0.25, -0.5], 2, 0.0, (5, 3, -1.0)),
        second_case(
            "the same object after reset()",
            "reset",
            (5, 3, 0.8),
            second=(0.9, 0.95, 0.8, 0.78, 0.79, 0.77),
            min_delta=0.05,
        ),
        second_case("two objects at the same time", "two objects", (5, 3, 0.8)),
    ),
    diagnoses=_MISTAKES,
)
