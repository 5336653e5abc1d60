"""Lesson 06, the rule: how the class `EarlyStopping` and `match_library` are watched, and what can go wrong."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.mistakes import mistake
from course_lib.checks.phrase import Phrase
from course_lib.checks.plain import Plain, describe, dict_of, list_of, number_of, show
from course_lib.training.early_stopping import EarlyStopping as Reference

__all__ = [
    "EARLY_STOPPING_CLASS",
    "MATCH_LIBRARY",
    "MILLIONTHS",
    "NEVER",
    "SETTINGS",
    "held",
    "library_case",
    "random_curves",
    "rule_case",
    "second_case",
]

NAN = math.nan

#: Turns at epoch 6 after two false alarms; every known fault stops elsewhere.
TURNS = [1.0, 0.9, 0.95, 0.8, 0.85, 0.7, 0.75, 0.78, 0.76, 0.79, 0.82, 0.9, 1.1, 1.2, 0.6]
#: Gains so small that a rule which asks for some margin of its own sees none.
MILLIONTHS = [0.5 - 1e-6 * k for k in range(7)]
NEVER = "never"
KEYS = ("stops_after", "best_epoch", "best")


# --- the class EarlyStopping -------------------------------------------------------------------------


def run_rule(rule: Any, losses: Sequence[float], record: dict[str, Any]) -> dict[str, Any]:
    """Step a rule through the losses until it says stop; return when that was, and what it holds as best."""
    stopped: int | str = NEVER
    with contextlib.suppress(Exception):  # before the first loss it need not have an answer
        record["best_epoch_at_start"] = describe(rule.best_epoch)
    for epoch, loss in enumerate(losses, start=1):
        answer = rule.step(loss)
        record.setdefault("answers", []).append(None if answer is None else bool(answer))
        if answer is None:
            record["said_nothing"] = True
        if isinstance(answer, (str, bytes, tuple, list, dict, set)):
            record.setdefault("said_other", show(describe(answer)))
        if answer:
            stopped = epoch
            break
    missing = [name for name in ("best", "best_epoch") if not hasattr(rule, name)]
    if missing:
        record["missing"] = missing[0]
    return {
        "stops_after": stopped,
        "best_epoch": getattr(rule, "best_epoch", None),
        "best": getattr(rule, "best", None),
    }


def observe_rule(answer: Any, record: dict[str, Any], run: dict[str, Any]) -> Any:
    """Step a new object through one run; note how the same run goes with one more new object."""
    settings = {"patience": run["patience"], "min_delta": run["min_delta"]}
    seen = run_rule(answer(**settings), run["losses"], record)
    record["once"] = _plain(seen)
    record["again"] = _plain(run_rule(answer(**settings), run["losses"], {}))
    return seen


def _plain(outcome: dict[str, Any]) -> dict[str, Plain]:
    return {name: describe(value) for name, value in outcome.items()}


def observe_second(answer: Any, record: dict[str, Any], runs: dict[str, Any]) -> Any:
    """Step an object through a run, then the same object after reset through a second one."""
    settings = {"patience": runs["patience"], "min_delta": runs["min_delta"]}
    record["fresh"] = _plain(run_rule(answer(**settings), runs["second"], {}))
    rule = answer(**settings)
    run_rule(rule, runs["first"], record)
    rule.reset()
    return run_rule(rule, runs["second"], record)


def observe_two(answer: Any, record: dict[str, Any], runs: dict[str, Any]) -> Any:
    """Step two objects in turn, epoch by epoch; the first one's losses fall in every epoch."""
    settings = {"patience": runs["patience"], "min_delta": runs["min_delta"]}
    record["fresh"] = _plain(run_rule(answer(**settings), runs["second"], {}))
    other, judged = answer(**settings), answer(**settings)

    class Between:
        """Steps the first object before each step of the second."""

        left = iter(runs["first"])
        best = property(lambda self: judged.best)
        best_epoch = property(lambda self: judged.best_epoch)

        def step(self, loss: float) -> Any:
            other.step(next(self.left))
            return judged.step(loss)

    return run_rule(Between(), runs["second"], record)


def _how_it_went(outcome: dict[str, Plain], stopped: str, never: str) -> str:
    """Return the end of a run in words: when it stopped, and what is held as best."""
    number = number_of(outcome.get("stops_after"))
    when = never if number is None else f"{stopped} after epoch {number:g}"
    told = [f"{name} {show(outcome[name], digits=6)}" for name in ("best", "best_epoch") if name in outcome]
    return f"{when} ({', '.join(told)})" if told else when


def when_it_stops(losses: Sequence[float] = (), patience: int = 0, min_delta: float = 0.0) -> Phrase:
    """Return how a run is spoken of; with its losses, where a learner may see them."""
    settings = f"patience={patience}" + (f", min_delta={min_delta:g}" if min_delta else "")
    start = f"for {settings} and the losses {show(list(losses), 15, 6)} " if losses else ""

    def right(expected: dict[str, Any]) -> str:
        outcome = {name: describe(value) for name, value in expected.items()}
        return start + _how_it_went(outcome, "it should have stopped", "it should not have stopped")

    return Phrase(right, lambda given: _how_it_went(dict_of(given) or {}, "yours stopped", "yours never stopped"))


