"""What limits a notebook: the command's options, else the course's configuration, else what is generous."""

from __future__ import annotations

import argparse
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest
from traitlets.config import Config

from course_lib.instructor.desk.grade import add_arguments
from course_lib.instructor.grading.batch import ATTEMPTS, MOST_WITHOUT_SANDBOX, outcomes
from course_lib.instructor.grading.limits import Limits, limits_of
from course_lib.instructor.grading.results import Job, Outcome
from course_lib.instructor.grading.sandbox import SandboxError
from course_lib.trouble import CourseError


def config(**sections: Any) -> Config:
    made = Config()
    for section, timeout in sections.items():
        made[section].timeout = timeout
    return made


def options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(["03", *words])


@pytest.mark.parametrize(
    ("sections", "words", "cell", "notebook"),
    [
        ({}, [], 120, 900),
        ({"ExecutePreprocessor": 3}, [], 3, 900),
        ({"Execute": 4, "ExecutePreprocessor": 3}, [], 4, 900),
        ({"NotebookClient": 5}, [], 5, 900),
        ({"ExecutePreprocessor": 3}, ["--cell-seconds", "7"], 7, 900),
        ({"ExecutePreprocessor": None}, ["--notebook-seconds", "50"], 50, 50),
        ({"ExecutePreprocessor": -1}, [], 900, 900),
        ({"ExecutePreprocessor": 3}, ["--notebook-seconds", "50"], 3, 50),
    ],
)
def test_options_win_over_the_configuration(
    sections: dict[str, Any], words: list[str], cell: int, notebook: int
) -> None:
    limits = limits_of(config(**sections), options(*words))
    assert (limits.cell_seconds, limits.notebook_seconds) == (cell, notebook)
    assert limits.memory_mb == Limits.memory_mb


def test_memory_is_an_option() -> None:
    assert limits_of(Config(), options("--memory-mb", "8192")).memory_mb == 8192


@pytest.mark.parametrize("timeout", ["soon", 0, -5])
def test_a_configuration_that_is_no_time_is_refused(timeout: Any) -> None:
    with pytest.raises(CourseError, match=r"nbgrader_config.py: .*timeout"):
        limits_of(config(ExecutePreprocessor=timeout))


@pytest.mark.parametrize("words", [["--cell-seconds", "0"], ["--memory-mb", "10"], ["--notebook-seconds", "long"]])
def test_an_option_that_is_no_limit_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options(*words)
    assert "expected a whole number of at least" in capsys.readouterr().err


# -- a worker that never comes back ----------------------------------------------------------------


def job(student: str) -> Job:
    return Job(student, "pytorch", b"", None, None, "none", 1, "", "")


def _hang_for(job: Job) -> Outcome:
    if job.student == "stuck":
        multiprocessing.Event().wait()
    return Outcome(job.student, job.notebook, "", "graded")


def _no_sandbox_for(job: Job) -> Outcome:
    if job.student in ("bomb", "everybody"):
        raise SandboxError("the sandbox has ended")
    return Outcome(job.student, job.notebook, "", "graded")


def two_workers() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork"))


@pytest.mark.slow
def test_a_worker_that_never_ends_is_ended_and_the_others_are_graded() -> None:
    jobs = [job(student) for student in ("s0", "stuck", "s1", "s2")]
    done = {o.student: o for o in outcomes(iter(jobs), two_workers, 4, grade=_hang_for, stalled_seconds=20)}
    assert {s for s, o in done.items() if o.status == "graded"} == {"s0", "s1", "s2"}
    assert "had not come to an end after 20 s" in done["stuck"].reason


def test_a_sandbox_that_one_notebook_ended_is_that_notebooks() -> None:
    jobs = [job(student) for student in ("s0", "bomb", "s1", "s2")]
    done = {o.student: o for o in outcomes(iter(jobs), two_workers, 2, grade=_no_sandbox_for)}
    assert {s for s, o in done.items() if o.status == "graded"} == {"s0", "s1", "s2"}
    assert "the sandbox has ended" in done["bomb"].reason


def test_a_machine_without_a_sandbox_ends_the_run() -> None:
    tried: list[str] = []

    def jobs() -> Any:
        while len(tried) < 100:
            tried.append(str(os.getpid()))
            yield job("everybody")

    with pytest.raises(SandboxError):
        list(outcomes(jobs(), two_workers, 1, grade=_no_sandbox_for))
    assert len(tried) <= MOST_WITHOUT_SANDBOX * ATTEMPTS
