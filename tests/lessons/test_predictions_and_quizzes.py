"""What a page must not do: give a prediction away, or let a quiz be passed by looking at its form."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from support import ROOT, lesson_names

from course_lib.instructor.text.lesson_text import Lesson, read_lesson
from course_lib.instructor.text.quiz_text import Question, parse_quiz
from course_lib.instructor.text.render import render_source
from course_lib.instructor.text.reveal_text import predictions
from course_lib.tracks import TRACKS

pytestmark = pytest.mark.slow

LESSONS = lesson_names()
GRADED = [name for name in LESSONS if not name.startswith("00")]
_LINK = re.compile(r"(?<!!)\[(?P<words>[^\]\[]+)\]\((?P<to>[^()\s]+)\)")
_REASON = re.compile(r"\b(because|since|so that)\b")


def lesson_of(name: str) -> Lesson:
    return read_lesson(ROOT / "solutions" / f"{name}.md")


def questions_of(lesson: Lesson, track: str) -> list[Question]:
    return [q for cell in lesson.track(track) if "quiz" in cell.metadata for q in parse_quiz(cell.source)[1]]


def right_of(lesson: Lesson, track: str) -> dict[str, str]:
    cells = [cell for cell in lesson.cells if track in cell.tracks and "reveal" in cell.metadata]
    return {str(cell.metadata["reveal"]): str(cell.metadata["right"]) for cell in cells}


@pytest.mark.parametrize("track", TRACKS)
@pytest.mark.parametrize("name", LESSONS)
def test_every_prediction_says_afterwards_what_was_right_and_why(name: str, track: str) -> None:
    lesson = lesson_of(name)
    asked = predictions(lesson.track(track))
    assert set(right_of(lesson, track)) == set(asked)
    assert len(asked) >= (1 if name.startswith("00") else 2)


@pytest.mark.parametrize("track", TRACKS)
@pytest.mark.parametrize("name", LESSONS)
def test_no_page_repeats_a_right_option_and_no_option_gives_a_reason(name: str, track: str) -> None:
    lesson = lesson_of(name)
    right = right_of(lesson, track)
    sources = [cell.source for cell in render_source(lesson, track).cells]
    page = "\n".join(source for source in sources if "predict(" not in source).casefold()
    for variable, (question, options) in predictions(lesson.track(track)).items():
        assert len(options) >= 3, f"{variable} can be guessed: {options}"
        assert not any(_REASON.search(option) for option in options), (question, options)
        words = right[variable].casefold()
        if len(words.split()) > 3:  # a shorter one, such as a number, may stand anywhere
            assert words not in page, f"the page says {right[variable]!r} outside the question"


#: What code below a question once said of its answer, where a learner reads it before answering.
GAVE_AWAY = {
    ("06_early_stopping", "too_low"): "most reports",
    ("08_regularisation", "diverse"): "bad idea|usual advice",
    ("08_regularisation", "perfect"): "entropy of|floor|lowest|np.log",
    ("08_regularisation", "two_runs"): "twin",
    ("10_beyond_loss", "alarms"): "coincide",
    ("10_beyond_loss", "perfect"): "falls",
    ("11_logging", "resumed"): "twice|duplicated|jumps back",
    ("11_logging", "killed"): "gets through",
    ("12_capstone", "floor"): "softmax|double",
}


@pytest.mark.parametrize("track", TRACKS)
@pytest.mark.parametrize(("name", "variable"), GAVE_AWAY)
def test_what_stands_below_a_question_does_not_answer_it(name: str, variable: str, track: str) -> None:
    cells = render_source(lesson_of(name), track).cells
    asked = next(k for k, cell in enumerate(cells) if f"{variable} = predict(" in cell.source)
    shown = next(k for k, cell in enumerate(cells) if f"{variable}.reveal(" in cell.source)
    below = "\n".join(cell.source for cell in cells[asked + 1 : shown + 2])
    found = re.search(GAVE_AWAY[name, variable], below, re.IGNORECASE)
    assert found is None, f"{found[0]!r} stands below the question" if found else ""


def strictly_longest(question: Question) -> bool:
    lengths = [len(option.text) for option in question.options]
    own = next(len(option.text) for option in question.options if option.right)
    return own == max(lengths) and lengths.count(own) == 1


@pytest.mark.slow
@pytest.mark.parametrize("track", TRACKS)
@pytest.mark.parametrize("name", GRADED)
def test_a_quiz_has_its_right_options_in_several_places(name: str, track: str) -> None:
    questions = questions_of(lesson_of(name), track)
    assert 4 <= len(questions) <= 6
    places = Counter([option.right for option in q.options].index(True) for q in questions)
    assert max(places.values()) <= (len(questions) + 1) // 2, f"right options by place: {dict(places)}"


def all_questions() -> Iterator[Question]:
    for name in GRADED:
        yield from questions_of(lesson_of(name), "pytorch")


@pytest.mark.slow
def test_the_longest_option_is_right_no_more_often_than_chance() -> None:
    questions = list(all_questions())
    chance = sum(1 / len(q.options) for q in questions)
    longest = [q.text for q in questions if strictly_longest(q)]
    assert len(longest) <= chance + 1, "\n".join(longest)


@pytest.mark.parametrize("name", GRADED)
def test_a_lesson_cites_what_it_builds_on(name: str) -> None:
    text = (ROOT / "solutions" / f"{name}.md").read_text(encoding="utf-8")
    links = [(m["words"], m["to"]) for m in _LINK.finditer(text) if "://" in m["to"]]
    assert len({to for _, to in links}) >= 5, links
    for words, to in links:
        assert to.startswith("https://"), to
        assert re.fullmatch(r"https://[\w.-]+\.[a-z]{2,}(/[\w./~%#?=&:+@-]*)?", to), to
        assert words.casefold() not in ("here", "this", "link"), f"{to} is called {words!r}"
