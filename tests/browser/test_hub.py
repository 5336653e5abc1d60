"""A class on a real JupyterHub that is set up as docs/jupyterhub.md says, from the release to the opened feedback."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from grading_corpus.course import LESSON, make_course, release_all, small_source, solved
from hub_support import INSTRUCTOR, PASSWORD, UIDS, Hub, serving_hub
from lab_server import PATIENCE

from course_lib.commands.cli import main
from course_lib.instructor.grading.gradebook import open_gradebook
from course_lib.instructor.grading.sandbox import bubblewrap_problem
from course_lib.instructor.text.release import load_config

pytestmark = pytest.mark.skipif(bubblewrap_problem() is not None, reason=str(bubblewrap_problem()))
#: What ben calls his notebook.
RENAMED = "my answers (final)"
TOLD = "both were found"
TERMINAL = """async ([base, line, until, patience]) => {
  const token = document.cookie.match(new RegExp("_xsrf=([^;]+)"))[1];
  const made = await fetch(`${base}api/terminals`, { method: "POST", headers: { "X-XSRFToken": token } });
  const { name } = await made.json();
  const address = `${location.origin.replace("http", "ws")}${base}terminals/websocket/${name}`;
  let told = "";
  return new Promise((done) => {
    const connect = () => {
      const socket = new WebSocket(address);
      socket.onopen = () => socket.send(JSON.stringify(["stdin", `${line}\\r`]));
      socket.onclose = ({ code }) => { told += `(closed: ${code})`; setTimeout(connect, 1000); };
      socket.onmessage = ({ data }) => {
        const [kind, text] = JSON.parse(data);
        if (kind === "stdout") told += text;
        if (told.includes(until)) done(told);
      };
    };
    setTimeout(() => done(told), patience);
    connect();
  });
}"""


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    with tempfile.TemporaryDirectory(prefix="hub-") as name:
        folder = Path(name)
        make_course(folder / "course")
        nbformat.write(small_source("keras"), folder / "course" / "solutions" / LESSON / "keras.ipynb")
        release_all(folder / "course")
        with serving_hub(folder) as hub:
            yield hub


class Person:
    """Somebody who is logged in, in a browser of their own."""

    def __init__(self, browser: Any, hub: Hub, name: str):
        self.hub, self.name = hub, name
        self.page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        self.page.set_default_timeout(PATIENCE)

    def arrive(self) -> None:
        """Log in, and wait until JupyterLab is there."""
        self.page.goto(f"{self.hub.url}/hub/login?next=%2Fuser%2F{self.name}%2Flab")
        self.page.fill("#username_input", self.name)
        self.page.fill("#password_input", PASSWORD)
        self.page.click("#login_submit")
        self.page.locator(".lm-MenuBar-item", has_text="Nbgrader").wait_for()

    def nbgrader_menu(self) -> list[str]:
        """What the menu offers; it stays open."""
        self.page.locator(".lm-MenuBar-item", has_text="Nbgrader").click()
        self.page.locator(".lm-Menu-itemLabel", has_text="Assignment List").wait_for()
        shown = self.page.locator(".lm-Menu-item:visible .lm-Menu-itemLabel").all_inner_texts()
        return [label for label in shown if label]

    def assignments(self, status: str) -> Any:
        """A part of the list of assignments: released, fetched or submitted."""
        return self.page.locator(f"#{status}_assignments_list")

    def press(self, status: str, button: str, then: str) -> None:
        """Press a button of the list, and wait until the assignment stands where it is `then`."""
        self.assignments(status).get_by_role("button", name=button, exact=True).click()
        self.assignments(then).locator(".list_item", has_text=LESSON).first.wait_for()

    def terminal(self, line: str, until: str) -> str:
        """Type a line in a terminal of JupyterLab; return what it prints until a word comes."""
        return str(self.page.evaluate(TERMINAL, [f"/user/{self.name}/", line, until, PATIENCE]))

    def submissions(self) -> Any:
        return self.assignments("submitted").locator(".nested_list_item").filter(has_text=re.compile(r"\d{4}-"))

    def submit(self, before: int) -> None:
        """Hand in once more."""
        self.assignments("fetched").get_by_role("button", name="Submit", exact=True).click()
        self.page.wait_for_function(
            "([selector, count]) => document.querySelectorAll(selector).length > count",
            arg=["#submitted_assignments_list .nested_list_item .item_name", before],
        )


def write(hub: Hub, name: str, file: str, notebook: Any) -> None:
    """What a student typed, saved where it was fetched to."""
    path = hub.home(name) / LESSON / file
    nbformat.write(notebook, path)
    if os.getuid() == 0:
        os.chown(path, UIDS[name], UIDS[name])


def formgrader(prof: Person, icon: str, said: str) -> None:
    """Press a button in the assignment's row, and read that it worked."""
    prof.page.goto(f"{prof.hub.url}/user/{prof.name}/formgrader/manage_assignments")
    prof.page.locator("tr", has_text=LESSON).locator(f"a:has(.glyphicon-{icon})").first.click()
    prof.page.locator(".modal-body", has_text=said).wait_for()


def scores(hub: Hub) -> dict[tuple[str, str], float]:
    """What the gradebook has for each notebook that was handed in."""
    with open_gradebook(load_config(hub.course)) as gradebook:
        return {
            (submission.student.id, notebook.name): notebook.score
            for submission in gradebook.assignment_submissions(LESSON)
            for notebook in submission.notebooks
        }


