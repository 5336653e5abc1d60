"""docs/instructors.md and docs/jupyterhub.md: their commands exist, and collecting as they say leads to grades."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from grading_corpus.course import LESSON, make_course, released
from support import ROOT

from course_lib.commands.cli import COMMANDS, main
from course_lib.instructor.grading.gradebook import Writer, has_gradebook
from course_lib.instructor.text.release import load_config

GUIDES = [(ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("instructors.md", "jupyterhub.md")]


def commands() -> list[str]:
    """The guides' lines for a shell, and the commands within their sentences."""
    guide = "\n".join(GUIDES)
    lines = re.findall(r"^\$ (.+)$", guide, re.MULTILINE)
    lines += [" ".join(line.split()) for line in re.findall(r"`((?:course|nbgrader)\s[^`]+)`", guide)]
    return sorted({line.split("#")[0].strip() for line in lines})


@pytest.mark.parametrize("line", [line for line in commands() if line.startswith("course ")])
def test_every_command_and_option_of_the_guide_exists(line: str) -> None:
    words = line.split()[1:]
    parser = argparse.ArgumentParser(exit_on_error=False)
    importlib.import_module(COMMANDS[words[0]].module).add_arguments(parser)
    given = words[1:]
    try:
        parser.parse_args(given)
    except (argparse.ArgumentError, SystemExit):  # named in a sentence, without its assignment
        parser.parse_args(["03", *given])


@pytest.mark.parametrize("line", [line for line in commands() if line.startswith("nbgrader ")])
def test_every_command_of_nbgrader_in_the_guide_exists(line: str) -> None:
    from nbgrader.apps.nbgraderapp import NbGraderApp

    name = line.split()[1]
    assert name in NbGraderApp.subcommands


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return make_course(tmp_path / "course")


def zip_collect(course: Path, files: dict[str, Any]) -> dict[str, list[str]]:
    """Collect a download the way the guide says; return whose files were found."""
    folder = course / "downloaded" / LESSON / "archive"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "submissions.zip", "w") as file:
        for name, notebook in files.items():
            file.writestr(name, json.dumps(notebook))
    result = subprocess.run(
        [sys.executable, "-m", "nbgrader", "zip_collect", LESSON, "--force"],
        cwd=course,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    submitted = course / "grading" / "submitted"
    return {p.name: sorted(f.name for f in (p / LESSON).glob("*.ipynb")) for p in submitted.iterdir()}


@pytest.mark.slow
def test_a_download_from_canvas_is_collected(course: Path) -> None:
    notebook = released(course)
    names = [
        "doejane_4711_815_pytorch-1.ipynb",
        "roeann_LATE_4712_816_pytorch.ipynb",
        "osmithjosé_12_9_my_answers_2.ipynb",
        "doejane_4711_817_pytorch.ipynb",
    ]
    assert zip_collect(course, dict.fromkeys(names, notebook)) == {
        "4711": ["pytorch-1.ipynb", "pytorch.ipynb"],
        "4712": ["pytorch.ipynb"],
        "12": ["my_answers_2.ipynb"],
    }


@pytest.mark.slow
def test_a_download_from_moodle_is_collected(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [
        "Jane Doe_123456_assignsubmission_file_pytorch.ipynb",
        "Jane Doe_123457_assignsubmission_file_pytorch.ipynb",
        "Zoë O'Neil_99_assignsubmission_file/pytorch.ipynb",
        "Max M_98_assignsubmission_file_/pytorch 1.ipynb",
    ]
    with zipfile.ZipFile(course / "submissions.zip", "w") as file:
        for name in names:
            file.writestr(name, json.dumps(released(course)))
    monkeypatch.chdir(course)
    assert main(["collect", "submissions.zip"]) == 0
    submitted = course / "grading" / "submitted"
    assert {p.name: sorted(f.name for f in (p / LESSON).glob("*.ipynb")) for p in submitted.iterdir()} == {
        "Jane Doe_123456": ["pytorch.ipynb"],
        "Jane Doe_123457": ["pytorch.ipynb"],
        "Zoë O'Neil_99": ["pytorch.ipynb"],
        "Max M_98": ["pytorch 1.ipynb"],
    }


@pytest.mark.slow
def test_the_gradebook_lies_beside_its_configuration_wherever_a_program_is_started(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = load_config(course)
    assert config.CourseDirectory.db_url == f"sqlite:///{course}/grading/gradebook.db"
    assert has_gradebook(config)
    assert config.CourseDirectory.release_directory == "grading/release"


@pytest.mark.slow
def test_the_exchange_there_and_back(course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was released is fetched, and the page that `course feedback` wrote comes back to the student."""
    student, exchange = tmp_path / "student", tmp_path / "exchange"
    for folder in (student, exchange):
        folder.mkdir()
    exchange.chmod(0o777)
    environment = os.environ | {"HOME": str(tmp_path), "JUPYTER_CONFIG_DIR": str(tmp_path / "jupyter"), "USER": "ada"}

    def nbgrader(where: Path, command: str, *more: str) -> None:
        result = subprocess.run(
            [sys.executable, "-m", "nbgrader", command, LESSON, f"--Exchange.root={exchange}", *more],
            cwd=where,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr

    nbgrader(course, "release_assignment")
    nbgrader(student, "fetch_assignment", "--course=loss-curves")
    handed_out = course / "grading" / "release" / LESSON / "pytorch.ipynb"
    assert (student / LESSON / "pytorch.ipynb").read_bytes() == handed_out.read_bytes()
    nbgrader(student, "submit", "--course=loss-curves")
    nbgrader(course, "collect")
    (collected,) = (course / "grading" / "submitted").iterdir()
    with Writer(course, load_config(course), LESSON) as writer:
        for name in (collected.name, "by_mail"):  # the second one has no secret
            writer.missing_notebook(name, "pytorch", None)
    monkeypatch.chdir(course)
    assert main(["feedback", LESSON]) == 0
    nbgrader(course, "release_feedback")
    nbgrader(student, "fetch_feedback", "--course=loss-curves")
    (page,) = (student / LESSON / "feedback").rglob("*.html")
    assert page.name == "pytorch.html"
    ours = course / "grading" / "feedback" / collected.name / LESSON / "feedback.html"
    assert page.read_bytes() == ours.read_bytes()
