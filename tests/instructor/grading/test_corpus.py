"""Difficult submissions, graded in one batch: each gets the right points or the right line in the report."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from grading_corpus.accidents import ACCIDENTS
from grading_corpus.attacks import ATTACKS, TROPHY
from grading_corpus.course import LESSON, make_course
from grading_corpus.outcome import LIMITS, holds

from course_lib.instructor.grading.run_report import RunReport
from course_lib.instructor.grading.sandbox import bubblewrap_problem
from course_lib.instructor.grading.session import Options, grade_assignment
from course_lib.instructor.text.release import load_config

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bubblewrap_problem() is not None, reason=str(bubblewrap_problem())),
]


class Graded:
    def __init__(self, course: Path, report: RunReport, before: Any, after: Any, children: set[int]):
        self.course, self.report, self.before, self.after = course, report, before, after
        self.children = children


def children() -> set[int]:
    """The processes below this one; other tests may have left some that serve them until the end."""
    return {child.pid for child in psutil.Process().children(recursive=True)}


def fingerprint(course: Path) -> dict[str, str]:
    files = [p for top in ("solutions", "grading/submitted", "grading/release") for p in (course / top).rglob("*")]
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in files if p.is_file() and not p.is_symlink()}


def processes() -> set[str]:
    """The names of all processes that look like ours, except this one."""
    found = set()
    for process in psutil.process_iter(["pid", "cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if "warden.py" in line and process.info["pid"] != os.getpid():
            found.add(line[-200:])
    return found


def grade_all(course: Path, corpus: dict[str, Any], workers: int) -> Graded:
    for name, (make, _) in corpus.items():
        make(course, name)
    before, running = fingerprint(course), children()
    options = Options(LESSON, workers=workers, limits=LIMITS)
    report = grade_assignment(course, load_config(course), options)
    return Graded(course, report, before, fingerprint(course), running)


@pytest.fixture(scope="module")
def accidents(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    course = make_course(tmp_path_factory.mktemp("accidents") / "course")
    return grade_all(course, ACCIDENTS, workers=2)


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A server on loopback that notes what reaches it."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                heard.append(connection.recv(100))

        threading.Thread(target=listen, daemon=True).start()
        yield server.getsockname()[1], heard


@pytest.fixture(scope="module")
def attacks(tmp_path_factory: pytest.TempPathFactory, listener: tuple[int, list[bytes]]) -> Graded:
    course = make_course(tmp_path_factory.mktemp("attacks") / "course")
    (course / "port").write_text(str(listener[0]))
    return grade_all(course, ATTACKS, workers=1)


@pytest.mark.parametrize("name", ACCIDENTS)
def test_accident(accidents: Graded, name: str) -> None:
    holds(accidents.course, accidents.report, name, ACCIDENTS[name][1])


@pytest.mark.parametrize("name", ATTACKS)
def test_attack(attacks: Graded, name: str) -> None:
    holds(attacks.course, attacks.report, name, ATTACKS[name][1])


def test_what_was_handed_in_and_the_solutions_are_as_before(accidents: Graded, attacks: Graded) -> None:
    assert accidents.before == accidents.after
    assert attacks.before == attacks.after
    assert not (attacks.course.parent / TROPHY).exists()


def test_nothing_got_out_and_nothing_stays(attacks: Graded, listener: tuple[int, list[bytes]]) -> None:
    assert listener[1] == []
    assert not {line for line in processes() if str(attacks.course) in line}
    left = []
    for pid in children() - attacks.children:
        with contextlib.suppress(psutil.NoSuchProcess):  # it has just ended
            left.append(" ".join(psutil.Process(pid).cmdline()))
    assert not [line for line in left if "resource_tracker" not in line]


def test_the_corpus_is_large_enough() -> None:
    assert len(ACCIDENTS) + len(ATTACKS) >= 30
