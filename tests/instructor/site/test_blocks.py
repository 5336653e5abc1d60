"""Predictions, quizzes, myths and the ways into an exercise, as they stand on a page without any script."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from course_lib.instructor.site.blocks import (
    Question,
    answer_html,
    myth_cards,
    prediction_html,
    question_of,
    quiz_html,
    ways_in,
)
from course_lib.instructor.site.markup import Places, fence, tabs

QUIZ = """## Quiz

**1. What does `loss` hold?**

- ( ) the last one
  That would *jump*.
- (x) a mean
  Over samples.
"""
MYTHS = """## Myths

**"A loss
is < 1."**
*In fact*, it has no limit. *Why it matters*: you would look twice. *See it*: the cell `first.reveal`.

**"Lower is better."**
Written in [a post](https://example.org). *In fact*, not always.

The end.
"""


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('a = predict("Q?", "x", "y")\na', Question("a", "Q?", ("x", "y"), False)),
        ('b = 1\na = predict(\n    "Q "\n    "R?", "x", "y")\na', Question("a", "Q R?", ("x", "y"), True)),
        ("print(predict)", None),
        ("%time x", None),
    ],
)
def test_a_prediction_is_read_from_its_cell(source: str, found: Question | None) -> None:
    assert question_of(source) == found


def test_a_prediction_can_be_read_and_shows_markup_as_text() -> None:
    page = BeautifulSoup(
        prediction_html('l"k', Question("a", "Is `a < b`?", ("<b>yes</b>", "no"), False)), "html.parser"
    )
    assert page.select_one(".lc-predict")["data-key"] == 'l"k'
    assert page.select_one(".lc-question code").text == "a < b"
    assert [row.text for row in page.select("li")] == ["<b>yes</b>", "no"]
    assert page.select_one("li b") is None


def test_the_right_option_is_named_as_it_is_offered() -> None:
    question = Question("a", "Q?", ("`loss` & <more>", "no"), False)
    offered = BeautifulSoup(prediction_html("k", question), "html.parser").select("li")[0].text
    told = BeautifulSoup(answer_html("k", "`loss` & <more>"), "html.parser").select_one(".lc-answer span").text
    assert told == offered


def test_a_quiz_says_of_each_option_whether_it_is_right_and_why() -> None:
    page = BeautifulSoup(quiz_html("lesson-quiz", QUIZ), "html.parser")
    assert page.select_one(".lc-quiz")["data-key"] == "lesson-quiz-1"
    assert page.select_one(".lc-question code").text == "loss"
    assert [d["data-right"] for d in page.select("details")] == ["0", "1"]
    assert [d.p.text for d in page.select("details")] == ["Not this one. That would jump.", "Right. Over samples."]


def test_myths_are_cards_and_lose_no_word() -> None:
    cards = myth_cards(MYTHS)
    assert cards.count("{grid-item-card}") == 2
    assert "“A loss is < 1.”" in cards
    assert "**In fact**: it has no limit." in cards
    assert "**Why it matters**: you would look twice." in cards
    assert "Written in [a post](https://example.org)." in cards
    assert cards.startswith("## Myths")
    assert cards.endswith("The end.")


def test_an_exercise_has_three_ways_in() -> None:
    page = BeautifulSoup(ways_in("03_tracking_loops", "keras", "epoch_loss", 2, Places({})), "html.parser")
    assert "Your turn (2 points)" in page.text
    assert [a["href"] for a in page.select("a")] == [
        "_downloads/03_tracking_loops-keras.ipynb",
        "_downloads/loss-curves-course.zip",
        "http://localhost:8888/lab/tree/lessons/03_tracking_loops/keras.ipynb",
    ]
    both = BeautifulSoup(ways_in("03_tracking_loops", None, "epoch_loss", 1, Places({})), "html.parser")
    assert len(both.select(".lc-for-pytorch a, .lc-for-keras a")) == 6


def test_a_fence_is_longer_than_what_is_in_it() -> None:
    inner = fence("```python\nx\n```", "{code-block} md")
    assert inner.startswith("````{code-block}")
    assert tabs({"pytorch": fence("x", "{div} a", colon=True), "keras": ""}).startswith(":::::{tab-set}")


def test_links_lead_to_pages_to_the_repository_or_nowhere() -> None:
    places = Places({"docs/glossary.md": "glossary", "lessons/01_a/keras.ipynb": "01_a"})
    text = "[a](../01_a/keras.ipynb), [b](../../docs/glossary.md#x), [c](../../setup.py), [d](https://e.org), `[e](f)`"
    assert places.markdown(text, "lessons/02_b") == "[a](01_a.md), [b](glossary.md#x), c, [d](https://e.org), `[e](f)`"
    known = Places(places.pages, "https://example.org/o/r")
    assert known.markdown("[c](../setup.py)", "docs") == "[c](https://example.org/o/r/blob/HEAD/setup.py)"
    assert places.markdown("![a picture](images/x.png)", "docs") == "![a picture](_pictures/x.png)"
