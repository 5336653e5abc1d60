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
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import postgres_server
import psutil
import pytest
from grading_corpus.course import LESSON, grades, hand_in, make_course, released, solved

from course_lib.bench.cluster import Cluster
from course_lib.commands.cli import main
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


def make_class(folder: Path, db_url: str = "") -> Path:
    course = make_course(folder, db_url=db_url)
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
    session._executors = lambda options: (lambda: ThreadPoolExecutor(2), lambda: None, None)  # type: ignore[assignment]
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


def test_a_cluster_whose_scheduler_is_killed_ends_in_a_line_and_the_next_one_goes_on(
    tmp_path: Path, undisturbed: tuple[Path, Any]
) -> None:
    pytest.importorskip("distributed")
    course = tmp_path / "course"
    shutil.copytree(undisturbed[0], course)
    command = [sys.executable, "-m", "course_lib", "grade", LESSON, "--dask"]
    with Cluster(tmp_path) as cluster:
        address = cluster.address
        grading = subprocess.Popen([*command, address], cwd=course, stderr=subprocess.PIPE, text=True)
        while not _results(course) and grading.poll() is None:
            time.sleep(0.05)
        cluster.kill_scheduler()
        _, said = grading.communicate(timeout=120)
    assert grading.returncode == 1
    assert f"the Dask scheduler at {address} has not answered" in said
    assert "Traceback" not in said
    before = _results(course)
    assert 0 < len(before) < 6
    with Cluster(tmp_path) as cluster:
        assert subprocess.run([*command, cluster.address], cwd=course, capture_output=True).returncode == 0
    assert before.items() <= _results(course).items(), "what was graded before was graded again"
    assert grades(course) == undisturbed[1]


@pytest.fixture
def server() -> Iterator[postgres_server.Server]:
    binaries = postgres_server.programs()
    if binaries is None:
        if os.environ.get("COURSE_REQUIRE_POSTGRES"):
            pytest.fail("no PostgreSQL server found, and this run must have one")
        pytest.skip("no PostgreSQL server; Debian's package `postgresql` has one")
    with postgres_server.running(binaries) as server:
        yield server


def test_postgresql_has_the_same_gradebook(
    tmp_path: Path,
    server: postgres_server.Server,
    undisturbed: tuple[Path, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    course = make_class(tmp_path / "course", db_url=server.database("course"))
    grade_assignment(course, load_config(course), Options(LESSON, workers=2))
    assert not (course / "grading" / "gradebook.db").exists()
    assert grades(course) == undisturbed[1]
    monkeypatch.chdir(course)
    for words in (["export"], ["report", LESSON], ["feedback", LESSON], ["report", "--class"]):
        assert main(words) == 0
    assert (course / "grading" / "feedback" / "s1" / LESSON / "feedback.html").is_file()
    server.stop()
    capsys.readouterr()
    assert main(["export"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "its server does not answer. Start it, or mend c.CourseDirectory.db_url" in line
