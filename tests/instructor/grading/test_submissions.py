"""What is found in students' folders, whatever they are called and whatever lies in them; no kernel is needed."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from grading_corpus.course import (
    EXPLANATION,
    LESSON,
    answers,
    cell,
    code,
    hand_in,
    make_course,
    place,
    released,
    solved,
)

from course_lib.commands.cli import main
from course_lib.instructor.grading import salvage
from course_lib.instructor.grading.gradebook import Writer, open_gradebook
from course_lib.instructor.grading.limits import Limits
from course_lib.instructor.grading.preflight import Prepared, prepare
from course_lib.instructor.grading.reference import Reference, read_references
from course_lib.instructor.grading.session import Options, grade_assignment
from course_lib.instructor.grading.submissions import MOST_NAMES, Submission, find_submissions
from course_lib.instructor.text.release import load_config

MAC_FORK = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        " + bytes(80)


@pytest.fixture(scope="module")
def released_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_course(tmp_path_factory.mktemp("submissions") / "course")


@pytest.fixture(scope="module")
def references(released_course: Path) -> dict[str, Reference]:
    with open_gradebook(load_config(released_course)) as gradebook:
        return read_references(released_course, LESSON, gradebook)


@pytest.fixture
def course(released_course: Path) -> Iterator[Path]:
    """The released course with nothing handed in."""
    submitted = released_course / "grading" / "submitted"
    submitted.mkdir(exist_ok=True)
    yield released_course
    submitted.rename(released_course / f"handed-in-{len(list(released_course.iterdir()))}")


def found_in(course: Path, references: dict[str, Reference], **options: Any) -> dict[str, Submission]:
    submitted = course / "grading" / "submitted"
    return {s.student: s for s in find_submissions(submitted, LESSON, references, Limits(), **options)}


def one(course: Path, references: dict[str, Reference], student: str = "ada") -> Submission:
    return found_in(course, references)[student]


def told(found: Submission) -> str:
    return "; ".join([*found.repairs, *found.flags, *found.failures])


# -- which file ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("blank", "full"),
    [
        ("pytorch.ipynb", "pytorch (1).ipynb"),
        ("pytorch.ipynb", "pytorch-Copy1.ipynb"),
        ("doe_4711_815_pytorch-1.ipynb", "doe_4711_999_pytorch-2.ipynb"),
        ("doe_4711_999_pytorch-2.ipynb", "doe_4711_815_pytorch-1.ipynb"),
        ("pytorch.ipynb", "03_tracking_loops/pytorch.ipynb"),
        ("pytorch.ipynb", "pytorch.ipynb.txt"),
    ],
)
def test_of_two_files_the_one_with_answers_is_graded(
    course: Path, references: dict[str, Reference], blank: str, full: str
) -> None:
    folder = hand_in(course, "ada", released(course), blank)
    (folder / full).parent.mkdir(exist_ok=True)
    (folder / full).write_text(nbformat.writes(solved(course)))
    found = one(course, references)
    assert found.notebooks["pytorch"] == folder / full
    assert "2 files fit pytorch.ipynb" in told(found)
    assert f"{blank!r} has no answer" in told(found)


def test_of_two_files_with_answers_the_newest_is_graded_and_a_person_is_asked(
    course: Path, references: dict[str, Reference]
) -> None:
    hand_in(course, "ada", solved(course), "pytorch.ipynb")
    folder = hand_in(course, "ada", solved(course, only=("epoch_loss",)), "pytorch (1).ipynb")
    found = one(course, references)
    assert found.notebooks["pytorch"] == folder / "pytorch (1).ipynb"
    assert "keep only the one that counts" in "".join(found.flags)
    assert "'pytorch (1).ipynb' is graded and has 1 answer; 'pytorch.ipynb' has 3 answers" in "".join(found.flags)


def test_the_same_file_twice_asks_nobody(course: Path, references: dict[str, Reference]) -> None:
    hand_in(course, "ada", solved(course))
    folder = hand_in(course, "ada", solved(course), "pytorch (1).ipynb")
    found = one(course, references)
    assert found.notebooks["pytorch"] == folder / "pytorch.ipynb"
    assert not found.flags
    assert "same content" in "".join(found.repairs)


@pytest.mark.parametrize(
    "name", ["pytorch.ipynb.txt", "pytorch.ipynb.json", "pytorch.json", "pytorch", "PyTorch.IPYNB"]
)
def test_a_notebook_under_another_name_is_graded(course: Path, references: dict[str, Reference], name: str) -> None:
    folder = hand_in(course, "ada", solved(course), name)
    found = one(course, references)
    assert found.notebooks["pytorch"] == folder / name
    assert f"{name} is graded as pytorch.ipynb" in told(found)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_notebook_in_another_encoding_is_recognised(
    course: Path, references: dict[str, Reference], encoding: str
) -> None:
    hand_in(course, "ada", nbformat.writes(solved(course)).encode(encoding), "mine.ipynb")
    assert "pytorch" in one(course, references).notebooks


def test_what_macos_adds_is_no_candidate(course: Path, references: dict[str, Reference]) -> None:
    folder = hand_in(course, "ada", solved(course))
    (folder / "__MACOSX").mkdir()
    for path in (folder / "._pytorch.ipynb", folder / "__MACOSX" / "._pytorch.ipynb"):
        path.write_bytes(MAC_FORK)
    found = one(course, references)
    assert found.notebooks == {"pytorch": folder / "pytorch.ipynb"}
    assert not found.files
    assert not told(found)


@pytest.mark.parametrize("name", ["pytorch.zip", "pytorch.7z", "work.tar.gz", "pytorch.html", "essay.docx"])
def test_where_there_is_nothing_to_grade_the_files_are_named(
    course: Path, references: dict[str, Reference], name: str
) -> None:
    folder = hand_in(course, "ada", b"x" * 200, name)
    with zipfile.ZipFile(folder / "bomb.zip", "w") as archive:
        archive.writestr("../../../pytorch.ipynb", "0" * 1_000_000)
    (line,) = one(course, references).failures
    assert name in line
    assert "bomb.zip (an archive: unpack it)" in line


def test_an_archive_next_to_a_notebook_is_told(course: Path, references: dict[str, Reference]) -> None:
    (hand_in(course, "ada", released(course)) / "pytorch.zip").write_bytes(b"PK")
    assert "not opened, since they are archives: pytorch.zip" in one(course, references).flags


# -- whose folder ----------------------------------------------------------------------------------

NAMES = [
    "run.json",
    "runs",
    ".lock",
    ".regrade.lock",
    "gradebook.db",
    "current",
    "submitted",
    LESSON,
    "pytorch.json",
    "pytorch.applied",
    "CON",
    "nul.txt",
    "..ada",
    "-rf",
    "=1+1",
    "ada ben",
    "two\nlines",
    "red\x1b[31m",
    "\u202egro",
    "n" * 255,
    "Zoë 你好",
    "%2e%2e",
    "back\\slash",
    "__MACOSX",
]


def test_any_name_is_a_students_name(course: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also the names that a run itself uses; what is printed about them is harmless."""
    for name in NAMES:
        hand_in(course, name, released(course))
    monkeypatch.chdir(course)
    assert main(["grade", LESSON, "--dry-run", "--json"]) == 0
    out = capsys.readouterr().out
    assert sorted(entry["student"] for entry in json.loads(out)["graded"]) == sorted(NAMES)
    assert main(["grade", LESSON, "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert f"{len(NAMES)} notebooks to grade" in out
    assert all(line.isprintable() for line in out.splitlines())


def test_names_that_some_disks_take_for_one_are_flagged(course: Path, references: dict[str, Reference]) -> None:
    for name in ("Ada", "ada", "Zoe\u0308", "Zoë", "ben"):
        hand_in(course, name, released(course))
    found = found_in(course, references)
    assert {name for name, s in found.items() if s.flags} == {"Ada", "ada", "Zoe\u0308", "Zoë"}
    assert "'Ada' are the same but for case" in found["ada"].flags[0]


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        at = os.getcwd()
        os.chdir(path.parent)
        server.bind(path.name)
        os.chdir(at)


ODD = {
    "a pipe": os.mkfifo,
    "a socket": make_socket,
    "a link to nowhere": lambda path: path.symlink_to("/nowhere"),
    "a link to itself": lambda path: path.symlink_to(path),
    "a link to a secret": lambda path: path.symlink_to("/etc/passwd"),
    "a folder": lambda path: path.mkdir(),
    "a file": lambda path: path.write_text("x"),
}


@pytest.mark.parametrize("where", ["pytorch.ipynb", "timestamp.txt", "beside.csv", LESSON, ""])
@pytest.mark.parametrize("kind", ODD)
def test_whatever_is_where_a_file_or_a_folder_should_be_the_next_student_is_found(
    course: Path, references: dict[str, Reference], kind: str, where: str
) -> None:
    hand_in(course, "zoe", solved(course))
    top = course / "grading" / "submitted" / "ben"
    if where == "":
        ODD[kind](top)
    elif where == LESSON:
        top.mkdir()
        ODD[kind](top / LESSON)
    else:
        folder = hand_in(course, "ben", solved(course)) if where != "pytorch.ipynb" else top / LESSON
        folder.mkdir(parents=True, exist_ok=True)
        ODD[kind](folder / where)
    found = found_in(course, references)
    assert found["zoe"].notebooks
    assert not told(found["zoe"])
    if where == "timestamp.txt":
        assert found["ben"].handed_in is None
        assert "timestamp.txt" in told(found["ben"])
    elif (where == "pytorch.ipynb" and kind != "a file") or (where == LESSON and kind != "a folder"):
        assert found["ben"].failures
    assert all(not s.notebooks or s.student in ("ben", "zoe") for s in found.values())


@pytest.mark.slow
def test_folders_without_end_and_thousands_of_files_delay_nobody(
    course: Path, references: dict[str, Reference]
) -> None:
    folder = hand_in(course, "ben", solved(course))
    deep = os.open(folder, os.O_RDONLY)
    for _ in range(1500):  # longer than any path may be
        os.mkdir("d", dir_fd=deep)
        inner = os.open("d", os.O_RDONLY, dir_fd=deep)
        os.close(deep)
        deep = inner
    os.close(deep)
    many = hand_in(course, "eve", solved(course)) / "many"
    many.mkdir()
    for number in range(MOST_NAMES + 10):
        (many / str(number)).touch()
    hand_in(course, "zoe", solved(course))
    found = found_in(course, references)
    subprocess.run(["rm", "-rf", folder / "d"], check=True)  # Python's own way of removing it has no end either
    assert found["zoe"].notebooks
    assert f"more than {MOST_NAMES} files and folders" in told(found["eve"])
    assert found["ben"].notebooks or found["ben"].failures


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read everything")
@pytest.mark.parametrize("where", ["", LESSON, f"{LESSON}/pytorch.ipynb", f"{LESSON}/timestamp.txt", f"{LESSON}/inner"])
def test_what_cannot_be_read_is_that_students_line(course: Path, references: dict[str, Reference], where: str) -> None:
    folder = hand_in(course, "ben", solved(course))
    (folder / "timestamp.txt").write_text("2030-01-08 12:00:00 UTC")
    (folder / "inner").mkdir()
    hand_in(course, "zoe", solved(course))
    closed = course / "grading" / "submitted" / "ben" / where
    closed.chmod(0)
    try:
        report = grade_assignment(course, load_config(course), Options(LESSON, dry_run=True))
    finally:
        closed.chmod(0o755)
    assert [e["student"] for e in report.graded][-1] == "zoe"
    assert [e["student"] for e in report.failed + report.flagged] == ["ben"]


def test_a_folder_that_is_nearly_the_assignments_is_named(course: Path, references: dict[str, Reference]) -> None:
    (course / "grading" / "submitted" / "ben" / LESSON.upper()).mkdir(parents=True)
    (line,) = one(course, references, "ben").failures
    assert f"rename it to {LESSON}" in line


# -- when ------------------------------------------------------------------------------------------


def test_an_unclear_timestamp_is_flagged_and_not_judged(course: Path, references: dict[str, Reference]) -> None:
    for who, stamp in (("ada", "2030-01-08 13:00:00 +0100"), ("ben", "T9999609999999h"), ("eve", "x" * 5000)):
        (hand_in(course, who, solved(course)) / "timestamp.txt").write_text(stamp)
    (hand_in(course, "zoe", solved(course)) / "timestamp.txt").write_bytes(b"\xff\xfe\x00")
    found = found_in(course, references)
    assert (found["ada"].handed_in, found["ada"].timestamp) == (datetime(2030, 1, 8, 12), "2030-01-08 12:00:00 UTC")
    for who in ("ben", "eve", "zoe"):
        assert found[who].notebooks
        assert (found[who].handed_in, found[who].timestamp) == (None, "")
        assert found[who].flags[0].startswith("timestamp.txt holds no clear date; taken as handed in on time")


# -- whose text ------------------------------------------------------------------------------------


def prepared(notebook: Any, references: dict[str, Reference]) -> Prepared:
    return prepare(nbformat.writes(notebook).encode(), references["pytorch"])


def text_of(work: Prepared, name: str = "why_not_the_same") -> str:
    return str(cell(work.notebook, name).source)


def blank_text(course: Path) -> Any:
    notebook = solved(course)
    cell(notebook, "why_not_the_same").source = cell(released(course), "why_not_the_same").source
    return notebook


STRAYS = {
    "a text": nbformat.v4.new_markdown_cell(EXPLANATION),
    "one word": nbformat.v4.new_markdown_cell("Dropout."),
    "a raw cell": nbformat.v4.new_raw_cell(EXPLANATION),
    "a comment": code(f"# {EXPLANATION}"),
    "a string": code(f'"""{EXPLANATION}"""'),
    "a printed string": code(f"print({EXPLANATION!r})"),
    "a named string": code(f"why = {EXPLANATION!r}"),
    "words in a code cell": code(EXPLANATION),
    "a magic": code(f"%%markdown\n{EXPLANATION}"),
}


@pytest.mark.parametrize("deleted", [True, False], ids=["its cell is deleted", "its cell is blank"])
@pytest.mark.parametrize("stray", STRAYS)
def test_a_text_without_a_question_reaches_a_person(
    course: Path, references: dict[str, Reference], stray: str, deleted: bool
) -> None:
    notebook = blank_text(course)
    at = place(notebook, "why_not_the_same")
    notebook.cells.insert(at + 1, STRAYS[stray])
    if deleted:
        del notebook.cells[at]
    work = prepared(notebook, references)
    assert (EXPLANATION if stray != "one word" else "Dropout.") in text_of(work)
    assert any("why_not_the_same: blank, but" in flag for flag in work.flags)


def test_a_photographed_answer_reaches_a_person(course: Path, references: dict[str, Reference]) -> None:
    notebook = blank_text(course)
    notebook.cells.append(nbformat.v4.new_markdown_cell(""))
    notebook.cells[-1]["attachments"] = {"photo.png": {"image/png": "iVBORw0KGgo="}}
    work = prepared(notebook, references)
    assert cell(work.notebook, "why_not_the_same")["attachments"] == {"photo.png": {"image/png": "iVBORw0KGgo="}}
    assert work.flags


def test_a_text_in_a_checks_cell_is_not_lost(course: Path, references: dict[str, Reference]) -> None:
    notebook = blank_text(course)
    cell(notebook, "check_order_the_loop").source += f"\n# {EXPLANATION}"
    assert EXPLANATION in text_of(prepared(notebook, references))


def test_nobody_is_asked_without_need(course: Path, references: dict[str, Reference]) -> None:
    answered = solved(course)
    answered.cells.append(nbformat.v4.new_markdown_cell("My notes."))
    assert not prepared(answered, references).flags
    scratch = blank_text(course)
    scratch.cells.append(code("x = 1\nprint(x)"))
    work = prepared(scratch, references)
    assert not work.flags
    assert text_of(work) == cell(released(course), "why_not_the_same").source


# -- whose code ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["epoch_loss", "order_the_loop"])
@pytest.mark.parametrize("kept", ["deleted", "blank"])
@pytest.mark.parametrize("at", ["first", "last"])
def test_retyped_code_is_the_answer(
    course: Path, references: dict[str, Reference], name: str, kept: str, at: str
) -> None:
    """Without name and id, wherever it stands; the check follows it."""
    notebook = solved(course, only=("epoch_loss", "order_the_loop"))
    old = cell(notebook, name)
    lines = [line for line in old.source.splitlines() if not line.startswith("# Exercise")]
    typed = code("\n".join(lines))
    if kept == "blank":
        old.source = cell(released(course), name).source
    else:
        notebook.cells.remove(old)
    notebook.cells.insert(1 if at == "first" else len(notebook.cells), typed)
    work = prepared(notebook, references)
    sources = [c.source for c in work.notebook.cells]
    stub = cell(released(course), name).source
    assert sources.index(typed.source) < place(work.notebook, f"check_{name}")
    assert stub not in sources or sources.index(stub) < sources.index(typed.source)


def test_an_answer_in_the_checks_cell_is_run_before_the_check(course: Path, references: dict[str, Reference]) -> None:
    notebook = solved(course)
    check = cell(notebook, "check_epoch_loss")
    check.source = f"{answers()['epoch_loss']}\n{check.source}"
    cell(notebook, "epoch_loss").source = cell(released(course), "epoch_loss").source
    work = prepared(notebook, references)
    at = next(p for p, c in enumerate(work.notebook.cells) if c.source == check.source)
    assert at < place(work.notebook, "check_epoch_loss")
    assert cell(released(course), "epoch_loss").source not in [c.source for c in work.notebook.cells]
    assert any("written into check_epoch_loss" in line for line in work.repairs)


# -- how much --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "\n" * 25_000 + "x",
        " " * 200_000 + "!",
        "# Exercise" + " " * 100_000,
        "x." * 100_000,
        "(" * 100_000,
        "not " * 100_000,
        "9" * 40_000,
        "x = 1\n" * 100_000,
        "word " * 200_000,
    ],
    ids=lambda source: repr(source[:8]),
)
def test_a_long_cell_is_read_in_time(course: Path, references: dict[str, Reference], source: str) -> None:
    notebook = blank_text(course)
    notebook.cells += [code(source), nbformat.v4.new_markdown_cell(source)]
    work = prepared(notebook, references)
    assert len(text_of(work)) < 100_000


