"""Lesson 07: what a smoother swallows, and what another sample of validation rows would have said."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.notebook.explorer.base import Choice, Explorer, Scene, Slider, canvas
from course_lib.plots import TRAIN, VALIDATION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["smoothing"]

SMOOTHER, ROWS = "what the smoother swallowed", "another sample of rows"
SPIKE, CLIMB, ZIGZAG, VALLEY = "one spike", "a slow divergence", "an alternation", "a valley"
FAIR, FIRST, ZERO = "bias-corrected", "starts at the first value", "starts at 0"
STEPS = 300
#: A loss above this sets off the alarm.
ALARM = 0.6
PALE, GREY = "#7FA8C9", "#555555"


@cache
def _series(kind: str) -> Floats:
    """Return 300 losses with a story that is known, and a little noise."""
    step, rng = np.arange(1, STEPS + 1), np.random.default_rng(7)
    noise = rng.normal(0, 0.02, STEPS)
    if kind == SPIKE:
        return 0.3 + noise + 8.0 * (step == 150)
    if kind == CLIMB:
        return 0.3 + noise + np.where(step > 120, 0.3 * (np.exp((step - 120) / 60) - 1), 0.0)
    if kind == ZIGZAG:
        return 0.5 + noise + np.where(step % 2 == 0, 0.4, -0.4)
    return 0.3 + noise + 1.2 * ((step - 120) / STEPS) ** 2


def _average(values: Floats, beta: float, start: str) -> Floats:
    shown, average = np.empty(len(values)), values[0] if start == FIRST else 0.0
    for k, value in enumerate(values):
        average = beta * average + (1 - beta) * value
        shown[k] = average / (1 - beta ** (k + 1)) if start == FAIR else average
    return shown


def _first_above(steps: Floats, values: Floats) -> int | None:
    above = np.flatnonzero(values > ALARM)
    return int(steps[above[0]]) if len(above) else None


def _alarm(kind: str, raw: int | None, shown: int | None) -> str:
    if raw is None:
        return "Neither curve sets off the alarm." if shown is None else f"Only the smoothed curve alarms, at {shown}."
    if shown is None:
        return f"The raw curve crosses the alarm line at step {raw}; the smoothed one never does."
    return f"The raw curve crosses the alarm line at step {raw}, the smoothed one at {shown}."


def _count(number: float, what: str) -> str:
    return f"{number:.3g} {what}" if f"{number:.3g}" == "1" else f"{number:.3g} {what}s"


def _lag(points: int, beta: float, start: str) -> float:
    """Return by how many points an average lags a steady trend at the end of a series."""
    trend = np.arange(points, dtype=float)
    return float(trend[-1] - _average(trend, beta, start)[-1])


def _smoothed(values: Mapping[str, Any]) -> Scene:
    kind, beta, every = values["series"], values["beta"], values["every"]
    steps = np.arange(1, STEPS + 1)[::every].astype(float)
    raw = _series(kind)[::every]
    shown = _average(raw, beta, values["start"])
    left_out = raw - shown
    figure, (left, right) = canvas(2)
    left.plot(steps, raw, color=PALE, linewidth=0.8, label="raw")
    left.plot(steps, shown, color=TRAIN.color, label="smoothed")
    left.axhline(ALARM, color=GREY, linestyle=":", linewidth=1, label="alarm")
    top = max(1.6, 1.1 * float(shown.max()))
    left.set(xlabel="step", ylabel="loss", ylim=(0, top))
    if raw.max() > top:
        place = steps[int(np.argmax(raw))]
        side, away = ("left", 6) if place < 0.7 * steps[-1] else ("right", -12)  # so that it stays over its panel
        left.text(place + away, 0.98 * top, f"up to {raw.max():.1f}", ha=side, va="top", fontsize=8)
    left.legend(loc="best", fontsize=8)
    right.plot(steps, left_out, color=GREY, linewidth=0.8)
    right.axhline(0, color="#333333", linewidth=0.8)
    right.set(xlabel="step", ylabel="raw minus smoothed")
    right.set_title("what the smoother took away", fontsize=10)
    lag, here = beta / (1 - beta), _lag(len(raw), beta, values["start"])
    alarm = _alarm(kind, _first_above(steps, raw), _first_above(steps, shown))
    words = f"{alarm} An average of this beta lags a steady trend by {_count(lag, 'point')}"
    if here >= 0.95 * lag:
        words += f", here {_count(lag * every, 'step')}. "
    else:
        words += (
            f" once it has seen many more than that; after the {len(raw)} points here, by {here:.2g} "
            f"({_count(float(f'{here:.2g}') * every, 'step')}). "
        )
    words += f"The highest raw loss is {raw.max():.2f}, the highest smoothed one {shown.max():.2f}."
    if kind == VALLEY:
        at, later = (int(steps[int(np.argmin(losses))]) for losses in (raw, shown))
        words += f" The lowest raw loss is at step {at}, the lowest smoothed one at {later}."
    if values["start"] != FAIR:
        words += f" At the first point it shows {shown[0]:.2f}; the loss was {raw[0]:.2f}."
    alt = (
        f"Left: {len(raw)} losses with {kind}, from {raw.min():.2f} to {raw.max():.2f}, and their smoothed curve, from "
        f"{shown.min():.2f} to {shown.max():.2f}, with an alarm line at {ALARM}. Right: raw minus smoothed, from "
        f"{left_out.min():.2f} to {left_out.max():.2f}."
    )
    return Scene(figure, alt, words)


@cache
def _row_losses() -> Floats:
    """Train softmax regression on 400 digits; return the loss of each of the other 1,397 after each of 30 epochs."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    x = np.hstack([x / 16, np.ones((len(x), 1))])
    rng = np.random.default_rng(0)
    order = rng.permutation(len(x))
    train, rest = order[:400], order[400:]
    hot, w = np.eye(10)[y], np.zeros((x.shape[1], 10))
    losses = np.empty((30, len(rest)))
    for epoch in range(30):
        for rows in np.array_split(rng.permutation(train), 13):
            z = x[rows] @ w
            p = np.exp(z - z.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            w -= 0.3 / len(rows) * x[rows].T @ (p - hot[rows])
        z = x[rest] @ w
        z -= z.max(axis=1, keepdims=True)
        losses[epoch] = np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(rest)), y[rest]]
    return losses


