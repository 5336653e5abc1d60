"""A live plot's last picture and its words, and the learning rate that its slider sets."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from course_lib.live.feed import finite
from course_lib.live.views import sparkline
from course_lib.training.history import History

__all__ = ["last_picture", "learning_rate_of", "metric_columns", "metric_kinds", "summary"]

#: The markers of several metrics in one panel, in the order of `picture.js`.
_MARKERS = "osD^*"


def metric_columns(names: Iterable[str]) -> list[str]:
    """Return the metrics among the names of an epoch's columns, which have a panel of their own."""
    return [name for name in names if name.startswith(("train_", "val_")) and "loss" not in name]


def summary(history: History, best: tuple[int, float] | None) -> str:
    """Tell in one line the last losses, the best epoch and its validation loss, and why training ended."""
    parts = []
    last = history.last()
    parts.append(f"{history.epochs} epochs" if history.epochs != 1 else "1 epoch")
    if not history.epochs:
        parts.append(f"{history.steps} batch{'es' * (history.steps != 1)}")
    train, val = last.get("train_loss", math.nan), last.get("val_loss", math.nan)
    parts += [f"{name} {value:.4g}" for name, value in (("training", train), ("validation", val)) if value == value]
    if best is not None:
        parts.append("best epoch {}: {:.4g}".format(*best))
    if history.stop_message:
        parts.append(history.stop_message)
    return "; ".join(parts) + "."


def last_picture(history: History, title: str | None, words: str, *, rates: bool = False) -> tuple[str, str]:
    """Return what stays in the notebook: an HTML figure with alternative text and caption, and the same in words.

    `rates` says that a schedule was at work; rates that changed are shown anyway.
    """
    from matplotlib.figure import Figure

    from course_lib.plots import curves, describe, figure_html, set_story, style
    from course_lib.plots.rates import describe_rates, vary
    from course_lib.plots.rates import rates as draw_rates

    metrics = metric_columns(history.names)
    told = describe_rates(history) if rates or vary(history) else ""  # nothing where no rate was recorded
    below = bool(metrics) + bool(told)
    with style():
        figure = Figure(figsize=(7.2, (3.4, 5.2, 6.9)[below]))
        axes = figure.subplots(1 + below, 1, sharex=True, squeeze=False, height_ratios=[3, 2, 2][: 1 + below])[:, 0]
        kinds = metric_kinds(metrics)
        rows = -(-len(kinds) // 4) if len(kinds) > 1 else 0  # of names, four in each
        figure.subplots_adjust(left=0.09, right=0.98, top=0.93 if title else 0.97, hspace=0.12 + 0.08 * rows)
        figure.subplots_adjust(bottom=(0.14, 0.09, 0.07)[below])
        curves(history, axes[0], title=title)
        if metrics:
            _metric_panel(axes[1], history, metrics)
        if told:
            draw_rates(history, axes[-1])
        for ax in axes[:-1]:
            ax.set_xlabel("")
        figure.align_ylabels()
        cut = 0.06 - figure.get_tightbbox().x0  # inches of a label that numbers with many digits push off the page
        if cut > 0:
            figure.subplots_adjust(left=figure.subplotpars.left + cut / figure.get_figwidth())
    alt = f"{describe(history)} {told}".strip()
    set_story(figure, alt)
    return figure_html(figure, alt, caption=words), f"{sparkline(history.val_loss)}\n{words}\n{alt}".strip()


def metric_kinds(names: Iterable[str]) -> list[str]:
    """Return the metrics that these columns hold, each once, in the order in which they were asked for.

    Validation columns are in that order; training columns may not be, since means over batches come last.

    Examples
    --------
    >>> metric_kinds(["train_recall", "val_accuracy", "val_recall", "train_accuracy"])
    ['accuracy', 'recall']
    """
    ordered = sorted(names, key=lambda name: not name.startswith("val_"))
    return list(dict.fromkeys(name.partition("_")[2] for name in ordered))


def _metric_panel(ax: Any, history: History, names: list[str]) -> None:
    """Draw each metric in the style of its side: training at mid-epoch and solid, validation dashed at the end.

    Several metrics are told apart by their markers, and named above the panel, where no curve is.
    """
    from matplotlib.lines import Line2D

    from course_lib.plots import TRAIN, VALIDATION
    from course_lib.plots.style import INK

    kinds = metric_kinds(names)
    several = len(kinds) > 1
    for kind in kinds:
        place = kinds.index(kind)
        for look, column, shift in ((TRAIN, f"train_{kind}", 0.5), (VALIDATION, f"val_{kind}", 0.0)):
            if column not in names:
                continue
            y = history[column]
            ax.plot(
                history.epoch_number - shift,
                y,
                color=look.color,
                linestyle=look.linestyle,
                linewidth=1.2 if several else 1.8,
                marker=_MARKERS[place % len(_MARKERS)] if several else look.marker,
                markevery=max(1, len(y) // 12),
                label=f"{look.label} {kind}",
            )
    ax.set_xlabel("epoch")
    ax.set_ylabel("metrics" if several else "".join(kinds))
    if not several:
        ax.legend(fontsize=8)
        return
    keys = [
        Line2D([], [], color=INK, marker=_MARKERS[k % len(_MARKERS)], linewidth=1.2, label=kind)
        for k, kind in enumerate(kinds)
    ]
    ax.legend(handles=keys, fontsize=8, ncols=4, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0)


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
