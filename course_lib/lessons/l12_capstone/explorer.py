"""Lesson 12: a bench of faults: what each does to the two curves, and how often a sign shows under other seeds."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.lessons.l12_capstone.broken import KINDS
from course_lib.notebook.explorer.base import Choice, Explorer, Scene, Slider, canvas, plain_numbers
from course_lib.plots import TRAIN, VALIDATION

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["fault_bench"]

#: 25 epochs of every kind under ten seeds, kept by ``scripts/precompute_capstone.py``.
_MATERIAL = Path(__file__).parent / "material" / "bench.json"
SIGNS = ("jagged training", "jagged validation", "validation far below", "validation far above", "floor")


@cache
def _bench() -> dict[str, NDArray[np.float64]]:
    """Return by kind an array of seeds, curves and epochs."""
    return {kind: np.array(runs) for kind, runs in json.loads(_MATERIAL.read_text(encoding="utf-8")).items()}


def _jagged(curve: NDArray[np.float64]) -> float:
    trend = np.convolve(curve, np.full(5, 0.2), "valid")
    return float((curve[2:-2] - trend)[6:].std())


def _signs(run: NDArray[np.float64], healthy: NDArray[np.float64], jitter: float, low: float) -> tuple[bool, ...]:
    """Tell which signs a run shows, next to a healthy run of the same seed."""
    end, usual = run[1, -5:].mean(), healthy[1, -5:].mean()
    return (
        _jagged(run[0]) > jitter * _jagged(healthy[0]),
        _jagged(run[1]) > jitter * _jagged(healthy[1]),
        bool(end < low * usual),
        bool(end > 3 * usual),
        bool(run[0].min() > 0.35 * math.log(10)),
    )


def _picture(values: Mapping[str, Any]) -> Scene:
    kind, seed = values["fault"], values["seed"]
    run, healthy = _bench()[kind][seed], _bench()["healthy"][seed]
    epochs = np.arange(1, run.shape[1] + 1)
    figure, axes = canvas(2)
    for ax, first in zip(axes, (1, 9), strict=True):
        ax.plot(epochs[first - 1 :], healthy[0, first - 1 :], color="#777777", linewidth=1, label="healthy training")
        ax.plot(
            epochs[first - 1 :],
            healthy[1, first - 1 :],
            color="#777777",
            linewidth=1,
            linestyle="--",
            label="healthy validation",
        )
        for curve, look in zip(run, (TRAIN, VALIDATION), strict=True):
            ax.plot(
                epochs[first - 1 :], curve[first - 1 :], color=look.color, linestyle=look.linestyle, label=look.label
            )
        ax.set(xlabel="epoch", ylabel="loss (nats)")
        plain_numbers(ax.yaxis)
    axes[0].set_title("all epochs", fontsize=10)
    axes[1].set_title("from epoch 9 on", fontsize=10)
    axes[0].legend(loc="upper right", fontsize=8)
    limits = values["jitter"], values["low"]
    shown = [_signs(r, h, *limits) for r, h in zip(_bench()[kind], _bench()["healthy"], strict=True)]
    mine = [sign for sign, there in zip(SIGNS, shown[seed], strict=True) if there]
    often = [f"{sign} {sum(row[k] for row in shown)}" for k, sign in enumerate(SIGNS) if any(row[k] for row in shown)]
    words = (
        f"Signs of this run: {', '.join(mine) if mine else 'none'}. "
        f"Seeds of ten that show a sign: {', '.join(often) if often else 'none'}. "
        f"Training starts at {run[0, 0]:.2f} (healthy {healthy[0, 0]:.2f}), "
        f"and its lowest loss is {run[0].min():.3f}; "
        f"validation ends at {run[1, -5:].mean():.3f} (healthy {healthy[1, -5:].mean():.3f}); jitter "
        f"{_jagged(run[0]):.4f} and {_jagged(run[1]):.4f} "
        f"(healthy {_jagged(healthy[0]):.4f} and {_jagged(healthy[1]):.4f})."
    )
    alt = (
        f"Training and validation loss over 25 epochs, {kind}, next to a healthy run of the same seed; left "
        f"all epochs, right from epoch 9 on. {words}"
    )
    return Scene(figure, alt, words)


def fault_bench() -> Explorer:
    """Explore what each fault does to the curves of one and the same network.

    Returns
    -------
    Explorer
        Shown by being the last line of a cell.

    Examples
    --------
    >>> fault_bench().answer({"fault": "double softmax"}).words.split(".")[0]
    'Signs of this run: floor'
    """
    return Explorer(
        "Fault bench",
        [
            Choice("fault", "Run", list(KINDS), "healthy"),
            Slider("seed", "Seed", list(range(10)), 0),
            Slider("jitter", "Jagged from", [1.5, 2.0, 3.0, 4.0, 6.0, 8.0], 4.0, "× healthy"),
            Slider("low", "Far below from", [0.3, 0.4, 0.5, 0.75, 0.9], 0.75, "× healthy"),
        ],
        _picture,
        recording=Path(__file__).parent / "recorded" / "fault_bench.json.gz",
    )
