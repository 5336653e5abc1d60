"""What is kept of executed notebooks: by content, whole, without answers; and what nbval executed counts as well."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.instructor.site import outputs
from course_lib.instructor.site.outputs import execute_missing, keep_executed, kept, save
from course_lib.trouble import CourseError


@pytest.fixture
def course(tmp_path: Path) -> Path:
    (tmp_path / "course_lib" / "instructor").mkdir(parents=True)
    (tmp_path / "solutions").mkdir()
    (tmp_path / "nbgrader_config.py").touch()
    (tmp_path / "course_lib" / "module.py").write_text("x = 1\n")
    outputs._surroundings.cache_clear()
    return tmp_path


def notebook(*sources: str, lesson: str = "01_a") -> nbformat.NotebookNode:
    cells = [new_code_cell(source, id=f"c{place}") for place, source in enumerate(sources)]
    return new_notebook(metadata={"loss_curves": {"lesson": lesson, "track": "pytorch"}}, cells=cells)


def text(words: str) -> dict[str, str]:
    return {"output_type": "stream", "name": "stdout", "text": words}


def test_what_is_kept_hangs_on_code_and_package_but_not_on_words_or_the_instructors_half(course: Path) -> None:
    one = notebook("print(1)")
    save(course, one, {"c0": [text("1\n")]})
    assert kept(course, one) == {"c0": [text("1\n")]}
    one.cells.append(new_markdown_cell("words"))
    (course / "course_lib" / "instructor" / "desk.py").write_text("y = 1\n")
    (course / "course_lib" / "recorded").mkdir()
    (course / "course_lib" / "recorded" / "explorer.json.gz").touch()
    outputs._surroundings.cache_clear()
    assert kept(course, one) is not None
    assert kept(course, notebook("print(2)")) is None
    (course / "course_lib" / "module.py").write_text("x = 2\n")
    outputs._surroundings.cache_clear()
    assert kept(course, one) is None


def test_a_newer_notebook_takes_the_place_of_an_older_one_and_of_no_other(course: Path) -> None:
    for one in (notebook("a"), notebook("b"), notebook("a", lesson="02_b")):
        save(course, one, {})
    assert len(list((course / outputs.CACHE / "outputs").iterdir())) == 2


def test_nothing_of_an_answer_is_kept(course: Path) -> None:
    one = notebook("answer = 1", "print(2)")
    one.cells[0].metadata["nbgrader"] = {"solution": True}
    save(course, one, {"c0": [text("secret")], "c1": [text("2\n")]})
    assert kept(course, one) == {"c1": [text("2\n")]}


def test_a_file_that_was_cut_off_counts_as_none(course: Path) -> None:
    one = notebook("print(1)")
    save(course, one, {"c0": [text("1\n")]})
    (file,) = (course / outputs.CACHE / "outputs").iterdir()
    file.write_text(file.read_text()[:-5])
    assert kept(course, one) is None


def items(course: Path, one: nbformat.NotebookNode, shown: list[list[dict[str, str]] | None]) -> list[SimpleNamespace]:
    parent = SimpleNamespace(nb=one)
    path = course / "test-artefacts" / "pytorch.ipynb"
    return [
        SimpleNamespace(parent=parent, path=path, cell=cell, test_outputs=outputs)
        for cell, outputs in zip(one.cells, shown, strict=True)
    ]


def run(listed: list[SimpleNamespace]) -> None:
    for item, following in zip(listed, [*listed[1:], None], strict=True):
        keep_executed(item, following)


def test_what_nbval_executed_is_kept_once_the_notebook_is_through(course: Path) -> None:
    one = notebook("print(1)", "print(2)")
    listed = items(course, one, [[text("1\n")], []])
    keep_executed(listed[0], listed[1])
    assert kept(course, one) is None
    keep_executed(listed[1], None)
    assert kept(course, one) == {"c0": [text("1\n")], "c1": []}


@pytest.mark.parametrize("last", [None, [{"output_type": "error", "ename": "E", "evalue": "", "traceback": []}]])
def test_of_a_notebook_that_failed_nothing_is_kept(course: Path, last: list[dict[str, str]] | None) -> None:
    one = notebook("print(1)", "print(2)")
    run(items(course, one, [[text("1\n")], last]))
    assert kept(course, one) is None


def test_other_tests_are_left_alone() -> None:
    keep_executed(SimpleNamespace(name="a test"), None)


@pytest.mark.slow
def test_executing_keeps_what_is_done_when_another_notebook_fails(course: Path) -> None:
    good, bad = notebook("print(6 * 7)"), notebook("1 / 0", lesson="02_b")
    done: list[str] = []
    with pytest.raises(CourseError, match="02_b, pytorch: a cell failed: ZeroDivisionError"):
        execute_missing(course, [good, bad], workers=1, progress=done.append)
    assert done == ["01_a, pytorch"]
    assert kept(course, good) == {"c0": [text("42\n")]}
    assert kept(course, bad) is None


@pytest.mark.slow
def test_the_conftest_beside_the_notebooks_hands_over_what_nbval_executed(course: Path) -> None:
    from course_lib.instructor.text.shown import CONFTEST

    folder = course / "test-artefacts"
    folder.mkdir()
    one = notebook("print(6 * 7)", "print(1)")
    (folder / "pytorch.ipynb").write_text(json.dumps(one))
    (folder / "conftest.py").write_text(CONFTEST)
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--nbval-lax",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(folder),
        str(folder),
    ]
    one.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    (folder / "pytorch.ipynb").write_text(nbformat.writes(one))
    result = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
    assert kept(course, one) == {"c0": [text("42\n")], "c1": [text("1\n")]}