def test_a_number_of_thousands_of_digits_damages_nothing(course: Path, references: dict[str, Reference]) -> None:
    raw = nbformat.writes(solved(course)).replace('"execution_count": null', f'"execution_count": {"9" * 40_000}', 1)
    assert "9999" in raw
    work = prepare(raw.encode(), references["pytorch"])
    assert not work.repairs
    assert not work.flags


def test_reports_do_not_grow_without_end(course: Path, references: dict[str, Reference]) -> None:
    notebook = solved(course)
    for number in range(500):
        notebook.cells.append(code(f"x = {number}"))
        notebook.cells[-1].metadata["nbgrader"] = {"grade_id": f"{number}" + "a" * 10_000}
    lines = prepared(notebook, references).repairs
    assert len(lines) < 50
    assert max(map(len, lines)) < 500


# -- what the configuration and the files ask for ----------------------------------------------------


def test_a_student_who_is_excluded_is_left_out_unless_named(course: Path) -> None:
    for student in ("ada", "ben"):
        hand_in(course, student, released(course))
    config = load_config(course)
    config.CourseDirectory.student_id_exclude = "ben, eve"
    report = grade_assignment(course, config, Options(LESSON, dry_run=True))
    assert {e["student"] for e in report.graded} == {"ada"}
    report = grade_assignment(course, config, Options(LESSON, dry_run=True, students=("ben",)))
    assert {e["student"] for e in report.graded} == {"ben"}


@pytest.mark.parametrize("part", ["[],", "{},", "1,"])
def test_a_file_of_nothing_but_brackets_is_not_read(part: str) -> None:
    raw = ('{"cells": [' + part * (salvage.MOST_PARTS // (len(part) - 1)) + "1]}").encode()
    with pytest.raises(salvage.Unreadable, match=rf"parts; {salvage.MOST_PARTS} are read at most"):
        salvage.read_notebook(raw + b"," * 10)


def test_a_new_hand_in_without_a_date_does_not_keep_the_old_date(course: Path) -> None:
    for stamp in (datetime(2030, 1, 8, 12), None):
        with Writer(course, load_config(course), LESSON) as writer:
            writer.missing_notebook("ida", "pytorch", stamp)
            assert writer.gradebook.find_submission(LESSON, "ida").timestamp == stamp
