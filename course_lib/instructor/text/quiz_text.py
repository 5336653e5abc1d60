"""Quizzes in a lesson's text: from options with feedback to something that every reader can open.

In the text, a cell with ``quiz: NAME`` holds questions with their options, the right ones marked, and
under each option what a learner who chose it should read::

    **1. What does Keras report as `loss`?**

    - ( ) the loss of the last batch
      That would jump about from epoch to epoch.
    - (x) a mean over the epoch's batches
      It is weighted by samples, and taken while the weights move.

Built, each option is a ``<details>`` element: a keyboard opens it, a screen reader announces it, it
needs neither kernel nor network, and it is still there in exported pages. While a lesson's kernel runs,
``course_lib.notebook.quizzes`` makes a form of each question, which says nothing before an option is chosen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from markdown_it import MarkdownIt

__all__ = ["Option", "Question", "expand_quiz", "parse_quiz", "quiz_problems"]

_QUESTION = re.compile(r"\*\*(\d+\..+)\*\*\s*\Z")
_OPTION = re.compile(r"- \(( |x)\) (.+)\Z")


@dataclass
class Option:
    """One answer: its text, whether it is right, and what the learner reads after choosing it."""

    text: str
    right: bool
    feedback: list[str] = field(default_factory=list)


@dataclass
class Question:
    """One question and its options, with any text that stands between them."""

    text: str
    intro: list[str] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)


def parse_quiz(source: str) -> tuple[str, list[Question]]:
    """Split a quiz into the text before its first question, and its questions."""
    before: list[str] = []
    questions: list[Question] = []
    for line in source.split("\n"):
        if match := _QUESTION.match(line):
            questions.append(Question(match[1]))
        elif not questions:
            before.append(line)
        elif match := _OPTION.match(line):
            questions[-1].options.append(Option(match[2], match[1] == "x"))
        elif questions[-1].options and line.startswith("  "):
            questions[-1].options[-1].feedback.append(line.strip())
        elif line.strip():
            questions[-1].intro.append(line)
    return "\n".join(before).strip(), questions


def quiz_problems(source: str) -> Iterator[str]:
    """Name what a quiz lacks."""
    _, questions = parse_quiz(source)
    if not questions:
        yield "a quiz without a question; write one as a line '**1. Text**'"
    for question in questions:
        name = f"quiz question {question.text[:40]!r}"
        if len(question.options) < 2:
            yield f"{name} has {len(question.options)} options; it needs two or more, each as '- ( ) text'"
        elif sum(option.right for option in question.options) != 1:
            yield f"{name} needs exactly one right option, marked '- (x)'"
        for option in question.options:
            if not option.feedback:
                yield f"{name}: option {option.text[:40]!r} has no feedback on the lines below it"


def expand_quiz(source: str) -> str:
    """Turn a quiz into Markdown with a ``<div>`` for each question and a ``<details>`` element for each option."""
    markdown = MarkdownIt("commonmark", {"html": False})
    before, questions = parse_quiz(source)
    pieces = [before] if before else []
    for number, question in enumerate(questions):
        if number:  # room above a question, which otherwise sticks to the last answer of the one before
            pieces.append("<br>")
        pieces += ['<div class="course-quiz">', f"**{question.text}**"]
        if question.intro:
            pieces.append("\n".join(question.intro))
        for letter, option in zip("ABCDEFGH", question.options, strict=False):
            summary = markdown.renderInline(f"{letter}. {option.text}")
            verdict = "**Right.**" if option.right else "**Not this one.**"
            feedback = " ".join(option.feedback)
            pieces.append(f"<details><summary>{summary}</summary>\n\n{verdict} {feedback}\n\n</details>")
        pieces.append("</div>")
    return "\n\n".join(pieces)
