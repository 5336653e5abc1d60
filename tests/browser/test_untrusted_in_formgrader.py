"""What students wrote, opened in formgrader by a real browser: nothing runs, and nothing is asked for.

Each page is also opened as it was handed in, without the course's settings: there the same thing does run, so that
silence means something.
"""

from __future__ import annotations

import contextlib
import html
import os
import re
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

import nbformat
import pytest
from grading_corpus.course import LESSON, make_course, released
from untrusted import HOST, LINKS, NAME, OUTPUTS, TEXTS, everything, with_output, with_text

from course_lib.instructor.desk.feedback import feedback_page
from course_lib.instructor.desk.report import item_statistics, report_page
from course_lib.instructor.grading.gradebook import Writer, open_gradebook
from course_lib.instructor.grading.notebook_scores import Cell
from course_lib.instructor.grading.scores import Score
from course_lib.instructor.text.release import load_config

PATIENCE = 120  # seconds
SUBJECTS = [*(f"text_{name}" for name in (*TEXTS, *LINKS)), *(f"output_{name}" for name in OUTPUTS)]


def handed_in(course: Path, subject: str) -> Any:
    kind, name = subject.split("_", 1)
    if kind == "text":
        return with_text(released(course), (TEXTS | LINKS)[name], "why_not_the_same")
    return with_output(released(course), OUTPUTS[name])


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with a student for each notebook as it was handed in, one with all of them, and one stored."""
    made = make_course(tmp_path_factory.mktemp("untrusted") / "course")
    with Writer(made, load_config(made), LESSON) as writer:

        def keep(student: str, notebook: Any) -> None:
            writer.missing_notebook(student, "pytorch", None)
            path = writer.autograded(student, "pytorch")
            path.parent.mkdir(parents=True)
            nbformat.write(notebook, path)

        for subject in SUBJECTS:
            keep(subject, handed_in(made, subject))
        keep("named", released(made))
        writer.gradebook.update_or_create_student("named", first_name=NAME, last_name=NAME)
        everything_as_it_is = everything(released(made))
        keep("raw", everything_as_it_is)
        writer.missing_notebook("stored", "pytorch", None)
        writer.store_notebook("stored", "pytorch", nbformat.writes(everything_as_it_is), None)
    return made


@contextlib.contextmanager
def formgrader(course: Path, config: Path) -> Iterator[tuple[str, str]]:
    token = secrets.token_hex(16)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config.mkdir()
    with open(config / "server.log", "wb") as log:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", "--ip=127.0.0.1"),
                *(f"--port={port}", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={course}"),
                "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}",
            ],
            cwd=course,
            env=os.environ | {"JUPYTER_CONFIG_DIR": str(config)},
            stdout=log,
            stderr=log,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            deadline = time.monotonic() + PATIENCE
            while True:
                assert server.poll() is None, (config / "server.log").read_text()
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


@pytest.fixture(scope="module")
def settings_of_the_course(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    with formgrader(course, tmp_path_factory.mktemp("with") / "config") as server:
        yield server


@pytest.fixture(scope="module")
def nbgraders_own_settings(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Formgrader as it is without the course's settings for pages."""
    file = course / "nbgrader_config.py"
    before = file.read_text()
    file.write_text(before + "\ndel c.HTMLExporter\n")
    with formgrader(course, tmp_path_factory.mktemp("without") / "config") as server:
        file.write_text(before)  # a server reads them when it starts
        yield server


class Opened:
    """A submission on its page, and what that page asked for elsewhere."""

    def __init__(self, page: Any, server: tuple[str, str], course: Path, student: str):
        url, token = server
        self.asked: list[str] = []
        self.page = page

        def answer(route: Any) -> None:
            if route.request.url.startswith(HOST):
                self.asked.append(route.request.url.removeprefix(HOST + "/"))
            route.abort()

        page.route(lambda address: not address.startswith(url), answer)
        with open_gradebook(load_config(course)) as gradebook:
            number = gradebook.find_submission_notebook("pytorch", LESSON, student).id
        page.goto(f"{url}/formgrader/submissions/{number}/?token={token}", wait_until="load")
        with contextlib.suppress(Exception):  # a page that went away has said enough
            page.evaluate(f"fetch('{HOST}/end').catch(() => 0)")  # what was asked for before has been seen by now

    def acted(self) -> list[str]:
        """What it asked for, and the links that would ask or run when clicked."""
        links: list[str] = []
        with contextlib.suppress(Exception):  # a page that is just going away has no links; what it asked for is known
            links = self.page.locator("#notebook-container a").evaluate_all(
                "all => all.map(a => a.getAttribute('href'))"
            )
        return [x for x in self.asked if x != "end"] + [link for link in links if not link.startswith("#")]


