"""Lesson 11: the log as it is on disk, after a crash and a resume, and the chart that is drawn from it."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from course_lib.notebook.explorer.base import Choice, Explorer, Scene, Slider, Toggle, canvas
from course_lib.plots.style import RUNS
from course_lib.training.event_files import EventWriter, Point, read_events

__all__ = ["LAST", "losses", "on_disk", "written"]

SAME, OWN = "the same folder", "a folder of its own"
GO_ON, FROM_ONE = "goes on", "begins again at 1"
#: The last step of the run.
LAST = 24


def losses(attempt: int) -> list[float]:
    """Return the loss of each step of an attempt: a falling curve, with noise of its own.

    Examples
    --------
    >>> len(losses(1)) == LAST
    True
    """
    rng = random.Random(attempt)
    return [2.3 * math.exp(-step / 9) + rng.gauss(0, 0.06) + 0.12 * (attempt - 1) for step in range(1, LAST + 1)]


def written(
    crash: int, flush: int, resume: int, count: str = GO_ON, marks: bool = False
) -> tuple[list[Point], list[Point], int]:
    """Write the logs of a run that crashes and of the one that resumes it, and read both files back.

    Parameters
    ----------
    crash : int
        The first run ends without a word after this step.
    flush : int
        So many steps are handed to the operating system together.
    resume : int
        The step of the checkpoint that the second run begins with; 0 for none.
    count : {"goes on", "begins again at 1"}
        How the second run counts its steps.
    marks : bool
        Whether the second run's file says with which step it begins.

    Returns
    -------
    first, second : list of Point
        What is in each file.
    start : int
        The second run's first step, as it counts.

    Examples
    --------
    >>> first, second, start = written(crash=14, flush=5, resume=8)
    >>> len(first), start
    (10, 9)
    """
    offset = resume if count == FROM_ONE else 0
    start = resume + 1 - offset
    with TemporaryDirectory() as folder:
        first = EventWriter(Path(folder, "first"))
        for step, loss in enumerate(losses(1)[: crash - crash % flush], start=1):
            first.add(step, {"loss": loss})
        second = EventWriter(Path(folder, "second"), first_step=start if marks else None)
        for step, loss in enumerate(losses(2)[resume:], start=start):
            second.add(step, {"loss": loss})
        for writer in (first, second):
            writer.close()
        return read_events(first.path), read_events(second.path), start


def _span(steps: list[int]) -> str:
    """Return some steps in words."""
    if not steps:
        return "no step"
    if len(steps) == 1:
        return f"step {steps[0]}"
    return f"steps {steps[0]} {'and' if len(steps) == 2 else 'to'} {steps[-1]}"


def _scene(values: Mapping[str, Any]) -> Scene:
    crash, flush, same = values["crash"], values["flush"], values["folder"] == SAME
    resume = min(values["resume"], crash)
    first, second, start = written(crash, flush, resume, values["count"], values["marks"])
    void = [point for point in first if same and values["marks"] and point.step >= start]
    drawn = [point for point in first if point not in void]
    figure, (left, right) = canvas(2, height=3.4)
    _records(left, first, second, void)
    curves = [("one curve", [*drawn, *second], RUNS[4])] if same else _runs(first, second)
    for name, points, look in curves:
        line: dict[str, Any] = {
            "color": look.color,
            "linestyle": "-" if same else look.linestyle,
            "marker": look.marker,
        }
        right.plot([p.step for p in points], [p.value for p in points], **line, markersize=3, linewidth=1.1, label=name)
    right.set(xlabel="step", ylabel="loss", xlim=(0, LAST + 1), ylim=(0, 2.6))
    right.legend(loc="upper right", fontsize=8)
    right.set_title("drawn in the order of the records", fontsize=10)
    words = _words(crash, first, second, drawn, same)
    return Scene(figure, f"Left, the step of each record on disk; right, the loss over steps. {words}", words)


def _runs(first: list[Point], second: list[Point]) -> list[tuple[str, list[Point], Any]]:
    return [("first run", first, RUNS[0]), ("second run", second, RUNS[1])]


def _records(ax: Any, first: list[Point], second: list[Point], void: list[Point]) -> None:
    """Draw the step of each record over its place on disk."""
    at = 1
    for name, points, look in _runs(first, second):
        looks = {"color": look.color, "marker": look.marker, "markersize": 4, "linestyle": "", "label": name}
        ax.plot(range(at, at + len(points)), [p.step for p in points], **looks)
        at += len(points)
    if void:
        places = [first.index(point) + 1 for point in void]
        ax.plot(places, [point.step for point in void], "x", color="#333333", markersize=7, label="void")
    ax.set(xlabel="record, in the order on disk", ylabel="step in the record", ylim=(0, LAST + 1), xlim=(0, 2 * LAST))
    ax.legend(loc="lower right", fontsize=8)
    ax.set_title("on disk", fontsize=10)


def _words(crash: int, first: list[Point], second: list[Point], drawn: list[Point], same: bool) -> str:
    lost = crash - len(first)
    there = f"{len(first)} records of the first run are on disk, {lost} are lost"
    if not lost:
        there = f"all {len(first)} records of the first run are on disk"
    said = [f"Crash after step {crash}: {there}."]
    if not same:
        said.append(f"Two runs, a curve each; the second has {_span([p.step for p in second])}.")
        return " ".join(said)
    steps = {point.step for point in second}
    twice = [point.step for point in drawn if point.step in steps]
    are = "is" if len(twice) == 1 else "are"
    said.append(f"In the chart {_span(twice)} {are} there twice." if twice else "No step is there twice.")
    shown = steps | {point.step for point in drawn}
    missing = [step for step in range(1, max(shown) + 1) if step not in shown]
    if missing:
        said.append(f"Missing: {_span(missing)}.")
    if void := len(first) - len(drawn):
        said.append(f"{void} record{'s' * (void != 1)} of the first run {'is' if void == 1 else 'are'} void.")
    return " ".join(said)


def on_disk() -> Explorer:
    """Explore what is on disk after a crash and a resume, and what a chart makes of it.

    Returns
    -------
    Explorer
        Shown by being the last line of a cell.

    Examples
    --------
    >>> on_disk().answer({"flush": 5}).words.startswith("Crash after step 18: 15 records")
    True
    """
    return Explorer(
        "The log as it is on disk",
        [
            Slider("crash", "Crash after step", [6, 9, 12, 15, 18, 21], 18),
            Slider("flush", "Flushed every", [1, 2, 5, 10], 1, "steps"),
            Slider("resume", "Checkpoint at step", [0, 4, 8, 12, 16], 8),
            Choice("folder", "The second run writes to", [SAME, OWN], SAME),
            Toggle("marks", "It says where it begins", False),
            Choice("count", "Its count of steps", [GO_ON, FROM_ONE], GO_ON),
        ],
        _scene,
        recording=Path(__file__).parent / "recorded" / "on_disk.json.gz",
    )
