"""What happens to notebooks without anybody meaning harm. Each entry: the score by checks, and what is reported."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from support import ROOT

from grading_corpus.course import answers, cell, code, hand_in, place, released, solved


@dataclass(frozen=True)
class Expected:
    """The score by checks (None: not graded), and a word of the report's lines on this student."""

    score: float | None
    repaired: str = ""
    flagged: str = ""
    failed: str = ""
    hints: str = ""


ACCIDENTS: dict[str, tuple[Callable[[Path, str], None], Expected]] = {}


def accident(score: float | None, **words: str) -> Callable:
    def add(make: Callable[[Path, str], None]) -> Callable:
        ACCIDENTS[make.__name__] = make, Expected(score, **words)
        return make

    return add


@accident(3.0)
def right(course: Path, who: str) -> None:
    hand_in(course, who, solved(course))


@accident(2.0)
def half_right(course: Path, who: str) -> None:
    hand_in(course, who, solved(course, only=("epoch_loss",)))


@accident(0.0)
def blank(course: Path, who: str) -> None:
    hand_in(course, who, released(course))


@accident(3.0, repaired="check_epoch_loss: 2 copies")
def duplicated_check(course: Path, who: str) -> None:
    notebook = solved(course)
    at = place(notebook, "check_epoch_loss")
    notebook.cells.insert(at, copy.deepcopy(notebook.cells[at]))
    hand_in(course, who, notebook)


@accident(3.0, repaired="epoch_loss: duplicated")
def stub_copied_below_the_answer(course: Path, who: str) -> None:
    notebook = solved(course)
    stub = copy.deepcopy(cell(released(course), "epoch_loss"))
    notebook.cells.insert(place(notebook, "epoch_loss") + 1, stub)
    hand_in(course, who, notebook)


@accident(3.0, repaired="2 cells with this name")
def split_answer(course: Path, who: str) -> None:
    notebook = solved(course)
    whole = cell(notebook, "epoch_loss")
    second = copy.deepcopy(whole)
    whole.source, second.source = "divide = lambda a, b: a / b", whole.source
    notebook.cells.insert(place(notebook, "epoch_loss") + 1, second)
    hand_in(course, who, notebook)


@accident(3.0, repaired="why_not_the_same: split")
def split_explanation(course: Path, who: str) -> None:
    notebook = solved(course)
    second = copy.deepcopy(cell(notebook, "why_not_the_same"))
    second.source = "And dropout was on."
    notebook.cells.append(second)
    hand_in(course, who, notebook)


@accident(3.0, repaired="another order")
def check_moved_up(course: Path, who: str) -> None:
    notebook = solved(course)
    notebook.cells.insert(0, notebook.cells.pop(place(notebook, "check_epoch_loss")))
    hand_in(course, who, notebook)


@accident(3.0, repaired="check_epoch_loss: deleted")
def check_deleted(course: Path, who: str) -> None:
    notebook = solved(course)
    del notebook.cells[place(notebook, "check_epoch_loss")]
    hand_in(course, who, notebook)


@accident(1.0, repaired="epoch_loss: deleted")
def answer_deleted(course: Path, who: str) -> None:
    notebook = solved(course)
    del notebook.cells[place(notebook, "epoch_loss")]
    hand_in(course, who, notebook)


@accident(3.0, repaired="setup cell was deleted")
def setup_deleted(course: Path, who: str) -> None:
    notebook = solved(course)
    notebook.cells = [c for c in notebook.cells if "begin_lesson(" not in c.source]
    hand_in(course, who, notebook)


@accident(3.0, repaired="why_not_the_same: deleted")
def explanation_deleted(course: Path, who: str) -> None:
    notebook = solved(course)
    del notebook.cells[place(notebook, "why_not_the_same")]
    hand_in(course, who, notebook)


@accident(3.0, repaired="name was changed")
def renamed(course: Path, who: str) -> None:
    notebook = solved(course)
    cell(notebook, "check_epoch_loss").metadata.nbgrader.grade_id = "check_of_mine"
    cell(notebook, "epoch_loss").metadata.nbgrader.grade_id = "answer_of_mine"
    hand_in(course, who, notebook)


@accident(3.0, repaired="flags or points")
def flags_flipped(course: Path, who: str) -> None:
    notebook = solved(course)
    about = cell(notebook, "check_epoch_loss").metadata.nbgrader
    about.grade, about.solution, about.points = False, True, 200.0
    cell(notebook, "epoch_loss").metadata.nbgrader.grade = True
    hand_in(course, who, notebook)


@accident(3.0, repaired="name was lost")
def metadata_stripped(course: Path, who: str) -> None:
    notebook = solved(course)
    for each in notebook.cells:
        each.metadata, each["id"] = nbformat.from_dict({}), nbformat.v4.new_code_cell("").id
    notebook.metadata = nbformat.from_dict({})
    hand_in(course, who, notebook)


@accident(3.0, repaired="check_epoch_loss: changed")
def check_changed(course: Path, who: str) -> None:
    notebook = solved(course)
    cell(notebook, "check_epoch_loss").source = "score = 2.0\nscore"
    hand_in(course, who, notebook)


@accident(3.0, repaired="was a markdown cell")
def answer_turned_into_text(course: Path, who: str) -> None:
    notebook = solved(course)
    old = cell(notebook, "epoch_loss")
    new = nbformat.v4.new_markdown_cell(old.source, metadata=old.metadata, id=old.id)
    notebook.cells[place(notebook, "epoch_loss")] = new
    hand_in(course, who, notebook)


@accident(3.0, repaired="is graded as pytorch.ipynb")
def wrong_file_name(course: Path, who: str) -> None:
    hand_in(course, who, solved(course), "Übung 3 (final) copy.ipynb")


