"""One-line messages in a real kernel: for an unsolved exercise, and for nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from course_lib.notebook.begin import begin_lesson
from course_lib.notebook.page_style import page_style

BEGIN = "from course_lib.notebook import begin_lesson\nbegin_lesson('03_tracking_loops', 'pytorch')"
STUB = "# Exercise epoch_loss (2 points)\ndef epoch_loss(losses, sizes):\n    raise NotImplementedError()"
CLASS_STUB = """# Exercise recorder (2 points)
class Recorder:
    def record(self, loss):
        raise NotImplementedError()"""


def tracebacks(*sources: str) -> list[list[str]]:
    """Run cells in a real kernel; give each cell's traceback, empty where it ran."""
    notebook: nbformat.NotebookNode = new_notebook(cells=[new_code_cell(source) for source in (BEGIN, *sources)])
    NotebookClient(notebook, timeout=60, allow_errors=True, kernel_name="python3").execute()
    return [
        [line for output in cell.outputs if output.output_type == "error" for line in output.traceback]
        for cell in notebook.cells[1:]
    ]


class Person:
    """Runs cells as JupyterLab does: every request names its cell."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def run(self, source: str) -> tuple[str, list[str]]:
        """Run a cell; return what the kernel replies, and the outputs in words."""
        content = {"code": source, "silent": False, "store_history": True, "user_expressions": {}}
        message = self.client.session.msg(
            "execute_request", content | {"stop_on_error": True}, metadata={"cellId": "c"}
        )
        self.client.shell_channel.send(message)
        asked = message["header"]["msg_id"]
        outputs = []
        for answer in self._answers(asked, self.client.get_iopub_msg):
            body = answer["content"]
            if body.get("execution_state") == "idle":
                break
            if answer["msg_type"] in ("display_data", "execute_result"):
                outputs.append(body["data"]["text/plain"])
            elif answer["msg_type"] == "error":
                outputs.append("error: " + body["ename"])
        return next(self._answers(asked, self.client.get_shell_msg))["content"]["status"], outputs

    def _answers(self, asked: str, receive: Any) -> Iterator[Any]:
        while True:
            answer = receive(timeout=60)
            if answer["parent_header"].get("msg_id") == asked:
                yield answer


@pytest.fixture
def person() -> Iterator[Person]:
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        person = Person(client)
        assert person.run(BEGIN)[0] == "ok"
        yield person
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.mark.slow
def test_for_a_person_an_undone_exercise_is_a_note_and_no_error(person: Person) -> None:
    person.run(STUB)
    needs = "This cell needs exercise epoch_loss, which is not done yet. Write it above, then run this cell again."
    for source in ("result = epoch_loss([1], [1])", "print(2 * result)", "1 + 1\nresult"):
        assert person.run(source) == ("ok", [needs])
    person.run(BEGIN)  # the first cell a second time
    assert person.run("epoch_loss([1], [1])") == ("ok", [needs])
    assert person.run("1 + 1") == ("ok", ["2"])


@pytest.mark.slow
def test_for_a_person_every_other_error_stays_an_error(person: Person) -> None:
    person.run(STUB)
    person.run("result = epoch_loss([1], [1])")
    assert person.run("1 / 0") == ("error", ["error: ZeroDivisionError"])
    assert person.run("print(resutl)") == ("error", ["error: NameError"])
    assert person.run("raise NotImplementedError()") == ("error", ["error: NotImplementedError"])
    by_a_library = "import torch\ntorch.nn.Module()(1)"
    assert person.run(by_a_library) == ("error", ["error: NotImplementedError"])
    own = "# Exercise epoch_loss (2 points)\nraise NotImplementedError('not for whole numbers')"
    assert person.run(own) == ("error", ["error: NotImplementedError"])
    assert person.run("try:\n    result\nexcept NameError:\n    1 / 0") == ("error", ["error: ZeroDivisionError"])


@pytest.mark.slow
def test_an_exercise_that_was_done_since_is_not_called_undone(person: Person) -> None:
    person.run(STUB)
    person.run("result = epoch_loss([1], [1])")
    person.run(STUB.replace("raise NotImplementedError()", "return 1.0"))
    told = "`result` is not made yet. Run the cell above again that makes it: exercise epoch_loss is done now."
    assert person.run("result + 1") == ("ok", [told])
    assert person.run("result = epoch_loss([1], [1])") == ("ok", [])
    assert person.run("result + 1") == ("ok", ["2.0"])


@pytest.mark.slow
def test_a_score_is_not_said_twice_to_a_person_and_given_to_programs(person: Person) -> None:
    checks = "from course_lib.checks import lesson_checks\ncheck = lesson_checks('03_tracking_loops', 'pytorch')"
    person.run(f"{checks}\n{STUB}")
    status, outputs = person.run("score = check('epoch_loss', epoch_loss)\nscore")
    assert status == "ok"
    assert len(outputs) == 1
    assert "not done yet" in outputs[0]
    assert person.run("score") == ("ok", ["0.0"])
    cells = [
        new_code_cell(BEGIN),
        new_code_cell(f"{checks}\n{STUB}"),
        new_code_cell("score = check('epoch_loss', 1)\nscore"),
    ]
    notebook: nbformat.NotebookNode = new_notebook(cells=cells)
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    assert notebook.cells[2].outputs[-1].data["text/plain"] == "0.0"


@pytest.mark.slow
def test_an_unsolved_exercise_and_all_that_follows_is_one_line_each() -> None:
    stub, use, follow, further, fine = tracebacks(
        STUB, "result = epoch_loss([1], [1])", "doubled = 2 * result", "print(doubled)", "1 + 1"
    )
    assert stub == fine == []
    needs = "This cell needs exercise epoch_loss, which is not done yet. Write it above, then run this cell again."
    assert use == follow == further == [needs]


@pytest.mark.slow
def test_a_stub_at_top_level_and_one_in_a_class() -> None:
    top, defined, used, check = tracebacks(
        "# Exercise order (1 point)\nraise NotImplementedError()",
        CLASS_STUB,
        "recorder = Recorder()\nrecorder.record(1.0)",
        "score = check('missing', missing)",
    )
    assert top == ["Exercise order is not done yet. Replace `raise NotImplementedError()` with your answer."]
    assert defined == []
    assert len(used) == 1
    assert "needs exercise recorder" in used[0]
    assert len(check) == 1


@pytest.mark.slow
def test_an_exercise_whose_cell_was_not_run_is_one_line() -> None:
    (line,) = tracebacks("tracked = fit_and_track(1, 2)")
    assert line == ["`fit_and_track` is not defined. Run the cell of exercise fit_and_track first, then this one."]


@pytest.mark.slow
def test_every_other_error_keeps_its_traceback() -> None:
    unknown, other, unrelated = tracebacks(
        "print(never_defined)",
        "1 / 0",
        "import abc\ndef f():\n    raise NotImplementedError('by a library')\nf()",
    )
    assert "never_defined" in unknown[-1]
    assert len(unknown) > 1
    assert "ZeroDivisionError" in other[0] + other[-1]
    assert len(unrelated) >= 1


@pytest.mark.slow
def test_solving_the_exercise_ends_the_messages() -> None:
    solved = "# Exercise epoch_loss (2 points)\ndef epoch_loss(losses, sizes):\n    return 1.0"
    assert tracebacks(STUB, "r = epoch_loss([1], [1])", solved, "r = epoch_loss([1], [1])", "r + 1")[2:] == [[], [], []]


def test_an_unknown_track_is_refused() -> None:
    with pytest.raises(ValueError, match="'jax'"):
        begin_lesson("03_tracking_loops", "jax")


@pytest.mark.slow
def test_tensorflow_starts_without_a_word() -> None:
    source = "from course_lib.notebook import begin_lesson\nbegin_lesson('03_tracking_loops', 'keras')\nimport keras"
    notebook = new_notebook(cells=[new_code_cell(source)])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    assert all(output.data["text/plain"] == "" for output in notebook.cells[0].outputs), notebook.cells[0].outputs


@pytest.mark.slow
def test_the_first_cell_brings_the_style_of_the_page_and_shows_nothing() -> None:
    notebook: nbformat.NotebookNode = new_notebook(cells=[new_code_cell(f"{BEGIN}\n{BEGIN}")])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    outputs = [output.data for output in notebook.cells[0].outputs]
    assert outputs == 2 * [{"text/html": page_style(), "text/plain": ""}]
