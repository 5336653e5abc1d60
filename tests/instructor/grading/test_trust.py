"""What a learner wrote is read by the instructor, as it was written, and does nothing on the page that shows it."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from grading_corpus.course import LESSON, make_course, released
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ROOT, lesson_names
from untrusted import LINKS, NAME, OUTPUTS, TEXTS, everything, with_output

from course_lib.checks.display import as_html
from course_lib.checks.result import CaseResult, CheckResult
from course_lib.instructor.grading import harmless_html as cleaner
from course_lib.instructor.grading import harmless_text as writer
from course_lib.instructor.grading.gradebook import Writer
from course_lib.instructor.grading.harmless import harmless_notebook
from course_lib.instructor.grading.harmless_html import harmless_html
from course_lib.instructor.grading.harmless_text import harmless_text
from course_lib.instructor.text.release import load_config


class Page(HTMLParser):
    """What a page would do: its elements, its handlers, what it asks for, where it leads, and its text."""

    QUIET = (
        "p b i u em strong del sub sup kbd pre code span div blockquote ul ol li dl dt dd table thead tbody tr th td"
    )
    QUIET += " br hr h1 h2 h3 h4 h5 h6 a img details summary input"

    def __init__(self, text: str):
        super().__init__()
        self.faults: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.QUIET.split():
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            leads = name in ("href", "action", "formaction") and not str(value).startswith("#")
            asks = name in ("src", "srcset", "poster", "data") and not str(value).startswith("data:image/png;base64,")
            if name.startswith("on") or leads or asks or (name == "style" and "url" in str(value)):
                self.faults.append(f"{name}={value}")

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"<!--{data}-->")

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(text: str) -> Page:
    return Page(writer.render(text, {}))


@pytest.mark.parametrize("text", [*TEXTS.values(), *LINKS.values()], ids=[*TEXTS, *LINKS])
def test_markup_in_a_text_is_shown_and_not_obeyed(text: str) -> None:
    made = harmless_text(text)
    page = shown(made)
    assert not page.faults
    assert not cleaner.has_macros(re.sub("(?s)<code.*?</code>", "", html.unescape(writer.render(made, {}))))
    seen = re.sub(r"[\s\u2060`]+", "", page.text)
    for word in re.findall(r"\w{4,}", re.sub("mermaid|&nbsp;|</?(details|summary)>", "", text)):
        assert word in seen or "&#" in text


def test_these_texts_would_do_something() -> None:
    for name, text in TEXTS.items():
        assert shown(text).faults, name


@pytest.mark.parametrize(
    "text",
    [
        "The loss falls while a < b, 3<4 and x<y; R&D says 5 > 4.",
        "$a < b$ and $$\\sum_{i<n} x_i \\le \\text{loss}$$",
        "Use `if a<b:` and\n\n```python\nif loss < best:\n    print('<b>')\n```\n\nthen *stop*.",
        "1. one\n2. two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> quoted\n\n- [ ] to do",
        "A list: losses[0], d['a'], f(x)[1], \\alpha and 2 \\cdot 3",
        "<b>bold</b>, H<sub>2</sub>O<br>next, <details><summary>more</summary>text</details>",
        "Ünïcode, 你好, 🎓, “quotes” – and a dash",
    ],
)
def test_a_plain_answer_stays_as_it_was_written(text: str) -> None:
    assert harmless_text(text) == text


def test_only_the_markup_of_a_mixed_answer_changes() -> None:
    text = "Because $a<b$ and `x<y`.\n\n```python\nf('<i>')\n```\n\n<script>run()</script> See [this](https://a.org/b)."
    made = harmless_text(text)
    assert made == (
        "Because $a<b$ and `x<y`.\n\n```python\nf('<i>')\n```\n\n&lt;script>run()&lt;/script> "
        "See [this]\\(`https://a.org/b`)."
    )
    assert "<script>run()</script> See [this](https://a.org/b)." in shown(made).text


@pytest.mark.parametrize("lesson", lesson_names())
def test_the_course_s_own_texts_are_left_alone(lesson: str) -> None:
    for track in ("pytorch", "keras"):
        notebook = nbformat.read(ROOT / "lessons" / lesson / f"{track}.ipynb", as_version=4)
        for before, after in zip(notebook.cells, harmless_notebook(notebook).cells, strict=True):
            assert (after.source, after.metadata) == (before.source, before.metadata)


def test_a_link_in_the_course_s_text_stays_and_a_learner_s_is_shown() -> None:
    released = nbformat.read(ROOT / "lessons" / "04_overfitting" / "keras.ipynb", as_version=4)
    own = next(cell for cell in released.cells if "](https://" in cell.source)
    notebook = nbformat.v4.new_notebook(cells=[own, nbformat.v4.new_markdown_cell(own.source + " More.")])
    kept, changed = harmless_notebook(notebook).cells
    assert "](https://" in kept.source
    assert "](https://" not in changed.source


PIECES = [
    *("<", ">", "</", "<script>", "<img src=x onerror=a>", "<!--", "-->", "<a href='x'>", "<div>", "</div>", "<b>"),
    *("`", "``", "```", "```\n", "~~~\n", "```mermaid\n", "$", "$$", "\\", "\\(", "\\\\(", "\\)", "\\begin{a}"),
    *(
        "\\end{a}",
        "[",
        "]",
        "](",
        ")",
        "[a]: ",
        "![",
        "javascript:",
        "https://a.org",
        "attachment:a",
        "\\href{",
        "&lt;",
    ),
    *(
        "&#60;",
        "&#104;ref",
        "\n",
        "\n\n",
        "    ",
        "> ",
        "- ",
        "# ",
        "|a|\n|-|\n|",
        "*",
        "_",
        "~~",
        "\0",
        "\u2060",
        "word",
    ),
]


@pytest.mark.slow
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
@settings(max_examples=500)
def test_no_text_does_anything_and_twice_is_once(text: str) -> None:
    made = harmless_text(text)
    assert not shown(made).faults
    assert harmless_text(made) == made


@pytest.mark.slow
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
@settings(max_examples=300)
def test_no_html_does_anything(text: str) -> None:
    made = harmless_html(text)
    assert not Page(made).faults
    assert harmless_html(made) == made


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["[", "`", "` ", "$ ", "\\begin{a}", "<", "<b", "](", "a**", "> ", "#\n", "``` \n"])
def test_long_texts_are_left_out_of_what_takes_long(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    render = writer.render

    def counted(text: str, attachments: dict[str, Any]) -> str:
        read.append(len(text))
        return render(text, attachments)

    monkeypatch.setattr(writer, "render", counted)
    text = piece * (1_000_000 // len(piece))
    made = harmless_text(text)
    assert made.split("\n")[1:-1] == text.split("\n")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(piece * 500) for _ in range(500)])
    harmless_notebook(notebook)
    assert sum(read) < 500_000
    assert harmless_html("<div>" * 100_000) == "<p>(HTML of this size is not shown.)</p>"


def test_outputs_keep_what_is_read() -> None:
    result = CheckResult(
        "03", "pytorch", "e", 2, 1.0, "done", "1 of 2 cases.", (CaseResult("a", False, "Saw `x<y`.", 0.0, 1.0),)
    )
    verdict = as_html(result)
    assert harmless_html(verdict).replace(";", "") == verdict.replace(";", "")
    table = '<table class="dataframe"><thead><tr><th></th><th>a</th></tr></thead><tbody></tbody></table>'
    assert harmless_html(table) == table
    picture = '<img src="data:image/png;base64,iVBORw0K" alt="a curve" width="20">'
    assert harmless_html(picture) == picture


@pytest.mark.parametrize("name", OUTPUTS)
def test_outputs_do_nothing(name: str) -> None:
    notebook = with_output(nbformat.v4.new_notebook(), OUTPUTS[name])
    (made,) = harmless_notebook(notebook).cells[0].outputs
    assert made.data
    assert set(made.data) <= {"text/plain", "text/html", "text/markdown", "image/png"}
    assert not Page(made.data.get("text/html", "")).faults
    assert not shown(made.data.get("text/markdown", "")).faults
    assert not made.metadata


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_course(tmp_path_factory.mktemp("trust") / "course")


@pytest.mark.slow
def test_a_notebook_of_all_of_them_is_a_valid_notebook_with_the_answers_in_it(course: Path) -> None:
    notebook = everything(released(course))
    raw = nbformat.writes(notebook)
    with Writer(course, load_config(course), LESSON) as book:
        book.store_notebook("ada", "pytorch", raw, None)
        stored = nbformat.read(book.autograded("ada", "pytorch"), as_version=4)
    nbformat.validate(stored)
    assert nbformat.writes(harmless_notebook(stored)) == nbformat.writes(stored)
    for word in ("onerror", "<script", "javascript:", "title"):
        assert word not in str(stored.metadata)
    assert [c.source for c in stored.cells if c.cell_type == "code"] == [
        c.source for c in notebook.cells if c.cell_type == "code"
    ]
    named = [c.metadata.nbgrader.grade_id for c in stored.cells if "nbgrader" in c.metadata]
    assert named == [c.metadata.nbgrader.grade_id for c in released(course).cells if "nbgrader" in c.metadata]
    assert not any(cell.get("attachments") for cell in stored.cells)


@pytest.mark.slow
@pytest.mark.parametrize("student", [NAME.replace("/", ""), 'a"b', "a<b", "a\x1b[2J", "a\u202eb"])
def test_an_id_that_formgrader_takes_for_markup_is_refused(course: Path, student: str) -> None:
    with Writer(course, load_config(course), LESSON) as book:
        with pytest.raises(ValueError, match="rename the folder"):
            book.store_notebook(student, "pytorch", nbformat.writes(released(course)), None)
        with pytest.raises(ValueError, match="rename the folder"):
            book.missing_notebook(student, "pytorch", None)
        book.missing_notebook("o'brien, Zoë (2)", "pytorch", None)
