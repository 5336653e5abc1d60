"""nbgrader's formgrader in a real browser, on what `course grade` wrote: see, give marks, see the total."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from grading_corpus.course import LESSON, grades, hand_in, make_course, released, solved

from course_lib.instructor.grading.sandbox import bubblewrap_problem
from course_lib.instructor.grading.session import Options, grade_assignment
from course_lib.instructor.hidden import graded_exercises
from course_lib.instructor.text.release import load_config

PATIENCE = 120  # seconds

pytestmark = pytest.mark.skipif(bubblewrap_problem() is not None, reason=str(bubblewrap_problem()))


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make_course(tmp_path_factory.mktemp("formgrader") / "course")
    hand_in(made, "ada", solved(made))
    hand_in(made, "grace", solved(made, only=("epoch_loss",)))
    hand_in(made, "blank", released(made))
    grade_assignment(made, load_config(made), Options(LESSON, workers=1))
    return made


@pytest.fixture(scope="module")
def formgrader(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A Jupyter server with formgrader on the course; its address and token."""
    token = secrets.token_hex(16)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = open(course.parent / "server.log", "wb")  # noqa: SIM115  (as long as the server runs)
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", "--ip=127.0.0.1"),
            *(f"--port={port}", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={course}"),
            "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}",
        ],
        cwd=course,
        env=os.environ | {"JUPYTER_CONFIG_DIR": str(tmp_path_factory.mktemp("config"))},
        stdout=log,
        stderr=log,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            assert server.poll() is None, (course.parent / "server.log").read_text()
            try:
                urllib.request.urlopen(f"{url}/api/status?token={token}", timeout=5).close()
                break
            except (urllib.error.URLError, OSError):
                assert time.monotonic() < deadline
                time.sleep(0.1)
        yield url, token
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def test_open_see_give_marks_and_see_the_total(
    course: Path, formgrader: tuple[str, str], page: Any, artefacts: Path
) -> None:
    url, token = formgrader
    page.goto(f"{url}/formgrader/manage_assignments?token={token}")
    row = page.locator("tr", has_text=LESSON)
    row.wait_for()
    assert "3" in row.inner_text()  # three submissions
    page.screenshot(path=artefacts / "formgrader-assignments.png")

    page.goto(f"{url}/formgrader/gradebook/{LESSON}/pytorch")
    page.locator("tbody tr td a").first.wait_for()
    page.screenshot(path=artefacts / "formgrader-notebooks.png")
    with page.expect_navigation():
        page.locator("tr", has=page.locator("text=/3 \\/ 5|3.0 \\/ 5/")).first.locator("a").first.click()
    page.locator(".nbgrader_cell").first.wait_for()
    shown = page.locator("body").inner_text()
    assert f"All {len(graded_exercises(LESSON, 'pytorch')['epoch_loss'].cases)} cases are right" in shown
    assert "a small last batch with a large loss" in shown  # the hidden cases' verdicts, not their code
    assert "graded_check" not in shown
    marks = page.locator("input.score")
    assert marks.count() == 3
    manual = marks.nth(2)
    manual.scroll_into_view_if_needed()
    with page.expect_response(lambda r: "/api/grade/" in r.url and r.request.method == "PUT"):
        manual.fill("1.5")
        manual.press("Tab")
    page.screenshot(path=artefacts / "formgrader-manual.png")
    assert grades(course)["ada", "why_not_the_same"] == (None, 1.5, False)

    page.goto(f"{url}/formgrader/manage_submissions/{LESSON}")
    row = page.locator("tr", has_text="ada")
    row.wait_for()
    assert "4.5 / 5" in row.inner_text().replace("\t", " ")
    page.screenshot(path=artefacts / "formgrader-submissions.png")
