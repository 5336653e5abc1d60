"""`course report --class`: who is missing, who is stuck, what to discuss; similar answers are a hint and no more."""

from __future__ import annotations

import copy
import html
import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from class_scores import LESSONS, made_up_class
from grading_corpus.course import LESSON, cell, hand_in, make_course, released, solved
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.commands.cli import main
from course_lib.instructor.desk.class_page import class_page
from course_lib.instructor.desk.class_state import ClassState, class_state
from course_lib.instructor.desk.similar import Pair, runs, similar_pairs
from course_lib.instructor.grading.gradebook import Writer
from course_lib.instructor.text.release import load_config

pytestmark = pytest.mark.slow

NOW = datetime(2030, 1, 8, 12, 0)


@pytest.fixture
def state() -> ClassState:
    similar = [Pair(LESSONS[3], "pytorch", "smooth", ("ada", "eve"), 0.91, 40, ("x = '<script>'", "y = '</pre>'"))]
    return class_state(made_up_class(), {LESSONS[0]: "2030-01-07 12:00 UTC"}, similar)


# -- how the class stands ------------------------------------------------------------------------------------------


def test_who_handed_in_nothing_and_what_waits(state: ClassState) -> None:
    first, *_, last = state.handed
    assert (first.missing, first.not_graded, first.refused) == (["eve"], ["hal"], ["gus"])
    assert (first.due, first.graded, first.waiting) == ("2030-01-07 12:00 UTC", 7, 0)
    assert (last.missing, last.graded, last.waiting) == (["fay"], 9, 9)


def test_stuck_is_one_mistake_in_three_assignments(state: ClassState) -> None:
    (one,) = state.stuck
    assert (one.student, one.mistake) == ("ben", "mean_of_means")
    assert one.assignments == [LESSONS[0], LESSONS[1], LESSONS[3]]
    assert one.says


def test_names_of_earlier_results_count_as_the_same_mistake() -> None:
    graded = made_up_class()
    for lesson, exercise, name in (
        (0, "epoch_loss", "sum_by_samples"),
        (1, "evaluate", "wrong_count"),
        (3, "smooth", "wrong_count"),
    ):
        scored = next(s for s in graded[LESSONS[lesson]] if s.student == "ada")
        answer = next(c for c in scored.cells if c.name == f"check_{exercise}")
        answer.result = {"cases": [{"passed": False, "diagnosis": name}]}
    assert [(s.student, s.mistake) for s in class_state(graded, {}, []).stuck] == [
        ("ada", "wrong_count"),
        ("ben", "mean_of_means"),
    ]


def test_topics_are_of_the_newest_assignment_with_a_result(state: ClassState) -> None:
    assert state.newest == LESSONS[3]
    first, _, second = state.topics
    assert (first.mistake, first.students, first.exercises) == ("mean_of_means", 3, ["smooth"])
    assert first.before == [(LESSONS[0], 2), (LESSONS[1], 1)]
    assert (second.mistake, second.students) == ("wrong_count", 2)
    assert not any("{" in topic.says for topic in state.topics)
    empty = {**made_up_class(), "08_regularisation": []}
    assert class_state(empty, {}, []).newest == LESSONS[3]
    assert state.hard == []
    graded = made_up_class()
    for scored in graded[LESSONS[3]]:
        for one in scored.cells[:1]:
            one.score = 0.2
    graded[LESSONS[3]][0].cells[-1].waiting = False  # the first of the texts that a person grades
    assert class_state(graded, {}, []).hard == [("smooth", pytest.approx(0.1))]


def test_what_one_student_did_is_a_topic_only_where_nothing_else_is(state: ClassState) -> None:
    assert [topic.students for topic in state.topics] == [3, 2, 2]
    graded = {LESSONS[2]: made_up_class()[LESSONS[2]]}
    assert [(topic.mistake, topic.students) for topic in class_state(graded, {}, []).topics] == [("alias", 1)]


def test_a_class_of_nobody_has_a_page() -> None:
    page = class_page(class_state({}, {}, []), NOW)
    assert "Nothing is graded yet." in page
    assert "It takes three graded assignments to tell." in page


# -- the page ------------------------------------------------------------------------------------------------------


def test_the_page_shows_all_of_it_and_nothing_of_it_is_obeyed(state: ClassState) -> None:
    page = class_page(state, NOW)
    for text in ("1: fay", "Ben Okafor (ben)", "mean_of_means", "Ada Lovelace (ada) and", "2030-01-08 12:00"):
        assert text in page
    assert "<script" not in page
    assert "<b>Bold" not in page
    assert "&lt;b&gt;Bold&lt;/b&gt;" in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "y = &#39;&lt;/pre&gt;&#39;" in page
    assert "default-src 'none'" in html.unescape(page)
    assert not re.search(r"(?:src|href)\s*=\s*\"(?!#)", page)
    assert page.count("<main") == page.count("</main>") == 1


TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)


@settings(max_examples=30)
@given(TEXTS, TEXTS, TEXTS, st.text("<>&\"'/ab\x00\x1b\u202e\n", max_size=200))
def test_whatever_students_are_called_and_write_the_page_has_the_same_tags(
    student: str, first: str, mistake: str, code: str
) -> None:
    def page(student: str, first: str, mistake: str, code: str) -> list[str]:
        graded = copy.deepcopy(made_up_class())
        for scores in graded.values():
            scores[0].student, scores[0].first_name = student, first
            scores[0].cells[0].result = {"cases": [{"passed": False, "diagnosis": mistake}]}
        pairs = [Pair("03", "pytorch", "q", (student, "zz"), 1.0, 20, (code, code))]
        return re.findall(r"<(/?\w+)[^>]*>", class_page(class_state(graded, {}, pairs), NOW).partition("</style>")[2])

    plain = page("zzz", "Zoe", "zzz", "x")
    found = page(f"zzz{student}", f"Zoe{first}", f"zzz{mistake}", code)
    assert sorted(found) == sorted(plain)