def rule_case(
    name: str,
    losses: Sequence[float] | Callable[[np.random.Generator], Sequence[float]],
    patience: int,
    min_delta: float = 0.0,
    expected: Any = None,
    hint: str = "",
    answers: Sequence[bool] | None = None,
    judged: Sequence[str] = KEYS,
    diagnoses: tuple[Diagnosis, ...] = (),
    weight: float = 1.0,
) -> Case:
    """Return a case of one run: ``expected`` is what is ``judged``, or a function of the run.

    With ``answers``, what step returned after each epoch is held against them as well.
    """

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
    return Case(name, inputs, right, hint, observe, weight=weight, diagnoses=diagnoses, phrase=phrase)


def _as_if_fresh(e: Evidence) -> bool:
    """Whether the second run went as it goes with a new object that is alone."""
    fresh = {name: show(value) for name, value in e["fresh"].items()}
    return {name: show(value) for name, value in _given(e).items()} == fresh


#: The losses of the first run; and of the object that is stepped between, whose every epoch improves.
_RUN_BEFORE = [0.5, 0.3, 0.4, 0.45]
_FALLS_BETWEEN = [0.7 - 0.125 * k for k in range(6)]


def second_case(
    name: str,
    how: str,
    expected: Any,
    mistaken: str,
    hint: str = "",
    second: Sequence[float] = (0.9, 0.95, 0.8, 0.85, 0.9, 0.95),
    min_delta: float = 0.0,
) -> Case:
    """Return a case with two runs, of which the second is judged; what only the second run gets wrong has one name.

    ``how`` is "reset", one object for both runs, one after the other, or "two objects", which are stepped in turn.
    """
    first, second = _RUN_BEFORE if how == "reset" else _FALLS_BETWEEN, list(second)
    only = mistake(mistaken, probe=lambda e: e.error is None and not _as_if_fresh(e))
    right = dict(zip(KEYS, expected, strict=True))
    runs = {"first": first, "second": second, "patience": 2, "min_delta": min_delta}
    return Case(name, (runs,), right, hint, observe_second if how == "reset" else observe_two, diagnoses=(only,))


Improves = Callable[[float, float, float, float], bool]


def _below(loss: float, best: float, before: float, delta: float) -> bool:
    return loss < best - delta


def _simulate(
    losses: Sequence[float],
    patience: float,
    delta: float,
    improves: Improves = _below,
    first_is_best: bool = False,
    moves: Callable[[float, float], bool] = lambda loss, best: False,
    keeps_best: bool = False,
    keeps_wait: bool = False,
    pauses: Callable[[float, float], bool] = lambda loss, best: False,
    stops: Callable[[float], bool] = lambda loss: False,
    goes_on: Callable[[float], bool] = lambda loss: False,
    start: float = math.inf,
) -> int | str:
    """Return when a rule with one fault stops; each argument after ``delta`` is one fault."""
    best, before, wait = start, math.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        better = (first_is_best and epoch == 1) or improves(loss, best, before, delta)
        if better or moves(loss, best):
            best = best if keeps_best and epoch > 1 else loss
        if better and not keeps_wait:
            wait = 0
        if not better and not pauses(loss, best):
            wait += 1
        before = loss
        if (wait >= patience or stops(loss)) and not goes_on(loss):
            return epoch
    return NEVER


def _given(e: Evidence) -> dict[str, Plain]:
    return dict_of(e.result) or {}


def _stop_of(e: Evidence) -> int | str | None:
    plain = _given(e).get("stops_after")
    if plain is None:
        return None
    number = number_of(plain)
    return int(number) if number is not None else str(plain.get("value"))


def _run_of(e: Evidence) -> tuple[list[float], int, float] | None:
    """Return losses, patience and min_delta of the run that is judged; ``None`` if only a second run goes wrong."""
    run = e.inputs[0]
    if "first" not in run:
        return run["losses"], run["patience"], run["min_delta"]
    return (run["second"], run["patience"], run["min_delta"]) if _as_if_fresh(e) else None


class _StopsLike:
    """A probe: whether the rule stopped where a fault stops, and that is not right, and ``also`` holds."""

    def __init__(
        self,
        fault: Callable[[Sequence[float], int, float], int | str],
        also: Callable[[Evidence], bool] = lambda e: True,
    ) -> None:
        self.fault, self.also = fault, also

    def _telling(self, e: Evidence) -> int | str | None:
        """Return where the fault stops in the run that is judged; ``None`` where it stops at the right epoch."""
        run = _run_of(e) if e.error is None else None
        stop = None if run is None else self.fault(*run)
        return None if stop == e.expected["stops_after"] else stop

    def __call__(self, e: Evidence) -> bool:
        telling = self._telling(e)
        return telling is not None and _stop_of(e) == telling and self.also(e)

    def denied(self, e: Evidence) -> bool:
        """Whether the fault stops at another epoch than the rule did, be that the right one or not."""
        run = _run_of(e) if e.error is None else None
        return run is not None and _stop_of(e) != self.fault(*run)


