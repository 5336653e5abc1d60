"""What grading a class costs: ``course grade`` beside stock ``nbgrader autograde``, on the same class, in one run.

Two classes are made of lesson 03. "light" keeps the setup cell, two exercises and the text that a person
grades, so that starting and importing weigh most; "lesson" is the whole notebook, with its training. Both
commands start from nothing, as an instructor starts them, so that their own imports count as well.
"""

from __future__ import annotations

import argparse
import json
import logging
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from course_lib.bench.page import add_output_arguments, footer, goal, publish, versions
from course_lib.instructor.places import RELEASE
from course_lib.tracks import TRACKS

__all__ = ["add_arguments", "main", "measure"]

LESSON = "03_tracking_loops"
LIGHT = ("epoch_loss", "check_epoch_loss", "order_the_loop", "check_order_the_loop", "why_not_the_same")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--quick",
        action="store_true",
        help="PyTorch only, and stock grades only 4 of the class; ends within 50 s on a quiet machine",
    )
    add_output_arguments(parser)
    parser.add_argument("--track", choices=TRACKS, action="append", help="default: both")
    parser.add_argument("--light", action="store_true", help="leave the whole lesson, with its training, out")
    parser.add_argument("--students", type=int, metavar="N", help="students in the light class; default 30")
    parser.add_argument(
        "--growth", metavar="N,N,...", help="also grade classes of these sizes, such as 10,100,1000, and compare"
    )


def _make_class(folder: Path, track: str, students: int, light: bool) -> None:
    """Release lesson 03 in a course of its own and hand in solved notebooks."""
    import nbformat
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory

    from course_lib.instructor.desk.demo_class import answer
    from course_lib.instructor.grading.gradebook import open_gradebook
    from course_lib.instructor.text.lesson_text import read_lesson
    from course_lib.instructor.text.release import load_config
    from course_lib.instructor.text.render import course_root

    root = course_root()
    (folder / "solutions" / LESSON).mkdir(parents=True)
    (folder / "grading").mkdir()
    shutil.copy(root / "nbgrader_config.py", folder)
    source = nbformat.read(root / "solutions" / LESSON / f"{track}.ipynb", as_version=4)
    if light:
        source.cells = [
            cell
            for cell in source.cells
            if cell.metadata.get("nbgrader", {}).get("grade_id") in LIGHT or "begin_lesson(" in cell.source
        ]
    nbformat.write(source, folder / "solutions" / LESSON / f"{track}.ipynb")
    config = load_config(folder)
    open_gradebook(config).close()
    config.CourseDirectory.assignment_id = LESSON
    config.CourseDirectory.release_directory = RELEASE
    converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
    converter.log = logging.getLogger("course.bench")
    converter.log.setLevel(logging.CRITICAL)
    converter.start()
    notebook = nbformat.read(folder / RELEASE / LESSON / f"{track}.ipynb", as_version=4)
    answer(notebook, read_lesson(root / "solutions" / f"{LESSON}.md").solutions(track))
    text = nbformat.writes(notebook)
    for number in range(students):
        place = folder / "grading" / "submitted" / f"s{number:04d}" / LESSON
        place.mkdir(parents=True)
        (place / f"{track}.ipynb").write_text(text)


def _timed(command: list[str], folder: Path) -> dict[str, float]:
    """Run a command; return its seconds and the most memory that it and its processes held, in MB."""
    import psutil

    peak, main_peak = 0.0, 0.0
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    heard: list[bytes] = []
    reader = threading.Thread(
        target=lambda: heard.append(process.stderr.read() if process.stderr else b""), daemon=True
    )
    reader.start()
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            own = watched.memory_info().rss
            total = own + sum(_rss(child) for child in watched.children(recursive=True))
        except psutil.Error:
            break
        peak, main_peak = max(peak, total / 1e6), max(main_peak, own / 1e6)
        time.sleep(0.25)
    process.wait()
    reader.join(5)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {b''.join(heard).decode()[-2000:]}")
    return {"s": time.perf_counter() - started, "peak_mb": peak, "writer_mb": main_peak}


