"""Metric objects in the style of torchmetrics as streaming metrics of `course_lib.pytorch`."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from course_lib.training.metrics import StreamingMetric

__all__ = ["TorchStream", "torch_stream"]


def torch_stream(name: str, metric: Any) -> StreamingMetric | None:
    """Return what feeds an object with `update`, `compute` and `reset`; `None` for anything else."""
    if any(base.__module__.startswith("keras.") for base in type(metric).__mro__) and hasattr(metric, "update_state"):
        raise TypeError(
            f"metric '{name}' is Keras's {type(metric).__name__}, which goes with course_lib.keras; "
            "course_lib.training.metrics has objects that both trainers take"
        )
    methods = (getattr(metric, method, None) for method in ("update", "compute", "reset"))
    return TorchStream(metric) if not isinstance(metric, type) and all(map(callable, methods)) else None


class TorchStream:
    """Calls ``update(outputs, targets)``, ``compute()`` and ``reset()``."""

    def __init__(self, metric: Any) -> None:
        self.metric = metric

    def reset(self) -> None:
        """Forget everything."""
        self.metric.reset()

    def update(self, outputs: np.ndarray, targets: np.ndarray, weights: np.ndarray | None = None) -> None:
        """Hand over the rows as tensors, on the metric's device."""
        if weights is not None:
            raise TypeError(
                f"{type(self.metric).__name__} takes no sample weights; leave them out, or use a metric of "
                "course_lib.training.metrics"
            )
        place = getattr(self.metric, "device", "cpu")
        self.metric.update(torch.from_numpy(outputs).to(place), torch.from_numpy(targets).to(place))

    def result(self) -> Any:
        """Return what the metric computes."""
        value = self.metric.compute()
        return value.item() if isinstance(value, Tensor) and value.numel() == 1 else value
