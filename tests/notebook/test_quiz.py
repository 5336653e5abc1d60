"""Predictions reveal nothing before an answer; quizzes open without a kernel."""

from __future__ import annotations

from typing import Any

import pytest

from course_lib.instructor.text.quiz_text import expand_quiz, parse_quiz
from course_lib.notebook import quiz

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
