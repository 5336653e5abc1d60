"""Lesson 07, `smooth`: an exponential moving average that starts fairly and survives a NaN."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.diagnosis import OneOf
from course_lib.checks.mistakes import by_value, mistake
from course_lib.checks.plain import describe, list_of, number_of

__all__ = ["SMOOTH"]

Values = Sequence[float]
NAN, INF = math.nan, math.inf


def _from_zero(values: Values, beta: float) -> list[float]:
    """Return the average that starts at 0 and is not corrected."""
    ema, shown = 0.0, []
    for value in values:
        ema = beta * ema + (1 - beta) * value if math.isfinite(value) else ema
        shown.append(ema if math.isfinite(value) else value)
    return shown


def _from_zero_spread(values: Values, beta: float) -> list[float] | None:
    """Return the same of a plain loop, which a value that is not finite spoils; nothing where all are finite."""
    if all(map(math.isfinite, values)):
        return None
    ema, shown = 0.0, []
    for value in values:
        ema = beta * ema + (1 - beta) * value
        shown.append(ema)
    return shown


def _uncorrected(values: Values, beta: float) -> OneOf:
    return OneOf(_from_zero(values, beta), _from_zero_spread(values, beta))


def _from_the_first(values: Values, beta: float) -> list[float] | None:
    if not values or not all(map(math.isfinite, values)):
        return None
    ema, shown = values[0], []
    for value in values:
        ema = beta * ema + (1 - beta) * value
        shown.append(ema)
    return shown


def _corrected(
    values: Values, beta: float, power: Callable[[int], int], counts: Callable[[float], bool] = math.isfinite
) -> list[float]:
    """Return the average corrected with some power of beta; the right one has the number of values so far."""
    ema, count, shown = 0.0, 0, []
    for value in values:
        if counts(value):
            count += 1
            ema = beta * ema + (1 - beta) * value if math.isfinite(value) else ema
        below = 1 - beta ** power(count)
        shown.append((ema / below if below else NAN) if math.isfinite(value) else value)
    return shown


def _fed_back(values: Values, beta: float) -> Iterator[float]:
    """Yield what comes of correcting the average itself, which the next step then starts from."""
    ema, count = 0.0, 0
    for value in values:
        if math.isfinite(value):
            count += 1
            ema = (beta * ema + (1 - beta) * value) / (1 - beta**count)
        yield ema if math.isfinite(value) else value


def _spread(values: Values, beta: float) -> list[float] | None:
    """Return what a plain loop gives where a value is not finite: everything after it is lost, too."""
    ema, shown = 0.0, []
    for count, value in enumerate(values, start=1):
        ema = beta * ema + (1 - beta) * value
        shown.append(ema / (1 - beta**count))
    return shown if not all(map(math.isfinite, values)) else None


def _begun_again(values: Values, beta: float) -> list[float] | None:
    """Return what comes of beginning a new average after each value that is not finite."""
    if all(map(math.isfinite, values)):
        return None
    shown: list[float] = []
    begin = 0
    for place, value in enumerate(values):
        if math.isfinite(value):
            shown.append(_corrected(values[begin : place + 1], beta, lambda count: count)[-1])
        else:
            shown.append(value)
            begin = place + 1
    return shown


def _with_zeros(values: Values, beta: float) -> list[float] | None:
    """Return what comes of taking 0 for what is not finite, so that it shows there and pulls the rest down."""
    if all(map(math.isfinite, values)):
        return None
    return _corrected([v if math.isfinite(v) else 0.0 for v in values], beta, lambda count: count)


def _with_gaps(values: Values, shown: list[float] | None) -> list[float] | None:
    """Return a curve with what is not finite drawn as it is."""
    if shown is None:
        return None
    return [point if math.isfinite(value) else value for value, point in zip(values, shown, strict=True)]


def _without_power(values: Values, beta: float) -> list[float]:
    """Return what comes of one and the same correction at every point."""
    return [point / (1 - beta) if math.isfinite(point) else point for point in _from_zero(values, beta)]


def _held(values: Values, beta: float) -> list[float] | None:
    """Return what comes of drawing the last average where a value is not finite."""
    if all(map(math.isfinite, values)) or not math.isfinite(values[0]):
        return None
    shown = _corrected(values, beta, lambda count: count)
    for place, value in enumerate(values):
        if not math.isfinite(value):
            shown[place] = shown[place - 1]
    return shown


def _aged(values: Values, beta: float) -> list[float] | None:
    """Return what pandas' ``ewm`` gives by default: a value that is not finite counts as a step that brings nothing."""
    if all(map(math.isfinite, values)):
        return None
    total = weight = 0.0
    shown = []
    for value in values:
        total, weight = beta * total, beta * weight
        if math.isfinite(value):
            total, weight = total + (1 - beta) * value, weight + 1 - beta
        shown.append(total / weight if weight else NAN)
    return shown


def _dropped(values: Values, beta: float) -> list[float] | None:
    finite = [v for v in values if math.isfinite(v)]
    return _corrected(finite, beta, lambda count: count) if len(finite) < len(values) else None


def _window(values: Values, width: int, mode: Literal["valid", "same"]) -> list[float] | None:
    if len(values) < width or width < 2 or not all(map(math.isfinite, values)):
        return None
    return np.convolve(values, np.full(width, 1 / width), mode).tolist()


