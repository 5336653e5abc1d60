"""What all tests share: the course's folder, an environment that finds its tools, a copy to work on."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import settings
from support import ROOT

# nbgrader starts alembic by its name, and kernels start `python`: both lie beside this Python, whether
# or not its environment was activated.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Two workers on two cores: small models on several threads each would only wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The same examples in every run; HYPOTHESIS_PROFILE=default looks for new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

# A run in the background inherits an ignored Ctrl-C, which the tests of interruption need.
with contextlib.suppress(ValueError):  # not in the main thread
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A lesson's claims under several seeds train many models: they are left out of the quick run."""
    for item in items:
        if item.path.name == "test_facts.py" and hasattr(item, "callspec"):
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(specname="pytest_collection_modifyitems", trylast=True)
def long_files_first(items: list[pytest.Item]) -> None:
    """Of two processes, none is to wait at the end for a file of long tests that the other began last."""
    long = {item.path for item in items if item.get_closest_marker("slow") or item.path.suffix == ".ipynb"}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def project() -> dict:
    """What pyproject.toml says of the project."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """Screenshots and pages that a person may want to look at after the run."""
    folder = ROOT / "test-artefacts"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def course_copy(tmp_path: Path) -> Path:
    """A course's folder of its own: what nbgrader needs, and nothing graded yet."""
    course = tmp_path / "course"
    course.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", course)
    shutil.copytree(ROOT / "solutions", course / "solutions", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copytree(ROOT / "lessons", course / "lessons", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    return course
