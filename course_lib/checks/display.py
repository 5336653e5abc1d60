"""Showing a check's result: a table in JupyterLab, lines of text elsewhere, JSON data for the grader."""

from __future__ import annotations

import html
import re
import sys
from typing import Any

from course_lib.checks.result import MIME, CheckResult

__all__ = ["as_html", "as_text", "publish"]


def as_text(result: CheckResult) -> str:
    """Return the result as plain text, one line a case.

    Examples
    --------
    >>> from course_lib.checks.result import CaseResult
    >>> case = CaseResult("two batches", False, "Expected 2, given 3.", 0.0, 1.0)
    >>> print(as_text(CheckResult("01", "keras", "mse", 1, 0.0, "done", "0 of 1 cases.", (case,))))
    mse: 0 of 1 cases.
      ✗ not yet  two batches
                 Expected 2, given 3.
    """
    lines = [result.message if result.status == "not_done" else f"{result.exercise}: {result.message}"]
    for case in result.cases:
        name = f"{case.name} (hidden)" if case.hidden else case.name
        lines.append(f"  {case.mark} {case.verdict:<8} {name}")
        if case.message:
            lines.append(f"             {case.message}")
    return "\n".join(lines)


def _rows(name: str, verdict: str, message: str) -> str:
    """Return a case as a group of rows: name and verdict, and beneath them the message in the table's full width."""
    style = "text-align:left;vertical-align:top;padding:2px 16px 2px 0"
    seen = (
        f'<tr><td colspan="2" style="{style};white-space:normal">'
        f'<div style="max-width:88ch">{_with_code(message)}</div></td></tr>'
    )
    return (
        f'<tbody><tr><th scope="rowgroup" style="{style};white-space:normal">{_with_code(name)}</th>'
        f'<td style="{style};white-space:nowrap">{verdict}</td></tr>{seen if message else ""}</tbody>'
    )


def _with_code(message: str) -> str:
    """Escape a message and mark up what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(message))


def as_html(result: CheckResult) -> str:
    """Return the result as a small table: case, verdict as a mark and a word, and beneath them the message.

    Meaning never hangs on colour, the headers are marked up as headers, and text from the answer is
    escaped.
    """
    title = result.message if result.status == "not_done" else f"{result.exercise}: {result.message}"
    if not result.cases:
        return f'<p role="status">{html.escape(title)}</p>'
    rows = "".join(
        _rows(
            f"{case.name} (hidden)" if case.hidden else case.name,
            f'<span aria-hidden="true">{case.mark}</span> {case.verdict}',
            case.message,
        )
        for case in result.cases
    )
    return (
        '<table class="course-check">'
        f'<caption style="text-align:left;caption-side:top">{html.escape(title)}</caption>'
        '<thead><tr><th scope="col" style="text-align:left">Case, and what the check saw</th>'
        '<th scope="col" style="text-align:left;width:1%">Verdict</th></tr></thead>'
        f"{rows}</table>"
    )


def _in_notebook() -> bool:
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def publish(result: CheckResult) -> None:
    """Show the result where it was asked for: in a notebook's output, or on standard output."""
    if not _in_notebook():
        print(as_text(result))
        return
    from IPython.display import publish_display_data

    data: dict[str, Any] = {
        "text/plain": as_text(result),
        "text/html": as_html(result),
        MIME: result.to_json(),
    }
    publish_display_data(data)
