"""Grading on a Dask cluster that is being destroyed: 300 mixed notebooks, and the gradebooks of a quiet run.

The classes are those of ``course demo-class``, for three lessons in both tracks: right, half-right, mistaken, blank,
damaged and hostile notebooks. One run grades them on this machine. The other grades copies on a cluster of separate
processes, where a worker is killed every 20 seconds and the scheduler once; the command is then given again, as an
instructor would, on a new cluster.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from course_lib.bench.grading import make_class, timed
from course_lib.bench.page import add_output_arguments, footer, goal, publish, versions
from course_lib.tracks import TRACKS
from course_lib.trouble import CourseError

__all__ = ["Cluster", "add_arguments", "main", "measure", "table"]

LESSONS = ("02_train_val_split", "03_tracking_loops", "10_beyond_loss")
SUBMISSIONS, SECONDS = 300, 20.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--submissions", type=int, default=SUBMISSIONS, metavar="N", help=f"default {SUBMISSIONS}")
    parser.add_argument(
        "--every", type=float, default=SECONDS, metavar="SECONDS", help=f"kill a worker so often; default {SECONDS:g}"
    )
    add_output_arguments(parser)


class Cluster:
    """A Dask scheduler and workers, each a process of its own; one that is killed is replaced when it is asked for.

    Parameters
    ----------
    folder : Path
        Where the scheduler writes its address.
    workers : int
    """

    def __init__(self, folder: Path, workers: int = 2):
        self.folder, self.address = folder, ""
        self._file = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0")
        self.workers: list[subprocess.Popen[bytes]] = []
        try:
            self.address = self._read_address()
            self.workers += [self._start_worker() for _ in range(workers)]
        except BaseException:
            self.close()
            raise

    def _start(self, program: str, *options: str) -> subprocess.Popen[bytes]:
        if program == "scheduler":
            self._file.unlink(missing_ok=True)
        command = [sys.executable, "-m", f"distributed.cli.dask_{program}", "--scheduler-file", str(self._file)]
        return subprocess.Popen(
            [*command, "--no-dashboard", *options],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _start_worker(self) -> subprocess.Popen[bytes]:
        return self._start("worker", "--nthreads", "1", "--no-nanny")

    def _read_address(self, patience: float = 60) -> str:
        end = time.monotonic() + patience
        while time.monotonic() < end and self.scheduler.poll() is None:
            with contextlib.suppress(OSError, ValueError):  # it is not there yet, or just being written
                return str(json.loads(self._file.read_text())["address"])
            time.sleep(0.05)
        raise CourseError(f"the Dask scheduler did not start within {patience:g} s")

    def kill_worker(self) -> None:
        """Kill the worker that has lived longest, and start another in its place."""
        oldest = self.workers.pop(0)
        oldest.kill()
        oldest.wait()
        self.workers.append(self._start_worker())

    def kill_scheduler(self) -> None:
        """Kill the scheduler; nothing replaces it."""
        self.scheduler.kill()
        self.scheduler.wait()

    def close(self) -> None:
        """End every process."""
        for process in (self.scheduler, *self.workers):
            process.kill()
            process.wait()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _make_classes(folder: Path, students: int, progress: Callable[[str], None]) -> list[tuple[Path, str, str]]:
    """Release each lesson in each track in a course of its own, and hand in a mixed class."""
    from course_lib.instructor.desk import demo_class
    from course_lib.instructor.text.render import course_root

    made = []
    for lesson in LESSONS:
        for track in TRACKS:
            progress(f"{lesson}, {track}: {students} students")
            course = folder / f"{lesson}-{track}"
            make_class(course, track, 0, False, lesson)
            shutil.copy(course_root() / "solutions" / f"{lesson}.md", course / "solutions")
            (course / "tests").symlink_to(course_root() / "tests")  # typical mistakes are taken from the bank
            for _ in demo_class.make_class(course, lesson, track, students):
                pass
            (course / "tests").unlink()
            made.append((course, lesson, track))
    return made


@contextlib.contextmanager
def _killing(cluster: list[Cluster], every: float, killed: dict[str, int]) -> Iterator[None]:
    """Kill a worker of the present cluster every so many seconds."""
    over = threading.Event()

    def kill() -> None:
        while not over.wait(every):
            cluster[0].kill_worker()
            killed["workers"] += 1

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _graded(course: Path, lesson: str) -> int:
    return sum(1 for _ in (course / "grading" / "results" / lesson).glob("*/*.json"))


def _grade(course: Path, lesson: str, cluster: list[Cluster], kill_at: int | None, killed: dict[str, int]) -> None:
    """Give the command until it has ended well; kill the scheduler when so many notebooks are graded."""
    while True:
        command = [sys.executable, "-m", "course_lib", "grade", lesson, "--dask", cluster[0].address]
        process = subprocess.Popen(command, cwd=course, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        while kill_at is not None and process.poll() is None:
            if _graded(course, lesson) >= kill_at:
                cluster[0].kill_scheduler()
                killed["schedulers"] += 1
                kill_at = None
            time.sleep(0.1)
        _, said = process.communicate()
        if process.returncode == 0:
            return
        if cluster[0].scheduler.poll() is None:
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {said.decode()[-2000:]}")
        cluster[0].close()
        cluster[0] = Cluster(cluster[0].folder)
        killed["commands again"] += 1


def _gradebook(course: Path, lesson: str) -> dict[tuple[str, ...], Any]:
    from course_lib.instructor.grading.gradebook import open_gradebook
    from course_lib.instructor.text.release import load_config

    with open_gradebook(load_config(course)) as gradebook:
        return {
            (s.student.id, n.name, g.name): (g.auto_score, g.needs_manual_grade)
            for s in gradebook.assignment_submissions(lesson)
            for n in s.notebooks
            for g in n.grades
        }


def measure(submissions: int, every: float, progress: Callable[[str], None]) -> dict[str, Any]:
    """Grade the classes twice; return what was killed, how long it took, and what differs.

    Parameters
    ----------
    submissions : int
        In all, the same number in each class.
    every : float
        Seconds between two workers killed.
    progress : callable
        Told what is going on.

    Returns
    -------
    dict
        ``submissions``, ``quiet_s``, ``cluster_s``, ``killed``, ``scores``, ``differing``, ``versions``, ``goals``.

    Raises
    ------
    CourseError
        If there are fewer submissions than classes.
    """
    classes = len(LESSONS) * len(TRACKS)
    each = submissions // classes
    if each < 1:
        raise CourseError(f"--submissions {submissions}: there are {classes} classes; give {classes} or more")
    killed = {"workers": 0, "schedulers": 0, "commands again": 0}
    quiet_s = cluster_s = 0.0
    scores = differing = 0
    with tempfile.TemporaryDirectory(prefix="bench-cluster-") as name:
        folder = Path(name)
        made = _make_classes(folder / "quiet", each, progress)
        shutil.copytree(folder / "quiet", folder / "cluster")
        for course, lesson, track in made:
            progress(f"{lesson}, {track}: on this machine")
            quiet_s += timed([sys.executable, "-m", "course_lib", "grade", lesson, "--workers", "2"], course)["s"]
        cluster = [Cluster(folder)]
        try:
            with _killing(cluster, every, killed):
                for place, (course, lesson, track) in enumerate(made):
                    progress(f"{lesson}, {track}: on the cluster")
                    began = time.perf_counter()
                    kill_at = max(1, each // 3) if place == classes // 2 else None
                    _grade(folder / "cluster" / course.name, lesson, cluster, kill_at, killed)
                    cluster_s += time.perf_counter() - began
        finally:
            cluster[0].close()
        for course, lesson, _ in made:
            expected = _gradebook(course, lesson)
            found = _gradebook(folder / "cluster" / course.name, lesson)
            scores += len(expected)
            differing += sum(expected.get(key) != found.get(key) for key in expected.keys() | found.keys())
    result: dict[str, Any] = {
        "submissions": each * classes,
        "quiet_s": quiet_s,
        "cluster_s": cluster_s,
        "every": every,
        "killed": killed,
        "scores": scores,
        "differing": differing,
        "versions": versions(["distributed", "nbgrader", "torch", "tensorflow"]),
    }
    result["goals"] = _goals(result)
    return result


def _goals(result: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        goal("scores that differ from those of the quiet run", result["differing"], 0),
        goal("schedulers killed, at least", result["killed"]["schedulers"], 1, at_least=True),
    ]


def table(result: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    killed = result["killed"]
    lines = [
        f"{result['submissions']} mixed notebooks of {len(LESSONS)} lessons in both tracks. A worker was killed every "
        f"{result['every']:g} s.",
        "",
        "| run | minutes | workers killed | schedulers killed | commands given again | scores | of them different |",
        "|---|---|---|---|---|---|---|",
        f"| on this machine, two workers | {result['quiet_s'] / 60:.1f} | 0 | 0 | 0 | {result['scores']} | |",
        f"| on a cluster of two workers | {result['cluster_s'] / 60:.1f} | {killed['workers']} "
        f"| {killed['schedulers']} | {killed['commands again']} | {result['scores']} | {result['differing']} |",
    ]
    return "\n".join([*lines, *footer(result)])


def main(args: argparse.Namespace) -> int:
    """Run the benchmark."""
    from course_lib.instructor.grading.sandbox import require

    require("bubblewrap")

    def say(text: str) -> None:
        print(f"... {text}", file=sys.stderr)

    if args.every <= 0:
        raise CourseError(f"--every is a number of seconds above 0, not {args.every:g}")
    return publish(args, "cluster", measure(args.submissions, args.every, say), table)