_stops_like = _StopsLike


def _held_to_all_runs(diagnosis: Diagnosis) -> Diagnosis:
    """Return the diagnosis such that a run in which its fault stops elsewhere speaks against it."""
    probe = diagnosis.probe
    return replace(diagnosis, denied=probe.denied) if isinstance(probe, _StopsLike) else diagnosis


def _stop_is_right(e: Evidence) -> bool:
    return e.error is None and _run_of(e) is not None and _stop_of(e) == e.expected["stops_after"]


def _seen_losses(e: Evidence) -> list[float]:
    """Return the losses up to the stop."""
    losses, _, _ = _run_of(e) or ([], 0, 0.0)
    stop = _stop_of(e)
    return losses[:stop] if isinstance(stop, int) else losses


def _epoch_is(shift: int) -> Callable[[Evidence], bool]:
    def probe(e: Evidence) -> bool:
        number = number_of(_given(e).get("best_epoch"))
        return _stop_is_right(e) and number == e.expected["best_epoch"] + shift

    return probe


def _best_epoch_is_stop(e: Evidence) -> bool:
    if not _stop_is_right(e):
        return False
    number = number_of(_given(e).get("best_epoch"))
    return number == len(_seen_losses(e)) != e.expected["best_epoch"]


def held(losses: Sequence[float], delta: float, equal_counts: bool = False) -> tuple[float, int]:
    """Return the best loss and its epoch, as a rule holds them for which a gain of ``delta`` is none, or is one."""
    best, best_epoch = math.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        if loss < best - delta or (equal_counts and loss == best - delta):
            best, best_epoch = loss, epoch
    return best, best_epoch


def _best_given(e: Evidence) -> tuple[float | None, float | None]:
    return number_of(_given(e).get("best")), number_of(_given(e).get("best_epoch"))


def _keeps_like(factor: float) -> Callable[[Evidence], bool]:
    """Return a probe: whether the stop is right, and what is kept is what a ``factor`` of min_delta would keep."""

    def probe(e: Evidence) -> bool:
        run = _run_of(e)
        if run is None or not _stop_is_right(e):
            return False
        right = e.expected["best"], e.expected["best_epoch"]
        return _best_given(e) == held(_seen_losses(e), factor * run[2]) != right

    return probe


def _answers_inverted(e: Evidence) -> bool:
    """Whether step said True after the first epoch, which did improve."""
    given = _given(e)
    number = number_of(given.get("best_epoch"))
    return e.error is None and _run_of(e) is not None and _stop_of(e) == 1 and number in (0, 1)


Fault = Callable[[Sequence[float], int, float], int | str]


def _counter_of_rises(resets: str) -> Fault:
    return lambda losses, patience, delta: _counting_rises(losses, patience, delta, resets)


def _with_patience(fixed: int) -> Callable[[Evidence], bool]:
    """Return a probe: the rule stops as with a fixed patience."""
    return _stops_like(lambda losses, patience, delta: _simulate(losses, fixed, delta))


def _moving_down(losses: Sequence[float], patience: int, delta: float) -> int | str:
    return _simulate(losses, patience, delta, moves=lambda loss, best: loss < best)


def _standing_still(losses: Sequence[float], patience: int, delta: float) -> int | str:
    return _simulate(losses, patience, delta, pauses=lambda loss, best: loss < best)


def _best_is_nan(e: Evidence) -> bool:
    best = number_of(_given(e).get("best"))
    return e.error is None and best is not None and math.isnan(best)


def _forgotten_at_the_stop(e: Evidence) -> bool:
    """Whether the stop is right, and `best` is infinite again though losses have improved."""
    best = number_of(_given(e).get("best"))
    nan = any(math.isnan(loss) for loss in _seen_losses(e))  # that may be what infinity came of
    return _stop_is_right(e) and best == math.inf and isinstance(_stop_of(e), int) and not nan


def _forgotten_at_nan(e: Evidence) -> bool:
    """Whether the stop is right, and `best` is infinite again after an epoch whose loss is NaN."""
    best, seen = number_of(_given(e).get("best")), _seen_losses(e)
    return _stop_is_right(e) and best == math.inf and math.isnan(seen[-1]) and e.expected["best"] != math.inf


def _lowered_by_min_delta(e: Evidence) -> bool:
    """Whether stop and epoch are right, and `best` is the best loss less min_delta."""
    run, (best, best_epoch) = _run_of(e), _best_given(e)
    if run is None or best is None or run[2] == 0 or not _stop_is_right(e) or best_epoch != e.expected["best_epoch"]:
        return False
    return math.isclose(best, e.expected["best"] - run[2], rel_tol=1e-6)


