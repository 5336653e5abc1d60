"""Lesson 09: the rate of every step, by what a schedule counts, and after which epochs a plateau rule cuts."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from course_lib.notebook.explorer.base import Choice, Explorer, Scene, Slider, canvas, plain_numbers
from course_lib.plots.style import RUNS

__all__ = ["BASE", "EPOCHS", "KERAS", "PLATEAUS", "TORCH", "counting", "plateau_losses", "rates"]

COUNTING, PLATEAU = "count what?", "plateau rule"
COSINE, STAIRS, DECAY = "cosine", "step", "exponential"
BATCH, EPOCH = "batches", "epochs"
KEPT, NO_SCHEDULE, NO_OPTIMIZER, NEITHER = "nothing", "the schedule's state", "the optimizer's state", "both states"
TORCH, KERAS = "PyTorch", "Keras"
#: The rate at the start, and the epochs of the run.
BASE, EPOCHS = 0.1, 10
#: The cuts of both libraries, kept by ``scripts/precompute_plateaus.py``.
_MATERIAL = Path(__file__).parent / "material" / "plateaus.json"
#: Curves for the plateau rule by name, and by which share of their level each epoch gains.
PLATEAUS = {"steps up and stays": 0.0, "gains a little": 2e-5, "gains more": 5e-3}


def plateau_losses(curve: str, level: float) -> list[float]:
    """Return 20 losses that fall to a level in the second epoch, and then go on as the curve's name says."""
    gain = PLATEAUS[curve]
    return [level * 10 / 9, level, *(level * (1 - gain * k if gain else 1.05) for k in range(1, 19))]


# --- the rates of the two libraries ------------------------------------------------------------------


def _torch_factor(kind: str, count: int, length: int, rate: float, base: float) -> float:
    """Return the rate after one more call of the scheduler: torch works it out from the rate it finds."""
    if kind == STAIRS:
        return rate * (0.1 if count % length == 0 else 1.0)
    if kind == DECAY:
        return rate * 0.1 ** (1 / length)
    if (count - 1 - length) % (2 * length) == 0:
        return rate + base * (1 - math.cos(math.pi / length)) / 2
    return rate * (1 + math.cos(math.pi * count / length)) / (1 + math.cos(math.pi * (count - 1) / length))