def _lengths(e: Evidence) -> bool:
    items = list_of(e.result)
    finite = all(map(math.isfinite, e.inputs[0]))
    return items is not None and finite and 0 < len(items) < len(e.inputs[0])


def _lost_after(e: Evidence, bad: Callable[[float], bool]) -> bool:
    """Tell whether a value of one kind is followed by a finite one that is not shown as a number."""
    values, items = e.inputs[0], list_of(e.result)
    first = next((k for k, value in enumerate(values) if bad(value)), len(values))
    if items is None or len(items) != len(values):
        return False
    shown = [number_of(item) for item in items]
    return any(
        math.isfinite(value) and point is not None and not math.isfinite(point)
        for value, point in zip(values[first:], shown[first:], strict=True)
    )


def _widths(beta: float) -> tuple[int, int]:
    """Return the windows that are taken for an average of this beta: 1 / (1 - beta), and one as smooth."""
    return round(1 / (1 - beta)), round((1 + beta) / (1 - beta))


_VALUES: tuple[tuple[str, Callable[[Any, Any], Any]], ...] = (
    ("non_finite_spreads/average", _spread),
    ("non_finite_dropped", _dropped),
    ("non_finite_as_zero", _with_zeros),
    ("non_finite_as_zero", lambda v, b: _with_gaps(v, _with_zeros(v, b))),
    ("non_finite_counted", lambda v, b: _corrected(v, b, lambda n: n, lambda value: True)),
    ("non_finite_held", _held),
    ("non_finite_ages", _aged),
    ("non_finite_ages/drawn", lambda v, b: _with_gaps(v, _aged(v, b))),
    ("non_finite_begins_again", _begun_again),
    ("no_bias_correction/spreads", _from_zero_spread),
    ("no_bias_correction", _uncorrected),
    ("started_at_first_value", _from_the_first),
    ("beta_swapped", lambda v, b: _corrected(v, 1 - b, lambda n: n) if b not in (0, 0.5) else None),
    ("beta_swapped/uncorrected", lambda v, b: _from_zero(v, 1 - b) if b not in (0, 0.5) else None),
    ("correction_one_late", lambda v, b: _corrected(v, b, lambda n: n + 1)),
    ("correction_one_late/early", lambda v, b: _corrected(v, b, lambda n: n - 1)),
    ("correction_without_power", _without_power),
    ("correction_fed_back", lambda v, b: list(_fed_back(v, b))),
    ("window_instead", lambda v, b: _window(v, _widths(b)[0], "valid")),
    ("window_instead", lambda v, b: _window(v, _widths(b)[1], "valid")),
    ("window_instead/padded", lambda v, b: _window(v, _widths(b)[0], "same")),
    ("window_instead/padded", lambda v, b: _window(v, _widths(b)[1], "same")),
    ("cumulative_mean", lambda v, b: (np.cumsum(v) / np.arange(1, len(v) + 1)).tolist()),
    ("last_value_only", lambda v, b: _corrected(v, b, lambda n: n)[-1] if len(v) else None),
    ("not_smoothed", lambda v, b: list(v)),
)


def _observe_twice(answer: Any, record: dict[str, Any], values: list[float], beta: float) -> Any:
    """Call the function twice with the same arguments, and note the first result."""
    record["first_result"] = describe(answer(list(values), beta))
    return answer(values, beta)


SMOOTH = Exercise(
    name="smooth",
    points=3,
    cases=(
        Case("the docstring's example", ([1.0, 0.0, 0.0], 0.5), [1.0, 0.3333333, 0.1428571]),
        Case("a curve that is flat", ([0.7, 0.7, 0.7, 0.7, 0.7], 0.9), [0.7] * 5),
        Case(
            "a first loss far above the others",
            ([2.5, 0.6, 0.5, 0.4, 0.5], 0.8),
            [2.5, 1.4444444, 1.0573770, 0.8346883, 0.7351261],
        ),
        Case("beta of 0: nothing is smoothed", ([3.0, 1.0, 2.0], 0.0), [3.0, 1.0, 2.0]),
        Case("a single loss", ([0.25], 0.98), [0.25]),
        Case("a NaN in the middle", ([1.0, NAN, 3.0, 5.0], 0.5), [1.0, NAN, 2.3333333, 3.8571429]),
        Case("an infinite loss at the start", ([INF, 2.0, 4.0], 0.5), [INF, 2.0, 3.3333333]),
        Case("no losses at all", ([], 0.9), []),
        Case(
            "the same call a second time",
            ([4.0, 2.0, 1.0, 1.0], 0.75),
            [4.0, 2.8571429, 2.0540541, 1.6685714],
            observe=_observe_twice,
        ),
    ),
    diagnoses=(
        mistake(
            "remembers_earlier_call",
            probe=lambda e: "first_result" in e.seen and e["first_result"] != e.result,
        ),
        *by_value(_VALUES),
        mistake(
            "infinity_spreads",
            probe=lambda e: _lost_after(e, math.isinf),
            denied=lambda e: _lost_after(e, math.isnan) and not any(map(math.isinf, e.inputs[0])),
        ),
        mistake("shorter_than_the_series", probe=_lengths),
    ),
)
