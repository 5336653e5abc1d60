"""The ways to install agree: pyproject, the lock file, and conda's environment.yml."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

#: What a package is called on conda-forge where that differs; the CPU builds.
CONDA_NAMES = {"matplotlib": "matplotlib-base", "tensorflow": "tensorflow-cpu", "torch": "pytorch-cpu"}
#: Extras that conda users get; browser tests and the peers are for developers, who use `make`.
CONDA_EXTRAS = {"instructor": None, "test": {"hypothesis", "nbval", "pytest", "pytest-timeout", "pytest-xdist"}}


@pytest.fixture(scope="module")
def project(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text())["project"]


def parsed(lines: list[str]) -> dict[str, Requirement]:
    return {r.name: r for r in map(Requirement, lines)}


def test_environment_yml_agrees_with_pyproject(root: Path, project: dict) -> None:
    wanted = {CONDA_NAMES.get(n, n): r.specifier for n, r in parsed(project["dependencies"]).items()}
    for extra, names in CONDA_EXTRAS.items():
        for name, requirement in parsed(project["optional-dependencies"][extra]).items():
            if name != project["name"] and (names is None or name in names):
                wanted[name] = requirement.specifier
    listed = yaml.safe_load((root / "environment.yml").read_text())["dependencies"]
    found = {n: r.specifier for n, r in parsed([x for x in listed if isinstance(x, str) and x != "pip"]).items()}
    assert found.pop("python") == Requirement(f"python{project['requires-python']}").specifier
    assert found == wanted
    assert {"pip": ["--editable ."]} in listed


def test_the_lock_pins_every_dependency_within_its_range(root: Path, project: dict) -> None:
    lines = (root / "requirements.lock").read_text().splitlines()
    lock = parsed([line for line in lines if line and not line.startswith(("#", "--"))])
    everything = [*project["dependencies"], *(x for extra in project["optional-dependencies"].values() for x in extra)]
    for name, requirement in parsed(everything).items():
        if name == project["name"]:
            continue
        pinned = next(iter(lock[name].specifier))
        assert pinned.operator == "=="
        assert requirement.specifier.contains(pinned.version), name
    assert not any("://" in line for line in lines)


def test_a_learner_installs_no_tools_of_others(project: dict) -> None:
    learners = set(parsed(project["dependencies"]))
    assert not learners & {"nbgrader", "jupytext", "pytest", "nbval", "hypothesis", "playwright", "lightning"}
