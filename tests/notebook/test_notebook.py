"""One-line messages in a real kernel: for an unsolved exercise, and for nothing else."""

from __future__ import annotations

import nbformat
import pytest
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


def test_an_unsolved_exercise_and_all_that_follows_is_one_line_each() -> None:
    stub, use, follow, further, fine = tracebacks(
        STUB, "result = epoch_loss([1], [1])", "doubled = 2 * result", "print(doubled)", "1 + 1"
    )
    assert stub == fine == []
    needs = "This cell needs exercise epoch_loss, which is not done yet. Write it above, then run this cell again."
    assert use == follow == further == [needs]


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


def test_an_exercise_whose_cell_was_not_run_is_one_line() -> None:
    (line,) = tracebacks("tracked = fit_and_track(1, 2)")
    assert line == ["`fit_and_track` is not defined. Run the cell of exercise fit_and_track first, then this one."]


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


def test_the_first_cell_brings_the_style_of_the_page_and_shows_nothing() -> None:
    notebook: nbformat.NotebookNode = new_notebook(cells=[new_code_cell(f"{BEGIN}\n{BEGIN}")])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    outputs = [output.data for output in notebook.cells[0].outputs]
    assert outputs == 2 * [{"text/html": page_style(), "text/plain": ""}]
