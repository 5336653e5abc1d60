"""Lesson 09, `cosine_with_warmup`: a schedule as a pure function of the step."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.mistakes import by_value, mistake
from course_lib.checks.phrase import Phrase
from course_lib.checks.plain import describe

__all__ = ["COSINE_WITH_WARMUP", "schedule_case"]

Steps = Sequence[int]
#: ``rate(step, total, warmup, peak, floor)``, with one fault.
Rate = Callable[[int, int, int, float, float], float]


def _observe(
    answer: Any, record: dict[str, Any], steps: Steps, total: int, warmup: int, peak: float, floor: float
) -> Any:
    """Ask for the rate of each of these steps, without a floor where it is the default; ``None`` if one has none."""
    settings = (total, warmup, peak, floor) if floor else (total, warmup, peak)
    first, again = ([answer(step, *settings) for step in steps] for _ in range(2))
    record["again"] = describe(again)
    if any(rate is None for rate in first):  # nothing was returned: one None says it better than a list of them
        record["again"] = describe(None)
        return None
    return first


def _judge(e: Evidence) -> str | None:
    return None if e["again"] == e.result else "the same steps gave other rates when they were asked for again"


def _phrase(steps: Steps, total: int, warmup: int, peak: float, floor: float) -> Phrase:
    settings = f"total={total}, warmup={warmup}, peak={peak:g}" + (f", floor={floor:g}" if floor else "")
    if list(steps) == list(range(steps[0], steps[-1] + 1)):
        asked = f"{steps[0]} to {steps[-1]}"
    else:
        asked = f"{', '.join(map(str, steps[:-1]))} and {steps[-1]}"
    return Phrase(f"with {settings} the steps {asked} should have the rates {{}}", "yours are {}")


def schedule_case(name: str, inputs: Any, expected: Any, hint: str = "") -> Case:
    """Return a case that asks for the rates of several steps of one schedule.

    ``inputs`` are the steps, total, warmup, peak and floor, or a function of a generator that makes them.
    """
    phrase = None if callable(inputs) else _phrase(*inputs)
    return Case(name, inputs, expected, hint, observe=_observe, judge=_judge, phrase=phrase)


def _cosine(progress: float, waves: float = 0.5) -> float:
    return (1 + math.cos(2 * math.pi * waves * progress)) / 2


def _rise(step: int, warmup: int, peak: float) -> float:
    return peak * (step + 1) / (warmup + 1)


def _after(decay: Callable[[float], float], progress: Callable[[int, int, int], float], held: bool = True) -> Rate:
    """Return a schedule whose warm-up is right, and whose decay has a fault in its shape or in its progress."""

    def rate(step: int, total: int, warmup: int, peak: float, floor: float) -> float:
        if step < warmup:
            return _rise(step, warmup, peak)
        done = progress(step, total, warmup)
        return floor + (peak - floor) * decay(min(1.0, done) if held else done)

    return rate


def _before(rise: Rate) -> Rate:
    """Return a schedule with a fault in its warm-up."""

    def rate(step: int, total: int, warmup: int, peak: float, floor: float) -> float:
        if step < warmup:
            return rise(step, total, warmup, peak, floor)
        return floor + (peak - floor) * _cosine(min(1.0, (step - warmup) / (total - warmup)))

    return rate


def _lowest(with_floor: Callable[[float, float, float], float]) -> Rate:
    """Return a schedule with a fault in what it does with the floor: given peak, floor and the cosine from 1 to 0."""

    def rate(step: int, total: int, warmup: int, peak: float, floor: float) -> float:
        if step < warmup:
            return _rise(step, warmup, peak)
        return with_floor(peak, floor, _cosine(min(1.0, (step - warmup) / (total - warmup))))

    return rate


def _both_at_once(step: int, total: int, warmup: int, peak: float, floor: float) -> float:
    decayed = floor + (peak - floor) * _cosine(min(1.0, step / total))
    return decayed * min(1.0, (step + 1) / (warmup + 1))


def _share(step: int, total: int, warmup: int) -> float:
    return (step - warmup) / (total - warmup)


#: The more specific first: where two give the same, the first speaks.
_RATES: tuple[tuple[str, Rate], ...] = (
    ("warmup_from_zero", _before(lambda k, n, w, peak, low: peak * k / w)),
    ("peak_one_step_early", _before(lambda k, n, w, peak, low: peak * (k + 1) / w)),
    ("warmup_from_the_floor", _before(lambda k, n, w, peak, low: low + (peak - low) * (k + 1) / (w + 1))),
    ("warmup_ignored", _after(_cosine, lambda k, n, w: k / n)),
    ("warmup_ignored", lambda k, n, w, peak, low: low + (peak - low) * _cosine(min(1.0, k / n))),
    ("warmup_ignored", _before(lambda k, n, w, peak, low: peak)),
    ("decays_during_warmup", _both_at_once),
    ("warmup_lengthens_the_run", _after(_cosine, lambda k, n, w: (k - w) / n)),
    ("rises_past_the_end", _after(_cosine, _share, held=False)),
    ("end_one_step_early", _after(_cosine, lambda k, n, w: (k - w) / max(1, n - w - 1))),
    ("end_one_step_early/shifted", _after(_cosine, lambda k, n, w: (k + 1 - w) / (n - w))),
    ("floor_ignored", _lowest(lambda peak, low, share: peak * share)),
    ("floor_added", _lowest(lambda peak, low, share: low + peak * share)),
    ("floor_as_a_limit", _lowest(lambda peak, low, share: max(low, peak * share))),
    ("whole_wave", _after(lambda done: _cosine(done, 1.0), _share)),
    ("quarter_wave", _after(lambda done: math.cos(math.pi / 2 * done), _share)),
    ("not_a_cosine", _after(lambda done: 1 - done, _share)),
    ("cut_to_whole_number/progress", _after(_cosine, lambda k, n, w: (k - w) // (n - w))),
    ("zero_past_the_end", _lowest(lambda peak, low, share: low + (peak - low) * share if share else 0.0)),
)


def _of_all(rate: Rate) -> Callable[..., list[float] | None]:
    """Return what a schedule gives for all steps of a case, or ``None`` where it gives no number."""

    def rates(steps: Steps, *settings: Any) -> list[float] | None:
        try:
            return [rate(step, *settings) for step in steps]
        except ZeroDivisionError:
            return None

    return rates


COSINE_WITH_WARMUP = Exercise(
    name="cosine_with_warmup",
    points=2,
    cases=(
        schedule_case("the docstring's example", (list(range(5)), 4, 1, 1.0, 0.0), [0.5, 1.0, 0.75, 0.25, 0.0]),
        schedule_case(
            "a longer warm-up",
            (list(range(9)), 8, 3, 1.0, 0.0),
            [0.25, 0.5, 0.75, 1.0, 0.9045085, 0.6545085, 0.3454915, 0.0954915, 0.0],
        ),
        schedule_case("no warm-up", (list(range(5)), 4, 0, 0.1, 0.0), [0.1, 0.0853553, 0.05, 0.0146447, 0.0]),
        schedule_case(
            "a floor",
            (list(range(7)), 6, 2, 0.4, 0.1),
            [0.1333333, 0.2666667, 0.4, 0.3560660, 0.25, 0.1439340, 0.1],
        ),
        schedule_case("steps past the end", ([3, 4, 5, 6, 7, 11], 4, 1, 1.0, 0.2), [0.4, 0.2, 0.2, 0.2, 0.2, 0.2]),
        schedule_case("steps in another order", ([4, 0, 4, 2, 1], 5, 2, 0.3, 0.0), [0.075, 0.1, 0.075, 0.3, 0.2]),
    ),
    diagnoses=(
        mistake("remembers_earlier_call/schedule", probe=lambda e: "again" in e.seen and e["again"] != e.result),
        *by_value((name, _of_all(rate)) for name, rate in _RATES),
    ),
)
