"""Scores that cannot be right go nowhere, everybody is in the files, and a gradebook that fails is one line."""

from __future__ import annotations

import csv
import io
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from grading_corpus.course import LESSON, hand_in, make_course, released
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import InvalidEntry
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from course_lib.commands.cli import main
from course_lib.instructor.grading.gradebook import Writer, open_gradebook
from course_lib.instructor.grading.notebook_scores import Cell
from course_lib.instructor.grading.scores import Score, read_scores
from course_lib.instructor.platforms.tables import FORMATS, export
from course_lib.instructor.text.release import load_config
from course_lib.trouble import CourseError, trouble

pytestmark = pytest.mark.slow

#: The column of an assignment's points in each format.
POINTS = {
    "csv": "total",
    "canvas": LESSON,
    "moodle": f"Assignment: {LESSON} (Real)",
    "brightspace": f"{LESSON} Points Grade",
}
CHECK, TEXT = "check_epoch_loss", "why_not_the_same"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which four students have a result, one was not graded, and one handed in nothing."""
    made = make_course(tmp_path_factory.mktemp("graded") / "course")
    with Writer(made, load_config(made), LESSON) as writer:
        for student in ("ada", "-ben", "=eve", "@zoe"):
            hand_in(made, student, released(made))
            writer.missing_notebook(student, "pytorch", None)
        writer.gradebook.update_or_create_student("absent", first_name="Al", email="+al@b.c")
    hand_in(made, "broken", b"no notebook")
    return made


@pytest.fixture
def course(graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "course"
    shutil.copytree(graded, made)
    monkeypatch.chdir(made)
    return made


def put(course: Path, student: str, cell: str, **numbers: float | str) -> None:
    """Write into the gradebook what no program of the course would."""
    columns = ", ".join(f"{name} = :{name}" for name in numbers)
    with open_gradebook(load_config(course)) as gradebook:
        grade = gradebook.find_grade(cell, "pytorch", LESSON, student)
        gradebook.db.execute(text(f"UPDATE grade SET {columns} WHERE id = :id"), {**numbers, "id": grade.id})
        gradebook.db.commit()


def rows(course: Path, kind: str, *options: str) -> tuple[int, dict[str, dict[str, str]]]:
    code = main(["export", "--format", kind, "--to", "out.csv", *options])
    key = {"csv": "student_id", "canvas": "SIS User ID", "moodle": "ID number", "brightspace": "OrgDefinedId"}[kind]
    table = csv.DictReader(io.StringIO((course / "out.csv").read_bytes().decode("utf-8-sig"), newline=""))
    return code, {row[key]: row for row in table}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"manual_score": 99.0}, "the score given by hand is 99 of 2 points"),
        ({"manual_score": -1.0}, "the score given by hand is -1; points are never below 0"),
        ({"auto_score": 3.0}, "the check's score is 3 of 2 points"),
        ({"auto_score": float("inf")}, "the check's score is inf, which is no number"),
        ({"manual_score": "many"}, "the score given by hand is many, which is no number"),
        ({"extra_credit": 97.0}, "97 points of extra credit; `--allow-extra-credit` counts them"),
        ({"extra_credit": -2.0}, "the extra credit is -2; points are never below 0"),
    ],
)
def test_a_score_that_cannot_be_right_goes_nowhere(
    course: Path, capsys: Any, numbers: dict[str, Any], said: str
) -> None:
    put(course, "ada", CHECK, **numbers)
    for kind, column in POINTS.items():
        code, table = rows(course, kind)
        told = capsys.readouterr().err
        assert code == 1
        assert f"ada ({LESSON}): pytorch/{CHECK}: {said}" in told
        assert table["ada"][column] == ""
        assert "-ben" in "".join(table)
    assert main(["feedback", LESSON]) == 1
    assert said in capsys.readouterr().err
    assert not (course / "grading" / "feedback" / "ada").exists()
    assert (course / "grading" / "feedback" / "-ben" / LESSON / "feedback.html").is_file()
    assert main(["report", LESSON]) == 1
    assert said in capsys.readouterr().err
    page = (course / "grading" / "reports" / f"{LESSON}.html").read_text()
    assert "refused: ada" in page


def test_extra_credit_counts_when_it_is_asked_for_and_is_told(course: Path, capsys: Any) -> None:
    put(course, "ada", CHECK, extra_credit=1.5)
    code, table = rows(course, "csv", "--allow-extra-credit")
    assert (code, table["ada"]["total"]) == (0, "1.5")
    assert f"ada ({LESSON}): 1.5 points of extra credit are counted" in capsys.readouterr().out
    assert main(["feedback", LESSON, "--allow-extra-credit"]) == 0
    page = (course / "grading" / "feedback" / "ada" / LESSON / "feedback.html").read_text()
    assert "1.5 points of extra credit are among them" in page
    put(course, "ada", CHECK, manual_score=99.0)
    assert rows(course, "csv", "--allow-extra-credit")[0] == 1


@pytest.mark.parametrize("kind", FORMATS)
def test_everybody_is_in_the_file(course: Path, capsys: Any, kind: str) -> None:
    column = POINTS[kind]
    code, table = rows(course, kind)
    told = capsys.readouterr().out
    assert code == 0
    assert (table["absent"][column], table["broken"][column], table["ada"][column]) == ("", "", "0")
    assert "4 results" in told
    assert "1 nothing handed in, 1 not graded" in told
    assert "`--missing zero` writes 0" in told
    code, table = rows(course, kind, "--missing", "zero")
    assert (table["absent"][column], table["broken"][column]) == ("0", "")
    if kind == "csv":
        assert {s: table[s]["status"] for s in ("ada", "absent", "broken")} == {
            "ada": "graded",
            "absent": "nothing handed in",
            "broken": "not graded",
        }


def test_the_report_names_who_is_not_in_its_figures(course: Path, capsys: Any) -> None:
    assert main(["report", LESSON]) == 0
    assert "nothing handed in: absent" in capsys.readouterr().out
    page = (course / "grading" / "reports" / f"{LESSON}.html").read_text()
    assert "nothing handed in: absent" in page
    assert "not graded: broken" in page


@pytest.mark.parametrize("kind", ["canvas", "moodle", "brightspace"])
def test_a_platform_finds_its_own_ids_again(course: Path, capsys: Any, kind: str) -> None:
    _, table = rows(course, kind)
    assert {"-ben", "=eve", "@zoe"} <= set(table)
    assert "ids are written as they are" in capsys.readouterr().out
    if kind == "moodle":
        assert table["absent"]["Email address"] == "+al@b.c"
    _, guarded = rows(course, kind, "--guard-ids")
    mark = "#" if kind == "brightspace" else "'"  # Brightspace's own exports have that mark, so it finds them still
    assert {f"{mark}-ben", f"{mark}=eve", f"{mark}@zoe"} <= set(guarded)


def test_whom_the_platform_does_not_have_is_in_no_file(course: Path, capsys: Any) -> None:
    (course / "list.csv").write_text(
        "Identifier,Full name,ID number,Email address\nParticipant 1,A,ada,\nParticipant 2,B,-ben,\n"
        "Participant 3,C,,+al@b.c\n"
    )
    code, table = rows(course, "moodle", "--roster", "list.csv")
    assert (code, set(table)) == (1, {"ada", "-ben", "absent"})
    assert "not in list.csv, and so not in the file: =eve, @zoe, broken" in capsys.readouterr().err
    (course / "all.csv").write_text("id\nada\n-ben\n=eve\n@zoe\nbroken\nabsent\n")
    assert rows(course, "canvas", "--roster", "all.csv")[0] == 0


def test_a_spreadsheet_gets_no_formula(course: Path) -> None:
    _, table = rows(course, "csv")
    assert {"'-ben", "'=eve", "'@zoe"} <= set(table)
    assert table["absent"]["email"] == "'+al@b.c"


def test_canvas_own_ids_go_into_canvas_own_column(course: Path, capsys: Any) -> None:
    assert main(["export", "--format", "canvas", "--ids", "canvas", "--to", "out.csv"]) == 0
    table = list(csv.DictReader((course / "out.csv").read_text().splitlines()))
    assert "ada" in [row["ID"] for row in table]
    assert {row["SIS User ID"] for row in table} == {""}
    assert main(["export", "--format", "canvas", "--ids", "login", "--to", "out.csv"]) == 0
    table = list(csv.DictReader((course / "out.csv").read_text().splitlines()))
    assert "ada" in [row["SIS Login ID"] for row in table]
    assert {row["SIS User ID"] for row in table} == {row["ID"] for row in table} == {""}
    assert main(["export", "--ids", "canvas"]) == 1
    assert "--ids is for --format canvas" in capsys.readouterr().err


def test_brightspace_is_told_from_which_grade_on_it_would_cut(course: Path, capsys: Any) -> None:
    put(course, "ada", CHECK, manual_score=2.0, extra_credit=9.0)
    code, table = rows(course, "brightspace", "--allow-extra-credit")
    assert (code, table["ada"][f"{LESSON} Points Grade"]) == (0, "11")
    assert {row["End-of-Line Indicator"] for row in table.values()} == {"#"}
    assert "above the maximum: ada. Brightspace cuts such a grade" in capsys.readouterr().out
    assert main(["export", "--format", "brightspace", "--ids", "username", "--to", "out.csv"]) == 1
    assert (course / "out.csv").read_text().startswith(f"Username,{LESSON} Points Grade,End-of-Line Indicator\n")


def test_brightspace_gets_no_grade_below_zero() -> None:
    score = Score("03", "ada", points=2, score=2, penalty=1, cells=[Cell("c", "pytorch", 2, 2, 2, None, False)])
    assert export([score], "brightspace").splitlines()[1] == "ada,1,#"
    with pytest.raises(CourseError, match="leave out --by question"):
        export([score], "brightspace", "question")
    score.penalty = 0
    assert export([score], "brightspace", "question").splitlines()[0].split(",")[1] == "03: pytorch c Points Grade"


@given(st.text(), st.text(), st.sampled_from(FORMATS))
def test_a_name_is_one_cell_and_no_formula(first: str, last: str, kind: str) -> None:
    score = Score("03", "ada", first_name=first, last_name=last, points=2, score=1)
    score.cells = [Cell("c", "pytorch", 2, 1, 1, None, False)]
    table = list(csv.reader(io.StringIO(export([score], kind), newline="")))
    assert len({len(row) for row in table}) == 1
    assert len(table) == (3 if kind == "canvas" else 2)
    for cell in table[-1]:
        assert cell.lstrip()[:1] not in ("=", "+", "-", "@")
        assert not any(ord(character) < 32 for character in cell)


def test_escape_codes_of_names_reach_no_terminal(course: Path, capsys: Any) -> None:
    with open_gradebook(load_config(course)) as gradebook:
        gradebook.update_or_create_student("x\x1b]0;owned\x07")
    for words in (["export"], ["report", LESSON], ["feedback", LESSON]):
        assert main(words) == 0
        told = "".join(capsys.readouterr())
        assert "\\x1b]0;owned\\x07" in told or words == ["export"]
        assert not any(ord(character) < 32 and character != "\n" for character in told)


def test_pages_hold_no_markup_of_students(course: Path, capsys: Any) -> None:
    with open_gradebook(load_config(course)) as gradebook:
        gradebook.update_or_create_student("<img src=x onerror=a>")
        comment = gradebook.find_comment(TEXT, "pytorch", LESSON, "ada")
        comment.manual_comment = "<script>run()</script>"
        gradebook.db.commit()
    assert main(["feedback", LESSON]) == 0
    assert main(["report", LESSON]) == 0
    feedback = (course / "grading" / "feedback" / "ada" / LESSON / "feedback.html").read_text()
    report = (course / "grading" / "reports" / f"{LESSON}.html").read_text()
    assert "&lt;script&gt;run()&lt;/script&gt;" in feedback
    assert "&lt;img src=x onerror=a&gt;" in report
    for page in (feedback, report):
        assert "<script" not in page
        assert "onerror=a>" not in page
        assert "default-src 'none'" in page


def test_one_student_s_page_that_cannot_be_written_is_one_line(course: Path, capsys: Any) -> None:
    (course / "grading" / "feedback").mkdir()
    (course / "grading" / "feedback" / "ada").write_text("a file where a folder belongs")
    assert main(["feedback", LESSON]) == 1
    assert "no page for ada: writing the page failed" in capsys.readouterr().err
    assert (course / "grading" / "feedback" / "-ben" / LESSON / "feedback.html").is_file()


def test_a_page_belongs_to_the_attempt_that_was_graded(course: Path, capsys: Any) -> None:
    graded = course / "grading" / "autograded" / "ada" / LESSON
    newest = course / "grading" / "submitted" / "ada" / LESSON
    for folder, secret, day in ((graded, "first", 1), (newest, "second", 2)):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "submission_secret.txt").write_text(secret)
        (folder / "timestamp.txt").write_text(f"2030-01-0{day} 12:00:00 UTC")
    (newest / "another name.ipynb").write_text("{}")
    page = course / "grading" / "feedback" / "ada" / LESSON
    assert main(["feedback", LESSON]) == 0
    assert "handed in again, and not graded since: ada" in capsys.readouterr().out
    assert (page / "submission_secret.txt").read_text() == "first"
    assert (page / "timestamp.txt").read_text() == "2030-01-01 12:00:00 UTC"
    assert not (page / "another name.html").exists()
    (graded / "submission_secret.txt").write_text("second")  # now the newest is graded
    assert main(["feedback", LESSON]) == 0
    assert "handed in again" not in capsys.readouterr().out
    assert (page / "submission_secret.txt").read_text() == "second"
    assert (page / "another name.html").is_file()


def test_feedback_has_what_the_exchange_needs(course: Path) -> None:
    folder = course / "grading" / "submitted" / "ada" / LESSON
    (folder / "timestamp.txt").write_text("2030-01-01 12:00:00 UTC")
    (folder / "submission_secret.txt").write_text("0123abc")
    (folder / "my answer.ipynb").write_text("{}")
    (course / "grading" / "submitted" / "-ben" / LESSON / "submission_secret.txt").symlink_to("/etc/hostname")
    assert main(["feedback", LESSON]) == 0
    pages = course / "grading" / "feedback"
    own = {path.name: path.read_bytes() for path in (pages / "ada" / LESSON).iterdir()}
    assert own["timestamp.txt"] == b"2030-01-01 12:00:00 UTC"
    assert own["submission_secret.txt"] == b"0123abc"
    assert own["pytorch.html"] == own["my answer.html"] == own["feedback.html"]
    others = [(pages / s / LESSON / "submission_secret.txt").read_text() for s in ("-ben", "=eve")]
    assert len({*others, "0123abc"}) == 3
    assert all(len(secret) == 64 for secret in others)
    assert main(["feedback", LESSON]) == 0
    assert others == [(pages / s / LESSON / "submission_secret.txt").read_text() for s in ("-ben", "=eve")]


# -- a gradebook that fails ----------------------------------------------------------------------------------------


def one_line(words: list[str], capsys: Any) -> str:
    assert main(words) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"course {words[0]}: ")
    return line


COMMANDS = [["export"], ["report", LESSON], ["feedback", LESSON], ["regrade", LESSON]]


@pytest.mark.parametrize("words", COMMANDS, ids=[words[0] for words in COMMANDS])
def test_a_damaged_gradebook_is_one_line(course: Path, capsys: Any, words: list[str]) -> None:
    (course / "grading" / "gradebook.db").write_bytes(b"no database" * 1000)
    assert "Put back a copy" in one_line(words, capsys)


@pytest.mark.parametrize("words", COMMANDS, ids=[words[0] for words in COMMANDS])
def test_a_gradebook_of_another_nbgrader_is_one_line(course: Path, capsys: Any, words: list[str]) -> None:
    with sqlite3.connect(course / "grading" / "gradebook.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '0ld'")
    database.close()
    assert "nbgrader db upgrade" in one_line(words, capsys)


def test_a_gradebook_without_a_column_is_one_line(course: Path, capsys: Any) -> None:
    with sqlite3.connect(course / "grading" / "gradebook.db") as database:
        database.execute("ALTER TABLE student RENAME COLUMN lms_user_id TO other")
    database.close()
    assert "nbgrader db upgrade" in one_line(["export"], capsys)


def test_a_gradebook_that_is_a_folder_or_not_there_is_one_line(course: Path, capsys: Any) -> None:
    path = course / "grading" / "gradebook.db"
    path.unlink()
    assert "release" in one_line(["report", LESSON], capsys)
    path.mkdir()
    assert "release" in one_line(["report", LESSON], capsys)


@pytest.fixture
def gradebook(course: Path) -> Iterator[Any]:
    with open_gradebook(load_config(course)) as book:
        yield book


def test_a_full_disk_under_the_gradebook_is_one_line(gradebook: Any) -> None:
    """nbgrader makes an ``InvalidEntry`` of it, as if the data were wrong."""

    @event.listens_for(gradebook.engine, "connect")
    def no_more_room(connection: Any, record: Any) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    gradebook.db.remove()
    gradebook.engine.dispose()

    def fill() -> None:
        for number in range(10_000):
            gradebook.update_or_create_student(f"{'x' * 1000}{number}")

    with pytest.raises((InvalidEntry, OperationalError), match="full") as found:
        fill()
    assert "the disk is full. Free some space" in str(trouble(found.value))


def test_what_a_database_says_is_told_with_what_to_do(course: Path) -> None:
    path = course / "grading" / "gradebook.db"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as readonly, pytest.raises(sqlite3.Error) as found:
        readonly.execute("DELETE FROM grade")
    assert "Allow yourself to write it" in str(trouble(found.value))
    writing, waiting = sqlite3.connect(path, isolation_level=None), sqlite3.connect(path, timeout=0)
    writing.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.Error) as found:
        waiting.execute("SELECT * FROM grade")
    assert "close formgrader" in str(trouble(found.value))
    with pytest.raises(sqlite3.Error) as found:
        sqlite3.connect(course / "nowhere" / "gradebook.db")
    assert "See that its folder exists" in str(trouble(found.value))
    assert trouble(ValueError("a mistake of ours")) is None
    assert trouble(sqlite3.IntegrityError("UNIQUE constraint failed")) is None
    for connection in (writing, waiting):
        connection.close()


def test_scores_are_read_once_for_everybody(course: Path) -> None:
    scores = read_scores(course, load_config(course), LESSON)
    assert [score.student for score in scores] == sorted({score.student for score in scores})
    assert {score.points for score in scores} == {5.0}
