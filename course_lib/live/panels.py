"""What a live plot's last picture and its controls need of a model and a history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course_lib.live.feed import finite
from course_lib.training.history import History

__all__ = ["learning_rate_of", "metric_panel"]


def metric_panel(ax: Any, history: History, names: list[str]) -> None:
    """Draw each metric in the style of its side: training at mid-epoch and solid, validation dashed at the end."""
    from course_lib.plots import TRAIN, VALIDATION

    shown: list[str] = []
    for name in names:
        side, _, metric = name.partition("_")
        if metric not in shown:
            shown.append(metric)
        look, shift = (TRAIN, 0.5) if side == "train" else (VALIDATION, 0.0)
        x, y = history.epoch_number - shift, history[name]
        widths = 1.8 if shown.index(metric) == 0 else 0.9
        marker = look.marker if shown.index(metric) == 0 else "x"
        every = max(1, len(y) // 12)
        label = f"{look.label} {metric}"
        ax.plot(
            x,
            y,
            color=look.color,
            linestyle=look.linestyle,
            marker=marker,
            markevery=every,
            linewidth=widths,
            label=label,
        )
    ax.set_xlabel("epoch")
    ax.set_ylabel(", ".join(shown))
    ax.legend(fontsize=8)


def learning_rate_of(optimizer: Any) -> tuple[float | None, Callable[[float], None] | None]:
    """Return the learning rate of an optimizer of either framework, and what sets it; None where it has none."""
    groups = getattr(optimizer, "param_groups", None)
    if groups:

        def set_groups(value: float) -> None:
            for group in groups:
                group["lr"] = value

        return finite(groups[0]["lr"]), set_groups
    rate: Any = getattr(optimizer, "learning_rate", None)
    if hasattr(rate, "assign"):
        return finite(rate), lambda value: rate.assign(value)
    return None, None