def _against_the_first(losses: Sequence[float], patience: int, delta: float) -> int | str:
    """Return when a rule stops that keeps the first number as its best."""
    best, wait = math.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        wait = 0 if loss < best - delta else wait + 1
        best = loss if math.isinf(best) and loss < best else best
        if wait >= patience:
            return epoch
    return NEVER


def _setting_back(losses: Sequence[float], patience: int, delta: float) -> int | str:
    """Return when a rule stops whose counter begins again at a new best, and at any loss below the one before."""
    best, before, wait = math.inf, math.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        better = loss < best - delta
        best, wait = (loss, 0) if better else (best, 0 if loss < before else wait + 1)
        before = loss
        if wait >= patience:
            return epoch
    return NEVER


def _one_later(losses: Sequence[float], patience: int, delta: float) -> int | str:
    """Return the epoch after the right one, whatever the loss is there."""
    stop = _simulate(losses, patience, delta)
    return stop + 1 if isinstance(stop, int) and stop < len(losses) else NEVER


def _counting_rises(losses: Sequence[float], patience: int, delta: float, resets: str) -> int | str:
    """Return when a rule stops that counts the epochs whose loss is higher than the one before."""
    best, before, rises = math.inf, math.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        better = loss < best - delta
        best = loss if better else best
        rises += loss > before
        if (resets == "best" and better) or (resets == "fall" and loss < before):
            rises = 0
        before = loss
        if rises >= patience:
            return epoch
    return NEVER


def _equal_improves(losses: Sequence[float], patience: int, delta: float) -> int | str:
    return _simulate(losses, patience, delta, lambda loss, best, *_: loss <= best - delta)


def _equal_is_not_held(e: Evidence) -> bool:
    """Whether what is held as best is what it is if an equal loss is no gain."""
    _, _, delta = _run_of(e) or ([], 0, 0.0)
    strict, loose = (held(_seen_losses(e), delta, equal_counts)[1] for equal_counts in (False, True))
    return _best_given(e)[1] == strict != loose


def _holds_best(e: Evidence) -> bool:
    run = _run_of(e)
    return run is not None and _best_given(e) == held(run[0], run[2])


def _says_never(e: Evidence) -> str:
    """Return what can be said of a rule that never stops: from outside, several faults look alike then."""
    if _stop_of(e) != NEVER:
        return ""
    return (
        "it does not stop in this run: as if the best loss were never replaced, or any change of the loss counted as a "
        "gain, or the counter never went up."
    )


def _best_is_last(e: Evidence) -> bool:
    seen = _seen_losses(e)
    best = number_of(_given(e).get("best"))
    return _stop_is_right(e) and best is not None and best != e.expected["best"] and best == seen[-1]


def _best_is_lowest(e: Evidence) -> bool:
    seen = _seen_losses(e)
    best = number_of(_given(e).get("best"))
    return _stop_is_right(e) and best is not None and best != e.expected["best"] and best == min(seen)


def _nothing_improved(e: Evidence) -> bool:
    run, best = _run_of(e), number_of(_given(e).get("best"))
    if e.error is not None or run is None:
        return False
    return best is not None and math.isinf(best) and _stop_of(e) == run[1]


def _best_starts_finite(e: Evidence) -> bool:
    """Whether stop and best are those of a rule that begins with some number as its best."""
    run, best = _run_of(e), number_of(_given(e).get("best"))
    if e.error is not None or run is None or best is None or not math.isfinite(best):
        return False
    losses, patience, delta = run
    if all(best != loss for loss in losses):
        return _simulate(losses, patience, delta, start=best) == _stop_of(e)
    late = [_simulate(losses, patience, delta, start=start) for start in (0.0, 1.0, 10.0, 100.0)]
    return _stop_of(e) != e.expected["stops_after"] and _stop_of(e) in late and best in (0.0, 1.0, 10.0, 100.0)


def _stops_as_from_no_start(e: Evidence) -> bool:
    """Whether the stop is neither right nor that of a rule that begins with a number as its best."""
    run, best = _run_of(e) if e.error is None else None, number_of(_given(e).get("best"))
    if run is None or _stop_of(e) == e.expected["stops_after"]:
        return False
    starts = (0.0, 1.0, 10.0, 100.0, 1e3, 1e6, 1e9, *([best] if best is not None else []))
    return all(_simulate(*run, start=start) != _stop_of(e) for start in starts)


def _waits_for_a_number(e: Evidence) -> bool:
    """Whether a run that begins with several NaN goes on longer than patience lets it."""
    run = _run_of(e) if e.error is None else None
    if run is None or not all(math.isnan(loss) for loss in run[0][: run[1] + 1]):
        return False
    return _stop_of(e) in (run[1] + 1, len(run[0]), NEVER)


