"""Predictions: a question to commit to before a cell shows the truth.

``predict`` asks; ``Prediction.reveal`` shows a result only after the learner has committed to an
answer. Where no front end can show widgets (nbval, nbconvert, nbgrader), the result is shown at once.
"""

from __future__ import annotations

import html
import re
import uuid
from itertools import groupby
from pathlib import Path
from typing import Any

from course_lib.notebook.explanations import explanation
from course_lib.notebook.host import close_widget, has_widgets

__all__ = ["Prediction", "predict"]

_ESM = Path(__file__).parent / "predict.js"
_WAITING = "Commit to an answer above; the result will appear here."


class Prediction:
    """A question with options, and the results that wait for its answer.

    Parameters
    ----------
    question : str
    options : sequence of str
        At least two.

    Attributes
    ----------
    answer : str or None
        What the learner committed to; None before.

    Raises
    ------
    ValueError
        If there are fewer than two options, or two are the same.

    Examples
    --------
    >>> p = Prediction("Which comes first?", ["the forward pass", "the update"])
    >>> p.answer is None
    True
    >>> p.commit("the forward pass")
    >>> p.answer
    'the forward pass'
    """

    def __init__(self, question: str, options: list[str]):
        if len(options) < 2 or len(set(options)) < len(options):
            raise ValueError(f"a prediction needs at least two different options, not {options}")
        self.question = question
        self.options = list(options)
        self.answer: str | None = None
        self._waiting: list[tuple[Any, Any, tuple[Any, ...], str | None]] = []
        self._handle: Any = None
        self._controls: Any = None
        self._id = uuid.uuid4().hex

    def commit(self, answer: str) -> None:
        """Record the answer, as the button does, and show every result that waits for it.

        Raises
        ------
        ValueError
            If `answer` is none of the options.
        """
        if answer not in self.options:
            raise ValueError(f"{answer!r} is none of the options: {', '.join(map(repr, self.options))}")
        self.answer = answer
        if self._handle is not None:
            self._handle.update(_as_html(self._static()))
            self._handle = None
        if self._controls is not None:
            close_widget(self._controls)
            self._controls = None
        for handle, below, content, alt in self._waiting:
            handle.update(_as_html(self._said() + _rendered(content, alt) + self._verdict()))
            if below is not None:
                below.update(_as_markdown(self._why()))
        self._waiting.clear()

    def reveal(self, *content: Any, alt: str | None = None) -> None:
        """Show `content` once the learner has committed to an answer, then which option was right, and why.

        Parameters
        ----------
        *content : str, pandas.DataFrame or matplotlib.figure.Figure
            Text is shown line by line as it is; a figure as a picture.
        alt : str, optional
            What the picture shows, in words; by default the words that it was drawn with, else the text beside it.
        """
        if self.answer is None and has_widgets():
            from IPython.display import display

            handle = display(_as_html(f"<p><em>{_WAITING}</em></p>"), display_id=True)
            below = display(_as_markdown(""), display_id=True) if self._why() else None
            self._waiting.append((handle, below, content, alt))
            return
        if self.answer is not None:
            _show(self._said())
        for part in content:
            if isinstance(part, str):
                print(part)
            else:
                _show(_picture(part, content, alt))
        if self._why():
            _show(self._verdict())
            _display(_as_markdown(self._why()))

    def _said(self) -> str:
        return f"<p>You said: <em>{_inline(self.answer or '')}</em></p>"

    def _verdict(self) -> str:
        """Say which option is right, and whether it was chosen; nothing where the lesson keeps no explanation."""
        kept = explanation(self.question)
        if kept is None:
            return ""
        hit = " (as you predicted)" if self.answer == kept["right"] else ""
        return f"<p><strong>The answer:</strong> {_inline(kept['right'])}{hit}</p>"

    def _why(self) -> str:
        kept = explanation(self.question)
        return kept["why"] if kept else ""

    def _static(self) -> str:
        """Say the question and its options, and the answer where there is one, without a kernel."""
        rows = "".join(
            f"<li>{_inline(o)}{' <strong>(your prediction)</strong>' if o == self.answer else ''}</li>"
            for o in self.options
        )
        hint = "<p><em>Run this cell to answer.</em></p>" if self.answer is None else ""
        answered = "" if self.answer is None else ' data-answered="true"'
        return (
            f'<div class="course-prediction" data-course-prediction="{self._id}"{answered}>'
            f"<p><strong>Predict.</strong> {_inline(self.question)}</p>"
            f'<div class="course-options"><ul>{rows}</ul>{hint}</div></div>'
        )

    def _ipython_display_(self) -> None:
        from IPython.display import display

        if self.answer is not None or not has_widgets():
            _show(self._static())
            return
        from course_lib.notebook.explorer.frontend import attach

        self._handle = display(_as_html(self._static()), display_id=True)
        self._controls = attach(self._id, self.options, self._on_message, _ESM)

    def _on_message(self, widget: Any, content: dict[str, Any], buffers: Any) -> None:
        """Take the answer from the browser, which sends its place in the list of options."""
        place = content.get("place")
        if content.get("kind") == "commit" and isinstance(place, int) and 0 <= place < len(self.options):
            self.commit(self.options[place])


def predict(question: str, *options: str) -> Prediction:
    """Ask the learner to commit to an answer.

    Parameters
    ----------
    question : str
    *options : str
        At least two.

    Returns
    -------
    Prediction
        As a cell's last value it shows the question; its ``reveal`` shows results after the answer.

    Raises
    ------
    ValueError
        If there are fewer than two options, or two are the same.

    Examples
    --------
    >>> falls = predict("Does the training loss fall in every epoch?", "Yes, always", "Not always")
    >>> falls.reveal("It rose in 3 of 20 epochs.")
    It rose in 3 of 20 epochs.
    """
    return Prediction(question, list(options))


def _inline(text: str) -> str:
    """Turn a line of text into HTML, with `names` between backquotes as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def _rendered(content: tuple[Any, ...], alt: str | None = None) -> str:
    """Turn text and figures into HTML; the text also describes the figures that have no words of their own.

    Texts in a row are the lines of one block, as they are where they are printed.
    """
    blocks = []
    for is_text, parts in groupby(content, key=lambda part: isinstance(part, str)):
        if is_text:
            blocks.append(f"<pre>{html.escape(chr(10).join(parts))}</pre>")
        else:
            blocks += [_picture(part, content, alt) for part in parts]
    return "".join(blocks)


def _picture(figure: Any, content: tuple[Any, ...], alt: str | None) -> str:
    """Turn a figure or a table into HTML; a table wider than the page scrolls."""
    if hasattr(figure, "to_html"):
        return f'<div style="overflow-x:auto">{figure.to_html(border=0)}</div>'

    from course_lib.plots import figure_html, story

    words = alt or story(figure) or "\n".join(part for part in content if isinstance(part, str))
    return figure_html(figure, alt=words)


def _as_html(markup: str) -> Any:
    from IPython.display import HTML

    return HTML(markup)  # type: ignore[no-untyped-call]


def _as_markdown(text: str) -> Any:
    from IPython.display import Markdown

    return Markdown(text)  # type: ignore[no-untyped-call]


def _display(shown: Any) -> None:
    from IPython.display import display

    display(shown)  # type: ignore[no-untyped-call]


def _show(markup: str) -> None:
    _display(_as_html(markup))
