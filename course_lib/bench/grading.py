"""What grading a class costs: ``course grade`` beside stock ``nbgrader autograde``, on the same class, in one run.

Two classes are made of lesson 03. "light" keeps the setup cell, two exercises and the text that a person
grades, so that starting and importing weigh most; "lesson" is the whole notebook, with its training. With --lesson,
the one class is a whole lesson's, and stock grades only four of it. Both commands start from nothing, as an instructor
starts them, so that their own imports count as well.
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
from pathlib import Path
from typing import Any

from course_lib.bench.grading_page import goals, table
from course_lib.bench.page import add_output_arguments, publish, versions
from course_lib.instructor.places import RELEASE
from course_lib.tracks import TRACKS
from course_lib.trouble import CourseError

__all__ = ["add_arguments", "main", "make_class", "measure", "timed"]

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
    parser.add_argument("--lesson", metavar="NN", help="only this lesson's whole notebook, such as 12")
    parser.add_argument(
        "--students", type=int, metavar="N", help="students in the light class, or --lesson's; default 30"
    )
    parser.add_argument(
        "--growth", metavar="N,N,...", help="also grade classes of these sizes, such as 10,100,1000, and compare"
    )


def make_class(folder: Path, track: str, students: int, light: bool, lesson: str = LESSON) -> None:
    """Release a lesson in a course of its own and hand in solved notebooks."""
    import nbformat
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory

    from course_lib.instructor.desk.demo_class import answer
    from course_lib.instructor.grading.gradebook import open_gradebook
    from course_lib.instructor.text.lesson_text import read_lesson
    from course_lib.instructor.text.release import load_config
    from course_lib.instructor.text.render import course_root

    root = course_root()
    (folder / "solutions" / lesson).mkdir(parents=True)
    (folder / "grading").mkdir()
    shutil.copy(root / "nbgrader_config.py", folder)
    source = nbformat.read(root / "solutions" / lesson / f"{track}.ipynb", as_version=4)
    if light:
        source.cells = [
            cell
            for cell in source.cells
            if cell.metadata.get("nbgrader", {}).get("grade_id") in LIGHT or "begin_lesson(" in cell.source
        ]
    nbformat.write(source, folder / "solutions" / lesson / f"{track}.ipynb")
    config = load_config(folder)
    open_gradebook(config).close()
    config.CourseDirectory.assignment_id = lesson
    config.CourseDirectory.release_directory = RELEASE
    converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
    converter.log = logging.getLogger("course.bench")
    converter.log.setLevel(logging.CRITICAL)
    converter.start()
    notebook = nbformat.read(folder / RELEASE / lesson / f"{track}.ipynb", as_version=4)
    answer(notebook, read_lesson(root / "solutions" / f"{lesson}.md").solutions(track))
    text = nbformat.writes(notebook)
    for number in range(students):
        place = folder / "grading" / "submitted" / f"s{number:04d}" / lesson
        place.mkdir(parents=True)
        (place / f"{track}.ipynb").write_text(text)


def timed(command: list[str], folder: Path) -> dict[str, float]:
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


def _shares(folder: Path, lesson: str) -> dict[str, float]:
    """Return the median seconds of each part of a notebook's grading."""
    found: dict[str, list[float]] = {}
    for path in (folder / "grading" / "results" / lesson).glob("*/*.json"):
        seconds = json.loads(path.read_text()).get("seconds", {})
        for name, value in seconds.items():
            found.setdefault(name, []).append(value)
    return {name: statistics.median(values) for name, values in found.items()}


def _one(
    track: str,
    students: int,
    light: bool,
    workers: list[int],
    say: Any,
    stock_students: int | None = None,
    lesson: str = LESSON,
) -> dict[str, Any]:
    """Grade one class with both; stock grades only the first `stock_students`, and rates are compared."""
    few = min(students, stock_students or students)
    with tempfile.TemporaryDirectory(prefix="bench-grading-") as name:
        stock = Path(name) / "stock"
        say(f"{track}: making a class of {students}")
        make_class(stock, track, students, light, lesson)
        courses = {count: Path(name) / f"ours{count}" for count in workers}
        for folder in courses.values():
            shutil.copytree(stock, folder)
        for place in sorted((stock / "grading" / "submitted").iterdir())[few:]:
            shutil.rmtree(place)
        result: dict[str, Any] = {"track": track, "students": students, "class": "light" if light else "lesson"}
        result["class"] += "" if lesson == LESSON else f" {lesson[:2]}"
        result["stock_students"] = few
        say(f"{track}: stock nbgrader autograde" + (f", {few} of them" if few < students else ""))
        result["stock"] = timed([sys.executable, "-m", "nbgrader", "autograde", lesson], stock)
        result["ours"] = {}
        for count, folder in courses.items():
            say(f"{track}: course grade --workers {count}")
            command = [sys.executable, "-m", "course_lib", "grade", lesson, "--workers", str(count)]
            result["ours"][str(count)] = timed(command, folder) | {"shares": _shares(folder, lesson)}
        by_stock = _scores(stock, lesson)
        result["same_scores"] = all(by_stock.items() <= _scores(folder, lesson).items() for folder in courses.values())
        return result


def _scores(folder: Path, lesson: str) -> dict[tuple[str, str], float | None]:
    from course_lib.instructor.grading.gradebook import open_gradebook
    from course_lib.instructor.text.release import load_config

    with open_gradebook(load_config(folder)) as gradebook:
        return {
            (s.student.id, g.name): g.auto_score
            for s in gradebook.assignment_submissions(lesson)
            for n in s.notebooks
            for g in n.grades
        }


def _growth(track: str, sizes: list[int], say: Any) -> list[dict[str, float]]:
    rows = []
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="bench-grading-") as name:
            folder = Path(name) / "course"
            make_class(folder, track, size, light=True)
            say(f"{track}: a class of {size}")
            rows.append(
                {"students": size}
                | timed([sys.executable, "-m", "course_lib", "grade", LESSON, "--workers", "2"], folder)
            )
    return rows


def measure(
    quick: bool = False,
    tracks: list[str] | None = None,
    students: int | None = None,
    growth: list[int] | None = None,
    light: bool = False,
    progress: Any = None,
    lesson: str | None = None,
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
    lesson : str, optional
        Measure a class of this whole lesson and nothing else.

    Returns
    -------
    dict
        ``versions``, ``classes``, ``growth`` and ``goals``.
    """
    say = progress or (lambda text: None)
    chosen = tracks or (TRACKS[:1] if quick else TRACKS)
    classes = []
    for track in chosen:
        if lesson:
            classes.append(_one(track, students or 30, False, [2], say, 4, lesson))
            continue
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
    result["goals"] = goals(result)
    return result


def main(args: argparse.Namespace) -> int:
    """Run the benchmark."""
    from course_lib.instructor.grading.sandbox import require
    from course_lib.instructor.text.render import course_root, lesson_texts

    require("bubblewrap")
    growth = [int(size) for size in args.growth.split(",")] if args.growth else None

    def say(text: str) -> None:
        print(f"... {text}", file=sys.stderr)

    if args.lesson and (args.quick or args.light or args.growth or args.write):
        raise CourseError("--lesson measures one lesson's class; leave --quick, --light, --growth and --write out")
    lesson = lesson_texts(course_root(), [args.lesson])[0].stem if args.lesson else None
    result = measure(args.quick, args.track, args.students, growth, args.light, say, lesson)
    return publish(args, "grading", result, table)
