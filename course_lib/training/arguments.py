"""Arguments of the trainers, checked before the first step."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

__all__ = ["check_counts", "check_seed", "class_weights", "learning_rate", "listed", "named_metrics"]


def listed(callbacks: Any) -> list[Any]:
    """Return callbacks as a list; none for ``None``, and a clear error for one that stands alone."""
    if callbacks is None:
        return []
    if not isinstance(callbacks, Iterable):
        raise TypeError(f"callbacks is a single {type(callbacks).__name__}; expected a list, as in callbacks=[…]")
    return list(callbacks)


def check_counts(**counts: Any) -> None:
    """Raise unless every argument is a whole number of at least 1; NumPy's are whole numbers too."""
    for name, value in counts.items():
        if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
            raise ValueError(f"{name} is {value!r}; expected a whole number, at least 1")


#: What `History` and the callbacks' logs use these names for.
TAKEN_NAMES = ("loss", "loss_remeasured", "size", "weight", "lr", "epoch")


def named_metrics(metrics: Sequence[Any] | Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the metrics by name; raise where a name is missing, there twice, or used for something else."""
    if metrics is None:
        return {}
    if isinstance(metrics, Mapping):
        named = list(metrics.items())
    else:
        listed = [metrics] if isinstance(metrics, str) or callable(metrics) or _streams(metrics) else list(metrics)
        named = [(_name_of(metric), metric) for metric in listed]
    names = [name for name, _ in named]
    for name in names:
        if not isinstance(name, str) or name in TAKEN_NAMES or re.fullmatch(r"lr_\d+", name):
            raise ValueError(f"a metric cannot be named {name!r}; give it another name, as in metrics={{'mine': …}}")
        if names.count(name) > 1:
            raise ValueError(f"{names.count(name)} metrics are named '{name}'; name them, as in metrics={{'mine': …}}")
    return dict(named)


def _streams(metric: Any) -> bool:
    """Whether it is an object that is fed batch by batch, of this course or of a library."""
    return hasattr(metric, "update") or hasattr(metric, "update_state")


def _name_of(metric: Any) -> Any:
    if isinstance(metric, str):
        return metric
    own = getattr(metric, "name", None) if _streams(metric) and not isinstance(metric, type) else None
    return own if isinstance(own, str) else getattr(metric, "__name__", type(metric).__name__)


SEEDS = 2**64  # the random generators of NumPy and torch take seeds below this


def check_seed(seed: Any) -> None:
    """Raise unless the seed is a whole number that random generators take."""
    if isinstance(seed, bool) or not isinstance(seed, Integral) or not 0 <= int(seed) < SEEDS:
        raise ValueError(f"seed is {seed!r}; expected a whole number from 0 to {SEEDS - 1}")


def learning_rate(optimizer: str, lr: Any) -> float:
    """Return the rate for an optimizer given by name, by default 0.01 for SGD and 0.001 for the others."""
    if lr is None:
        return 1e-2 if optimizer == "sgd" else 1e-3
    if isinstance(lr, bool) or not isinstance(lr, Real) or not 0 <= float(lr) < math.inf:
        raise ValueError(f"lr is {lr!r}; expected a number, at least 0")
    return float(lr)


def class_weights(class_weight: Sequence[float] | Mapping[int, float], loss: Any) -> list[float]:
    """Return the weight of class 0, 1, …; classes that a mapping leaves out have weight 1."""
    if loss != "cross_entropy":
        raise ValueError(
            f"class_weight goes with loss='cross_entropy', but loss is {loss!r}; give the weights to a loss of your own"
        )
    wrong = f"class_weight is {class_weight!r}; expected each class's weight, as in [1.0, 2.0] or {{0: 1.0, 1: 2.0}}"
    if isinstance(class_weight, str):
        raise ValueError(wrong)
    try:
        pairs = class_weight.items() if isinstance(class_weight, Mapping) else enumerate(class_weight)
        by_class = {int(label): float(weight) for label, weight in pairs}
    except (TypeError, ValueError):
        raise ValueError(wrong) from None
    if not by_class or min(by_class) < 0 or not all(0 <= weight < math.inf for weight in by_class.values()):
        raise ValueError(wrong)
    return [by_class.get(label, 1.0) for label in range(max(by_class) + 1)]
