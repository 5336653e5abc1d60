"""Scores in a platform's own table: the right student's points in the right column, and nothing else changed."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.commands.cli import main
from course_lib.instructor.grading.scores import Score
from course_lib.instructor.platforms.fill import fill
from course_lib.instructor.platforms.manifest import Collected, Manifest
from course_lib.trouble import CourseError

LESSON = "03_tracking_loops"
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Week 3 (55),Tracking loops (56),Current Score\n"
    "    Points Possible,,,,,10,10,(read only)\n"
    '"Doe, Jane",4711,jd1,jane@x.org,A,,7,70\n'
    '"Roe, Ann",4712,-ann,ann@x.org,A,3,,30\n'
)
MOODLE = (
    "Identifier;Full name;ID number;Email address;Status;Grade;Maximum grade;Feedback comments\n"
    'Participant 55;Jane Doe;jd1;JANE@x.org;Submitted;;10,00;"old\nremark"\n'
    "Participant 56;Ann Roe;;ann@x.org;Submitted;;10,00;\n"
)


def score(student: str, total: float, **more: object) -> Score:
    return Score(LESSON, student, points=10, score=total, **more)  # type: ignore[arg-type]


def rows(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    return Manifest(tmp_path, LESSON)


def written(tmp_path: Path, text: str, encoding: str = "utf-8-sig") -> Path:
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_canvas_gets_one_column_by_each_of_its_ids(tmp_path: Path, manifest: Manifest) -> None:
    scores = [score("jd1", 8.25), score("-ann", 9, lms_user_id="4712"), score("niels", 1)]
    found = fill(written(tmp_path, CANVAS), scores, "canvas", manifest)
    assert found.column == "Tracking loops (56)"
    assert found.unknown == ["niels"]
    points, jane, ann = rows(found.text)
    assert points["Tracking loops (56)"] == "10"
    assert jane["Tracking loops (56)"] == "8.25"
    assert (ann["Tracking loops (56)"], ann["SIS User ID"]) == ("9", "-ann")
    assert "Week 3 (55)" not in jane  # an import changes nothing else
    assert "Current Score" not in jane


def test_a_column_is_named_where_no_title_fits(tmp_path: Path, manifest: Manifest) -> None:
    path = written(tmp_path, CANVAS.replace("Tracking loops", "Homework"))
    with pytest.raises(CourseError, match=r"no column for 03_tracking_loops; its assignments are: Week 3, Homework"):
        fill(path, [score("jd1", 8)], "canvas", manifest)
    assert fill(path, [score("jd1", 8)], "canvas", manifest, "Week 3").column == "Week 3 (55)"


def test_moodle_keeps_its_separators_and_all_other_cells(tmp_path: Path, manifest: Manifest) -> None:
    scores = [score("jd1", 8), score("ann", 7.5, email="Ann@x.org")]
    found = fill(written(tmp_path, MOODLE), scores, "moodle", manifest, remark=lambda s: f"{s.student}: well done")
    jane, ann = rows(found.text, ";")
    assert (jane["Grade"], jane["Feedback comments"]) == ("8", "jd1: well done")
    assert (ann["Grade"], ann["Email address"], ann["Maximum grade"]) == ("7.5", "ann@x.org", "10,00")
    assert fill(written(tmp_path, MOODLE), [], "moodle", manifest).text.replace("\r\n", "\n") == MOODLE


def test_blind_participants_are_known_from_what_was_collected(tmp_path: Path, manifest: Manifest) -> None:
    manifest.students["ada"] = Collected("moodle", "56", "Participant", "Participant_56_assignsubmission_file/")
    text = "Identifier,Grade,Maximum grade\nParticipant 55,,10\nParticipant 56,,10\n"
    found = fill(written(tmp_path, text), [score("ada", 6)], "moodle", manifest)
    assert [row["Grade"] for row in rows(found.text)] == ["", "6"]


def test_another_greatest_grade_is_refused(tmp_path: Path, manifest: Manifest) -> None:
    with pytest.raises(CourseError, match=r"the maximum grade there is 100\.00, and 03_tracking_loops gives 10 points"):
        fill(written(tmp_path, MOODLE.replace("10,00", "100,00")), [score("jd1", 8)], "moodle", manifest)


def test_without_a_result_a_row_stays(tmp_path: Path, manifest: Manifest) -> None:
    scores = [score("jd1", 0, absent="not graded"), score("-ann", 9, faults=["above the maximum"])]
    found = fill(written(tmp_path, CANVAS), scores, "canvas", manifest, "Tracking loops")
    assert [row["Tracking loops (56)"] for row in rows(found.text)] == ["10", "7", ""]
    assert (found.students, found.unknown) == ([], [])


@pytest.mark.parametrize("platform", ["canvas", "moodle"])
def test_another_table_is_one_line(tmp_path: Path, manifest: Manifest, platform: str) -> None:
    for text in ("", "a,b\n1,2\n", "\0\0\0"):
        with pytest.raises(CourseError):
            fill(written(tmp_path, text), [score("jd1", 8)], platform, manifest)


CELLS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)


@given(st.dictionaries(st.text("abc-=+@1", min_size=1, max_size=6), st.tuples(CELLS, st.floats(0, 10)), max_size=6))
def test_every_student_gets_the_own_points_whatever_stands_beside(
    tmp_path_factory: pytest.TempPathFactory, students: dict[str, tuple[str, float]]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["Identifier", "Full name", "ID number", "Email address", "Grade"])
    for i, (student, (name, _)) in enumerate(students.items()):
        table.writerow([f"Participant {i}", name, student, "", ""])
    path = written(folder, text.getvalue(), "utf-8")
    found = fill(path, [score(s, total) for s, (_, total) in students.items()], "moodle", Manifest(folder, LESSON))
    back = {row["ID number"].strip(): row for row in rows(found.text)}
    for student, (name, total) in students.items():
        assert float(back[student]["Grade"]) == pytest.approx(total, abs=1e-4)
        assert back[student]["Full name"] == name
    assert found.unknown == []


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--into", "x.csv"], "--into fills in a table of Canvas or of Moodle"),
        (["--column", "Week 3"], "--column names a column of the table"),
        (["--format", "moodle", "--into", "x.csv", "--column", "a"], "--column is for --format canvas"),
        (["--format", "canvas", "--into", "x.csv", "--missing", "zero", "--guard-ids"], "--missing and --guard-ids"),
    ],
)
def test_options_that_would_be_ignored_are_refused(
    options: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", *options]) == 1
    assert told in capsys.readouterr().err
