"""What runs on each change agrees with pyproject.toml and the Makefile."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from course_lib.tracks import TRACKS

#: A folder or file of the project in a command line.
PATHS = r"(?<![\w./-])(?:\.ci|course_lib|docs|lessons|scripts|solutions|tests)(?:/[\w.-]+)*"


@pytest.fixture(scope="module")
def jobs(root: Path) -> dict[str, dict]:
    return yaml.safe_load((root / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))["jobs"]


@pytest.fixture(scope="module")
def makefile(root: Path) -> str:
    return (root / "Makefile").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def commands(root: Path, jobs: dict[str, dict]) -> list[str]:
    called = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    return [*called, (root / ".ci" / "run").read_text(encoding="utf-8")]


@pytest.fixture(scope="module")
def accepted(project: dict) -> list[str]:
    pythons = SpecifierSet(project["requires-python"])
    return [f"3.{minor}" for minor in range(50) if pythons.contains(f"3.{minor}.0")]


@pytest.mark.parametrize("job", ["linux", "learners", "newest"])
def test_every_python_that_is_accepted_is_run(jobs: dict[str, dict], accepted: list[str], job: str) -> None:
    assert jobs[job]["strategy"]["matrix"]["python"] == accepted


def test_each_track_is_run_where_the_other_framework_is_not_installed(jobs: dict[str, dict], project: dict) -> None:
    job = jobs["tracks"]
    assert job["strategy"]["matrix"]["track"] == list(TRACKS)
    called = " ".join(step.get("run", "") for step in job["steps"])
    assert "scripts/install.py --track ${{ matrix.track }}" in called
    assert "solutions/*/${{ matrix.track }}.ipynb" in called
    # An extra for tests would bring both frameworks.
    assert "[" not in called
    assert any("pytorch,keras" in line for line in project["optional-dependencies"]["instructor"])


def test_every_job_names_its_python(jobs: dict[str, dict], accepted: list[str]) -> None:
    for name, job in jobs.items():
        (given,) = (
            s["with"]["python-version"] for s in job["steps"] if s.get("uses", "").startswith("actions/setup-python")
        )
        assert given == ("${{ matrix.python }}" if "strategy" in job else accepted[0]), name


def test_every_target_of_make_exists(commands: list[str], makefile: str) -> None:
    targets = {name for line in re.findall(r"^([\w -]+):(?!=)", makefile, re.M) for name in line.split()}
    called = {name for text in commands for name in re.findall(r"^make ([\w-]+)", text, re.M)}
    assert called >= {"lint", "lock-check", "test", "test-oldest", "test-newest"}
    assert called <= targets


def test_every_file_that_is_named_exists(root: Path, commands: list[str]) -> None:
    named = {path for text in commands for path in re.findall(PATHS, text)}
    assert {"scripts/install.py", ".ci/run"} <= named
    assert [path for path in sorted(named) if not (root / path).exists()] == []


def test_the_quick_tests_are_those_of_the_makefile(commands: list[str], makefile: str) -> None:
    (quick,) = re.findall(r'^test-fast:.*\n\t.*-m ("[^"]+")', makefile, re.M)
    (elsewhere,) = [text for text in commands if "pytest -n" in text]
    assert f"-m {quick}" in elsewhere


def test_every_extra_that_is_installed_exists(project: dict, commands: list[str]) -> None:
    extras = {name for text in commands for name in re.findall(r'"\.\[(\w+)\]"', text)}
    assert extras
    assert extras <= set(project["optional-dependencies"])


def test_the_web_edition_is_checked_before_it_is_published(root: Path, makefile: str) -> None:
    jobs = yaml.safe_load((root / ".github" / "workflows" / "pages.yml").read_text(encoding="utf-8"))["jobs"]
    called = [step["run"] for step in jobs["build"]["steps"] if "run" in step]
    assert [text.split()[:2] for text in called] == [["make", "site"]]
    (recipe,) = re.findall(r"^site:.*\n\t(.+)", makefile, re.M)
    assert "course_lib site --check" in recipe
    assert jobs["publish"]["needs"] == "build"
    assert jobs["publish"]["permissions"] == {"pages": "write", "id-token": "write"}
    assert "permissions" not in jobs["build"]
