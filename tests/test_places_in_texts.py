"""Texts, comments and docstrings that name a module, or what is in it, name one that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

#: A module with what is in it, or a file of the package; a place holder such as lNN_topic is none.
NAMED = re.compile(r"`~?(course_lib(?:\.\w+)+)`|`(course_lib/[\w/]+\.py)`")
PLACE_HOLDER = "lNN_topic"


def is_there(root: Path, name: str) -> bool:
    """Whether a dotted name leads to a module, or to a word that stands in one."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        place = root.joinpath(*parts[:count])
        for file in (place.with_suffix(".py"), place / "__init__.py"):
            if file.is_file():
                rest = parts[count : count + 1]
                return not rest or re.search(rf"\b{rest[0]}\b", file.read_text(encoding="utf-8")) is not None
    return False


def wrong_in(root: Path, text: str) -> list[str]:
    found = [match[1] or match[2] for match in NAMED.finditer(text)]
    there = {name: (root / name).is_file() if "/" in name else is_there(root, name) for name in found}
    return [name for name, good in there.items() if not good and PLACE_HOLDER not in name]


def test_every_place_that_is_named_is_there(root: Path) -> None:
    files = [
        *root.glob("*.md"),
        *root.glob("docs/*.md"),
        *root.glob("solutions/*.md"),
        *root.glob("course_lib/**/*.py"),
    ]
    texts = {path: path.read_text(encoding="utf-8") for path in files}
    assert sum(len(NAMED.findall(text)) for text in texts.values()) > 100
    wrong = {str(path.relative_to(root)): names for path, text in texts.items() if (names := wrong_in(root, text))}
    assert wrong == {}


@pytest.mark.parametrize(
    "text",
    ["`course_lib.checks.nowhere`", "`course_lib.plots.no_such_figure`", "`course_lib/plots/nowhere.py`"],
)
def test_a_place_that_is_gone_is_found(root: Path, text: str) -> None:
    assert wrong_in(root, f"See {text}.") == [text.strip("`")]
