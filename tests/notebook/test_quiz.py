"""Predictions reveal nothing before an answer; quizzes open without a kernel."""

from __future__ import annotations

from typing import Any

import pytest

from course_lib.instructor.text.quiz_text import expand_quiz, parse_quiz
from course_lib.notebook import explanations, quiz

QUIZ = """## Quiz

**1. What is `loss` in Keras?**

- ( ) the *last* batch
  No: it would jump about.
- (x) a running mean <over> batches
  It remembers,
  and so it is smooth.
"""


class Handle:
    def __init__(self) -> None:
        self.shown: list[Any] = []

    def update(self, content: Any) -> None:
        self.shown.append(content.data)


def test_unattended_the_result_shows_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    quiz.predict("Which?", "this", "that").reveal("it is this")
    assert capsys.readouterr().out == "it is this\n"


def test_attended_it_waits_for_the_answer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    handle = Handle()
    monkeypatch.setattr(quiz, "has_widgets", lambda: True)

    def display(content: Any, display_id: bool = False) -> Handle:
        handle.update(content)
        return handle

    monkeypatch.setattr("IPython.display.display", display)
    question = quiz.predict("Which?", "this", "that")
    question.reveal("it is <this>")
    assert "Commit to an answer above" in handle.shown[-1]
    assert "it is" not in handle.shown[-1]
    question.commit("that")
    assert handle.shown[-1] == "<p>You said: <em>that</em></p><pre>it is &lt;this&gt;</pre>"
    question.reveal("and again")  # from now on it shows at once
    assert handle.shown[-1] == "<p>You said: <em>that</em></p>"
    assert capsys.readouterr().out == "and again\n"


@pytest.fixture
def explained(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {"keras": {"Which?": {"right": "that", "why": "Since *that* is <so>."}}}
    monkeypatch.setattr(explanations, "_kept", lambda lesson: kept)
    monkeypatch.setattr(explanations, "_current", [("99_any", "keras")])


@pytest.mark.usefixtures("explained")
@pytest.mark.parametrize(("said", "hit"), [("that", " (as you predicted)"), ("this", "")])
def test_the_explanation_waits_for_the_answer(monkeypatch: pytest.MonkeyPatch, said: str, hit: str) -> None:
    shown: list[Handle] = []
    monkeypatch.setattr(quiz, "has_widgets", lambda: True)

    def display(content: Any, display_id: bool = False) -> Handle:
        shown.append(Handle())
        shown[-1].update(content)
        return shown[-1]

    monkeypatch.setattr("IPython.display.display", display)
    question = quiz.predict("Which?", "this", "that")
    question.reveal("2 < 3")
    before = " ".join(str(text) for handle in shown for text in handle.shown)
    assert not any(word in before for word in ("so", "answer:", "2 &lt; 3"))
    question.commit(said)
    result, why = shown
    assert result.shown[-1] == (
        f"<p>You said: <em>{said}</em></p><pre>2 &lt; 3</pre><p><strong>The answer:</strong> that{hit}</p>"
    )
    assert why.shown == ["", "Since *that* is <so>."]


@pytest.mark.usefixtures("explained")
def test_unattended_the_explanation_shows_with_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr("IPython.display.display", lambda content: shown.append(content.data))
    quiz.predict("Which?", "this", "that").reveal()
    assert shown == ["<p><strong>The answer:</strong> that</p>", "Since *that* is <so>."]


def test_texts_in_a_row_are_one_block_and_names_are_code() -> None:
    question = quiz.Prediction("What does `fit` give?", ["a `History`", "<nothing>"])
    question.commit("a `History`")
    assert "What does <code>fit</code> give?" in question._static()
    assert "a <code>History</code>" in question._static()
    assert "&lt;nothing&gt;" in question._static()
    assert quiz._rendered(("one", "two")) == "<pre>one\ntwo</pre>"


def test_a_revealed_table_stays_a_table() -> None:
    import pandas as pd

    shown = quiz._rendered(("first", pd.DataFrame({"loss": [0.5]}, index=["<run>"]), "last"))
    assert shown.startswith("<pre>first</pre><div")
    assert shown.endswith("</table></div><pre>last</pre>")
    assert "<th>&lt;run&gt;</th>" in shown
    assert "<td>0.5</td>" in shown


def test_a_revealed_figure_has_words_of_its_own() -> None:
    import matplotlib.pyplot as plt

    from course_lib.plots import set_story

    figure = plt.figure()
    assert 'alt="A flat line."' in quiz._rendered(("0.5 0.5", figure), "A flat line.")
    assert 'alt="0.5 0.5"' in quiz._rendered(("0.5 0.5", figure))
    set_story(figure, "A line at 0.5.")
    assert 'alt="A line at 0.5."' in quiz._rendered(("0.5 0.5", figure))
    plt.close(figure)


def test_impossible_questions_and_answers_are_refused() -> None:
    with pytest.raises(ValueError, match="at least two"):
        quiz.predict("Which?", "this")
    with pytest.raises(ValueError, match="none of the options"):
        quiz.predict("Which?", "this", "that").commit("other")


def test_a_quiz_becomes_details_with_feedback() -> None:
    _, questions = parse_quiz(QUIZ)
    assert [o.right for o in questions[0].options] == [False, True]
    page = expand_quiz(QUIZ)
    assert page.startswith("## Quiz")
    assert page.count("<details>") == page.count("</details>") == 2
    assert "<summary>A. the <em>last</em> batch</summary>" in page
    assert "B. a running mean &lt;over&gt; batches" in page
    assert "**Right.** It remembers, and so it is smooth." in page
    assert "(x)" not in page
    assert page.count('<div class="course-quiz">') == page.count("</div>") == 1
