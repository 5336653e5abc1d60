"""A class graded as an instructor does it: scores as nbgrader's, manual marks, feedback, export, report, regrade."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from grading_corpus.course import (
    LESSON,
    cell,
    code,
    grades,
    hand_in,
    make_course,
    release_all,
    released,
    small_source,
    solved,
)

from course_lib.commands.cli import main
from course_lib.instructor.grading.gradebook import open_gradebook
from course_lib.instructor.grading.limits import Limits
from course_lib.instructor.grading.notebook_scores import Cell
from course_lib.instructor.grading.sandbox import bubblewrap_problem
from course_lib.instructor.grading.scores import Score, read_scores
from course_lib.instructor.grading.session import Options, grade_assignment
from course_lib.instructor.hidden import graded_exercises
from course_lib.instructor.platforms.tables import export
from course_lib.instructor.proof.bank import bank_root, entries
from course_lib.instructor.text.release import load_config
from course_lib.trouble import CourseError

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bubblewrap_problem() is not None, reason=str(bubblewrap_problem())),
]
#: As docs/instructors.md shows it.
LATE_RULE = """
from nbgrader.plugins import LateSubmissionPlugin


class HalfAfterTheDueDate(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score / 2


c.AssignLatePenalties.plugin_class = HalfAfterTheDueDate
"""


def give(course: Path, student: str, name: str, marks: float, comment: str = "", track: str = "pytorch") -> None:
    """Grade by hand, as formgrader does."""
    with open_gradebook(load_config(course)) as gradebook:
        grade = gradebook.find_grade(name, track, LESSON, student)
        grade.manual_score, grade.needs_manual_grade = marks, False
        if comment:
            gradebook.find_comment(name, track, LESSON, student).manual_comment = comment
        gradebook.db.commit()


def mistake(track: str, number: int = 0) -> str:
    wrong = [e for e in entries(bank_root(), LESSON, track, "epoch_loss") if e.kind == "misconception"]
    return wrong[number % len(wrong)].source


def hand_in_class(course: Path, track: str) -> list[str]:
    name = f"{track}.ipynb"
    hand_in(course, "right", solved(course, track), name)
    hand_in(course, "half", solved(course, track, only=("epoch_loss",)), name)
    hand_in(course, "blank", released(course, track), name)
    wrong = solved(course, track)
    cell(wrong, "epoch_loss").source = mistake(track)
    hand_in(course, "mistaken", wrong, name)
    return ["right", "half", "blank", "mistaken"]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make_course(tmp_path_factory.mktemp("session") / "course")
    hand_in_class(made, "pytorch")
    grade_assignment(made, load_config(made), Options(LESSON, workers=1))
    return made


@pytest.mark.parametrize("track", ["pytorch", "keras"])
def test_every_score_equals_stock_nbgraders(tmp_path: Path, track: str) -> None:
    course = make_course(tmp_path / "course", track)
    students = hand_in_class(course, track)
    stock = tmp_path / "stock"
    shutil.copytree(course, stock)
    result = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", LESSON], cwd=stock, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    grade_assignment(course, load_config(course), Options(LESSON, workers=1))
    ours = grades(course)
    assert ours == grades(stock)
    assert len(ours) == 3 * len(students)
    assert ours["right", "check_epoch_loss"][0] == 2.0
    assert 0 < (ours["mistaken", "check_epoch_loss"][0] or 0) < 2.0 or ours["mistaken", "check_epoch_loss"][0] == 0.0


def test_nothing_is_graded_twice_and_manual_marks_survive(course: Path) -> None:
    give(course, "right", "why_not_the_same", 1.5, "Good, but name a measurement.")
    again = grade_assignment(course, load_config(course), Options(LESSON, workers=1))
    assert not again.graded
    assert len(again.unchanged) == 4
    forced = grade_assignment(course, load_config(course), Options(LESSON, ("right",), workers=1, regrade=True))
    assert [entry["student"] for entry in forced.graded] == ["right"]
    assert grades(course)["right", "why_not_the_same"] == (None, 1.5, False)


def test_what_lies_beside_a_notebook_is_handed_in_with_it(course: Path) -> None:
    """A helper file that is added, changed or renamed is a new submission; the same file again is none."""
    folder = hand_in(course, "helped", solved(course))
    helper = folder / "helper.py"

    def to_grade(dry_run: bool = True) -> bool:
        report = grade_assignment(course, load_config(course), Options(LESSON, ("helped",), workers=1, dry_run=dry_run))
        return [entry["student"] for entry in report.graded] == ["helped"]

    assert to_grade(dry_run=False)
    assert not to_grade()
    helper.write_text("SCALE = 1\n")
    assert to_grade(dry_run=False)
    helper.write_text("SCALE = 1\n")
    assert not to_grade()
    helper.write_text("SCALE = 2\n")
    assert to_grade()
    helper.write_text("SCALE = 1\n")
    helper.rename(folder / "renamed.py")
    assert to_grade()
    shutil.rmtree(folder)


def test_a_new_submission_asks_the_person_again(course: Path) -> None:
    hand_in(course, "again", solved(course))
    grade_assignment(course, load_config(course), Options(LESSON, ("again",), workers=1))
    give(course, "again", "why_not_the_same", 2.0)
    changed = solved(course)
    cell(changed, "why_not_the_same").source = "Something else."
    hand_in(course, "again", changed)
    grade_assignment(course, load_config(course), Options(LESSON, ("again",), workers=1))
    assert grades(course)["again", "why_not_the_same"] == (None, 2.0, True)


def test_hidden_cases_never_enter_the_notebook_or_the_page(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    curious = solved(course)
    cell(curious, "epoch_loss").source = (
        "def epoch_loss(batch_losses, batch_sizes):\n"
        "    print(In); print(get_ipython().history_manager.input_hist_raw)\n"
        "    raise ValueError(str((batch_losses, batch_sizes)))"
    )
    hand_in(course, "curious", curious)
    monkeypatch.chdir(course)
    assert main(["grade", LESSON, "--student", "curious", "--workers", "1"]) == 0
    assert main(["feedback", LESSON]) == 0
    page = (course / "grading" / "feedback" / "curious" / LESSON / "feedback.html").read_text()
    stored = (course / "grading" / "autograded" / "curious" / LESSON / "pytorch.ipynb").read_text()
    solutions = nbformat.read(course / "solutions" / LESSON / "pytorch.ipynb", as_version=4)
    tokens = [w for c in solutions.cells for w in c.source.split() if w.startswith("only-in-solutions-")]
    case = next(c for c in graded_exercises(LESSON, "pytorch")["epoch_loss"].cases if c.hidden)
    losses = case.make_inputs(0)[0]
    assert tokens
    for text in (page, stored):
        assert not [token for token in tokens if token in text]
        assert "graded_check" not in text
        assert "evidence" not in text
    assert not [value for value in losses if repr(value) in page]
    assert repr(case.right(case.make_inputs(0))) not in page
    assert case.hint.split(".")[0] in page


def test_the_page_says_what_was_seen_and_what_the_person_wrote(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course)
    give(course, "right", "why_not_the_same", 1.5, "Name a <measurement>.")
    assert main(["feedback", "03", "--student", "right"]) == 0
    page = (course / "grading" / "feedback" / "right" / LESSON / "feedback.html").read_text()
    assert "4.5 of 5 points" in page
    assert "Name a &lt;measurement&gt;." in page
    assert page.count('<div class="cases">') == 2


def test_export_quotes_and_gives_each_question(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course)
    with open_gradebook(load_config(course)) as gradebook:
        gradebook.update_or_create_student("right", first_name='Ada "A."', last_name="Byron, Lovelace", email="a@b.c")
        gradebook.update_or_create_student("half", first_name="=1+1", last_name="Ünal")
    tables = {}
    for kind in ("csv", "canvas", "moodle"):
        assert main(["export", "--format", kind, "--to", f"{kind}.csv"]) == 0
        text = (course / f"{kind}.csv").read_text(encoding="utf-8-sig")
        tables[kind] = list(csv.DictReader(io.StringIO(text)))
    plain = {row["student_id"]: row for row in tables["csv"]}
    assert plain["right"]["last_name"] == "Byron, Lovelace"
    assert plain["right"]["pytorch/check_epoch_loss (2)"] == "2"
    assert plain["half"]["first_name"] == "'=1+1"
    canvas = {row["Student"]: row for row in tables["canvas"]}
    assert canvas["    Points Possible"][LESSON] == "5"
    assert canvas['Byron, Lovelace, Ada "A."']["SIS User ID"] == "right"
    assert main(["export", "--format", "canvas", "--by", "question", "--to", "questions.csv"]) == 0
    questions = {r["Student"]: r for r in csv.DictReader((course / "questions.csv").read_text().splitlines())}
    own = questions['Byron, Lovelace, Ada "A."']
    assert own[f"{LESSON}: pytorch/check_epoch_loss"] == "2"
    possible = [float(v) for k, v in questions["    Points Possible"].items() if k.startswith(LESSON)]
    assert sum(possible) == 5
    assert LESSON not in own
    moodle = {row["ID number"]: row for row in tables["moodle"]}
    assert moodle["right"]["Email address"] == "a@b.c"
    assert moodle["half"][f"{LESSON}: pytorch/check_order_the_loop (Real)"] == "0"


def test_canvas_columns_of_questions_add_up_to_what_counts_also_when_late() -> None:
    cells = [Cell(name, "pytorch", 2, points, points, None, False) for name, points in (("a", 2.0), ("b", 1.5))]
    late = Score("03", "ada", points=4, score=3.5, penalty=1.0, cells=cells)
    timely = Score("03", "ben", points=4, score=2.0, cells=cells[:1])
    rows = list(csv.DictReader(io.StringIO(export([late, timely], "canvas", "question"))))
    columns = ["03: pytorch/a", "03: pytorch/b", "03: late penalty"]
    assert [rows[1][name] for name in columns] == ["2", "1.5", "-1"]
    assert sum(float(rows[1][name]) for name in columns) == late.total
    assert [rows[2][name] for name in columns] == ["2", "", ""]


def test_report_names_the_misconception(course: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(course)
    assert main(["report", LESSON, "--json"]) == 0
    items = {item["name"]: item for item in json.loads(capsys.readouterr().out)["items"]}
    named = next(e for e in entries(bank_root(), LESSON, "pytorch", "epoch_loss") if e.kind == "misconception")
    assert named.diagnosis in [name for name, _ in items["check_epoch_loss"]["misconceptions"]]
    assert 0 < items["check_epoch_loss"]["difficulty"] < 1
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["report", LESSON]) == 0
    told = capsys.readouterr().out
    assert "…" not in told
    (line,) = [line for line in told.splitlines() if line.startswith("  epoch_loss: ")]
    assert f"{named.diagnosis} (1)" in line
    page = (course / "grading" / "reports" / f"{LESSON}.html").read_text()
    assert 'alt="Left: for each question' in page


def test_regrade_lists_who_changes_before_anything_is_written(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(course)
    before = grades(course)
    path = course / "grading" / "results" / LESSON / "right" / "pytorch.json"
    stored = json.loads(path.read_text())
    question = next(q for q in stored["questions"] if q["grade_id"] == "check_epoch_loss")
    question["score"] = 1.0  # as an earlier test would have judged it
    question["result"]["cases"][0]["passed"] = False
    path.write_text(json.dumps(stored))
    assert main(["regrade", LESSON, "--student", "right", "--workers", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(c["student"], c["question"], c["before"], c["after"]) for c in found] == [
        ("right", "check_epoch_loss", 1.0, 2.0)
    ]
    assert "is right now" in found[0]["why"]
    assert grades(course) == before
    assert not list((course / "grading").glob("regrade-*"))
    left = course / "grading" / "regrade-killed"  # as a killed run leaves it
    (left / "grading").mkdir(parents=True)
    with open_gradebook(load_config(course)) as gradebook:  # the gradebook of that earlier test
        gradebook.find_grade("check_epoch_loss", "pytorch", LESSON, "right").auto_score = 1.0
        gradebook.db.commit()
    assert main(["regrade", LESSON, "--student", "right", "--workers", "1", "--apply"]) == 0
    assert "1 score of 1 student changes\nwritten to the gradebook" in capsys.readouterr().out
    assert grades(course) == before
    assert not left.exists()
    assert main(["regrade", LESSON, "--student", "rihgt"]) == 0
    assert "rihgt: nothing was handed in: there is no folder grading/submitted/rihgt" in capsys.readouterr().err


def test_a_dry_run_writes_nothing(course: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(course)
    broken = solved(course)
    del broken.cells[1]
    hand_in(course, "dry", broken)
    before = sorted(str(p) for p in (course / "grading").rglob("*"))
    assert main(["grade", LESSON, "--dry-run", "--json", "--student", "dry"]) == 0
    assert json.loads(capsys.readouterr().out)["repaired"][0]["student"] == "dry"
    assert sorted(str(p) for p in (course / "grading").rglob("*")) == before
    shutil.rmtree(course / "grading" / "submitted" / "dry")


def test_before_the_release_nothing_is_made(
    tmp_path: Path, course: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    shutil.copytree(course, tmp_path / "new", ignore=shutil.ignore_patterns("grading"))
    monkeypatch.chdir(tmp_path / "new")
    before = sorted(tmp_path.rglob("*"))
    assert main(["grade", LESSON, "--dry-run"]) == 1
    assert f"run `course release {LESSON}` first" in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before
    (tmp_path / "new" / "grading").mkdir()
    for command in (["grade", LESSON, "--dry-run"], *([name, LESSON] for name in ("report", "feedback", "regrade"))):
        assert main(command) == 1
        assert f"run `course release {LESSON}` first" in capsys.readouterr().err
    assert main(["export"]) == 1
    assert "nobody has been graded yet" in capsys.readouterr().err
    assert not list((tmp_path / "new" / "grading").iterdir())


def test_a_late_penalty_follows_the_configuration_and_marks_given_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    course = make_course(tmp_path / "course")
    monkeypatch.chdir(course)
    for student, day in (("early", "2030-01-06"), ("late", "2030-01-08")):
        (hand_in(course, student, solved(course)) / "timestamp.txt").write_text(f"{day} 12:00:00 UTC\n")
    with open_gradebook(load_config(course)) as gradebook:
        gradebook.update_or_create_assignment(LESSON, duedate=datetime(2030, 1, 7))

    def totals() -> dict[str, tuple[float, float]]:
        assert main(["grade", LESSON, "--workers", "1"]) == 0
        return {s.student: (s.score, s.total) for s in read_scores(course, load_config(course), LESSON)}

    assert totals() == {"early": (3, 3), "late": (3, 3)}
    with open(course / "nbgrader_config.py", "a") as file:
        file.write(LATE_RULE)
    assert totals() == {"early": (3, 3), "late": (3, 1.5)}
    give(course, "late", "why_not_the_same", 2)
    assert totals() == {"early": (3, 3), "late": (5, 2.5)}
    capsys.readouterr()
    assert main(["export", "--format", "moodle"]) == 0
    assert "late penalty: -2.5" in (course / "grading" / "grades-moodle.csv").read_text()
    assert main(["feedback", LESSON, "--student", "nobody"]) == 1
    assert f"nobody has not been graded in {LESSON}" in capsys.readouterr().err


def test_one_track_of_two_is_not_graded_again_in_a_run_of_both(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    nbformat.write(small_source("keras"), course / "solutions" / LESSON / "keras.ipynb")
    release_all(course)
    hand_in(course, "both", solved(course))
    hand_in(course, "both", released(course, "keras"), "keras.ipynb")
    hand_in(course, "torch", solved(course))

    def run(track: str | None = None) -> tuple[list[tuple[str, str]], int, list[Any]]:
        report = grade_assignment(course, load_config(course), Options(LESSON, workers=1, track=track))
        return [(g["student"], g["notebook"]) for g in report.graded], len(report.unchanged), report.failed

    assert run("keras") == ([("both", "keras")], 0, [])
    graded, unchanged, failed = run()
    assert (sorted(graded), unchanged, failed) == ([("both", "pytorch"), ("torch", "pytorch")], 1, [])
    assert run("pytorch") == ([], 2, [])
    with pytest.raises(CourseError, match="has no notebook 'jax'; it has: "):
        run("jax")


def test_of_two_tracks_the_one_that_a_student_took_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    course = make_course(tmp_path / "course")
    nbformat.write(small_source("keras"), course / "solutions" / LESSON / "keras.ipynb")
    release_all(course)
    half = ("epoch_loss",)
    for who, torch, keras in (
        ("ada", solved(course), released(course, "keras")),  # as the exchange takes it: both notebooks
        ("ben", released(course), solved(course, "keras")),
        ("both", solved(course, only=half), solved(course, "keras")),
        ("neither", released(course), released(course, "keras")),
    ):
        hand_in(course, who, torch)
        hand_in(course, who, keras, "keras.ipynb")
    wrong = solved(course, "keras", only=())
    cell(wrong, "epoch_loss").source = "def epoch_loss(losses, sizes):\n    return 0.0"
    hand_in(course, "wrong", released(course))
    hand_in(course, "wrong", wrong, "keras.ipynb")
    moved = released(course, "keras")
    moved.cells.insert(2, code(cell(solved(course, "keras"), "epoch_loss").source))
    hand_in(course, "elsewhere", released(course))
    hand_in(course, "elsewhere", moved, "keras.ipynb")
    monkeypatch.chdir(course)
    assert main(["grade", LESSON, "--workers", "2"]) == 0
    assert "12 notebooks graded (6 with nothing answered)" in capsys.readouterr().out

    scores = {score.student: score for score in read_scores(course, load_config(course), LESSON)}
    assert {score.points for score in scores.values()} == {5}
    counted = {who: ({c.notebook for c in score.cells}, score.score) for who, score in scores.items()}
    assert counted["ada"] == ({"pytorch"}, 3)
    assert counted["ben"] == counted["both"] == ({"keras"}, 3)
    assert counted["wrong"] == ({"keras"}, 0)
    assert counted["elsewhere"] == ({"keras"}, 2)
    assert counted["neither"][1] == 0
    assert scores["both"].aside == {"pytorch": "the other one has as many points, or more"}

    with open_gradebook(load_config(course)) as gradebook:
        grade = gradebook.find_grade("why_not_the_same", "pytorch", LESSON, "both")
        grade.manual_score = 22
        gradebook.db.commit()
        refused = read_scores(course, load_config(course), LESSON, "both")[0]
        assert refused.faults == ["pytorch/why_not_the_same: the score given by hand is 22 of 2 points"]
        grade.manual_score = None
        gradebook.db.commit()

    assert main(["feedback", LESSON]) == 0
    assert "not final, since a person has still to grade a part, and the page says so: ada, ben, both" in (
        capsys.readouterr().out
    )
    page = (course / "grading" / "feedback" / "ada" / LESSON / "feedback.html").read_text()
    assert "ada: <strong>3 of 5 points" in page
    assert "The notebook keras does not count: nothing is answered in it." in page
    assert "not done yet" not in page


def test_a_student_who_handed_in_nothing_is_named(course: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(course)
    assert main(["grade", LESSON, "--student", "rihgt", "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "rihgt: nothing was handed in" in told
    assert "0 notebooks to grade" in told


def test_unsafe_says_so_and_gives_the_same(course: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(course)
    before = grades(course)
    args = ["grade", LESSON, "--sandbox", "none", "--regrade", "--student", "half", "--workers", "1"]
    assert main(args) == 0
    assert "UNSAFE" in capsys.readouterr().err
    assert grades(course) == before


def test_a_made_up_class_changes_no_due_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    course = make_course(tmp_path / "course")
    due = datetime(2026, 11, 30, 17)
    with open_gradebook(load_config(course)) as gradebook:
        gradebook.update_or_create_assignment(LESSON, duedate=due)
    monkeypatch.chdir(course)
    assert main(["demo-class", LESSON]) == 1
    assert f"{LESSON} is due {due}, which a made-up class would change" in capsys.readouterr().err
    with open_gradebook(load_config(course)) as gradebook:
        assert gradebook.find_assignment(LESSON).duedate == due
    assert not (course / "grading" / "submitted").exists()


def test_a_made_up_class_goes_the_whole_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    course = make_course(tmp_path / "course")
    monkeypatch.chdir(course)
    assert main(["demo-class", LESSON, "--students", "8"]) == 0
    limits = Limits(cell_seconds=6)
    report = grade_assignment(course, load_config(course), Options(LESSON, workers=2, limits=limits))
    assert {entry["student"].split("-")[1] for entry in report.graded} >= {"right", "half", "blank", "late", "hostile"}
    for command in (["feedback", LESSON], ["report", LESSON], ["export"]):
        assert main(command) == 0
    rows = list(csv.DictReader((course / "grading" / "grades-csv.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == 8
    hand_in(course, "ada", solved(course))
    capsys.readouterr()
    assert main(["demo-class", LESSON]) == 1
    assert f"{LESSON} has submissions of ada; make the class in another lesson" in capsys.readouterr().err
    assert main(["demo-class", LESSON, "--remove"]) == 0
    assert f"took 8 made-up students of {LESSON} away" in capsys.readouterr().out
    assert [path.name for path in (course / "grading").glob("*/demo*")] == []
    assert list((course / "grading" / "results" / LESSON).glob("*")) == []
    assert (course / "grading" / "submitted" / "ada" / LESSON / "pytorch.ipynb").is_file()
    with open_gradebook(load_config(course)) as gradebook:
        assert gradebook.students == []
        assert gradebook.find_assignment(LESSON).duedate is None
    assert [row["student_id"] for row in rows if float(row["late_seconds"]) > 0] == ["demo0004-late"]