def _keras_rate(kind: str, count: int, length: int) -> float:
    """Return a schedule's rate at a count: Keras works it out from the count alone."""
    if kind == STAIRS:
        return BASE * 0.1 ** (count // length)
    if kind == DECAY:
        return float(BASE * 0.1 ** (count / length))
    return BASE * (1 + math.cos(math.pi * min(count, length) / length)) / 2


def rates(
    library: str, kind: str, unit: str, length: int, batches: int, resume: int = 0, lost: str = KEPT
) -> list[float]:
    """Return the rate of every step of ten epochs.

    Parameters
    ----------
    library : {"PyTorch", "Keras"}
    kind : {"cosine", "step", "exponential"}
    unit : {"batches", "epochs"}
        What is counted: when a scheduler is stepped; in Keras a schedule object, or a callback.
    length : int
        T_max, step_size or decay_steps; the exponential schedule falls to a tenth over it.
    batches : int
        To an epoch.
    resume : int
        After how many epochs the run was interrupted; 0 for never.
    lost : str
        What did not come back then.

    Examples
    --------
    >>> [round(rate, 3) for rate in rates("Keras", "cosine", "batches", 4, 2)[:6]]
    [0.1, 0.085, 0.05, 0.015, 0.0, 0.0]
    """
    found, rate, count = [], BASE, 0
    for epoch in range(EPOCHS):
        if resume and epoch == resume:
            rate, count = _resumed(library, unit, lost, rate, count)
        for _ in range(batches):
            found.append(rate if library == TORCH else _keras_rate(kind, count, length))
            if unit == BATCH:
                count += 1
                rate = _torch_factor(kind, count, length, rate, BASE)
        if unit == EPOCH:
            count += 1
            rate = _torch_factor(kind, count, length, rate, BASE)
    return found


def _resumed(library: str, unit: str, lost: str, rate: float, count: int) -> tuple[float, int]:
    """Return the rate and the count that a run goes on with."""
    if library == TORCH:
        return (BASE if lost in (NO_OPTIMIZER, NEITHER) else rate), (0 if lost in (NO_SCHEDULE, NEITHER) else count)
    # A schedule object counts with the optimizer's own count of steps; a callback is told the number of the epoch.
    begins_again = lost in (NO_OPTIMIZER, NEITHER) if unit == BATCH else lost in (NO_SCHEDULE, NEITHER)
    return rate, 0 if begins_again else count


# --- the pictures ------------------------------------------------------------------------------------


def _told(values: list[float], batches: int, resume: int) -> str:
    """Return in words what became of the rates of a run."""
    mean, last = sum(values) / len(values), values[-1]
    begins = f"epoch 2 begins with {values[batches]:.3g}, "
    if resume:
        begins += f"the resumed run with {values[resume * batches]:.3g} after {values[resume * batches - 1]:.3g}, "
    rises = any(b > a * 1.0001 + 1e-12 for a, b in pairwise(values))
    return (
        f"{begins}the last step has {last:.2g}, the mean is {mean:.2g}"
        f"{', and the rate rises at times' if rises else ''}"
    )


def _counted(values: Mapping[str, Any]) -> Scene:
    batches, resume = values["batches"], values["resume"]
    lost = values["lost"] if resume else KEPT
    figure, axes = canvas(2)
    words, alts = [], []
    for ax, library, look in zip(axes, (TORCH, KERAS), RUNS[:2], strict=True):
        shown = rates(library, values["kind"], values["unit"], values["length"], batches, resume, lost)
        at = [k / batches for k in range(len(shown))]
        ax.step([*at, EPOCHS], [*shown, shown[-1]], where="post", color=look.color, linewidth=1.3)
        if resume:
            ax.axvline(resume, color="#555555", linestyle=":", linewidth=1)
        ax.set(xlabel="epochs done", ylabel="learning rate", ylim=(-0.004, 0.108), xlim=(0, EPOCHS))
        ax.set_title(library, fontsize=10)
        told = _told(shown, batches, resume)
        words.append(f"{library}: {told}.")
        alts.append(f"{library}: from {shown[0]:.3g} to {shown[-1]:.2g}; {told}")
    return Scene(figure, "The learning rate of every step of ten epochs. " + ". ".join(alts) + ".", " ".join(words))


@cache
def _cuts() -> dict[str, list[int]]:
    cuts: dict[str, list[int]] = json.loads(_MATERIAL.read_text(encoding="utf-8"))
    return cuts


def _after(epochs: list[int]) -> str:
    return f"cuts after epochs {', '.join(map(str, epochs))}" if epochs else "never cuts"


def _plateau(values: Mapping[str, Any]) -> Scene:
    curve, level, patience, cooldown = (values[name] for name in ("curve", "level", "patience", "cooldown"))
    losses = plateau_losses(curve, level)
    figure, axes = canvas(2)
    words = []
    for ax, library, look in zip(axes, (TORCH, KERAS), RUNS[:2], strict=True):
        cuts = _cuts()[f"{library} {curve} {level:g} {patience} {cooldown}"]
        ax.plot(range(1, 21), losses, color="#555555", marker="o", markersize=3, linewidth=1)
        for cut in cuts:
            ax.axvline(cut, color=look.color, linestyle=look.linestyle, linewidth=1.2)
        ax.set(xlabel="epoch", ylabel="validation loss", xlim=(0.5, 20.5))
        ax.set_title(f"{library}, patience {patience}", fontsize=10)
        plain_numbers(ax.yaxis)
        words.append(f"{library} {_after(cuts)}.")
    alt = f"A validation loss that falls from {losses[0]:.3g} to {losses[1]:.3g} and then {curve}. {' '.join(words)}"
    return Scene(figure, alt, " ".join(words))


_PICTURES: dict[str, Callable[[Mapping[str, Any]], Scene]] = {COUNTING: _counted, PLATEAU: _plateau}


def counting() -> Explorer:
    """Explore what a schedule counts, what a resumed run forgets, and when a plateau rule cuts.

    Returns
    -------
    Explorer
        Shown by being the last line of a cell.

    Examples
    --------
    >>> counting().answer({"length": 10}).words.count("epoch 2 begins with")
    2
    """
    return Explorer(
        "Count what?",
        [
            Choice("view", "View", [COUNTING, PLATEAU], COUNTING),
            Choice("kind", "Schedule", [COSINE, STAIRS, DECAY], COSINE),
            Choice("unit", "Counted in", [BATCH, EPOCH], BATCH),
            Slider("length", "Length", [5, 10, 20, 50, 100, 200, 400], 50),
            Slider("batches", "Batches per epoch", [5, 10, 20, 40], 20),
            Slider("resume", "Resumed after epoch", [0, 2, 4, 6, 8], 0),
            Choice("lost", "Lost at the resume", [KEPT, NO_SCHEDULE, NO_OPTIMIZER, NEITHER], KEPT),
            Choice("curve", "Validation loss", list(PLATEAUS), "steps up and stays"),
            Slider("level", "Level", [0.01, 1.0, 100.0], 1.0),
            Slider("patience", "Patience", [0, 1, 2, 3, 4], 3, "epochs"),
            Slider("cooldown", "Cooldown", [0, 1, 2, 3], 0, "epochs"),
        ],
        lambda values: _PICTURES[values["view"]](values),
        recording=Path(__file__).parent / "recorded" / "counting.json.gz",
    )