# -- similar answers -----------------------------------------------------------------------------------------------

LONG = """
def epoch_loss(batches):
    seen, heap = 0, []
    for position, (value, rows) in enumerate(batches):
        heap.append((value * rows, rows))
        seen = seen + rows if position % 2 == 0 else rows + seen
    while len(heap) > 1:
        left, right = heap.pop(), heap.pop(0)
        heap.insert(len(heap) // 2, (left[0] + right[0], left[1] + right[1]))
    return heap[0][0] / seen
"""
OTHERS = "def epoch_loss(batches):\n    return sum(l * n for l, n in batches) / sum(n for _, n in batches)\n"


def renamed(code: str) -> str:
    """The same answer after an afternoon of hiding: other names, comments, spaces and texts."""
    names = {"seen": "amount", "heap": "todo", "position": "i", "value": "v", "rows": "n", "left": "a", "right": "b"}
    for old, new in names.items():
        code = re.sub(rf"\b{old}\b", new, code)
    return code.replace(" = ", "  =   ").replace("\n    return", '\n    # done\n    "now"\n    return')


def test_names_comments_and_spaces_hide_nothing() -> None:
    answers = {"ada": LONG, "ben": renamed(LONG), "cy": OTHERS, "dan": OTHERS}
    ((pair, shared, share),) = similar_pairs(answers, [OTHERS])
    assert (pair, share > 0.9, shared > 50) == (("ada", "ben"), True, True)


def test_what_everybody_had_or_wrote_is_no_hint() -> None:
    assert similar_pairs({"ada": LONG, "ben": LONG}, [LONG]) == []
    many = {f"s{i}": LONG for i in range(6)}
    assert similar_pairs(many) == []
    assert similar_pairs({"ada": OTHERS, "ben": OTHERS}, ["x = 1"]) != []
    assert similar_pairs({"ada": "return 1 + 2 + 3", "ben": "return 1 + 2 + 3"}) == []


@given(st.text(max_size=300))
def test_any_text_is_read(code: str) -> None:
    assert runs(code) == runs(f"# a comment\n{code}")
    assert all(len(run) == 6 for run in runs(code * 50))


# -- the command ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which ada and ben have one unusual answer, cy the reference, dan what was released, eve nothing."""
    made = make_course(tmp_path_factory.mktemp("class") / "course")
    with Writer(made, load_config(made), LESSON) as writer:
        for student, code in {"ada": LONG, "ben": renamed(LONG), "cy": None, "dan": ""}.items():
            notebook = solved(made) if code is None else released(made)
            if code:
                cell(notebook, "epoch_loss").source = code
            hand_in(made, student, notebook)
            writer.store_notebook(student, "pytorch", nbformat.writes(notebook), None)
            writer.missing_notebook(student, "pytorch", None)
        writer.gradebook.update_or_create_student("eve", first_name="Eve")
        writer.gradebook.update_or_create_assignment(LESSON, duedate=datetime(2030, 1, 7))
    return made


@pytest.fixture
def run(graded: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    monkeypatch.chdir(graded)

    def run(*words: str, code: int = 0) -> tuple[str, str]:
        assert main(["report", *words]) == code
        out, err = capsys.readouterr()
        return out, err

    return run


def test_the_command_writes_one_page_over_all_that_was_graded(graded: Path, run: Callable[..., Any]) -> None:
    out, _ = run("--class")
    assert "students: 5, assignments: 1\nstudents who have not handed in everything: 1\n" in out
    assert "pairs of similar answers: 1" in out
    page = (graded / "grading" / "reports" / "class.html").read_text()
    assert "1: Eve (eve)" in page
    assert "2030-01-07 00:00 UTC" in page
    assert "ada and ben," in page
    run("--class", "03", "--to", "mine.html")
    assert (graded / "mine.html").is_file()


def test_as_json_for_programs(run: Callable[..., Any]) -> None:
    told = json.loads(run("--class", "--json")[0])
    assert told["handed_in"][0]["missing"] == ["eve"]
    ((pair),) = told["similar"]
    assert (pair["students"], pair["question"]) == (["ada", "ben"], "epoch_loss")
    assert "codes" not in pair


def test_a_notebook_that_cannot_be_read_is_nobody_s_twin(graded: Path, run: Callable[..., Any]) -> None:
    path = graded / "grading" / "autograded" / "ben" / LESSON / "pytorch.ipynb"
    kept = path.read_bytes()
    try:
        for content in (b"no notebook", b"[" * 100_000, b'{"cells": 3}', b'{"cells": [{"source": {"a": 1}}]}'):
            path.write_bytes(content)
            assert json.loads(run("--class", "--json")[0])["similar"] == []
        path.unlink()
        path.symlink_to(graded / "grading" / "autograded" / "ada" / LESSON / "pytorch.ipynb")
        assert json.loads(run("--class", "--json")[0])["similar"] == []
    finally:
        path.unlink()
        path.write_bytes(kept)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "of which assignment? Name one, such as `course report 03`, or ask for --class"),
        (["--class", "--json", "--to", "x.html"], "--json prints and writes no page"),
    ],
)
def test_what_cannot_be_meant_is_refused(run: Callable[..., Any], words: list[str], told: str) -> None:
    assert told in run(*words, code=1)[1]
