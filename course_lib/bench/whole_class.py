"""What a real class costs: 1,000 whole notebooks of two lessons in both tracks to grade, and a hub for 30 learners.

Each lesson in each track is a class of its own, graded by ``course grade`` from nothing, as an instructor starts it.
A learner on a hub is a JupyterLab server and a kernel that runs a lesson from the top. Their memory is what they
share with no other process, at its highest, so that it adds up; another learner's kernel, with the same framework, is
there meanwhile, since on a hub the libraries' own pages are shared. Processor time is that of the whole lesson.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from course_lib.bench.grading import make_class, timed
from course_lib.bench.page import add_output_arguments, footer, goal, publish, versions
from course_lib.tracks import TRACKS
from course_lib.trouble import CourseError

__all__ = ["add_arguments", "main", "measure", "table"]

LESSONS = ("02_train_val_split", "03_tracking_loops")
SUBMISSIONS, LEARNERS = 1000, 30
GB_FOR_LEARNERS = 24
#: What the other learner's kernel has loaded.
_IMPORTS = {track: f"import numpy, pandas, sklearn, matplotlib.pyplot, course_lib.{track}" for track in TRACKS}
#: Seconds between two looks at memory.
_PAUSE = 0.2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--quick", action="store_true", help="four notebooks of lesson 03, PyTorch only")
    parser.add_argument("--submissions", type=int, metavar="N", help=f"in all; default {SUBMISSIONS}")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="of `course grade`; default 2")
    add_output_arguments(parser)


# --- a learner on a hub ------------------------------------------------------------------------------------


class _Watch:
    """The most memory in MB that a process and its children held for themselves while the block ran."""

    def __init__(self, process: int):
        self.process, self.peak, self._over = process, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        import psutil

        watched = psutil.Process(self.process)
        while not self._over.wait(_PAUSE):
            try:
                held = [one.memory_full_info().uss for one in (watched, *watched.children(recursive=True))]
            except psutil.Error:  # one of them has just ended
                continue
            self.peak = max(self.peak, sum(held) / 1e6)

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()


def _server_mb() -> float:
    """Return the memory of a JupyterLab server that has served its page and its files."""
    with tempfile.TemporaryDirectory(prefix="bench-hub-") as folder:
        runtime = Path(folder, "runtime")
        command = [sys.executable, "-m", "jupyter", "lab", f"--ServerApp.root_dir={folder}"]
        process = subprocess.Popen(
            [*command, "--no-browser", "--allow-root"],
            env={**os.environ, "JUPYTER_RUNTIME_DIR": str(runtime)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with _Watch(process.pid) as watch:
                about = _running(process, runtime)
                for page in ("lab", "api/contents", "api/kernelspecs"):
                    address = f"{about['url']}{page}?token={about['token']}"
                    urllib.request.urlopen(address, timeout=60).close()
                time.sleep(2 * _PAUSE)
        finally:
            process.terminate()
            process.wait(30)
    return watch.peak


def _running(process: subprocess.Popen[bytes], runtime: Path, patience: float = 120) -> dict[str, Any]:
    """Wait until a server says where it is."""
    end = time.monotonic() + patience
    while process.poll() is None and time.monotonic() < end:
        for path in runtime.glob("jpserver-*.json"):
            try:
                return dict(json.loads(path.read_text()))
            except ValueError:  # it is just being written
                continue
        time.sleep(_PAUSE)
    raise CourseError("JupyterLab did not start; `course lab -- --no-browser` says why")


def _learner(lesson: str, track: str) -> dict[str, float]:
    """Run a lesson from the top in a kernel; return its memory in MB and its processor time in seconds."""
    import nbformat
    import psutil
    from nbclient import NotebookClient

    from course_lib.instructor.text.lesson_text import read_lesson
    from course_lib.instructor.text.render import course_root, lesson_texts, render_source

    notebook = render_source(read_lesson(lesson_texts(course_root(), [lesson])[0]), track)
    client: Any = NotebookClient(notebook, timeout=None, kernel_name="python3")
    loaded = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(_IMPORTS[track])])
    other: Any = NotebookClient(loaded, timeout=None, kernel_name="python3")
    with other.setup_kernel(), client.setup_kernel():
        other.execute_cell(loaded.cells[0], 0)
        kernel = client.km.provisioner.pid
        with _Watch(kernel) as watch:
            for place, cell in enumerate(notebook.cells):
                client.execute_cell(cell, place)
            used = psutil.Process(kernel).cpu_times()
    return {"mb": watch.peak, "cpu_s": used.user + used.system + used.children_user + used.children_system}


# --- the figures -------------------------------------------------------------------------------------------


def measure(
    quick: bool = False,
    submissions: int | None = None,
    workers: int = 2,
    progress: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Grade the classes and run the lessons; return the figures.

    Parameters
    ----------
    quick : bool
        Four notebooks of lesson 03, PyTorch only.
    submissions : int, optional
        In all, the same number in each class.
    workers : int
        Of ``course grade``.
    progress : callable
        Told what is going on.

    Returns
    -------
    dict
        ``classes`` (lesson, track, submissions, s, peak_mb), ``server_mb``, ``learners`` (lesson, track, mb, cpu_s),
        ``versions``, ``goals``.

    Raises
    ------
    CourseError
        If there are fewer submissions than classes.
    """
    pairs = [(lesson, track) for lesson in LESSONS for track in TRACKS] if not quick else [(LESSONS[1], TRACKS[0])]
    each = (submissions or (4 if quick else SUBMISSIONS)) // len(pairs)
    if each < 1:
        raise CourseError(f"--submissions {submissions}: there are {len(pairs)} classes; give {len(pairs)} or more")
    classes, learners = [], []
    for lesson, track in pairs:
        with tempfile.TemporaryDirectory(prefix="bench-class-") as name:
            folder = Path(name) / "course"
            progress(f"{lesson}, {track}: grading {each} notebooks")
            make_class(folder, track, each, False, lesson)
            command = [sys.executable, "-m", "course_lib", "grade", lesson, "--workers", str(workers)]
            classes.append({"lesson": lesson, "track": track, "submissions": each} | timed(command, folder))
    progress("a learner's server")
    server = _server_mb()
    for lesson, track in pairs:
        progress(f"{lesson}, {track}: a learner's kernel")
        learners.append({"lesson": lesson, "track": track} | _learner(lesson, track))
    result: dict[str, Any] = {
        "classes": classes,
        "workers": workers,
        "server_mb": server,
        "learners": learners,
        "versions": versions(["nbgrader", "jupyterlab", "ipykernel", "torch", "tensorflow"]),
    }
    result["goals"] = _goals(result)
    return result


