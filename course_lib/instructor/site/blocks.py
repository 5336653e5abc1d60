"""What a page asks and tells in a form of its own: predictions, quizzes, myths and the ways into an exercise."""

from __future__ import annotations

import ast
import html
import re
from dataclasses import dataclass

from markdown_it import MarkdownIt

from course_lib.instructor.site.markup import LABELS, Places, fence, only_for, raw
from course_lib.instructor.text.quiz_text import parse_quiz
from course_lib.tracks import TRACKS

__all__ = ["Question", "answer_html", "myth_cards", "prediction_html", "question_of", "quiz_html", "ways_in"]

_MARKDOWN = MarkdownIt("commonmark", {"html": False})


@dataclass(frozen=True)
class Question:
    """A prediction that a cell asks for: its name in the code, its words, and what else the cell does."""

    name: str
    words: str
    options: tuple[str, ...]
    other_code: bool


def question_of(source: str) -> Question | None:
    r"""Return the prediction that a cell asks for; None where it asks for none.

    Examples
    --------
    >>> question_of('falls = predict("Does it fall?", "yes", "no")\nfalls')
    Question(name='falls', words='Does it fall?', options=('yes', 'no'), other_code=False)
    """
    try:
        body = ast.parse(source).body
    except SyntaxError:  # a line that only IPython understands
        return None
    for node in body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="predict"), args=args)):
                words = [str(ast.literal_eval(arg)) for arg in args]
                rest = [other for other in body if other is not node and not _is_name(other, name)]
                return Question(name, words[0], tuple(words[1:]), bool(rest))
    return None


def _is_name(node: ast.stmt, name: str) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Name) and node.value.id == name


def _inline(text: str) -> str:
    """Return a line of a question as HTML, with `names` between backquotes as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


def prediction_html(key: str, question: Question) -> str:
    """Return a prediction as a list that can be read; a script makes a form of it that holds back what follows."""
    rows = "".join(f"<li>{_inline(option)}</li>" for option in question.options)
    return (
        f'<div class="lc-predict" data-key="{html.escape(key)}">'
        f'<p class="lc-question"><strong>Predict.</strong> {_inline(question.words)}</p><ul>{rows}</ul></div>'
    )


def answer_html(key: str, right: str) -> str:
    """Return the line that names the right option; a script adds whether it was chosen."""
    return (
        f'<p class="lc-answer" data-key="{html.escape(key)}"><strong>The answer:</strong> '
        f"<span>{_inline(right)}</span></p>"
    )


def quiz_html(key: str, source: str) -> str:
    """Return a quiz's questions, each option with what is said of it; a script makes a form of each question."""
    _, questions = parse_quiz(source)
    pieces = []
    for number, question in enumerate(questions, start=1):
        rows = []
        for letter, option in zip("ABCDEFGH", question.options, strict=False):
            verdict = "Right." if option.right else "Not this one."
            said = _MARKDOWN.renderInline(" ".join(option.feedback))
            rows.append(
                f'<details data-right="{int(option.right)}">'
                f"<summary>{letter}. {_MARKDOWN.renderInline(option.text)}</summary>"
                f"<p><strong>{verdict}</strong> {said}</p></details>"
            )
        intro = _MARKDOWN.render("\n".join(question.intro)) if question.intro else ""
        words = _MARKDOWN.renderInline(question.text)
        pieces.append(
            f'<div class="lc-quiz" data-key="{html.escape(key)}-{number}">'
            f'<p class="lc-question">{words}</p>{intro}{"".join(rows)}</div>'
        )
    return "\n".join(pieces)


_MYTH = re.compile(r"^\*\*[\"“](?P<belief>.+?)[\"”]\*\*\s*\n(?P<rest>.+?)(?=\n\s*\n|\Z)", re.DOTALL | re.MULTILINE)
_PART = re.compile(r"\s*(?=\*(?:In fact|Why it matters|See it)\*)")


def myth_cards(source: str) -> str:
    """Return a cell of myths as cards: the belief, what is so, why it matters, and where it is seen.

    What stands before the first myth and after the last one stays a text.
    """
    found = list(_MYTH.finditer(source))
    if not found:
        return source
    cards = []
    for myth in found:
        parts = [part.strip() for part in _PART.split(" ".join(myth["rest"].split())) if part.strip()]
        told = [re.sub(r"^\*(In fact|Why it matters|See it)\*:?,?\s*", r"**\1**: ", part) for part in parts]
        body = "\n\n".join(told)
        header = fence(f"“{' '.join(myth['belief'].split())}”", "{card-header}", colon=True)
        cards.append(fence(f"{header}\n\n{body}", "{grid-item-card}\n:class-card: lc-myth", colon=True))
    grid = fence("\n\n".join(cards), "{grid} 1 1 2 2\n:gutter: 3", colon=True)
    return "\n\n".join(
        part for part in (source[: found[0].start()].strip(), grid, source[found[-1].end() :].strip()) if part
    )


def ways_in(lesson: str, track: str | None, name: str, points: float, places: Places) -> str:
    """Return the three ways from a page into an exercise: one notebook, the whole course, or a running JupyterLab.

    Parameters
    ----------
    lesson : str
    track : str, optional
        Whose notebook; both by default, of which the page shows the one that was chosen.
    name : str
        The exercise's name.
    points : float
    places : Places
    """
    told = f"{points:g} point{'s' * (points != 1)}"
    pieces = [only_for(t, _ways(lesson, t)) for t in TRACKS] if track is None else [_ways(lesson, track)]
    return raw(
        f'<div class="lc-do"><p><strong>Your turn ({told}).</strong> Write it in the notebook, where the check '
        f"<code>{html.escape(name)}</code> says at once what is right and what went wrong.</p>{''.join(pieces)}</div>"
    )


def _ways(lesson: str, track: str) -> str:
    notebook = f"_downloads/{lesson}-{track}.ipynb"
    running = f"http://localhost:8888/lab/tree/lessons/{lesson}/{track}.ipynb"
    return (
        f'<ul><li><a href="{notebook}" download="{track}.ipynb">Download the {LABELS[track]} notebook</a> of this '
        "lesson, if the course is installed.</li>"
        '<li><a href="_downloads/loss-curves-course.zip" download>Download the whole course</a> (a zip); '
        "<code>make lab</code> in its folder sets it up and opens it.</li>"
        f'<li><a href="{running}">Open it in your running JupyterLab</a>, after <code>make lab</code>.</li></ul>'
    )