def _other_rows(values: Mapping[str, Any]) -> Scene:
    losses, n = _row_losses(), values["rows"]
    epochs = np.arange(1, len(losses) + 1)
    draws = [np.random.default_rng([values["seed"], k]).choice(losses.shape[1], n, replace=False) for k in range(200)]
    curves = np.stack([losses[:, rows].mean(axis=1) for rows in draws])
    mine, last = curves[0], curves[:, -1]
    figure, (left, right) = canvas(2)
    left.plot(epochs, curves[1:41].T, color="#BBBBBB", linewidth=0.5)
    left.plot(epochs, mine, color=VALIDATION.color, linestyle="--", label=f"these {n} rows")
    left.plot(epochs, losses.mean(axis=1), color="#333333", linewidth=1.2, label=f"all {losses.shape[1]:,} rows")
    left.set(xlabel="epoch", ylabel="validation loss (nats)", ylim=(0, None))
    left.legend(loc="upper right", fontsize=8)
    right.hist(last, bins=20, color="#BBBBBB", edgecolor="#777777")
    right.axvline(mine[-1], color=VALIDATION.color, linestyle="--")
    right.set(xlabel=f"loss after epoch {len(losses)}", ylabel=f"of 200 samples of {n} rows")
    wiggle = float(np.abs(np.diff(mine[-10:])).mean())
    error = float(losses[-1, draws[0]].std(ddof=1) / np.sqrt(n))
    words = (
        f"From epoch to epoch this curve moves by {wiggle:.4f}. Its standard error is {error:.3f}: it ends at "
        f"{mine[-1]:.3f}, and 200 other samples of {n} rows end between {last.min():.3f} and {last.max():.3f}."
    )
    alt = (
        f"Left: validation loss over {len(losses)} epochs on {n} rows, ending at {mine[-1]:.3f}, above or below the "
        f"curve of all rows, which ends at {losses[-1].mean():.3f}; pale curves of other samples around them. Right: a "
        f"histogram of the last losses of 200 samples, from {last.min():.3f} to {last.max():.3f}."
    )
    return Scene(figure, alt, words)


def _picture(values: Mapping[str, Any]) -> Scene:
    return _smoothed(values) if values["view"] == SMOOTHER else _other_rows(values)


def smoothing() -> Explorer:
    """Explore what an exponential average hides, and how far off a smooth validation curve can be.

    Returns
    -------
    Explorer
        Shown by being the last line of a cell.

    Examples
    --------
    >>> scene = smoothing().answer({"series": "one spike", "beta": 0.98})
    >>> "the smoothed one never does" in scene.words
    True
    """
    return Explorer(
        "What the smoother swallowed",
        [
            Choice("view", "View", [SMOOTHER, ROWS], SMOOTHER),
            Choice("series", "Series", [SPIKE, CLIMB, ZIGZAG, VALLEY], CLIMB),
            Slider("beta", "Beta", [0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99], 0.9),
            Choice("start", "Start", [FAIR, FIRST, ZERO], FAIR),
            Slider("every", "Logged every", [1, 2, 5, 10], 1, "steps"),
            Slider("rows", "Validation rows", [25, 50, 100, 200, 400], 100),
            Slider("seed", "Sample", list(range(8)), 0),
        ],
        _picture,
        recording=Path(__file__).parent / "recorded" / "smoothing.json.gz",
    )
