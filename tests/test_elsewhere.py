"""Where the course runs besides make on Linux: Windows, containers, Binder. What is for them agrees with the lock."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
import yaml
from packaging.specifiers import SpecifierSet
from support import TRACKS, lesson_names, only_with_the_lock

from course_lib.instructor.text.bundle import WITHHELD, learner_files

#: Names that Windows keeps for devices.
RESERVED = {"con", "prn", "aux", "nul", *(f"{name}{number}" for name in ("com", "lpt") for number in range(1, 10))}


@pytest.fixture(scope="module")
def learners(root: Path) -> list[Path]:
    return list(learner_files(root, lesson_names()))


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def windows_lines(readme: str) -> list[str]:
    (block,) = [block for block in re.findall(r"^```\n(.*?)^```$", readme, re.M | re.S) if "Scripts" in block]
    return block.splitlines()


def test_the_lines_for_powershell_are_run_as_they_are(root: Path, windows_lines: list[str]) -> None:
    job = yaml.safe_load((root / ".github/workflows/ci.yml").read_text(encoding="utf-8"))["jobs"]["windows"]
    assert (job["runs-on"], job["defaults"]["run"]["shell"]) == ("windows-latest", "pwsh")
    called = [step["run"] for step in job["steps"] if "run" in step]
    make, install, lab = windows_lines
    assert [make, install] == called[:2]
    assert called[-1].startswith(f"{lab} -- ")


def test_powershell_would_take_a_bare_comma_for_a_list(readme: str) -> None:
    for line in re.findall(r"^\.venv\\Scripts.*$", readme, re.M) + re.findall(r"`--editable ([^`]*)`", readme):
        assert "," not in re.sub(r'"[^"]*"', "", line), line


def test_what_learners_get_can_be_unpacked_on_windows(root: Path, learners: list[Path]) -> None:
    names = [PurePosixPath(path.as_posix()) for path in learners]
    assert len({str(name).casefold() for name in names}) == len(names)
    for name in names:
        assert not (root / name).is_symlink()
        assert len(str(name)) < 120, name  # a folder of one's own comes before it, and 260 is the end
        for part in name.parts:
            assert not re.search(r'[<>:"\\|?*\x00-\x1f]|[. ]$', part), name
            assert PureWindowsPath(part).stem.lower() not in RESERVED, name


def test_what_learners_run_needs_no_shell(root: Path, learners: list[Path]) -> None:
    for path in learners:
        if path.suffix == ".py":
            text = (root / path).read_text(encoding="utf-8")
            for word in ("/bin/sh", '"bash"', "shell=True", "os.symlink", "symlink_to", "os.fork("):
                assert word not in text, f"{path}: {word}"
        if path.suffix == ".ipynb":
            cells = json.loads((root / path).read_text(encoding="utf-8"))["cells"]
            code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
            assert not any(re.search(r"^\s*(!|%%(bash|sh)\b)", source, re.M) for source in code), path


def test_what_learners_run_names_the_encoding_of_each_file(root: Path, learners: list[Path]) -> None:
    """Elsewhere it is UTF-8; on Windows it is what the country uses."""
    files = [str(path) for path in learners if path.suffix == ".py"]
    words = ["check", "--isolated", "--preview", "--select", "PLW1514", *files]
    run = subprocess.run([sys.executable, "-m", "ruff", *words], cwd=root, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_binder_builds_from_the_lock(root: Path, project: dict) -> None:
    lines = (root / ".binder/requirements.txt").read_text(encoding="utf-8").splitlines()
    words = [line.split() for line in lines if not line.startswith("#")]
    assert ["--constraint", "../requirements.lock"] in words
    own = [f".[{','.join(TRACKS)}]"]
    assert own in words
    assert all(word[0].startswith("--") for word in words if word != own)  # no second list of packages
    python = (root / ".binder/runtime.txt").read_text().strip().removeprefix("python-")
    assert SpecifierSet(project["requires-python"]).contains(f"{python}.0")


@only_with_the_lock
@pytest.mark.slow
def test_pip_understands_what_binder_gives_it(root: Path) -> None:
    """In an environment that has everything, nothing is left to install but the course; no network is asked."""
    words = ["install", "--dry-run", "--no-index", "--no-build-isolation", "--requirement", ".binder/requirements.txt"]
    run = subprocess.run([sys.executable, "-m", "pip", *words], cwd=root, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.findall(r"Would install (.*)", run.stdout)[0].split()[0].startswith("loss-curves-course")


def _instructions(path: Path) -> list[tuple[str, str]]:
    """A Dockerfile's instructions and what they are given, lines joined."""
    text = re.sub(r"\\\n", " ", path.read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], " ".join(line.split()[1:])) for line in lines]


def test_a_container_is_built_from_the_lock(root: Path, project: dict) -> None:
    folder = root / ".devcontainer"
    said = _instructions(folder / "Dockerfile")
    assert {name for name, _ in said} <= {"FROM", "RUN", "USER", "WORKDIR", "COPY", "EXPOSE", "CMD"}
    stages = [given.split() for name, given in said if name == "FROM"]
    assert [stage[-1] for stage in stages] == ["base", "developer", "learner"]
    python = stages[0][0].removeprefix("python:").removesuffix("-slim")
    assert SpecifierSet(project["requires-python"]).contains(f"{python}.0")
    runs = " ".join(given for name, given in said if name == "RUN")
    assert "scripts/install.py --for learner" in runs  # which installs with the lock
    assert "pip install" not in runs
    # What a bare machine needs for the tests, the developer's stage has.
    needed = re.findall(r"packages\+=\(([\w-]+)\)", (root / ".ci" / "run").read_text())
    assert [package for package in needed if not re.search(rf"\b{package}\b", runs)] == []
    dev = json.loads((folder / "devcontainer.json").read_text())
    assert (folder / dev["build"]["dockerfile"]).is_file()
    assert (folder / dev["build"]["context"]).resolve() == root
    assert dev["build"]["target"] in {stage[-1] for stage in stages}
    assert "scripts/install.py --for developer" in dev["postCreateCommand"]


def test_a_container_has_what_is_in_the_zip_and_nothing_of_the_instructors(root: Path, learners: list[Path]) -> None:
    lines = (root / ".devcontainer/Dockerfile.dockerignore").read_text().splitlines()
    kept = [line[1:] for line in lines if line.startswith("!")]
    left_out = [line for line in lines if line and not line.startswith(("!", "#", "*"))]
    assert left_out == sorted(f"course_lib/{name}" for name in WITHHELD)
    for path in learners:
        assert any(path.match(name) or path.is_relative_to(name) for name in kept), path
    tops = {path.parts[0] for path in learners}
    assert {PurePosixPath(name).parts[0] for name in kept} <= tops
