"""What a lesson's notebook imports from its room is there while it is graded."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from course_lib.instructor.grading.shown import SHOWN, WHOLE

ROOT = Path(__file__).parents[3]
ROOMS = ROOT / "course_lib" / "lessons"
#: On one line, or on several in parentheses.
IMPORT = re.compile(r"^\s*(?:from|import) course_lib\.lessons[^\n(]*(?:\([^)]*\))?", re.MULTILINE)


def modules(source: str) -> Iterator[str]:
    """Yield the modules of rooms that a source imports, each as ``ROOM/NAME.py`` or ``ROOM/material``."""
    for line in IMPORT.findall(source):
        for node in ast.parse(line.strip()).body:
            if isinstance(node, ast.ImportFrom):
                parts = (node.module or "").split(".")[2:]
                for name in [alias.name for alias in node.names] if len(parts) == 1 else parts[1:2]:
                    yield f"{parts[0]}/{name}" if name == "material" else f"{parts[0]}/{name}.py"


def missing(path: Path) -> list[str]:
    """Return what a file imports from a room that kernels do not get."""
    found = modules(path.read_text(encoding="utf-8"))
    return [name for name in found if name.split("/")[1] not in WHOLE and f"lessons/{name}" not in SHOWN]


@pytest.mark.parametrize("text", sorted(ROOT.glob("solutions/[0-9][0-9]_*.md")), ids=lambda path: path.stem)
def test_a_text_imports_nothing_that_is_hidden(text: Path) -> None:
    assert not missing(text)


def test_what_is_shown_imports_nothing_that_is_hidden() -> None:
    shown = [path for name in WHOLE for path in ROOMS.glob(f"*/{name}") if path.suffix == ".py"]
    assert len(shown) > 6
    assert not {str(path.relative_to(ROOMS)): missing(path) for path in shown if missing(path)}


def test_an_import_that_is_hidden_is_found(tmp_path: Path) -> None:
    text = tmp_path / "text.md"
    for names in ("FAULTS", "(\n    FAULTS,\n    RULES,\n)"):
        text.write_text(f"from course_lib.lessons.l06_early_stopping.stopping_rules import {names}\n")
        assert missing(text) == ["l06_early_stopping/stopping_rules.py"]