def _wrong_without_nan(e: Evidence) -> bool:
    """Whether a run stops at the wrong epoch though it holds no NaN."""
    run = _run_of(e) if e.error is None else None
    if run is None or any(math.isnan(loss) for loss in run[0]):
        return False
    return _stop_of(e) != e.expected["stops_after"]


def _wrong_after_a_number(e: Evidence) -> bool:
    """Whether a run that begins with a number, and holds NaN later, stops at the wrong epoch."""
    run = _run_of(e) if e.error is None else None
    if run is None or math.isnan(run[0][0]) or not any(map(math.isnan, run[0])):
        return False
    return _stop_of(e) != e.expected["stops_after"]


def _nan_not_numbered(e: Evidence) -> bool:
    number = number_of(_given(e).get("best_epoch"))
    if not _stop_is_right(e) or number is None:
        return False
    gaps = sum(math.isnan(loss) for loss in _seen_losses(e)[: e.expected["best_epoch"]])
    return gaps > 0 and number == e.expected["best_epoch"] - gaps


def _best_epoch_never_written(e: Evidence) -> bool:
    if _best_given(e)[0] != e.expected.get("best"):
        return False
    began, given = e.seen.get("best_epoch_at_start"), _given(e).get("best_epoch")
    if "first" in e.inputs[0]:
        return _stop_is_right(e) and number_of(given) in (0, -1, None)
    return _stop_is_right(e) and began is not None and show(began) == show(given)


_SHARED = "two objects share what they remember: what one of them is told changes the other."


def _shown(outcome: dict[str, Plain]) -> dict[str, str]:
    return {name: show(value, digits=9) for name, value in outcome.items()}


def _taking_for_none(number: float) -> Callable[[Evidence], bool]:
    """Return a probe: whether the loss after a best one of ``number`` counts as if there were no best loss yet."""
    return _stops_like(lambda x, p, d: _simulate(x, p, d, lambda loss, best, *_: best == number or loss < best - d))


#: What only goes wrong where a loss is a number that is false, or is negative.
_OF_ZERO = (
    mistake("zero_taken_for_none/early_stopping_class", probe=_taking_for_none(0.0)),
    mistake(
        "zero_ignored/early_stopping_class",
        probe=_stops_like(lambda x, p, d: _simulate(x, p, d, lambda loss, best, *_: loss != 0 and loss < best - d)),
    ),
)
_OF_SIGNS = (
    mistake("zero_taken_for_none/early_stopping_class_2", probe=_taking_for_none(-1.0)),
    mistake(
        "sign_dropped",
        probe=_stops_like(lambda x, p, d: _simulate(x, p, d, lambda loss, best, *_: abs(loss) < abs(best) - d)),
    ),
)


