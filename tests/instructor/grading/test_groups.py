"""Groups: one notebook, and each member has its marks and its page; whatever is wrong with a group is told."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from grading_corpus.course import LESSON, hand_in, make_course, released
from hypothesis import given
from hypothesis import strategies as st

from course_lib.commands.cli import main
from course_lib.instructor.desk.mistakes import sum_of_mistakes
from course_lib.instructor.desk.report import item_statistics
from course_lib.instructor.grading.gradebook import Writer, open_gradebook
from course_lib.instructor.grading.groups import GROUPS_FILE, Group, read_groups, share
from course_lib.instructor.grading.notebook_scores import Cell
from course_lib.instructor.grading.scores import Score
from course_lib.instructor.platforms.manifest import Collected, Manifest
from course_lib.instructor.text.release import load_config
from course_lib.trouble import CourseError

STUDENTS = ("ada", "ben", "cy", "dan", "eve")
LATE_RULE = """
from nbgrader.plugins import LateSubmissionPlugin
class Half(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score / 2
c.AssignLatePenalties.plugin_class = Half
"""


def one(student: str, score: float | None = None, **more: object) -> Score:
    absent = "" if score is not None else "nothing handed in"
    return Score(LESSON, student, points=10, score=score or 0, absent=absent, **more)  # type: ignore[arg-type]


def by_student(scores: list[Score]) -> dict[str, Score]:
    return {score.student: score for score in scores}


def written(root: Path, *lines: str, head: str = "group,student,assignment,submits") -> Path:
    path = root / GROUPS_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return root


# -- who is with whom ----------------------------------------------------------------------------------------------


def test_without_a_file_there_are_no_groups(tmp_path: Path) -> None:
    assert read_groups(tmp_path, LESSON) == []


def test_a_line_for_the_assignment_wins_over_the_one_for_all(tmp_path: Path) -> None:
    written(tmp_path, "red,ada,,", "red,ben,,", "blue,ben,3,", "blue,cy,03_tracking_loops,yes", "old,cy,,", "x,ada,05,")
    assert read_groups(tmp_path, LESSON, ["05_no_grad_validation"]) == [
        Group("red", ["ada"]),
        Group("blue", ["ben", "cy"], ["cy"]),
    ]


@pytest.mark.parametrize(
    ("head", "line", "told"),
    [
        ("group;who", "a;b", "has the columns group, who; expected group and student"),
        ("group,student,mark", "a,b,1", "expected group and student, and if needed assignment and submits"),
        ("group,student", "red,", "line 2: expected a group and a student, given 'red' and ''"),
        ("group,student,assignment", "red,ada,33", "line 2: there is no assignment '33'"),
        ("group,student,submits", "red,ada,maybe", "line 2: submits is yes, no or empty, not 'maybe'"),
    ],
)
def test_a_file_that_says_something_else_is_one_line(tmp_path: Path, head: str, line: str, told: str) -> None:
    with pytest.raises(CourseError, match=told):
        read_groups(written(tmp_path, line, head=head), LESSON)


# -- what each gets ------------------------------------------------------------------------------------------------


def test_each_member_gets_the_result_and_stays_who_they_are() -> None:
    cells = [Cell("c", "pytorch", 10, 8, 8, None, False)]
    scores = [one("ada", 8, penalty=2, cells=cells), one("ben", email="b@x.org", lms_user_id="42"), one("cy")]
    shared = by_student(share(scores, [Group("red", ["ada", "ben"])], STUDENTS))
    ada, ben, cy = shared.values()
    assert (ada.total, ada.group, ada.shared_from) == (6, "red", "")
    assert (ben.total, ben.group, ben.shared_from, ben.cells) == (6, "red", "ada", cells)
    assert (ben.email, ben.lms_user_id, ben.status) == ("b@x.org", "42", "graded")
    assert cy == one("cy")
    assert not any(score.notes for score in shared.values())


def told(scores: list[Score], *groups: Group, known: tuple[str, ...] = STUDENTS) -> tuple[dict[str, Score], str]:
    shared = by_student(share(scores, list(groups), known))
    return shared, " | ".join(note for score in shared.values() for note in score.notes)


def test_a_student_in_two_groups_is_refused_and_the_others_are_not() -> None:
    scores = [one("ada", 8), one("ben"), one("cy", 5), one("dan")]
    shared, _ = told(scores, Group("red", ["ada", "ben"]), Group("blue", ["ben", "cy", "dan"]))
    assert shared["ben"].faults == [f"is in 2 groups (red, blue); leave one of these lines in {GROUPS_FILE}"]
    assert shared["ben"].status == "refused"
    assert (shared["ada"].total, shared["cy"].total, shared["dan"].total) == (8, 5, 5)


def test_an_unknown_member_is_named_and_in_no_file() -> None:
    shared, notes = told([one("ada", 8)], Group("red", ["ada", "bne"]))
    assert "group red: bne is neither in the gradebook nor among the submissions, and gets nothing" in notes
    assert set(shared) == {"ada"}
    _, notes = told([one("ada", 8)], Group("ghosts", ["boo"]))
    assert "group ghosts: boo is neither" in notes


def test_who_also_handed_in_alone_is_named() -> None:
    scores = [one("ada", 8), one("ben", 3), one("cy")]
    shared, notes = told(scores, Group("red", ["ada", "ben", "cy"]))
    assert "group red: ada and ben handed in, so each has the own result, and the others have none" in notes
    assert [shared[s].status for s in ("ada", "ben", "cy")] == ["graded", "graded", "nothing handed in"]
    assert (shared["ada"].score, shared["ben"].score) == (8, 3)
    shared, notes = told(scores, Group("red", ["ada", "ben", "cy"], ["ben"]))
    assert notes == "group red: what ada handed in alone does not count, ben's notebook does"
    assert {score.score for score in shared.values()} == {3}


def test_the_same_file_under_each_name_is_one_notebook() -> None:
    """As a platform's group assignment hands it out; a person has graded the texts of ben's copy only."""

    def copy_of(student: str, score: float, waiting: bool) -> Score:
        cells = [Cell("why", "pytorch", 10, score, None, None if waiting else score, waiting)]
        return one(student, score, cells=cells, digests=["4f"])

    scores = [copy_of("ada", 0, True), copy_of("ben", 7, False), one("cy")]
    shared, notes = told(scores, Group("red", ["ada", "ben", "cy"]))
    assert notes == ""
    assert {(score.score, score.waiting) for score in shared.values()} == {(7, False)}
    scores[1].digests = ["5a"]
    assert "ada and ben handed in" in told(scores, Group("red", ["ada", "ben", "cy"]))[1]
    assert "ada and ben handed in" in told([one("ada", 1), one("ben", 1)], Group("red", ["ada", "ben"]))[1]


def test_who_should_submit_and_did_not_is_named() -> None:
    scores = [one("ada", 8), one("ben"), one("cy")]
    shared, notes = told(scores, Group("red", ["ada", "ben"], ["ben"]))
    assert "ben has yes under `submits` in grading/groups.csv and handed in nothing" in notes
    assert (shared["ada"].score, shared["ben"].status) == (8, "nothing handed in")
    _, notes = told(scores, Group("red", ["ada", "ben"], ["ada", "ben"]))
    assert "ada and ben have yes under `submits`" in notes


@pytest.mark.parametrize("status", ["not graded", "refused", "nothing handed in"])
def test_what_is_no_result_is_none_for_all(status: str) -> None:
    source = one("ada", 8, faults=["above"]) if status == "refused" else Score(LESSON, "ada", absent=status)  # type: ignore[arg-type]
    shared, _ = told([source, one("ben")], Group("red", ["ada", "ben"]))
    assert (shared["ada"].status, shared["ben"].status) == (status, status)


@given(
    st.lists(st.tuples(st.sampled_from("pq"), st.sampled_from(STUDENTS), st.booleans()), max_size=8),
    st.sets(st.sampled_from(STUDENTS)),
)
def test_whatever_the_groups_nobody_is_lost_and_no_score_is_made_up(
    lines: list[tuple[str, str, bool]], handed_in: set[str]
) -> None:
    groups: dict[str, Group] = {}
    for name, student, submits in lines:
        group = groups.setdefault(name, Group(name))
        group.members += [student] * (student not in group.members)
        group.submits += [student] * (submits and student not in group.submits)
    own = {student: i + 1 for i, student in enumerate(STUDENTS) if student in handed_in}
    scores = [one(student, own.get(student)) for student in STUDENTS]
    shared, notes = told(scores, *groups.values())
    assert list(shared) == list(STUDENTS)
    for student, score in shared.items():
        if score.counts:
            assert score.score == own[score.shared_from or student]
            assert not score.shared_from or any({student, score.shared_from} <= set(g.members) for g in groups.values())
            assert not (score.shared_from and student in own) or f"what {student} handed in alone" in notes
        elif student in own:
            assert score.faults  # in two groups


# -- the whole way -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with a late rule, in which ada handed in late for red, and cy for herself."""
    made = make_course(tmp_path_factory.mktemp("groups") / "course")
    with open(made / "nbgrader_config.py", "a") as file:
        file.write(LATE_RULE)
    with open_gradebook(load_config(made)) as gradebook:
        gradebook.update_or_create_assignment(LESSON, duedate=datetime(2030, 1, 7))
        gradebook.update_or_create_student("ben", first_name="Ben", email="ben@x.org")
    with Writer(made, load_config(made), LESSON) as writer:
        for student in ("ada", "cy"):
            hand_in(made, student, released(made))
            writer.missing_notebook(student, "pytorch", datetime(2030, 1, 8))
            grade = writer.gradebook.find_grade("check_epoch_loss", "pytorch", LESSON, student)
            grade.manual_score = 2
            writer.gradebook.db.commit()
            writer.late(student, "pytorch")
    return written(made, "red,ada,,", "red,ben,,", "green,cy,,", "green,zed,,")


@pytest.fixture
def run(course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    monkeypatch.chdir(course)

    def run(*words: str) -> str:
        assert main(list(words)) == 1  # zed is unknown, and that is told each time
        out, err = capsys.readouterr()
        assert "group green: zed is neither in the gradebook" in err
        return out

    return run


@pytest.mark.parametrize(
    ("kind", "key", "column"),
    [
        ("csv", "student_id", "total"),
        ("canvas", "SIS User ID", LESSON),
        ("moodle", "ID number", f"Assignment: {LESSON} (Real)"),
        ("brightspace", "OrgDefinedId", f"{LESSON} Points Grade"),
    ],
)
def test_an_export_has_each_member_with_one_penalty(
    course: Path, run: Callable[..., str], kind: str, key: str, column: str
) -> None:
    run("export", "--format", kind, "--to", "out.csv")
    text = (course / "out.csv").read_bytes().decode("utf-8-sig")
    table = {row[key]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
    assert (table["ada"][column], table["ben"][column], table["cy"][column]) == ("1", "1", "1")
    assert "zed" not in table
    if kind == "csv":
        assert (table["ben"]["group"], table["ben"]["email"], table["ben"]["late_penalty"]) == ("red", "ben@x.org", "1")


def test_each_member_gets_a_page_and_the_zip_knows_whose(course: Path, run: Callable[..., str]) -> None:
    manifest = Manifest(course, LESSON)
    name = "doe_4711_815_pytorch.ipynb"
    manifest.students["ada"] = Collected("canvas", "4711", "doe", "", originals={"pytorch.ipynb": name})
    manifest.save()
    out = run("feedback", LESSON, "--zip", "feedback.zip")
    assert "members of groups, whose page is in the file of who handed in: ben" in out
    assert "not collected from there: cy" in out
    page = (course / "grading" / "feedback" / "ben" / LESSON / "feedback.html").read_text()
    assert "ben: <strong>1 of 5 points</strong>" in page
    assert "This is the notebook of the group red; ada handed it in." in page
    assert zipfile.ZipFile(course / "feedback.zip").namelist() == [name]
    manifest.students["ada"] = Collected("folders", "ada", "ada", "ada/")
    manifest.save()
    run("feedback", LESSON, "--zip", "feedback.zip")
    assert zipfile.ZipFile(course / "feedback.zip").namelist() == ["ada/feedback.html", "ben/feedback.html"]


def test_one_member_s_page_alone(course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.chdir(course)
    assert main(["feedback", LESSON, "--student", "ben"]) == 0
    assert "wrote 1 page" in capsys.readouterr().out
    assert main(["feedback", LESSON, "--student", "nobody"]) == 1
    assert f"nobody has not been graded in {LESSON}" in capsys.readouterr().err


def test_a_platform_s_own_table_has_each_member(course: Path, run: Callable[..., str]) -> None:
    (course / "own.csv").write_text("Identifier,ID number,Grade\nParticipant 1,ada,\nParticipant 2,ben,\n")
    run("export", LESSON, "--format", "moodle", "--into", "own.csv", "--to", "filled.csv")
    assert (course / "filled.csv").read_text().splitlines()[1:] == ["Participant 1,ada,1", "Participant 2,ben,1"]


def test_the_report_counts_a_notebook_once(course: Path, run: Callable[..., str]) -> None:
    assert "counted once, with who handed in for the group: ben" in run("report", LESSON)
    cell = Cell("check_x", "pytorch", 2, 1, 1, None, False, result={"cases": [{"passed": False, "diagnosis": "sum"}]})
    scores = share([one("ada", 1, cells=[cell]), one("ben")], [Group("red", ["ada", "ben"])], STUDENTS)
    assert item_statistics(scores)[0].students == 1
    assert sum_of_mistakes({LESSON: scores})[0].students == 1
