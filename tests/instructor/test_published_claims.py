"""The table of published claims: each row leads to a cell that exists, each source that a lesson names has its row."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook
from support import ROOT, TRACKS, lesson_names

from course_lib.instructor.text.build import render_indexes
from course_lib.instructor.text.bundle import learner_files
from course_lib.instructor.text.lesson_cells import Cell
from course_lib.instructor.text.lesson_text import Lesson, read_lesson
from course_lib.instructor.text.render import lesson_texts
from course_lib.notebook import published_claims
from course_lib.notebook.published import OFTEN_HEARD, Claim, Shown, as_html, as_text, read_claims

CLAIMS = read_claims()
SHOWN = [(claim, shown) for claim in CLAIMS for shown in claim.see]
PAGE = Path("docs/published-claims.md")
#: How a lesson says that a belief is published: the links of the sentence are its sources.
IN_PRINT = re.compile(r"[Ww]ritten in|published (?:code|in)|, for example, trains")
LINK = re.compile(r"\]\((https?://[^)\s]+)\)")


@cache
def lesson(name: str) -> Lesson:
    return read_lesson(ROOT / "solutions" / f"{name}.md")


def cells_under(name: str, track: str, section: str) -> list[Cell]:
    """The code cells of a track below a heading, up to the next one."""
    found, heading = [], ""
    for cell in lesson(name).track(track):
        if cell.cell_type == "markdown":
            headings = re.findall(r"^#{2,4} +(.+?)\s*$", cell.source, flags=re.M)
            heading = headings[-1] if headings else heading
        elif heading == section:
            found.append(cell)
    return found


def sources_in(text: str) -> set[str]:
    """The links of all sentences that say where a belief is published."""
    sentences = re.split(r"(?<=[.!?:])\s+(?=[A-Z*])", " ".join(text.split()))
    return {link for sentence in sentences if IN_PRINT.search(sentence) for link in LINK.findall(sentence)}


def test_there_is_a_row_for_most_of_what_lessons_correct() -> None:
    assert 25 <= len(CLAIMS) <= 60
    assert sum(bool(claim.published) for claim in CLAIMS) >= 25
    assert len({claim.said for claim in CLAIMS}) == len(CLAIMS)
    assert [claim.lesson for claim in CLAIMS] == sorted(claim.lesson for claim in CLAIMS)
    assert {claim.lesson for claim in CLAIMS} <= set(lesson_names())


@pytest.mark.parametrize(("claim", "shown"), SHOWN, ids=lambda x: x.code[:30] if isinstance(x, Shown) else "")
def test_the_cell_exists_in_its_tracks(claim: Claim, shown: Shown) -> None:
    assert shown.lesson in lesson_names()
    assert shown.track in ("", *TRACKS)
    for track in TRACKS:
        cells = [cell for cell in cells_under(shown.lesson, track, shown.section) if shown.code in cell.source]
        if track in shown.tracks():
            assert len(cells) == 1, (claim.said, track, len(cells))
        else:  # the other track may have a cell of its own that looks like it
            assert all(cell.tracks == (track,) for cell in cells), (claim.said, track)
        # An answer that a learner has yet to write shows nothing.
        assert all(cell.kind is None for cell in cells), claim.said


def test_each_cell_of_a_prediction_is_named_by_its_reveal() -> None:
    for claim, shown in SHOWN:
        for name in re.findall(r"\b(\w+)\.reveal\(", shown.code):
            asked = [c for c in lesson(shown.lesson).cells if f"{name} = predict(" in c.source]
            assert asked, claim.said


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.said[:40])
def test_words_and_links_are_well_formed(claim: Claim) -> None:
    assert claim.said.endswith((".", "?"))
    assert claim.truth.endswith(".")
    assert 20 <= len(claim.truth) <= 260
    for words in (claim.said, claim.truth, *(page.remark for page in claim.published)):
        assert words.count("`") % 2 == 0
        assert not re.search(r"(?<!\w)\d+\.\d+", words), "a measured number belongs into the cell"
    for page in claim.published:
        parts = urlsplit(page.url)
        assert (parts.scheme, bool(parts.netloc), parts.username, parts.query) == ("https", True, None, "")
        assert re.fullmatch(r"[\w./%~:@#+-]+", page.url.removeprefix("https:")), page.url
        assert page.name
        assert not page.remark.endswith(".")
        for quoted in re.findall(r'["“]([^"”]+)["”]', page.remark):
            assert len(quoted.split()) <= 8, "paraphrase instead"


def test_no_other_keys_stand_in_the_file() -> None:
    rows = tomllib.loads((ROOT / "course_lib/notebook/published_claims.toml").read_text())["claim"]
    assert {key for row in rows for key in row} == {"said", "truth", "published", "see"}
    assert {key for row in rows for cell in row["see"] for key in cell} == {"lesson", "section", "code", "track"}


@pytest.mark.parametrize("name", lesson_names())
def test_each_source_that_a_lesson_names_has_its_row(name: str) -> None:
    rows = {page.url for claim in CLAIMS for page in claim.published if name in {s.lesson for s in claim.see}}
    named = {link for cell in lesson(name).cells for link in sources_in(cell.source)}
    assert named <= rows


def test_the_sources_of_four_lessons_are_found() -> None:
    found = {name[:2] for name in lesson_names() for cell in lesson(name).cells if sources_in(cell.source)}
    assert {"01", "02", "08", "09"} <= found


@pytest.mark.slow
def test_the_page_is_that_of_the_data() -> None:
    page = render_indexes(lesson_texts(ROOT))[PAGE]
    assert (ROOT / PAGE).read_bytes() == page, "run `course build`"
    text = page.decode()
    for claim in CLAIMS:
        assert f"| **{claim.said}** " in text
        assert claim.truth in text
        assert all(f"]({source.url})" in text for source in claim.published)
    assert text.count(OFTEN_HEARD) == sum(not claim.published for claim in CLAIMS)
    linked = re.findall(r"\]\(\.\./(lessons/[^)]+)\)", text)
    assert linked
    assert all((ROOT / path).is_file() for path in linked)
    # Each line of a table has three columns, whatever stands in its code.
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in rows} == {4}


def test_the_page_is_linked_and_handed_out() -> None:
    assert f"({PAGE})" in (ROOT / "README.md").read_text()
    assert PAGE in set(learner_files(ROOT, ["00_start_here"]))
    for track in TRACKS:
        start = (ROOT / "lessons" / "00_start_here" / f"{track}.ipynb").read_text()
        assert f"(../../{PAGE})" in start


@pytest.mark.parametrize("track", TRACKS)
def test_the_table_links_the_lessons_of_its_track(track: str) -> None:
    shown = as_html(CLAIMS, track)
    links = re.findall(r'href="\.\./([^"]+)"', shown)
    assert len(links) == len(SHOWN)
    for (_, cell), link in zip(SHOWN, links, strict=True):
        assert link == f"{cell.lesson}/{cell.track or track}.ipynb"
        assert (ROOT / "lessons" / link).is_file()
    assert "`" not in shown
    assert len(re.findall(r'<th scope="row"', shown)) == len(CLAIMS)


def test_the_text_says_all_that_the_table_does() -> None:
    text = " ".join(as_text(CLAIMS).split())
    for claim in CLAIMS:
        assert f'"{claim.said}"' in text
        assert claim.truth in text
        assert all(page.url in text for page in claim.published)
    assert max(map(len, as_text(CLAIMS).splitlines())) <= 220  # a link is never broken


def test_html_in_the_data_is_shown_and_not_run() -> None:
    shown = Shown("03_tracking_loops", "<b>", "a < b", "")
    table = as_html([Claim("<script>", "1 < 2 & `x < y`", (shown,))])
    assert "<script>" not in table
    assert "<code>x &lt; y</code>" in table
    assert "a &lt; b" in table


def test_an_unknown_track_is_refused() -> None:
    with pytest.raises(ValueError, match="pytorch, keras, not 'jax'"):
        published_claims("jax")
    assert len(published_claims("keras")) == len(CLAIMS)


@pytest.fixture(scope="module")
def executed() -> nbformat.NotebookNode:
    lines = (
        'from course_lib.notebook import begin_lesson, published_claims\nbegin_lesson("03_tracking_loops", "keras")',
        'published_claims("keras")',
    )
    notebook = new_notebook(cells=[new_code_cell(line) for line in lines])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    return notebook


@pytest.mark.slow
def test_a_cell_shows_the_table_and_the_text(executed: nbformat.NotebookNode) -> None:
    data = executed.cells[1].outputs[0].data
    assert data["text/html"] == as_html(CLAIMS, "keras")
    assert data["text/plain"] == as_text(CLAIMS)


@pytest.mark.slow
def test_axe_finds_nothing_in_the_table(executed: nbformat.NotebookNode, tmp_path: Path) -> None:
    browser = next((p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name))), None)
    if browser is None:
        pytest.skip("no Chromium found")
    page = tmp_path / "claims.html"
    page.write_text(HTMLExporter(template_name="lab").from_notebook_node(executed)[0], encoding="utf-8")
    command = [sys.executable, str(ROOT / "tests" / "accessibility.py"), str(page), browser]
    assert json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout) == []
