"""The command line: help, exit statuses, one clear line for a mistake, and what it does not import."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager
from sqlalchemy.exc import OperationalError

from course_lib import __version__
from course_lib.commands.cli import COMMANDS, _available, main
from course_lib.commands.lab import command, environment
from course_lib.trouble import CourseError


def run(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *args], capture_output=True, text=True, check=False)


def test_importing_the_package_loads_no_framework() -> None:
    code = "import course_lib, sys; print(sorted({'torch', 'tensorflow', 'keras', 'matplotlib'} & set(sys.modules)))"
    assert run("-c", code).stdout.strip() == "[]"


def test_what_both_tracks_import_loads_no_framework() -> None:
    code = (
        "import course_lib.checks, course_lib.notebook, course_lib.quiz, course_lib.history, course_lib.callbacks, sys;"
        "import course_lib.commands.cli;"
        "print(sorted({'torch', 'tensorflow', 'keras'} & set(sys.modules)))"
    )
    assert run("-c", code).stdout.strip() == "[]"


def test_as_a_module_and_as_a_command() -> None:
    result = run("-m", "course_lib", "--version")
    assert (result.returncode, result.stdout.strip()) == (0, __version__)


def test_one_place_says_the_version(root: Path, project: dict) -> None:
    assert "version" in project["dynamic"]
    assert ProjectMetadata(str(root), PluginManager()).version == __version__
    assert yaml.safe_load((root / "CITATION.cff").read_text())["version"] == __version__


@pytest.mark.parametrize("name", sorted(n for n, c in COMMANDS.items() if _available(c)))
def test_every_command_offered_has_help_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    assert f"  {name} " in capsys.readouterr().out
    with pytest.raises(SystemExit) as stop:
        main([name, "--help"])
    assert stop.value.code == 0
    assert f"course {name}" in capsys.readouterr().out


def test_an_unknown_command_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["biuld"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "'biuld'" in error
    assert "build" in error


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "grading/x"), "No space left on device: grading/x"),
        (OSError(errno.EROFS, "Read-only file system"), "Read-only file system"),
        (OperationalError("update", {}, sqlite3.OperationalError("database is locked")), "(database is locked)"),
    ],
)
def test_a_full_disk_is_one_line_and_no_traceback(
    fault: Exception, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(args: object) -> int:
        raise fault

    monkeypatch.setattr("course_lib.commands.doctor.main", fail)
    assert main(["doctor"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert told in error


def test_a_mistake_in_the_course_itself_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("course_lib.commands.doctor.main", lambda args: Path("no such file").read_text())
    with pytest.raises(FileNotFoundError):
        main(["doctor"])


def test_no_command_shows_the_overview(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "course doctor" in capsys.readouterr().out


def test_outside_a_course_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["build"]) == 1
    error = capsys.readouterr().err
    assert "no course here" in error
    assert error.count("\n") == 1


def test_a_lesson_that_is_none_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], root: Path
) -> None:
    monkeypatch.chdir(root)
    assert main(["build", "99"]) == 1
    assert "no lesson '99'; the lessons are: 00_start_here" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("hidden", "asked", "opened"),
    [("torch", "", "keras"), ("tensorflow", "", "pytorch"), ("torch", "pytorch", "pytorch")],
)
def test_lab_opens_a_track_that_is_installed_unless_one_is_asked_for(
    root: Path, hidden: str, asked: str, opened: str
) -> None:
    words = ["lab", *(["--track", asked] if asked else []), "--", "--show-config"]
    code = (
        "import sys; from course_lib.instructor.text.alone import hide; from course_lib.commands.cli import main; "
        f"hide([{hidden!r}]); sys.exit(main({words!r}))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert f"/lab/tree/lessons/00_start_here/{opened}.ipynb" in run.stdout


def test_a_terminal_in_lab_finds_the_course(monkeypatch: pytest.MonkeyPatch) -> None:
    tools = str(Path(sys.executable).parent)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert environment()["PATH"] == os.pathsep.join([tools, "/usr/bin:/bin"])
    monkeypatch.setenv("PATH", os.pathsep.join(["/usr/bin", tools]))
    assert environment()["PATH"] == os.pathsep.join(["/usr/bin", tools])


def test_lab_serves_all_lessons_and_opens_the_start_page(root: Path, tmp_path: Path) -> None:
    words = command(root, ["--no-browser"])
    assert f"--ServerApp.root_dir={root}" in words
    assert "--LabApp.default_url=/lab/tree/lessons/00_start_here/pytorch.ipynb" in words
    assert words[-1] == "--no-browser"
    with pytest.raises(CourseError, match="no lessons"):
        command(tmp_path, [])