@accident(0.0, repaired="not in the release", flagged="it is the notebook of 02_train_val_split (pytorch)")
def another_lessons_notebook(course: Path, who: str) -> None:
    """Every lesson's notebook has the same file name."""
    notebook = nbformat.read(ROOT / "lessons" / "02_train_val_split" / "pytorch.ipynb", as_version=4)
    notebook.cells = [c for c in notebook.cells if c.metadata.get("nbgrader")]
    hand_in(course, who, notebook)


@accident(3.0, repaired="kernel 'julia'")
def wrong_kernel(course: Path, who: str) -> None:
    notebook = solved(course)
    notebook.metadata.kernelspec = {"name": "julia", "display_name": "Julia"}
    hand_in(course, who, notebook)


@accident(3.0, repaired="not UTF-8")
def not_utf8(course: Path, who: str) -> None:
    notebook = solved(course)
    cell(notebook, "why_not_the_same").source = "Während der Epoche"
    hand_in(course, who, json.dumps(notebook, ensure_ascii=False).encode("cp1252"))


@accident(3.0, repaired="utf-16")
def utf16(course: Path, who: str) -> None:
    hand_in(course, who, nbformat.writes(solved(course)).encode("utf-16"))


@accident(3.0, repaired="JSON mended")
def merge_conflict(course: Path, who: str) -> None:
    text = nbformat.writes(solved(course))
    hand_in(course, who, text.replace('"cells": [\n', '"cells": [\n<<<<<<< HEAD\n', 1).encode())


@accident(2.0, repaired="before the break", flagged="damaged")
def cut_short(course: Path, who: str) -> None:
    notebook = solved(course)
    text = nbformat.writes(notebook)
    at = text.index('"grade_id": "order_the_loop"')
    hand_in(course, who, text[:at].encode())


@accident(None, failed="not a notebook")
def not_json(course: Path, who: str) -> None:
    hand_in(course, who, b"\x89PNG\r\n\x1a\n" + bytes(range(256)))


@accident(None, failed="empty")
def empty_file(course: Path, who: str) -> None:
    hand_in(course, who, b"")


@accident(None, failed="no notebook")
def nothing_handed_in(course: Path, who: str) -> None:
    (hand_in(course, who, b"words", "essay.txt") / "essay.txt").touch()


@accident(3.0)
def much_output(course: Path, who: str) -> None:
    notebook = solved(course)
    first = next(c for c in notebook.cells if c.cell_type == "code")
    first.outputs = [nbformat.v4.new_output("stream", text="x" * 100_000_000)]
    hand_in(course, who, notebook)


@accident(3.0)
def fifty_megabytes_of_text(course: Path, who: str) -> None:
    notebook = solved(course)
    notebook.cells.append(nbformat.v4.new_markdown_cell("word " * 10_000_000))
    hand_in(course, who, notebook)


@accident(3.0)
def half_an_emoji(course: Path, who: str) -> None:
    notebook = solved(course)
    cell(notebook, "why_not_the_same").source = "Measured earlier \ud83d"
    notebook.cells.insert(2, code("# thinking \ud83e"))
    hand_in(course, who, notebook)


@accident(3.0)
def a_picture_that_is_none(course: Path, who: str) -> None:
    notebook = solved(course)
    notebook.cells.append(nbformat.v4.new_markdown_cell("![plot](attachment:plot.png)"))
    notebook.cells[-1]["attachments"] = {"plot.png": 5}
    hand_in(course, who, notebook)


@accident(3.0)
def a_file_named_on_another_system(course: Path, who: str) -> None:
    folder = hand_in(course, who, solved(course))
    with open(os.path.join(os.fsencode(folder), b"\xdcbung.csv"), "wb") as file:
        file.write(b"1,2")


@accident(3.0, repaired="kernel None")
def nested_without_end(course: Path, who: str) -> None:
    notebook = solved(course)
    notebook.cells[0].metadata = notebook.metadata = nbformat.from_dict({"deep": "HERE"})
    hand_in(course, who, json.dumps(notebook).replace('"HERE"', '{"a":' * 700 + "1" + "}" * 700).encode())


@accident(3.0)
def warnings_and_logs(course: Path, who: str) -> None:
    notebook = solved(course)
    source = answers()["epoch_loss"].replace(
        "    loss_sum =", "    import warnings, sys, os; warnings.warn('hm'); print('x', file=sys.stderr)\n"
        "    os.write(2, b'native')\n    loss_sum ="
    )  # fmt: skip
    cell(notebook, "epoch_loss").source = source
    hand_in(course, who, notebook)


@accident(1.0)
def syntax_error(course: Path, who: str) -> None:
    notebook = solved(course)
    cell(notebook, "epoch_loss").source = "def epoch_loss(batch_losses, batch_sizes)\n    return 1"
    hand_in(course, who, notebook)


@accident(1.0)
def returns_a_numpy_zero(course: Path, who: str) -> None:
    notebook = solved(course)
    cell(notebook, "epoch_loss").source = "import numpy as np\ndef epoch_loss(a, b):\n    return np.float64(0.0)"
    hand_in(course, who, notebook)


@accident(1.0, flagged="stopped after")
def endless_loop(course: Path, who: str) -> None:
    notebook = solved(course)
    cell(notebook, "epoch_loss").source = "def epoch_loss(a, b):\n    while True: pass"
    hand_in(course, who, notebook)


@accident(3.0, flagged="stopped after")
def endless_demonstration(course: Path, who: str) -> None:
    notebook = solved(course)
    notebook.cells.insert(2, code("while True: pass"))
    hand_in(course, who, notebook)
