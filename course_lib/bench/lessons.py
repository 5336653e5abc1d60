"""How long the lessons take to execute: every notebook with its solutions, each in a fresh kernel.

A notebook's time is counted from the start of its kernel to the end of its last cell, imports included.
"""

from __future__ import annotations

import argparse
import datetime
import sys
import time
from collections.abc import Callable
from typing import Any

from course_lib.bench.page import add_output_arguments, footer, goal, publish, versions

__all__ = ["add_arguments", "main", "measure", "table"]

CELL_SECONDS, NOTEBOOK_SECONDS, TRACK_SECONDS = 20, 90, 360


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--quick", action="store_true", help="lesson 03 only; ends within 50 s")
    add_output_arguments(parser)


def _cell_seconds(cell: Any) -> float:
    times = cell.metadata.get("execution", {})
    first, last = times.get("iopub.execute_input"), times.get("shell.execute_reply")
    if not (first and last):
        return 0.0
    return (datetime.datetime.fromisoformat(last) - datetime.datetime.fromisoformat(first)).total_seconds()


def measure(quick: bool = False, progress: Callable[[str], None] = lambda text: None) -> dict[str, Any]:
    """Execute the notebooks and return the figures.

    Parameters
    ----------
    quick : bool
        Lesson 03 only.
    progress : callable
        Told which notebook is running.

    Returns
    -------
    dict
        ``notebooks`` (lesson, track, seconds, slowest_cell), ``versions``, ``goals``.
    """
    from nbclient import NotebookClient

    from course_lib.instructor.text.lesson_text import read_lesson
    from course_lib.instructor.text.render import course_root, lesson_texts, render_source
    from course_lib.tracks import TRACKS

    rows = []
    for text in lesson_texts(course_root(), ["03"] if quick else None):
        lesson = read_lesson(text)
        for track in TRACKS:
            progress(f"{lesson.name}, {track}")
            notebook = render_source(lesson, track)
            started = time.perf_counter()
            NotebookClient(notebook, timeout=None, kernel_name="python3", record_timing=True).execute()
            seconds = time.perf_counter() - started
            slowest = max(_cell_seconds(cell) for cell in notebook.cells)
            rows.append({"lesson": lesson.name, "track": track, "seconds": seconds, "slowest_cell": slowest})
    result: dict[str, Any] = {
        "notebooks": rows,
        "versions": versions(["torch", "tensorflow", "keras", "ipykernel", "nbclient"]),
    }
    result["goals"] = _goals(rows)
    return result


def _goals(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    goals = [
        goal("slowest cell, seconds", max(row["slowest_cell"] for row in rows), CELL_SECONDS),
        goal("slowest notebook, seconds", max(row["seconds"] for row in rows), NOTEBOOK_SECONDS),
    ]
    for track in dict.fromkeys(row["track"] for row in rows):
        total = sum(row["seconds"] for row in rows if row["track"] == track)
        goals.append(goal(f"all notebooks of {track}, seconds", total, TRACK_SECONDS))
    return goals


def table(result: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    lines = ["| lesson | track | seconds | slowest cell, seconds |", "|---|---|---|---|"]
    lines += [
        f"| {row['lesson']} | {row['track']} | {row['seconds']:.1f} | {row['slowest_cell']:.1f} |"
        for row in result["notebooks"]
    ]
    return "\n".join([*lines, *footer(result)])


def main(args: argparse.Namespace) -> int:
    """Run the benchmark."""
    result = measure(args.quick, lambda text: print(f"... {text}", file=sys.stderr))
    return publish(args, "lessons", result, table)
