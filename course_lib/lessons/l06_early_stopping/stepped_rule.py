"""Lesson 06, `early_stopping_class`: objects of a learner's class are stepped through runs, and what is seen."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from course_lib.checks.phrase import Phrase
from course_lib.checks.plain import Plain, describe, dict_of, number_of, show
from course_lib.lessons.l06_early_stopping.stopping_rules import NEVER

__all__ = ["KEYS", "observe_rule", "observe_second", "observe_two", "when_it_stops"]

KEYS = ("stops_after", "best_epoch", "best")


def _run_rule(rule: Any, losses: Sequence[float], record: dict[str, Any]) -> dict[str, Any]:
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
    return {"stops_after": stopped} | {name: getattr(rule, name, None) for name in ("best_epoch", "best")}


def _plain(outcome: dict[str, Any]) -> dict[str, Plain]:
    return {name: describe(value) for name, value in outcome.items()}


def _settings(run: dict[str, Any]) -> dict[str, Any]:
    return {"patience": run["patience"], "min_delta": run["min_delta"]}


def observe_rule(answer: Any, record: dict[str, Any], run: dict[str, Any]) -> Any:
    """Step a new object through one run; note how the same run goes with one more new object."""
    seen = _run_rule(answer(**_settings(run)), run["losses"], record)
    record["once"] = _plain(seen)
    record["again"] = _plain(_run_rule(answer(**_settings(run)), run["losses"], {}))
    return seen


def observe_second(answer: Any, record: dict[str, Any], runs: dict[str, Any]) -> Any:
    """Step an object through a run, then the same object after reset through a second one."""
    record["fresh"] = _plain(_run_rule(answer(**_settings(runs)), runs["second"], {}))
    rule = answer(**_settings(runs))
    _run_rule(rule, runs["first"], record)
    rule.reset()
    return _run_rule(rule, runs["second"], record)


def observe_two(answer: Any, record: dict[str, Any], runs: dict[str, Any]) -> Any:
    """Step two objects in turn, epoch by epoch; the first one's losses fall in every epoch."""
    record["fresh"] = _plain(_run_rule(answer(**_settings(runs)), runs["second"], {}))
    other, judged = answer(**_settings(runs)), answer(**_settings(runs))

    class Between:
        """Steps the first object before each step of the second."""

        left = iter(runs["first"])
        best = property(lambda self: judged.best)
        best_epoch = property(lambda self: judged.best_epoch)

        def step(self, loss: float) -> Any:
            other.step(next(self.left))
            return judged.step(loss)

    return _run_rule(Between(), runs["second"], record)


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
    return Phrase(
        lambda expected: start + _how_it_went(_plain(expected), "it should have stopped", "it should not have stopped"),
        lambda given: _how_it_went(dict_of(given) or {}, "yours stopped", "yours never stopped"),
    )
