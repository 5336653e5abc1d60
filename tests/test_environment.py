"""The ways to install agree: pyproject, the lock file, and conda's environment.yml."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from course_lib.tracks import FRAMEWORKS, TRACKS

#: What a package is called on conda-forge where that differs; the CPU builds.
CONDA_NAMES = {"matplotlib": "matplotlib-base", "tensorflow": "tensorflow-cpu", "torch": "pytorch-cpu"}
#: Extras that conda users get; browser tests and the peers are for developers, who use `make`.
CONDA_EXTRAS = {
    "pytorch": None,
    "keras": None,
    "instructor": None,
    "test": {"hypothesis", "nbval", "pytest", "pytest-timeout", "pytest-xdist"},
}


#: The first release of each Python that is accepted: what runs on these runs on the later ones.
FIRST = ("3.11.0", "3.12.0", "3.13.0")


def parsed(lines: list[str]) -> dict[str, Requirement]:
    return {r.name: r for r in map(Requirement, lines)}


def listed_in(path: Path) -> dict[str, SpecifierSet]:
    listed = yaml.safe_load(path.read_text())["dependencies"]
    return {n: r.specifier for n, r in parsed([x for x in listed if isinstance(x, str) and x != "pip"]).items()}


def wanted_by(project: dict, extras: dict[str, set[str] | None]) -> dict[str, SpecifierSet]:
    wanted = {CONDA_NAMES.get(n, n): r.specifier for n, r in parsed(project["dependencies"]).items()}
    for extra, names in extras.items():
        for name, requirement in parsed(project["optional-dependencies"][extra]).items():
            if name != project["name"] and (names is None or name in names):
                wanted[CONDA_NAMES.get(name, name)] = requirement.specifier
    return wanted | {"python": SpecifierSet(project["requires-python"])}


def test_environment_yml_agrees_with_pyproject(root: Path, project: dict) -> None:
    assert listed_in(root / "environment.yml") == wanted_by(project, CONDA_EXTRAS)
    assert {"pip": ["--editable ."]} in yaml.safe_load((root / "environment.yml").read_text())["dependencies"]


@pytest.mark.parametrize("track", TRACKS)
def test_conda_files_of_one_track_have_its_framework_alone(root: Path, project: dict, track: str) -> None:
    path = root / "scripts" / f"environment-{track}.yml"
    assert listed_in(path) == wanted_by(project, {track: None})
    # conda takes such a path from where the file lies.
    assert {"pip": ["--editable .."]} in yaml.safe_load(path.read_text())["dependencies"]


def test_the_lock_pins_every_dependency_within_its_range(root: Path, project: dict) -> None:
    lines = (root / "requirements.lock").read_text().splitlines()
    lock = parsed(lines)
    everything = [*project["dependencies"], *(x for extra in project["optional-dependencies"].values() for x in extra)]
    for name, requirement in parsed(everything).items():
        if name == project["name"]:
            continue
        pinned = next(iter(lock[name].specifier))
        assert pinned.operator == "=="
        assert requirement.specifier.contains(pinned.version), name
    assert not any("://" in line for line in lines)


def test_a_learner_installs_no_tools_of_others(project: dict) -> None:
    tracks = [project["optional-dependencies"][track] for track in TRACKS]
    learners = set(parsed(project["dependencies"])).union(*map(parsed, tracks))
    assert not learners & {"nbgrader", "jupytext", "pytest", "nbval", "hypothesis", "playwright", "lightning"}


def test_a_learner_of_one_track_installs_its_framework_alone(project: dict) -> None:
    everyone = set(parsed(project["dependencies"]))
    for track, names in FRAMEWORKS.items():
        assert set(parsed(project["optional-dependencies"][track])) == set(names)
        assert not everyone & set(names)


@pytest.mark.parametrize("version", FIRST)
def test_what_is_locked_for_a_python_accepts_it(root: Path, project: dict, version: str) -> None:
    """Held for the packages that are installed; `make lock-check` asks the index about all of them."""
    assert SpecifierSet(project["requires-python"]).contains(version)
    python = {"python_full_version": version, "python_version": version.rpartition(".")[0], "extra": ""}
    held = 0
    for line in (root / "requirements.lock").read_text().splitlines():
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate(python):
            continue
        try:
            found = importlib.metadata.distribution(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            continue
        if requirement.specifier.contains(found.version):
            assert SpecifierSet(found.metadata.get("Requires-Python") or "").contains(version), line
            held += 1
    assert held > 100


def test_a_framework_is_allowed_from_the_version_that_is_tested(project: dict) -> None:
    # Before 3.15, train_on_batch gives the running mean of the epoch instead of the batch's loss.
    keras = parsed(project["optional-dependencies"]["keras"])["keras"].specifier
    assert not keras.contains("3.14.1")
    assert keras.contains("3.15.0")


def test_every_requirement_has_a_lowest_version(project: dict) -> None:
    """`make test-oldest` installs just these."""
    everything = [*project["dependencies"], *(x for extra in project["optional-dependencies"].values() for x in extra)]
    for name, requirement in parsed(everything).items():
        if name != project["name"]:
            assert any(bound.operator == ">=" for bound in requirement.specifier), name


def test_no_host_but_pytorchs_own_is_written_down(root: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "environment.yml", "scripts/install.py"):
        hosts = set(re.findall(r"://([\w.-]+)", (root / name).read_text()))
        assert hosts <= {"download.pytorch.org", "www.python.org"}, name