_MISTAKES = (
    *_OF_ZERO,
    *_OF_SIGNS,
    mistake(
        "shared_between_objects",
        probe=lambda e: e.error is None and "once" in e.seen and _shown(e["once"]) != _shown(e["again"]),
    ),
    mistake("step_returns_nothing", probe=lambda e: bool(e.seen.get("said_nothing"))),
    mistake(
        "step_returns_other",
        says=lambda e: (
            f"`step` returned {e['said_other']}; asked is True or False after each epoch. Where a condition is "
            "asked for, Python takes any text and any pair for True."
        ),
        probe=lambda e: "said_other" in e.seen,
    ),
    mistake("no_attribute/early_stopping_class", probe=lambda e: "missing" in e.seen),
    mistake("nothing_improves", probe=_nothing_improved),
    mistake("nan_resets_counter", probe=_stops_like(lambda x, p, d: _reset_by_nan(x, p, d))),
    mistake(
        "nan_at_the_start",
        probe=_waits_for_a_number,
        denied=lambda e: _wrong_without_nan(e) or _wrong_after_a_number(e),
    ),
    mistake("best_starts_finite", probe=_best_starts_finite, denied=_stops_as_from_no_start),
    mistake(
        "nan_first_is_best/early_stopping_class",
        probe=_stops_like(lambda x, p, d: _simulate(x, p, d, first_is_best=True)),
    ),
    mistake("nan_first_is_best/early_stopping_class_2", probe=_best_is_nan),
    mistake(
        "nan_improves/early_stopping_class",
        probe=_stops_like(
            lambda x, p, d: _simulate(x, p, d, lambda loss, best, before, delta: not loss >= best - delta)
        ),
    ),
    mistake(
        "nan_improves/early_stopping_class_2",
        probe=_stops_like(
            lambda x, p, d: _simulate(x, p, d, lambda loss, best, *_: math.isnan(loss) or loss < best - d, True)
        ),
    ),
    mistake("stops_at_nan", probe=_stops_like(lambda x, p, d: _simulate(x, p, d, stops=math.isnan))),
    mistake("goes_on_at_nan", probe=_stops_like(lambda x, p, d: _simulate(x, p, d, goes_on=math.isnan))),
    mistake("nan_not_counted", probe=_stops_like(lambda x, p, d: _skipping_nan(x, p, d))),
    mistake("equal_not_counted", probe=_stops_like(_equal_improves, _equal_is_not_held)),
    mistake(
        "equal_not_counted",
        probe=_stops_like(
            lambda x, p, d: _simulate(x, p, d, pauses=lambda loss, best: not loss > best - d), _equal_is_not_held
        ),
    ),
    mistake("equal_improves/early_stopping_class", probe=_stops_like(_equal_improves)),
    mistake("min_delta_sign/early_stopping_class", probe=_stops_like(lambda x, p, d: _simulate(x, p, -d))),
    mistake(
        "min_delta_relative",
        probe=_stops_like(lambda x, p, d: _simulate(x, p, d, lambda loss, best, *_: loss < best * (1 - d))),
    ),
    mistake(
        "small_gain_not_counted",
        probe=_stops_like(
            _standing_still, lambda e: _best_given(e) == held(_seen_losses(e), (_run_of(e) or ([], 0, 0.0))[2])
        ),
    ),
    mistake("min_delta_ignored/early_stopping_class", probe=_stops_like(lambda x, p, d: _simulate(x, p, 0.0))),
    mistake(
        "small_gains_ignored/early_stopping_class",
        probe=_stops_like(lambda x, p, d: _simulate(x, p, d, lambda loss, best, *_: loss < best - d - 1e-4)),
    ),
    mistake(
        "best_moves_on_small_gains/early_stopping_class",
        probe=_stops_like(_moving_down, lambda e: _best_given(e)[0] == min(_seen_losses(e))),
    ),
    mistake("off_by_one/early_stopping_class", probe=_stops_like(lambda x, p, d: _simulate(x, p + 1, d))),
    mistake("counter_never_counts", probe=_stops_like(lambda x, p, d: NEVER, _holds_best)),
    mistake(
        "never_updates_best/early_stopping_class",
        says=lambda e: (
            _says_never(e) or "every loss is compared with the first one, as if the best loss were never replaced."
        ),
        probe=_stops_like(lambda x, p, d: _simulate(x, p, d, keeps_best=True)),
    ),
    mistake(
        "never_updates_best/early_stopping_class",
        says=lambda e: _says_never(e) or "every loss counts as an improvement, as if the best loss stayed infinite.",
        probe=_stops_like(lambda x, p, d: _simulate(x, p, d, lambda loss, *_: loss < math.inf)),
    ),
    mistake(
        "resets_on_any_dip/early_stopping_class",
        probe=_stops_like(lambda x, p, d: _simulate(x, p, d, lambda loss, best, before, _: loss < before - d)),
    ),
    mistake("resets_on_any_dip/early_stopping_class", probe=_stops_like(_counter_of_rises("fall"))),
    mistake(
        "counter_never_reset/early_stopping_class",
        probe=_stops_like(lambda x, p, d: _simulate(x, p, d, keeps_wait=True)),
    ),
    mistake("resets_on_any_dip/early_stopping_class", probe=_stops_like(lambda x, p, d: _setting_back(x, p, d))),
    mistake(
        "never_updates_best/early_stopping_class",
        says=lambda e: (
            _says_never(e) or "every loss is compared with the first one, as if the best loss were never replaced."
        ),
        probe=_stops_like(lambda x, p, d: _against_the_first(x, p, d)),
    ),
    mistake(
        "any_change_improves",
        probe=_stops_like(lambda x, p, d: _simulate(x, p, d, lambda loss, best, *_: abs(best - loss) > d)),
    ),
    mistake(
        "counter_lowered_by_one/early_stopping_class", probe=_stops_like(lambda x, p, d: _lowering_by_one(x, p, d))
    ),
    mistake(
        "stops_early/early_stopping_class", probe=_stops_like(lambda x, p, d: _simulate(x, p - 1, d) if p > 1 else p)
    ),
    mistake("stops_at_first_rise/early_stopping_class", probe=_stops_like(lambda x, p, d: _simulate(x, 1, d))),
    mistake(
        "higher_is_better",
        probe=_stops_like(
            lambda x, p, d: _simulate(x, p, d, lambda loss, best, *_: best == math.inf or loss > best + d)
        ),
    ),
    mistake(
        "higher_is_better",
        probe=_stops_like(lambda x, p, d: _simulate(x, p, d, lambda loss, best, *_: loss > best + d, start=-math.inf)),
    ),
    mistake("stops_when_improving", probe=_stops_like(lambda x, p, d: _simulate(x, p, d, lambda *a: not _below(*a)))),
    *(mistake("counts_rises", probe=_stops_like(_counter_of_rises(resets))) for resets in ("never", "best")),
    mistake("says_go_on", probe=_answers_inverted, denied=lambda e: e.error is None and _stop_of(e) != 1),
    *(
        mistake(
            "patience_ignored/early_stopping_class",
            says=f"it stops as a rule with patience {patience} would; asked was another one.",
            probe=_with_patience(patience),
        )
        for patience in (5, 3)
    ),
    mistake("off_by_one/early_stopping_class_2", probe=_stops_like(_one_later)),
    mistake("forgotten_at_nan", probe=_forgotten_at_nan),
    mistake("lowered_by_min_delta", probe=_lowered_by_min_delta),
    mistake("forgotten_at_the_stop", probe=_forgotten_at_the_stop),
    mistake("best_epoch_never_written", probe=_best_epoch_never_written),
    mistake("nan_not_numbered", probe=_nan_not_numbered),
    mistake("min_delta_ignored/early_stopping_class_2", probe=_keeps_like(0.0)),
    mistake("min_delta_sign/early_stopping_class_2", probe=_keeps_like(-1.0)),
    mistake("counted_from_zero/early_stopping_class", probe=_epoch_is(-1)),
    mistake("best_epoch_is_last", probe=_best_epoch_is_stop),
    mistake("best_is_last", probe=_best_is_last),
    mistake("best_moves_on_small_gains/early_stopping_class_2", probe=_best_is_lowest),
)


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
        rule_case(
            "nothing but NaN at first",
            [NAN, NAN, NAN, 0.9, 0.95, 0.94],
            2,
            0.0,
            (2,),
            judged=("stops_after",),
        ),
        rule_case("gains of a millionth", MILLIONTHS, 3, 0.0, (NEVER, 7, 0.499994)),
        rule_case("a loss of exactly 0", [0.5, 0.0, 0.6, 0.4, 0.7], 2, 0.0, (4, 2, 0.0)),
        rule_case("losses below 0", [1.0, -0.5, -1.0, -0.75, -0.25, -0.5], 2, 0.0, (5, 3, -1.0)),
        second_case(
            "the same object after reset()",
            "reset",
            (5, 3, 0.8),
            "stale_object",
            second=(0.9, 0.95, 0.8, 0.78, 0.79, 0.77),
            min_delta=0.05,
        ),
        second_case(
            "two objects at the same time",
            "two objects",
            (5, 3, 0.8),
            "shared_between_objects",
        ),
    ),
    diagnoses=tuple(_held_to_all_runs(diagnosis) for diagnosis in _MISTAKES),
)