def _rss(process: Any) -> float:
    import psutil

    try:
        return float(process.memory_info().rss)
    except psutil.Error:
        return 0.0


def _shares(folder: Path) -> dict[str, float]:
    """Return the median seconds of each part of a notebook's grading."""
    found: dict[str, list[float]] = {}
    for path in (folder / "grading" / "results" / LESSON).glob("*/*.json"):
        seconds = json.loads(path.read_text()).get("seconds", {})
        for name, value in seconds.items():
            found.setdefault(name, []).append(value)
    return {name: statistics.median(values) for name, values in found.items()}


def _one(
    track: str, students: int, light: bool, workers: list[int], say: Any, stock_students: int | None = None
) -> dict[str, Any]:
    """Grade one class with both; stock grades only the first `stock_students`, and rates are compared."""
    few = min(students, stock_students or students)
    with tempfile.TemporaryDirectory(prefix="bench-grading-") as name:
        stock = Path(name) / "stock"
        say(f"{track}: making a class of {students}")
        _make_class(stock, track, students, light)
        courses = {count: Path(name) / f"ours{count}" for count in workers}
        for folder in courses.values():
            shutil.copytree(stock, folder)
        for place in sorted((stock / "grading" / "submitted").iterdir())[few:]:
            shutil.rmtree(place)
        result: dict[str, Any] = {"track": track, "students": students, "class": "light" if light else "lesson"}
        result["stock_students"] = few
        say(f"{track}: stock nbgrader autograde" + (f", {few} of them" if few < students else ""))
        result["stock"] = _timed([sys.executable, "-m", "nbgrader", "autograde", LESSON], stock)
        result["ours"] = {}
        for count, folder in courses.items():
            say(f"{track}: course grade --workers {count}")
            command = [sys.executable, "-m", "course_lib", "grade", LESSON, "--workers", str(count)]
            result["ours"][str(count)] = _timed(command, folder) | {"shares": _shares(folder)}
        by_stock = _scores(stock)
        result["same_scores"] = all(by_stock.items() <= _scores(folder).items() for folder in courses.values())
        return result


def _times_stock(one: dict[str, Any], workers: str) -> float:
    """Return notebooks per second as a multiple of stock's."""
    return float(one["stock"]["s"] / one["stock_students"] * one["students"] / one["ours"][workers]["s"])


def _scores(folder: Path) -> dict[tuple[str, str], float | None]:
    from course_lib.instructor.grading.gradebook import open_gradebook
    from course_lib.instructor.text.release import load_config

    with open_gradebook(load_config(folder)) as gradebook:
        return {
            (s.student.id, g.name): g.auto_score
            for s in gradebook.assignment_submissions(LESSON)
            for n in s.notebooks
            for g in n.grades
        }


def _growth(track: str, sizes: list[int], say: Any) -> list[dict[str, float]]:
    rows = []
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="bench-grading-") as name:
            folder = Path(name) / "course"
            _make_class(folder, track, size, light=True)
            say(f"{track}: a class of {size}")
            rows.append(
                {"students": size}
                | _timed([sys.executable, "-m", "course_lib", "grade", LESSON, "--workers", "2"], folder)
            )
    return rows