def give_marks(prof: Person, name: str, track: str, marks: str) -> None:
    """Fill in the marks and a comment of the one text that a person grades."""
    with open_gradebook(load_config(prof.hub.course)) as gradebook:
        number = gradebook.find_submission_notebook(track, LESSON, name).id
    prof.page.goto(f"{prof.hub.url}/user/{prof.name}/formgrader/submissions/{number}")
    field = prof.page.locator("input.score").last
    field.scroll_into_view_if_needed()
    with prof.page.expect_response(lambda r: "/api/grade/" in r.url and r.request.method == "PUT"):
        field.fill(marks)
        field.press("Tab")
    comment = prof.page.locator("textarea.comment").last
    with prof.page.expect_response(lambda r: "/api/comment/" in r.url and r.request.method == "PUT"):
        comment.fill("Well said.")
        comment.press("Tab")


def fetch_feedback(person: Person, file: str) -> Any:
    """Fetch feedback in the list, go where it leads, and open the page of a notebook."""
    person.assignments("submitted").get_by_role("button", name="Fetch Feedback").click()
    person.assignments("submitted").get_by_text("(view feedback)").last.click()
    person.page.locator(".jp-DirListing-item", has_text=f"{file}.html").dblclick()
    return person.page.frame_locator(".jp-HTMLViewer iframe")


def course(hub: Hub, *words: str) -> None:
    with contextlib.chdir(hub.course):
        assert main(list(words)) == 0


@pytest.fixture
def people(browser: Any, hub: Hub) -> dict[str, Person]:
    found = {name: Person(browser, hub, name) for name in (INSTRUCTOR, *UIDS)}
    hub.start_servers(found)
    for person in found.values():
        person.arrive()
    return found


@pytest.mark.timeout(900)
def test_from_the_release_to_the_opened_feedback(hub: Hub, people: dict[str, Person], artefacts: Path) -> None:
    prof, ada, ben = people[INSTRUCTOR], people["ada"], people["ben"]
    assert ada.nbgrader_menu() == ["Assignment List"]
    assert "Formgrader" in prof.nbgrader_menu()

    # JupyterLab shows formgrader in a frame. A student's server is in no frame.
    prof.page.locator(".lm-Menu-itemLabel").get_by_text("Formgrader", exact=True).click()
    prof.page.frame_locator("iframe").get_by_text("Manage Assignments").first.wait_for()
    for person, allowed in ((prof, "frame-ancestors 'self'"), (ada, "frame-ancestors 'none'")):
        answer = person.page.request.get(f"{hub.url}/user/{person.name}/lab")
        assert allowed in answer.headers["content-security-policy"]

    # A terminal knows the course's commands.
    assert TOLD in prof.terminal(f"command -v course nbgrader && echo {TOLD[:4]}''{TOLD[4:]}", TOLD)

    # Released with formgrader's button: what `course release` made, both tracks.
    formgrader(prof, "cloud-upload", "Successfully released")
    inbound = hub.exchange / "loss-curves" / "inbound"
    assert inbound.stat().st_mode & 0o7 == 0o3  # students put in, and cannot look

    # Fetched from JupyterLab's list, solved, handed in. Ada solves PyTorch's, in two attempts; ben Keras', renamed.
    for person in (ada, ben):
        if person is ben:
            person.nbgrader_menu()
        person.page.locator(".lm-Menu-itemLabel", has_text="Assignment List").click()
        person.press("released", "Fetch", then="fetched")
        fetched = sorted(path.name for path in (hub.home(person.name) / LESSON).glob("*.ipynb"))
        assert fetched == ["keras.ipynb", "pytorch.ipynb"]
    write(hub, "ada", "pytorch.ipynb", solved(hub.course, "pytorch", only=("epoch_loss",)))
    ada.submit(before=0)
    (hub.home("ben") / LESSON / "keras.ipynb").unlink()
    write(hub, "ben", f"{RENAMED}.ipynb", solved(hub.course, "keras"))
    ben.submit(before=0)
    formgrader(prof, "cloud-download", "Successfully collected")
    course(hub, "grade", "03", "--track", "pytorch")
    assert scores(hub)["ada", "pytorch"] == 2
    write(hub, "ada", "pytorch.ipynb", solved(hub.course, "pytorch"))
    ada.submit(before=1)
    ada.page.screenshot(path=artefacts / "hub-assignments.png")
    formgrader(prof, "cloud-download", "Successfully collected")
    course(hub, "grade", "03", "--workers", "2")
    assert scores(hub)["ada", "pytorch"] == scores(hub)["ben", "keras"] == 3

    # A person gives the marks for the texts, in formgrader.
    for name, track, marks in (("ada", "pytorch", "1.5"), ("ben", "keras", "2")):
        give_marks(prof, name, track, marks)
    prof.page.screenshot(path=artefacts / "hub-formgrader.png")

    # Back to the students: the page has the name of the student's own file, and belongs to the newest attempt.
    course(hub, "feedback", "03")
    formgrader(prof, "envelope", "Successfully released feedback")
    for person, file, told in (
        (ada, "pytorch", "ada: 4.5 of"),
        (ben, RENAMED, "ben: 5 of"),
    ):
        page = fetch_feedback(person, file)
        page.get_by_text(told).wait_for()
        page.get_by_text("Well said.").wait_for()
        person.page.screenshot(path=artefacts / f"hub-feedback-{person.name}.png")
        pages = sorted(path.name for path in (hub.home(person.name) / LESSON / "feedback").rglob("*.html"))
        assert f"{file}.html" in pages
        assert "feedback.html" not in pages
