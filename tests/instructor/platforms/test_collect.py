"""`course collect`: the right student's files in the right folder, and nothing lost on the way."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime
from pathlib import Path

import nbformat
import pytest

from course_lib.commands.cli import main
from course_lib.instructor.platforms.names import Named
from course_lib.instructor.platforms.roster import read_roster
from course_lib.trouble import CourseError

LESSON = "03_tracking_loops"


def notebook(text: str = "", lesson: str = LESSON) -> bytes:
    made = nbformat.v4.new_notebook(metadata={"loss_curves": {"lesson": lesson, "track": "pytorch"}})
    made.cells = [nbformat.v4.new_code_cell(text, id="one")]
    return nbformat.writes(made).encode()


def download(path: Path, files: dict[str, bytes], times: dict[str, datetime] | None = None) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for i, (name, content) in enumerate(files.items()):
            when = (times or {}).get(name, datetime(2030, 1, 8, 12, 10 * i))
            archive.writestr(zipfile.ZipInfo(name, when.timetuple()[:6]), content)
    return path


@pytest.fixture
def course(course_copy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(course_copy)
    return course_copy


def there(course: Path) -> dict[str, str]:
    """What lies in the folder of submissions: the text of each file by its path."""
    top = course / "grading" / "submitted"
    return {path.relative_to(top).as_posix(): path.read_text() for path in sorted(top.rglob("*")) if path.is_file()}


def test_from_canvas_without_a_list(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = download(
        course / "submissions.zip",
        {
            "doejane_4711_815_pytorch.ipynb": notebook("jane"),
            "lovelaceada_LATE_4712_820_pytorch-1.ipynb": notebook("ada"),
            "lovelaceada_LATE_4712_821_essay.pdf": b"%PDF",
            "roejohn_link.html": b"",
        },
    )
    assert main(["collect", str(path)]) == 0
    told = capsys.readouterr().out
    found = there(course)
    assert set(found) == {
        f"4711/{LESSON}/pytorch.ipynb",
        f"4711/{LESSON}/timestamp.txt",
        f"4712/{LESSON}/pytorch-1.ipynb",
        f"4712/{LESSON}/timestamp.txt",
    }
    assert "ada" in found[f"4712/{LESSON}/pytorch-1.ipynb"]
    assert found[f"4711/{LESSON}/timestamp.txt"] == "2030-01-08 12:00:00 UTC\n"
    assert "collected 2 new" in told
    assert "marked late by Canvas: 4712" in told
    assert "lovelaceada_LATE_4712_821_essay.pdf: no notebook" in told
    assert "roejohn_link.html: no name of a submission" in told


def test_a_roster_of_canvas_names_the_students(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    roster = course / "grades.csv"
    roster.write_text(
        'Student,ID,SIS User ID,SIS Login ID,Section\n"    Points Possible",,,,\n"Doe, Jane",4711,jd1,jane@x.org,A\n',
        encoding="utf-8-sig",
    )
    files = {"doejane_4711_815_a.ipynb": notebook("jane"), "nobody_4799_816_a.ipynb": notebook("nobody")}
    path = download(course / "submissions.zip", files)
    assert main(["collect", str(path), "--roster", str(roster)]) == 1
    assert "nobody (4799): is not in grades.csv" in capsys.readouterr().err
    assert {name.split("/")[0] for name in there(course)} == {"jd1"}
    assert main(["collect", str(path), "--roster", str(roster), "--keep-unknown"]) == 0
    assert {name.split("/")[0] for name in there(course)} == {"jd1", "4799"}


def test_a_number_that_the_roster_does_not_have_is_nobody_whatever_the_name(tmp_path: Path) -> None:
    path = tmp_path / "grades.csv"
    path.write_text('Student,ID,SIS User ID,SIS Login ID,Section\n"Doe, Jane",4711,jd1,,A\n')
    assert read_roster(path).find(Named("9999", "doejane", "a", ""), "canvas") == ("", "is not in grades.csv")


def test_a_dry_run_tells_who_was_late(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["collect", str(download(course / "1.zip", {"a_LATE_1_1_x.ipynb": notebook()})), "--dry-run"]) == 0
    assert "marked late by Canvas: 1" in capsys.readouterr().out


BRIGHTSPACE = (
    "OrgDefinedId,Username,Last Name,First Name,Email,End-of-Line Indicator\n"
    "#2330,#jdoe,Doe,Jane,jane@x.org,#\n#2331,#Jane,Roe,Ann Lee,ann@x.org,#\n#2332,#kurt,Doe,Kurt,k@x.org,#\n"
)


def test_from_brightspace_with_its_own_list(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    roster = course / "grades.csv"
    roster.write_text(BRIGHTSPACE, encoding="utf-8-sig")
    files = {
        "index.html": b"<html>",
        "397-255 - Jane Doe - Mar 5, 2030 612 PM/pytorch.ipynb": notebook("first"),
        "397-255 - Jane Doe - Mar 6, 2030 1205 AM/pytorch.ipynb": notebook("second"),
        "397-256 - 2331 Roe - 07 March 2030 900 AM/pytorch.ipynb": notebook("ann"),
        "397-257 - 2332 Nobody - Mar 8, 2030 900 AM/pytorch.ipynb": notebook("another name beside kurt's id"),
    }
    path = download(course / "brightspace.zip", files)
    assert main(["collect", str(path), "--roster", str(roster), "--timezone", "America/New_York"]) == 1
    told = capsys.readouterr()
    assert "2332 Nobody (2332 Nobody): is not in grades.csv" in told.err
    assert "index.html: no name of a submission from brightspace" in told.out
    found = there(course)
    assert found[f"2330/{LESSON}/timestamp.txt"] == "2030-03-06 05:05:00 UTC\n"
    assert found[f"2331/{LESSON}/timestamp.txt"] == "2030-03-07 14:00:00 UTC\n"
    assert "first" in found[f"2330/{LESSON}/pytorch.ipynb"]
    assert "second" in found[f"2330/{LESSON}/pytorch (2).ipynb"]
    stored = json.loads((course / "grading" / "collected" / f"{LESSON}.json").read_text())
    jane = stored["students"]["2330"]
    assert (jane["number"], jane["prefix"]) == (203003060005, "397-255 - Jane Doe - Mar 6, 2030 1205 AM/")


WORKSHEET = (
    "Identifier,Full name,ID number,Email address,Status,Grade,Last modified (submission)\n"
    "Participant 55,Jane Doe,s1,jane@x.org,Submitted,,2030-01-07 09:00:00\n"
    "Participant 56,Jane Doe,s2,jane2@x.org,Submitted,,-\n"
)


def test_from_moodle_with_its_worksheet(course: Path) -> None:
    roster = course / "worksheet.csv"
    roster.write_text(WORKSHEET, encoding="utf-8")
    files = {
        "Jane Doe_55_assignsubmission_file/pytorch.ipynb": notebook("one"),
        "Jane Doe_56_assignsubmission_file/pytorch.ipynb.txt": notebook("two"),
        "Jane Doe_56_assignsubmission_onlinetext/onlinetext.html": b"hello",
    }
    path = download(course / "moodle.zip", files)
    assert main(["collect", str(path), "--roster", str(roster), "--timezone", "Europe/Berlin"]) == 0
    found = there(course)
    assert "one" in found[f"s1/{LESSON}/pytorch.ipynb"]
    assert "two" in found[f"s2/{LESSON}/pytorch.ipynb"]
    assert found[f"s1/{LESSON}/timestamp.txt"] == "2030-01-07 09:00:00 UTC\n"  # the worksheet knows better
    assert found[f"s2/{LESSON}/timestamp.txt"] == "2030-01-08 11:10:00 UTC\n"  # the archive, in Berlin


def test_a_name_that_two_have_maps_nobody(tmp_path: Path) -> None:
    path = tmp_path / "students.csv"
    path.write_text("id,first_name,last_name,email,lms_user_id\ns1,Jane,Doe,,\ns2,Jane,Doe,,\ns3,Ada,Lovelace,,9\n")
    roster = read_roster(path)
    assert roster.find(Named("1", "Jane Doe", "a", ""), "moodle") == ("", "s1 and s2 have that name in students.csv")
    assert roster.find(Named("1", "Group B-Ada Lovelace", "a", ""), "moodle")[0] == "s3"
    assert (
        roster.find(Named("1", "lovelaceada", "a", ""), "canvas")[0] == ""
    )  # Canvas' numbers are exact; names are not
    assert roster.find(Named("9", "x", "a", ""), "canvas")[0] == "s3"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b\n1,2\n", "expected those of nbgrader"),
        ("id,first_name\nada,A\nada,B\n", "lists ada twice"),
        ("id,first_name\n,A\n", "lists nobody"),
        ("", r"\(none\)"),
    ],
)
def test_a_roster_that_is_none_is_one_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "students.csv"
    path.write_text(text)
    with pytest.raises(CourseError, match=told):
        read_roster(path)


def test_again_with_the_same_a_newer_and_an_older_download(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = download(course / "1.zip", {"doejane_1_10_a.ipynb": notebook("first"), "x_2_11_a.ipynb": notebook("x")})
    second = download(course / "2.zip", {"doejane_1_20_a-1.ipynb": notebook("second"), "x_2_11_a.ipynb": notebook("x")})
    assert main(["collect", str(first)]) == 0
    assert main(["collect", str(first)]) == 0
    assert "collected 2 unchanged" in capsys.readouterr().out
    assert main(["collect", str(second)]) == 0
    assert "1 replaced, 1 unchanged" in capsys.readouterr().out
    assert "second" in there(course)[f"1/{LESSON}/a-1.ipynb"]
    (kept,) = (course / "grading" / "collected" / "replaced").rglob("a.ipynb")
    assert "first" in kept.read_text()
    before = there(course)
    assert main(["collect", str(first)]) == 1
    assert "1: what was collected before is newer" in capsys.readouterr().err
    assert there(course) == before


def test_a_folder_that_came_in_another_way_stays(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = course / "grading" / "submitted" / "1" / LESSON
    mine.mkdir(parents=True)
    (mine / "pytorch.ipynb").write_bytes(notebook("by the exchange"))
    path = download(course / "1.zip", {"doejane_1_10_a.ipynb": notebook("by canvas")})
    assert main(["collect", str(path)]) == 1
    assert "was not collected here" in capsys.readouterr().err
    assert list(there(course)) == [f"1/{LESSON}/pytorch.ipynb"]
    assert main(["collect", str(path), "--replace"]) == 0
    assert f"1/{LESSON}/a.ipynb" in there(course)
    (kept,) = (course / "grading" / "collected" / "replaced").rglob("pytorch.ipynb")
    assert "by the exchange" in kept.read_text()


def test_what_a_person_changed_since_stays(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["collect", str(download(course / "1.zip", {"d_1_10_a.ipynb": notebook("first")}))]) == 0
    (course / "grading" / "submitted" / "1" / LESSON / "a.ipynb").write_bytes(notebook("mended by hand"))
    assert main(["collect", str(download(course / "2.zip", {"d_1_20_a.ipynb": notebook("second")}))]) == 1
    assert "was changed since" in capsys.readouterr().err
    assert "mended by hand" in there(course)[f"1/{LESSON}/a.ipynb"]


def test_a_dry_run_writes_nothing(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = download(course / "1.zip", {"doejane_1_10_a.ipynb": notebook()})
    before = sorted(course.rglob("*"))
    assert main(["collect", str(path), "--dry-run"]) == 0
    assert "would collect 1 new" in capsys.readouterr().out
    assert [p for p in sorted(course.rglob("*")) if p not in before and p.name != "grading"] == []


def test_plain_folders_and_what_lies_around_them(course: Path) -> None:
    files = {
        "week3/ada/pytorch.ipynb": notebook("ada"),
        "week3/ben/deep/er/pytorch.ipynb": notebook("ben"),
        "week3/ben/pytorch.ipynb": notebook("ben, too"),
    }
    assert main(["collect", str(download(course / "week3.zip", files))]) == 0
    found = there(course)
    assert {name for name in found if name.endswith(".ipynb")} == {
        f"ada/{LESSON}/pytorch.ipynb",
        f"ben/{LESSON}/pytorch.ipynb",
        f"ben/{LESSON}/pytorch (2).ipynb",
    }


def test_times_of_the_download_are_no_times_of_submissions(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {f"d_{i}_{i}_a.ipynb": notebook(str(i)) for i in (1, 2, 3)}
    times = {name: datetime(2030, 1, 8, 12, 0, 2 * i) for i, name in enumerate(files)}
    assert main(["collect", str(download(course / "1.zip", files, times))]) == 0
    assert "without a time: 3" in capsys.readouterr().out
    assert not any(name.endswith("timestamp.txt") for name in there(course))


def test_ids_that_are_no_folder_are_named(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    roster = course / "students.csv"
    roster.write_text('id,lms_user_id\n"../../ada",1\n<b>,2\nok,3\n', encoding="utf-8")
    files = {f"d_{i}_{i}_a.ipynb": notebook(str(i)) for i in (1, 2, 3)}
    assert main(["collect", str(download(course / "1.zip", files)), "--roster", str(roster)]) == 1
    assert capsys.readouterr().err.count("its id has a character") == 2
    assert {name.split("/")[0] for name in there(course)} == {"ok"}
    assert not (course.parent / "ada").exists()


def test_which_lesson_it_is(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {"a_1_1_x.ipynb": notebook(), "b_2_2_x.ipynb": notebook(lesson="04_overfitting")}
    path = download(course / "1.zip", files)
    assert main(["collect", str(path)]) == 1
    assert "name one with --assignment" in capsys.readouterr().err
    assert main(["collect", str(path), "--assignment", "04"]) == 0
    assert set(there(course)) >= {"1/04_overfitting/x.ipynb", "2/04_overfitting/x.ipynb"}


def test_nothing_to_collect_is_one_line(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = download(course / "1.zip", {"a_1_1_essay.pdf": b""})
    assert main(["collect", str(path)]) == 1
    assert "holds no notebook that a student handed in; a_1_1_essay.pdf: no notebook" in capsys.readouterr().err


def test_a_damaged_manifest_is_one_line(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = course / "grading" / "collected" / f"{LESSON}.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text('{"students": {"ada": {"no": 1}}}')
    assert main(["collect", str(download(course / "1.zip", {"a_1_1_x.ipynb": notebook()}))]) == 1
    assert "is damaged" in capsys.readouterr().err
    assert there(course) == {}


@pytest.mark.slow
@pytest.mark.parametrize("platform", ["canvas", "moodle"])
def test_the_whole_round_ends_under_the_platforms_own_names(
    course: Path, platform: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Release, collect, grade, feedback: each page goes back under the name under which the notebook came."""
    assert main(["release", "02", "--track", "pytorch"]) == 0
    blank = (course / "grading" / "release" / "02_train_val_split" / "pytorch.ipynb").read_bytes()
    names = {
        "canvas": ["doejane_4711_815_pytorch.ipynb", "lovelaceada_LATE_4712_820_my_pytorch-1.ipynb"],
        "moodle": ["Jane Doe_55_assignsubmission_file/pytorch.ipynb", "Ada L_56_assignsubmission_file/pytorch.ipynb"],
    }[platform]
    ids = {"canvas": ["4711", "4712"], "moodle": ["Jane Doe_55", "Ada L_56"]}[platform]
    assert main(["collect", str(download(course / "1.zip", dict.fromkeys(names, blank)))]) == 0
    assert main(["grade", "02"]) == 0
    capsys.readouterr()
    assert main(["feedback", "02", "--zip", "feedback.zip"]) == 0
    assert ("Canvas adds a comment" in capsys.readouterr().out) == (platform == "canvas")
    with zipfile.ZipFile("feedback.zip") as archive:
        back = {name: archive.read(name).decode() for name in archive.namelist()}
    for name, student in zip(names, ids, strict=True):
        if platform == "canvas":
            (cell,) = nbformat.read(io.StringIO(back[name]), as_version=4).cells
            nbformat.validate(nbformat.reads(back[name], as_version=4))
            text = cell.source
        else:
            text = back[name.replace("pytorch.ipynb", "feedback.html")]
        assert student in text
        assert "of 10 points" in text
    assert len(back) == 2
    json.loads((course / "grading" / "collected" / "02_train_val_split.json").read_text())