def measure(
    quick: bool = False,
    tracks: list[str] | None = None,
    students: int | None = None,
    growth: list[int] | None = None,
    light: bool = False,
    progress: Any = None,
) -> dict[str, Any]:
    """Measure everything.

    Parameters
    ----------
    quick : bool
        One light class in PyTorch, two workers; stock grades only four of it.
    tracks : list of str, optional
    students : int, optional
        In the light class.
    growth : list of int, optional
        Sizes of further classes.
    light : bool
        Leave the whole lesson out.
    progress : callable, optional
        Called with a line of text as things go on.

    Returns
    -------
    dict
        ``versions``, ``classes``, ``growth`` and ``goals``.
    """
    say = progress or (lambda text: None)
    chosen = tracks or (TRACKS[:1] if quick else TRACKS)
    classes = []
    for track in chosen:
        classes.append(_one(track, students or 30, True, [2] if quick else [1, 2], say, 4 if quick else None))
        if not quick and not light:
            classes.append(_one(track, 4, False, [1, 2], say))
    rows = _growth(chosen[0], growth, say) if growth else []
    result: dict[str, Any] = {
        "quick": quick,
        "versions": versions(["nbgrader", "jupyter_client", "ipykernel", "torch", "tensorflow"]),
        "classes": classes,
        "growth": rows,
    }
    result["goals"] = _goals(result)
    return result


def _goals(result: dict[str, Any]) -> list[dict[str, Any]]:
    goals = []

    def add(name: str, value: float, limit: float, at_least: bool = False) -> None:
        goals.append(goal(name, value, limit, at_least=at_least))

    for one in result["classes"]:
        ratio = _times_stock(one, "2")
        limit = 4 if one["track"] == "pytorch" else 8
        add(f"times stock, {one['track']}, {one['class']} class of {one['students']}, 2 workers", ratio, limit, True)
        start = one["ours"]["2"]["shares"].get("start", 0.0)
        add(f"seconds until a warm kernel is ready, {one['track']}, {one['class']}", start, 0.6)
        add(f"scores that differ from stock's, {one['track']}, {one['class']}", float(not one["same_scores"]), 0)
    rows = result["growth"]
    if len(rows) > 1:
        first, last = rows[0], rows[-1]
        add("peak memory, largest class over smallest", last["peak_mb"] / first["peak_mb"], 1.2)
        per = [(b["s"] - a["s"]) / (b["students"] - a["students"]) for a, b in pairwise(rows)]
        if len(per) > 1:
            add("seconds per further notebook, largest over smallest step", max(per) / min(per), 1.5)
    return goals


def table(result: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    lines = [
        "Notebooks a minute, with everything from the start of the command to its end; beside it the median seconds",
        "that one notebook spends in each part, and the most memory that all processes held together.",
        "",
        "| class | command | notebooks/min | times stock | start | import | execution | judging | peak MB |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for one in result["classes"]:
        what = f"{one['track']}, {one['class']}, {one['students']} students"
        stock = one["stock"]
        rate = 60 * one["stock_students"] / stock["s"]
        few = f" ({one['stock_students']} of them)" if one["stock_students"] < one["students"] else ""
        lines.append(f"| {what} | nbgrader autograde{few} | {rate:.1f} | 1 | | | | | {stock['peak_mb']:.0f} |")
        for workers, ours in one["ours"].items():
            parts = " | ".join(f"{ours['shares'].get(key, 0):.2f}" for key in ("start", "import", "execution", "judge"))
            lines.append(
                f"| {what} | course grade --workers {workers} | {60 * one['students'] / ours['s']:.1f} | "
                f"{_times_stock(one, workers):.1f} | {parts} | {ours['peak_mb']:.0f} |"
            )
    if result["growth"]:
        lines += ["", "| students | seconds | notebooks/min | peak MB | of it the writer |", "|---|---|---|---|---|"]
        lines += [
            f"| {row['students']} | {row['s']:.0f} | {60 * row['students'] / row['s']:.1f} | {row['peak_mb']:.0f} | "
            f"{row['writer_mb']:.0f} |"
            for row in result["growth"]
        ]
    return "\n".join([*lines, *footer(result)])


def main(args: argparse.Namespace) -> int:
    """Run the benchmark."""
    from course_lib.instructor.grading.sandbox import require

    require("bubblewrap")
    growth = [int(size) for size in args.growth.split(",")] if args.growth else None

    def say(text: str) -> None:
        print(f"... {text}", file=sys.stderr)

    result = measure(args.quick, args.track, args.students, growth, args.light, say)
    return publish(args, "grading", result, table)
