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
BRIGHTSPACE = (
    "OrgDefinedId,Username,Last Name,First Name,Week 3 Points Grade <Numeric MaxPoints:20>,"
    "Tracking loops Points Grade <Numeric MaxPoints:10 Weight:5 Category:Labs CategoryWeight:20>,"
    "Calculated Final Grade Numerator,End-of-Line Indicator\n"
    "#0042,#jdoe,Doe,Jane,1,7,70,#\n"
    "#-ann,#aroe,Roe,Ann,,,30,#\n"
    "##7,#hash,Seven,Hash,,,30,#\n"
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


def test_brightspace_finds_its_ids_behind_their_mark(tmp_path: Path, manifest: Manifest) -> None:
    scores = [score("0042", 8.25), score("aroe", 9), score("#7", 3), score("niels", 1)]
    found = fill(written(tmp_path, BRIGHTSPACE), scores, "brightspace", manifest)
    assert found.text.splitlines()[0] == "OrgDefinedId,Username,Tracking loops Points Grade,End-of-Line Indicator"
    assert [list(row.values()) for row in rows(found.text)] == [
        ["#0042", "#jdoe", "8.25", "#"],
        ["#-ann", "#aroe", "9", "#"],
        ["##7", "#hash", "3", "#"],
    ]
    assert (found.column, found.unknown) == ("Tracking loops Points Grade", ["niels"])


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("heading", ["Tracking loops Points Grade", " Tracking loops points grade <Text>"])
def test_what_brightspace_may_write_is_read(
    tmp_path: Path, manifest: Manifest, heading: str, encoding: str, end: str
) -> None:
    text = f"Username\t{heading}\t End-of-Line Indicator\njd1\t\t#\n\nann\t\t#\n".replace("\n", end)
    found = fill(written(tmp_path, text, encoding), [score("jd1", 8)], "brightspace", manifest)
    assert found.text == ("Username\tTracking loops Points Grade\tEnd-of-Line Indicator\r\njd1\t8\t#\r\nann\t\t#\r\n")


def test_brightspace_of_another_maximum_is_refused_and_a_refused_score_stays_out(
    tmp_path: Path, manifest: Manifest
) -> None:
    with pytest.raises(CourseError, match="the maximum grade there is 20, and 03_tracking_loops gives 10 points"):
        fill(written(tmp_path, BRIGHTSPACE), [score("0042", 8)], "brightspace", manifest, "Week 3")
    above = score("-ann", 99, faults=["above the maximum"])
    found = fill(written(tmp_path, BRIGHTSPACE), [above], "brightspace", manifest, "Tracking loops")
    assert [row["Tracking loops Points Grade"] for row in rows(found.text)] == ["7", "", ""]


def test_without_a_result_a_row_stays(tmp_path: Path, manifest: Manifest) -> None:
    scores = [score("jd1", 0, absent="not graded"), score("-ann", 9, faults=["above the maximum"])]
    found = fill(written(tmp_path, CANVAS), scores, "canvas", manifest, "Tracking loops")
    assert [row["Tracking loops (56)"] for row in rows(found.text)] == ["10", "7", ""]
    assert (found.students, found.unknown) == ([], [])


@pytest.mark.parametrize("platform", ["canvas", "moodle", "brightspace"])
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


HEADS = {
    "canvas": (["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Tracking loops (56)"], 2),
    "moodle": (["Identifier", "Full name", "ID number", "Email address", "Grade"], 2),
    "brightspace": (["OrgDefinedId", "Tracking loops Points Grade <Numeric MaxPoints:10>", "End-of-Line Indicator"], 0),
}


@given(
    st.sampled_from(sorted(HEADS)),
    st.sampled_from(",;\t"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["\n", "\r\n"]),
    st.dictionaries(
        st.text("ab#-=+@1'\"é ,;", min_size=1, max_size=6).map(str.strip).filter(bool),
        st.floats(0, 10),
        min_size=1,
        max_size=5,
    ),
)
def test_in_any_separator_encoding_and_quotes_each_id_keeps_its_points(
    tmp_path_factory: pytest.TempPathFactory,
    platform: str,
    separator: str,
    encoding: str,
    quotes: int,
    end: str,
    students: dict[str, float],
) -> None:
    folder = tmp_path_factory.getbasetemp()
    head, place = HEADS[platform]
    text = io.StringIO()
    table = csv.writer(text, delimiter=separator, quoting=quotes, lineterminator=end)  # type: ignore[arg-type]
    table.writerow(head)
    for student in students:
        row = [""] * len(head)
        row[place] = f"#{student}" if platform == "brightspace" else student
        table.writerow(row)
    path = written(folder, text.getvalue(), encoding)
    found = fill(path, [score(s, t) for s, t in students.items()], platform, Manifest(folder, LESSON))
    mark = "#" if platform == "brightspace" else ""
    back = {row[head[place]].removeprefix(mark): row[found.column] for row in rows(found.text, separator)}
    assert {student: float(points) for student, points in back.items()} == pytest.approx(students, abs=1e-4)
    assert found.unknown == []


@pytest.mark.parametrize("platform", sorted(HEADS))
def test_a_whole_table_as_its_platform_describes_it(root: Path, manifest: Manifest, platform: str) -> None:
    """What goes in and what comes out, to the last byte."""
    golden = root / "tests" / "instructor" / "platforms" / "golden"
    manifest.students["gus"] = Collected("moodle", "204", "Participant", "Participant_204_assignsubmission_file/")
    scores = [
        score("s-100", 8.25),
        score("=ada", 7, email="ada@example.org"),
        score("gus", 10),
        score("nobody", 5),
        score("late", 0, absent="nothing handed in"),
    ]
    found = fill(golden / f"{platform}.csv", scores, platform, manifest, remark=lambda s: f'"{s.student}"; well done')
    assert found.text.encode() == (golden / f"{platform}-filled.csv").read_bytes()
    assert found.unknown == (["nobody"] if platform == "moodle" else ["gus", "nobody"])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--into", "x.csv"], "--into fills in a platform's table"),
        (["--column", "Week 3"], "--column names a column of the table"),
        (["--format", "moodle", "--into", "x.csv", "--column", "a"], "--column is for canvas and brightspace"),
        (["--format", "brightspace", "--ids", "sis"], "sis is canvas's; given brightspace"),
        (["--format", "canvas", "--ids", "username"], "username is brightspace's; given canvas"),
        (["--format", "brightspace", "--into", "x.csv", "--ids", "org"], "--ids means nothing with --into"),
        (["--format", "canvas", "--into", "x.csv", "--missing", "zero", "--guard-ids"], "--missing and --guard-ids"),
    ],
)
def test_options_that_would_be_ignored_are_refused(
    options: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", *options]) == 1
    assert told in capsys.readouterr().err
