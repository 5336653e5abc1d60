"""Killed at any moment and started again, grading ends where an undisturbed run ends; lost workers lose nothing."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
from grading_corpus.course import LESSON, grades, hand_in, make_course, released, solved

from course_lib.instructor.desk.regrade import find_changes
from course_lib.instructor.grading import session
from course_lib.instructor.grading.batch import ATTEMPTS, local_executor, outcomes
from course_lib.instructor.grading.results import Job, Outcome
from course_lib.instructor.grading.sandbox import bubblewrap_problem
from course_lib.instructor.grading.session import Options, grade_assignment
from course_lib.instructor.text.release import load_config

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bubblewrap_problem() is not None, reason=str(bubblewrap_problem())),
]
KILLS = 20


def make_class(folder: Path) -> Path:
    course = make_course(folder)
    for number in range(4):
        hand_in(course, f"s{number}", solved(course) if number % 2 else solved(course, only=("epoch_loss",)))
    hand_in(course, "blank", released(course))
    hand_in(course, "broken", b"not a notebook")
    return course


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A class, and the gradebook of a run that nothing disturbed."""
    course = make_class(tmp_path_factory.mktemp("undisturbed") / "course")
    fresh = course.parent / "fresh"
    shutil.copytree(course, fresh)
    grade_assignment(course, load_config(course), Options(LESSON, workers=2))
    return fresh, grades(course)


def _run_in_threads(course: Path) -> None:
    """Grade in this process: any executor serves, and there is no other process to wait for."""
    session._executors = lambda options: (lambda: ThreadPoolExecutor(2), lambda: None)  # type: ignore[assignment]
    with open(course / "told", "a") as told:

        def tell(outcome: Outcome) -> None:
            told.write(f"{outcome.student}\n")
            told.flush()

        grade_assignment(course, load_config(course), Options(LESSON, workers=2), tell)


def _finished(course: Path) -> bool:
    run = course / "grading" / "runs" / LESSON / "run.json"
    return run.is_file() and json.loads(run.read_text())["finished"]


def _results(course: Path) -> dict[str, int]:
    folder = course / "grading" / "results" / LESSON
    return {p.parent.name: p.stat().st_mtime_ns for p in folder.glob("*/*.json")}


def test_killed_at_random_moments_it_ends_with_the_same_gradebook(
    tmp_path: Path, undisturbed: tuple[Path, Any]
) -> None:
    fresh, expected = undisturbed
    # Torch is imported once, in a process without threads from which each run is forked.
    fork = multiprocessing.get_context("forkserver")
    fork.set_forkserver_preload(["torch", "course_lib.instructor.grading.session"])
    rng = random.Random(7)
    kills = rounds = 0
    while kills < KILLS:
        course = tmp_path / f"course{rounds}"
        shutil.copytree(fresh, course)
        rounds += 1
        seen: dict[str, int] = {}
        while not _finished(course):
            process = fork.Process(target=_run_in_threads, args=(course,))
            process.start()
            process.join(rng.uniform(0.02, 6.0) if kills < KILLS else None)
            if process.is_alive():
                assert process.pid is not None
                os.kill(process.pid, signal.SIGKILL)
                process.join()
                kills += 1
            now = _results(course)
            for student, when in seen.items():
                assert now[student] == when or student == "broken", f"{student} was graded twice"
            seen = now
        assert grades(course) == expected
        told = (course / "told").read_text().split()
        assert len(set(told) - {"broken"}) == len([t for t in told if t != "broken"])
    assert kills == KILLS


def test_workers_end_when_the_run_is_killed(tmp_path: Path, undisturbed: tuple[Path, Any]) -> None:
    course = tmp_path / "course"
    shutil.copytree(undisturbed[0], course)
    command = [sys.executable, "-m", "course_lib", "grade", LESSON, "--workers", "2"]
    process = subprocess.Popen(command, cwd=course, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    children: list[psutil.Process] = []
    deadline = time.monotonic() + 60
    while len(children) < 5 and process.poll() is None and time.monotonic() < deadline:
        children = psutil.Process(process.pid).children(recursive=True)
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    _, alive = psutil.wait_procs(children, timeout=20)
    assert not alive


def _kill_the_first_time(job: Job) -> Outcome:
    mark = Path(job.root) / f"killed-{job.student}"
    if job.student in ("s1", "always") and (not mark.exists() or job.student == "always"):
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return Outcome(job.student, job.notebook, "", "graded")


def test_a_worker_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    jobs = [
        Job(student, "pytorch", b"", None, None, "none", 1, str(tmp_path), "")
        for student in ("s0", "s1", "s2", "s3", "always", "s4", "s5")
    ]
    done = {o.student: o for o in outcomes(iter(jobs), lambda: local_executor(2), 4, grade=_kill_the_first_time)}
    assert len(done) == len(jobs)
    assert [o.student for o in done.values() if o.status == "failed"] == ["always"]
    assert "ended" in done["always"].reason
    assert ATTEMPTS == 3


def test_a_cluster_of_separate_processes_grades_though_a_worker_is_killed(
    tmp_path: Path, undisturbed: tuple[Path, Any]
) -> None:
    distributed = pytest.importorskip("distributed")
    course = tmp_path / "course"
    shutil.copytree(undisturbed[0], course)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        victim = next(iter(cluster.workers.values())).pid
        killed = []

        def tell(outcome: Outcome) -> None:
            if outcome.status == "graded" and not killed:
                killed.append(victim)
                os.kill(victim, signal.SIGKILL)

        options = Options(LESSON, workers=2, dask=cluster.scheduler_address)
        report = grade_assignment(course, load_config(course), options, tell)
    assert killed
    assert len(report.graded) == 5
    assert grades(course) == undisturbed[1]


@pytest.mark.skipif(not os.environ.get("COURSE_POSTGRES"), reason="COURSE_POSTGRES names no server's database")
def test_postgresql_works_as_the_gradebook(tmp_path: Path, undisturbed: tuple[Path, Any]) -> None:
    course = make_course(tmp_path / "course", db_url=os.environ["COURSE_POSTGRES"])
    hand_in(course, "s1", solved(course))
    grade_assignment(course, load_config(course), Options(LESSON, workers=1))
    assert grades(course)["s1", "check_epoch_loss"] == undisturbed[1]["s1", "check_epoch_loss"]
    options = Options(LESSON, workers=1, regrade=True)
    assert find_changes(course, load_config(course), options) == ([], [])
