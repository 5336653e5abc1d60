"""The code is clean: ruff's rules, its format, mypy's types, the layers, and modules of a readable length."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("command", [["ruff", "check", "."], ["ruff", "format", "--check", "."]])
def test_ruff_finds_nothing(root: Path, command: list[str]) -> None:
    result = subprocess.run([sys.executable, "-m", *command], cwd=root, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_imports_obey_the_layers(root: Path) -> None:
    pytest.importorskip("importlinter")
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.slow
def test_mypy_finds_nothing(root: Path) -> None:
    result = subprocess.run([sys.executable, "-m", "mypy"], cwd=root, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_no_module_is_longer_than_a_reader_likes(root: Path) -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in root.glob("course_lib/**/*.py")}
    too_long = [f"{path.relative_to(root)} has {length} lines" for path, length in lengths.items() if length > 300]
    assert len(lengths) > 300
    assert not too_long, "split them by subject, or keep tables in a data file: " + ", ".join(too_long)