def _lowering_by_one(losses: Sequence[float], patience: int, delta: float) -> int | str:
    """Return when a rule stops that takes one off its counter at each improvement."""
    best, wait = math.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        best, wait = (loss, max(0, wait - 1)) if loss < best - delta else (best, wait + 1)
        if wait >= patience:
            return epoch
    return NEVER


def _skipping_nan(losses: Sequence[float], patience: int, delta: float) -> int | str:
    """Return when a rule stops that looks away where the loss is NaN."""
    places = [epoch for epoch, loss in enumerate(losses, start=1) if not math.isnan(loss)]
    stop = _simulate([losses[place - 1] for place in places], patience, delta)
    return places[stop - 1] if isinstance(stop, int) else stop


def _reset_by_nan(losses: Sequence[float], patience: int, delta: float) -> int | str:
    """Return when a rule stops whose counter an epoch with NaN sets back to 0."""
    best, wait = math.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        wait = 0 if math.isnan(loss) or loss < best - delta else wait + 1
        best = loss if loss < best - delta else best
        if wait >= patience:
            return epoch
    return NEVER


# --- match_library -----------------------------------------------------------------------------------

#: What others wrote, by the letter in the exercise, and the words for it.
SETTINGS: dict[str, str] = {
    "A": "Keras: EarlyStopping(patience=0)",
    "B": "Keras: EarlyStopping(patience=3, min_delta=-0.05)",
    "C": "PyTorch: ReduceLROnPlateau(patience=3, threshold=0), its first cut of the learning rate",
    "D": "Lightning: EarlyStopping(patience=2, min_delta=0.05)",
}


def _library_stop(letter: str, losses: Sequence[float]) -> int | str:
    """Return the epoch after which the library acts, by the conventions that tests hold against the libraries."""
    if letter == "C":
        best, bad = math.inf, 0
        for epoch, loss in enumerate(losses, start=1):
            best, bad = (loss, 0) if loss < best else (best, bad + 1)
            if bad > 3:
                return epoch
        return NEVER
    rules = {
        "A": {"patience": 0, "convention": "keras"},
        "B": {"patience": 3, "min_delta": -0.05, "convention": "keras"},
        "D": {"patience": 2, "min_delta": 0.05, "convention": "lightning"},
    }
    rule = Reference(**rules[letter])  # type: ignore[arg-type]
    return next((epoch for epoch, loss in enumerate(losses, start=1) if rule.step(loss)), NEVER)


