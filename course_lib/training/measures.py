"""What a run measures beside its loss: means over batches, and streaming metrics that give one result a pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np

from course_lib.training.arguments import named_metrics
from course_lib.training.metrics import STREAMING, StreamingMetric, by_name

__all__ = ["Measures", "Streams", "sorted_out"]

Value = TypeVar("Value")


class Streams:
    """The streaming metrics of a run, by name: begun before each pass over the rows, and asked at its end."""

    def __init__(self, metrics: Mapping[str, StreamingMetric] | None = None) -> None:
        self.metrics = dict(metrics or {})

    def __bool__(self) -> bool:
        return bool(self.metrics)

    def begin(self) -> None:
        """Forget the rows of the pass before."""
        for metric in self.metrics.values():
            metric.reset()

    def update(self, outputs: np.ndarray, targets: Any, weights: np.ndarray | None) -> None:
        """Hand some rows to each metric."""
        for metric in self.metrics.values():
            metric.update(outputs, targets, weights)

    def results(self) -> dict[str, float]:
        """Return each metric's result of this pass."""
        return {name: _number(name, metric.result()) for name, metric in self.metrics.items()}

    def check_targets(self, name: str, targets: np.ndarray) -> None:
        """Raise for targets that a metric cannot take, where it can tell before the first step."""
        for metric_name, metric in self.metrics.items():
            check = getattr(metric, "check_targets", None)
            try:
                if check is not None:
                    check(targets)
            except ValueError as error:
                raise ValueError(f"metric '{metric_name}' cannot take {name} y: {error}") from error


def _number(name: str, result: Any) -> float:
    try:
        return float(result)
    except (TypeError, ValueError) as error:
        raise TypeError(f"metric '{name}' has the result {result!r}; expected one number") from error


class Measures(NamedTuple):
    """Metrics by name: those whose values are means over batches, and those that stream."""

    means: dict[str, Any]
    streams: Streams
    names: tuple[str, ...]

    def only(self, name: str) -> Measures:
        """Return one of them."""
        streams = {name: self.streams.metrics[name]} if name in self.streams.metrics else {}
        return Measures({name: self.means[name]} if name in self.means else {}, Streams(streams), (name,))

    def ordered(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Return the loss and the metrics in the order in which they were asked for."""
        return {name: values[name] for name in ("loss", *self.names)}


def sorted_out(
    metrics: Sequence[Any] | Mapping[str, Any],
    known: Iterable[str],
    make_mean: Callable[[Any], Any],
    adapted: Callable[[str, Any], StreamingMetric | None],
    *,
    threshold: float,
    function: str,
) -> Measures:
    """Sort metrics by what they are.

    `make_mean` returns what takes the mean of one, or `None`; `adapted` makes a framework's own metric object stream;
    `threshold` is what outputs are cut at, and `function` how a function is called.
    """
    named = named_metrics(metrics)
    means, streams = {}, {}
    for name, metric in named.items():
        stream = _stream(metric, threshold) or adapted(name, metric)
        mean = make_mean(metric) if stream is None else None
        if stream is not None:
            streams[name] = stream
        elif mean is not None:
            means[name] = mean
        else:
            raise ValueError(f"metric {metric!r} is not known; {_expected(metric, known, function)}")
    return Measures(means, Streams(streams), tuple(named))


def _stream(metric: Any, threshold: float) -> StreamingMetric | None:
    if isinstance(metric, str) and metric in STREAMING:
        return by_name(metric, threshold)
    methods = (getattr(metric, name, None) for name in ("reset", "update", "result"))
    return metric if not isinstance(metric, type) and all(map(callable, methods)) else None


def _expected(metric: Any, known: Iterable[str], function: str) -> str:
    if isinstance(metric, type):
        return f"write {metric.__name__}() with brackets"
    names = ", ".join((*known, *STREAMING))
    return (
        f"expected one of {names}, a function of {function}, or an object with reset, update and result, such as "
        "those of course_lib.training.metrics"
    )
