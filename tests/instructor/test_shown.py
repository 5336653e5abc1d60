"""What a cell may show, and that nbval's run is held to it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from course_lib.instructor.text.shown import CONFTEST, problems

LONG = "The training loss falls, the validation loss rises."


def _display(html: str) -> dict:
    return {"output_type": "display_data", "data": {"text/html": html}, "metadata": {}}


@pytest.mark.parametrize(
    "output",
    [
        _display(f'<img src="a.png" alt="{LONG}">'),
        {"output_type": "stream", "name": "stdout", "text": "0.25"},
        {"output_type": "error", "ename": "E", "evalue": "", "traceback": []},
    ],
)
def test_these_are_fine(output: dict) -> None:
    assert problems([output]) == []


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ({"output_type": "stream", "name": "stderr", "text": "old"}, "standard error: old"),
        ({"output_type": "display_data", "data": {"image/png": "iVBO"}}, "use show()"),
        (_display('<img src="a.png">'), "without alternative text"),
        (_display('<img src="a.png" alt="">'), "without alternative text"),
        (_display('<img src="a.png" alt="a curve">'), "too little: a curve"),
        ({"output_type": "display_data", "data": {"text/html": ["<p>", '<img src="a.png">']}}, "without alternative"),
    ],
)
def test_these_are_said(output: dict, said: str) -> None:
    [problem] = problems([{"output_type": "stream", "name": "stdout", "text": "fine"}, output])
    assert said in problem


@pytest.mark.slow
def test_nbval_looks_at_what_cells_show(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    cells = ["1 + 1", "import sys; print('old', file=sys.stderr)", "x = 3"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, tmp_path / "some.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "-q", "-p", "no:cacheprovider", "some.ipynb"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert "1 failed, 2 passed" in result.stdout, result.stdout
    assert "wrote to standard error: old" in result.stdout