def random_curves(rng: np.random.Generator, count: int = 30, epochs: int = 25) -> list[list[float]]:
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
    given = answer.get(letter) if isinstance(answer, dict) else None
    if not isinstance(answer, dict):
        return "expected a dictionary with the keys A, B, C and D"
    if given is None or given is Ellipsis:
        return f"nothing stands under the key {letter!r}"
    try:
        if any(isinstance(value, str) for value in (given.values() if isinstance(given, dict) else given)):
            raise TypeError("a text is no number")
        if isinstance(given, dict):
            unknown = set(given) - {"patience", "min_delta"}
            if unknown or "patience" not in given:
                return f"under {letter!r} expected the keys patience and min_delta, given {', '.join(map(str, given))}"
            return float(given["patience"]), float(given.get("min_delta", 0.0))
        patience, min_delta = given
        return float(patience), float(min_delta)
    except (TypeError, ValueError):
        return f"under {letter!r} expected {{'patience': number, 'min_delta': number}}, given {show(given)}"


def observe_match(answer: Any, record: dict[str, Any], letter: str, curves: Any) -> Any:
    """Run the rule of the lesson with the learner's arguments over the curves; return where it stops."""
    arguments = _arguments(answer, letter)
    if isinstance(arguments, str):
        record["unreadable"] = arguments
        return None
    record["patience"], record["min_delta"] = arguments
    return [_simulate(losses, *arguments) for losses in curves]


def judge_match(e: Evidence) -> str | None:
    """Return the first curve on which the two stop at different epochs, or ``None``."""
    if "unreadable" in e.seen:
        return str(e["unreadable"])
    letter, curves = e.inputs
    for losses, plain in zip(curves, list_of(e.result) or [], strict=True):
        right = _library_stop(letter, losses)
        number = number_of(plain)
        given = NEVER if number is None else int(number)
        if given != right:
            what = SETTINGS[letter]
            yours, theirs = (NEVER if n == NEVER else f"after epoch {n}" for n in (given, right))
            seen, library = show(losses, digits=6), what.split(":")[0]
            return f"On the losses {seen}: yours stops {yours}, {library} acts {theirs}"
    return None


def library_case(letter: str, name: str, hint: str = "", count: int = 30) -> Case:
    """Return a case of `match_library`: one setting on many curves."""
    return Case(
        name,
        lambda rng: (letter, random_curves(rng, count)),
        None,
        hint,
        observe_match,
        judge_match,
    )


def _letter(e: Evidence) -> str:
    return str(e.inputs[0])


def _patience_is_right(e: Evidence) -> bool:
    """Whether the patience alone gives the library's stops on a curve without small gains."""
    if e.error is not None or "patience" not in e.seen:
        return False
    stuck = [1.0, 0.5] + [0.9] * 20
    return _simulate(stuck, e["patience"], 0.0) == _library_stop(_letter(e), stuck)


def _has_a_name(e: Evidence) -> bool:
    """Whether a more specific diagnosis speaks of this row."""
    letter, patience, delta = _letter(e), e["patience"], e["min_delta"]
    return (
        (letter == "A" and patience == 0)
        or (letter == "C" and patience <= 3)
        or (letter == "B" and delta < 0)
        or (letter in "BD" and delta == 0)
    )


def _about_min_delta(e: Evidence) -> str:
    if e["min_delta"] < 0:
        return "the patience is right, but a negative min_delta lets your rule count worse losses as improvements."
    if _letter(e) in "AC":
        return "the patience is right, but this library counts every gain, and your min_delta leaves small ones out."
    return "the patience is right, but with this min_delta another gain counts as an improvement than there."


MATCH_LIBRARY = Exercise(
    name="match_library",
    points=1,
    kind="value",
    answer="matches",
    cases=tuple(library_case(letter, f"{letter}: {words}") for letter, words in SETTINGS.items()),
    diagnoses=(
        mistake("unreadable", says=lambda e: f"{e['unreadable']}.", probe=lambda e: "unreadable" in e.seen),
        mistake("patience_zero_literally", probe=lambda e: _letter(e) == "A" and e["patience"] == 0),
        mistake("negative_delta_literally", probe=lambda e: _letter(e) == "B" and e["min_delta"] < 0),
        mistake("min_delta_dropped", probe=lambda e: _letter(e) in "BD" and e["min_delta"] == 0),
        mistake("plateau_patience_literally", probe=lambda e: _letter(e) == "C" and e["patience"] == 3),
        mistake("corrected_the_wrong_way", probe=lambda e: _letter(e) == "C" and e["patience"] < 3),
        mistake(
            "corrected_needlessly",
            probe=lambda e: (_letter(e) == "D" and e["patience"] != 2) or (_letter(e) == "B" and e["patience"] != 3),
        ),
        mistake(
            "wrong_patience", probe=lambda e: not _patience_is_right(e) and _letter(e) in "AC" and not _has_a_name(e)
        ),
        mistake("wrong_min_delta", says=_about_min_delta, probe=lambda e: _patience_is_right(e) and not _has_a_name(e)),
    ),
)