@pytest.mark.parametrize("subject", [subject for subject in SUBJECTS if subject != "text_macro"])
def test_as_handed_in_it_acts(course: Path, nbgraders_own_settings: tuple[str, str], page: Any, subject: str) -> None:
    opened = Opened(page, nbgraders_own_settings, course, subject)
    deadline = time.monotonic() + PATIENCE
    while not opened.acted():
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)


def only_read(page: Any, server: tuple[str, str], course: Path, student: str) -> str:
    """Open a page that must not act; return what it shows."""
    opened = Opened(page, server, course, student)
    assert opened.acted() == []
    assert "end" in opened.asked
    inside = page.locator("#notebook-container").first
    assert inside.locator("script, iframe, form, object, embed, base, meta, link, style, svg").count() == 0
    assert inside.locator("[onerror], [onload], [onfocus], [ontoggle]").count() == 0
    assert page.locator("input.score").count() == 3  # and the marks can be given
    return str(inside.inner_text())


def test_what_is_stored_is_only_read(
    course: Path, nbgraders_own_settings: tuple[str, str], page: Any, artefacts: Path
) -> None:
    shown = only_read(page, nbgraders_own_settings, course, "stored")
    page.screenshot(path=artefacts / "formgrader-untrusted.png", full_page=True)
    assert "<script>fetch('https://elsewhere.test/script')</script>" in shown
    assert "[more](javascript:fetch(" in shown
    assert "see http://127.0.0.1:8888/formgrader/" in shown


def test_the_courses_settings_alone_are_enough(
    course: Path, settings_of_the_course: tuple[str, str], page: Any
) -> None:
    only_read(page, settings_of_the_course, course, "raw")


def test_a_students_name_is_a_name(
    course: Path, settings_of_the_course: tuple[str, str], nbgraders_own_settings: tuple[str, str], browser: Any
) -> None:
    for server, acts in ((nbgraders_own_settings, True), (settings_of_the_course, False)):
        context = browser.new_context()
        assert bool(Opened(context.new_page(), server, course, "named").acted()) == acts
        context.close()


@pytest.mark.parametrize("kind", ["feedback", "report"])
def test_the_course_s_own_pages_show_and_do_nothing(browser: Any, tmp_path: Path, kind: str) -> None:
    """Every place of a page that a student, a message or a comment can fill; unescaped, the same page does act."""
    acting = "".join(TEXTS[name] for name in ("handler", "script", "style", "frame"))
    case = {"name": acting, "message": acting, "passed": False, "diagnosis": acting}
    result = {"message": acting, "cases": [case]}
    cell = Cell(acting, acting, 2.0, 1.0, 1.0, 1.5, False, comment=acting, result=result)
    score = Score(acting, acting, first_name=acting, points=2.0, score=1.0, cells=[cell])
    lost = Score(acting, acting, absent="not graded")
    refused = Score(acting, acting, faults=[acting])
    if kind == "feedback":
        text = feedback_page(score, {acting: acting})
    else:
        text = report_page(acting, item_statistics([score]), [score, lost, refused])
    asked: list[str] = []
    without_policy = re.sub("<meta http-equiv[^>]*>", "", text)
    for shown, acts in ((text, False), (without_policy, False), (html.unescape(without_policy), True)):
        asked.clear()
        path = tmp_path / "page.html"
        path.write_text(shown)
        context = browser.new_context()
        page = context.new_page()
        page.route(f"{HOST}/**", lambda route: route.abort())
        page.on("request", lambda request: asked.append(request.url) if request.url.startswith(HOST) else None)
        page.goto(path.as_uri(), wait_until="load")
        assert bool(asked) == acts
        context.close()