def _gigabytes(result: dict[str, Any]) -> float:
    """Return what so many learners hold who all work in the most costly lesson at the same moment."""
    return LEARNERS * (result["server_mb"] + max(row["mb"] for row in result["learners"])) / 1000


def _goals(result: dict[str, Any]) -> list[dict[str, Any]]:
    name = f"a hub for {LEARNERS} learners who all run the most costly notebook, GB"
    return [goal(name, _gigabytes(result), GB_FOR_LEARNERS)]


def table(result: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    total, seconds = (sum(row[key] for row in result["classes"]) for key in ("submissions", "s"))
    lines = [
        f"{total:,} whole notebooks graded with {result['workers']} workers in {seconds / 60:.1f} minutes, everything "
        "from the start of the commands to their end.",
        "",
        "| class | submissions | notebooks/min | peak MB |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {row['lesson']}, {row['track']} | {row['submissions']} | {60 * row['submissions'] / row['s']:.1f} "
        f"| {row['peak_mb']:.0f} |"
        for row in result["classes"]
    ]
    cores = os.cpu_count() or 1
    lines += [
        "",
        f"A learner's server holds {result['server_mb']:.0f} MB for itself. The last column is for {LEARNERS} learners "
        f"who press *Run All* at the same moment on {cores} cores.",
        "",
        "| notebook | kernel, MB | processor time, s | learners in 24 GB | minutes until all have run |",
        "|---|---|---|---|---|",
    ]
    for row in result["learners"]:
        fit = int(1000 * GB_FOR_LEARNERS / (result["server_mb"] + row["mb"]))
        waits = LEARNERS * row["cpu_s"] / cores / 60
        lines.append(
            f"| {row['lesson']}, {row['track']} | {row['mb']:.0f} | {row['cpu_s']:.1f} | {fit} | {waits:.1f} |"
        )
    return "\n".join([*lines, *footer(result)])


def main(args: argparse.Namespace) -> int:
    """Run the benchmark."""
    from course_lib.instructor.grading.sandbox import require

    require("bubblewrap")

    def say(text: str) -> None:
        print(f"... {text}", file=sys.stderr)

    return publish(args, "class", measure(args.quick, args.submissions, args.workers, say), table)
