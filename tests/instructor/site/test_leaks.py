"""The search for leaks finds what is planted, of each kind and in each kind of file; dead links are found, too."""

from __future__ import annotations

import html
import io
import json
import zipfile
from pathlib import Path

import pytest
from support import ROOT

from course_lib.instructor.site import leaks
from course_lib.instructor.site.leaks import Secrets, find_leaks, leaks_in, read_secrets
from course_lib.instructor.site.links import find_dead_links
from course_lib.trouble import CourseError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def secrets() -> Secrets:
    return read_secrets(ROOT)


def zipped(name: str, content: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, content)
    return target.getvalue()


def test_every_lesson_with_exercises_has_secrets(secrets: Secrets) -> None:
    lessons = {where.partition(",")[0] for where in secrets.lines.values()}
    assert len([name for name in lessons if name[:2].isdigit()]) == 12
    assert len([name for name in lessons if "hidden/" in name]) >= 12
    assert any("explain" in where for where in secrets.lines.values())


def test_a_line_of_each_place_is_found_in_each_kind_of_file(secrets: Secrets) -> None:
    by_place = {where: line for line, where in secrets.lines.items()}
    for where, line in by_place.items():
        colored = "".join(f'<span class="n">{html.escape(letter)}</span>' for letter in line)
        for name, content in {
            "page.html": f"<pre>{colored}</pre>".encode(),
            "notebook.ipynb": json.dumps({"cells": [{"source": f"x\n  {line}\n"}]}).encode(),
            "searchindex.js": f"x = {line}".encode(),
            "course.zip": zipped("a/b.py", line),
        }.items():
            found = leaks_in(name, content, secrets)
            assert any(f"a line of {where}: " in leak for leak in found), (name, line)


@pytest.mark.parametrize("name", ["index.html", "notebook.json", "site.js", "course.zip"])
def test_tokens_and_folders_of_this_machine_are_found(name: str, secrets: Secrets) -> None:
    for word in ("only-in-solutions-0a1b2c", f"{ROOT}/lessons"):
        plain = json.dumps(word) if name.endswith("json") else word
        content = zipped("x.txt", word) if name.endswith("zip") else plain.encode()
        assert leaks_in(name, content, secrets) != []


def test_released_code_and_everyday_python_are_no_leak(secrets: Secrets) -> None:
    for path in (ROOT / "lessons").glob("*/*.ipynb"):
        assert leaks_in(path.name, path.read_bytes(), secrets) == []
    assert leaks_in("a.py", b"import numpy as np\nfor epoch in range(10):\n    print(epoch)\n", secrets) == []


def test_a_search_that_finds_nothing_planted_stops(
    tmp_path: Path, secrets: Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaks, "read_secrets", lambda root: secrets)
    (tmp_path / "index.html").write_text("<p>words</p>")
    assert find_leaks(ROOT, tmp_path) == []
    monkeypatch.setattr(leaks, "_lines_in", lambda text, secrets: [])
    with pytest.raises(CourseError, match="it proves nothing"):
        find_leaks(ROOT, tmp_path)


def test_a_leak_is_told_with_file_place_and_first_letters(
    tmp_path: Path, secrets: Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaks, "read_secrets", lambda root: secrets)
    line, where = next((line, where) for line, where in secrets.lines.items() if "exercise" in where)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "page.html").write_text(f"<p>{html.escape(line)}</p>")
    (found,) = find_leaks(ROOT, tmp_path)
    assert found.startswith(f"a/page.html: a line of {where}: ")


def test_dead_links_and_what_is_loaded_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "good.html").write_text('<h2 id="here">a</h2><a href="#here">b</a><a href="https://e.org/">c</a>')
    assert find_dead_links(tmp_path) == []
    (tmp_path / "bad.html").write_text(
        '<a href="gone.html">a</a><a href="good.html#gone">b</a><a href="#gone">c</a><img src="no.png">'
        '<script src="https://e.org/a.js"></script><link rel="stylesheet" href="//e.org/a.css"><a href="../x">d</a>'
        '<link rel="canonical" href="https://e.org/bad.html"><a href="good.html#data=moons">e</a>'
    )
    (tmp_path / "a.css").write_text("@import 'https://e.org/b.css'; p { background: url(https://e.org/c.png) }")
    assert sorted(find_dead_links(tmp_path)) == [
        "a.css: loads https://e.org/b.css from another host",
        "a.css: loads https://e.org/c.png from another host",
        "bad.html: #gone leads to a page without such a place",
        "bad.html: ../x leads nowhere",
        "bad.html: gone.html leads nowhere",
        "bad.html: good.html#gone leads to a page without such a place",
        "bad.html: loads //e.org/a.css from another host",
        "bad.html: loads https://e.org/a.js from another host",
        "bad.html: no.png leads nowhere",
    ]
