"""Kernels with one track's framework alone: what is hidden is gone for whoever imports it, and lessons say so."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from support import ROOT, TRACKS, lesson_names

from course_lib.instructor.text.alone import hide, kernel_name, write_kernels
from course_lib.tracks import FRAMEWORKS

#: What a cell prints about a framework that is not there.
TRIED = """
import importlib.util
for name in {names}:
    try:
        __import__(name)
    except ModuleNotFoundError:
        print(name, importlib.util.find_spec(name))
"""


@pytest.mark.slow
@pytest.mark.parametrize("track", TRACKS)
def test_the_other_framework_cannot_be_imported_and_its_lesson_says_so(
    track: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_kernels(tmp_path)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    (other,) = (one for one in TRACKS if one != track)
    begin = "from course_lib.notebook import begin_lesson\nbegin_lesson('03_tracking_loops', '{}')"
    cells = [TRIED.format(names=FRAMEWORKS[other]), begin.format(track), begin.format(other)]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    client = NotebookClient(notebook, kernel_name=kernel_name(track), timeout=120, allow_errors=True)
    client.execute(env=os.environ | {"JUPYTER_PATH": str(tmp_path)})
    tried, mine, theirs = notebook.cells
    said = "".join(output.text for output in tried.outputs)
    assert said.splitlines() == [f"{name} None" for name in FRAMEWORKS[other]]
    assert not any(output.output_type == "error" for output in mine.outputs)
    (error,) = theirs.outputs
    (line,) = error.traceback
    assert line.startswith(
        f"This notebook is of the {other} track, and {' or '.join(FRAMEWORKS[other])} is not installed"
    )
    assert f"make lab TRACK={other}" in line
    assert f"Lessons of the {track} track run here." in line


def test_what_is_imported_already_cannot_be_hidden() -> None:
    with pytest.raises(RuntimeError, match="imported before it could be hidden: sys"):
        hide(["sys"])


def test_commands_know_the_tracks_that_are_there() -> None:
    code = (
        "from course_lib.instructor.text.alone import hide; hide(['torch']); "
        "from course_lib.tracks import installed_tracks; print(installed_tracks())"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "['keras']"


def imports_of(track: str) -> str:
    """The lines with which the cells of a track's lessons import."""
    lines: set[str] = set()
    for lesson in lesson_names():
        for cell in nbformat.read(ROOT / "lessons" / lesson / f"{track}.ipynb", as_version=4).cells:
            if cell.cell_type == "code":
                code = "\n".join(line for line in cell.source.splitlines() if not line.lstrip().startswith(("%", "!")))
                found = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Import | ast.ImportFrom)]
                lines |= {ast.unparse(node) for node in found}
    return "\n".join(sorted(lines))


@pytest.mark.slow
@pytest.mark.parametrize("track", TRACKS)
def test_what_the_lessons_import_is_there_without_the_other_framework(track: str) -> None:
    """Quicker than running them, which `make test` does with the same framework hidden."""
    (other,) = (one for one in TRACKS if one != track)
    lines = imports_of(track)
    assert f"from course_lib.{track} import" in lines
    code = f"from course_lib.instructor.text.alone import hide\nhide({list(FRAMEWORKS[other])!r})\n{lines}\n"
    code += f"import sys\nprint(sorted({set(FRAMEWORKS[other])!r} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == "[]"
