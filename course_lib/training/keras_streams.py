"""Keras's metric objects as streaming metrics of `course_lib.keras`."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from course_lib.training.metrics import StreamingMetric

__all__ = ["KerasStream", "keras_stream"]


def keras_stream(name: str, metric: Any) -> StreamingMetric | None:
    """Return what feeds a `keras.metrics.Metric`; `None` for anything else."""
    if isinstance(metric, keras.metrics.Metric):
        return KerasStream(metric)
    if not isinstance(metric, type) and all(hasattr(metric, method) for method in ("update", "compute", "reset")):
        raise TypeError(
            f"metric '{name}' is a {type(metric).__name__} with update and compute, which goes with "
            "course_lib.pytorch; course_lib.training.metrics has objects that both trainers take"
        )
    return None


class KerasStream:
    """Calls ``update_state(y, outputs, sample_weight)``, ``result()`` and ``reset_state()``."""

    def __init__(self, metric: keras.metrics.Metric) -> None:
        self.metric = metric

    def reset(self) -> None:
        """Forget everything."""
        self.metric.reset_state()

    def update(self, outputs: np.ndarray, targets: np.ndarray, weights: np.ndarray | None = None) -> None:
        """Hand over the rows."""
        self.metric.update_state(targets, outputs, sample_weight=weights)

    def result(self) -> Any:
        """Return the metric's value."""
        value = self.metric.result()
        return value if isinstance(value, dict) else ops.convert_to_numpy(value)
