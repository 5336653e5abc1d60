"""Showing a check's result: what failed first, each mistake once, what is right in one line; JSON for the grader."""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from course_lib.checks.diagnosis import AGAIN
from course_lib.checks.met import met_so_far
from course_lib.checks.result import MIME, CaseResult, CheckResult

__all__ = ["as_html", "as_text", "cases_as_html", "publish"]

_WIDTH = 96
#: So many cases of one mistake that say something of their own stand alone; the others are folded.
_MOST_APART = 4


@dataclass(frozen=True)
class _Mistake:
    """What went wrong in the same way: the mistake in words, the first case that shows it, and the others."""

    words: str
    first: CaseResult
    others: tuple[CaseResult, ...]

    @property
    def more(self) -> str:
        """How many other cases there are, as a line that can be folded."""
        several = f"{len(self.others)} more case{'s' * (len(self.others) != 1)}"
        if not self.words:
            return f"{several} not right yet"
        same = all(_split(other)[0] in ("", self.words) for other in self.others)
        return f"{several} show{'s' * (len(self.others) == 1)} {'the same' if same else 'a mistake like it'}"


def _split(case: CaseResult) -> tuple[str, str]:
    """Return the part of a message that names the mistake, and the rest, which is of this case."""
    words, rest = case.message[: case.named], case.message[case.named :]
    if rest and not (
        rest.startswith(" ") and words.endswith((".", "!", "?", ")"))
    ):  # the message was cut or left out on its way here
        return "", case.message
    return ("" if words == AGAIN else words), rest.strip()


def _mistakes(cases: Sequence[CaseResult]) -> Iterator[_Mistake]:
    """Yield the mistakes in the order in which they were met; cases without a name for theirs are taken together.

    The hint of a hidden case is all that its case says, so that each stands alone. So does a case that has the mistake
    in words of its own, such as those of another letter.
    """
    groups: dict[tuple[str, str], list[CaseResult]] = {}
    apart: dict[str, list[str]] = {}
    for case in cases:
        if not case.passed:
            key = (case.name, "hidden") if case.hidden else ((case.diagnosis or "") if case.named else "", "")
            if case.named and not case.hidden:
                known, words = apart.setdefault(key[0], []), _split(case)[0]
                if words and words not in known and len(known) < _MOST_APART:
                    known.append(words)
                if not words and len(known) > 1:  # the same again, and nothing says as which
                    key = key[0], ""
                else:
                    key = key[0], words if words in known or not known else known[0]
            groups.setdefault(key, []).append(case)
    for first, *others in groups.values():
        yield _Mistake(_split(first)[0], first, tuple(others))


def _title(result: CheckResult) -> str:
    if result.status == "not_done":
        return result.message
    return f"{result.exercise}: {result.message}"


def _name(case: CaseResult) -> str:
    return f"{case.name} (hidden)" if case.hidden else case.name


def _right(cases: Sequence[CaseResult]) -> tuple[str, str]:
    """Return how many cases are right and which, in the words of one line; empty where none is."""
    right = [_name(case) for case in cases if case.passed]
    if not right:
        return "", ""
    return f"{len(right)} case{'s' * (len(right) != 1)}", "; ".join(right)


def _seen(case: CaseResult) -> str:
    words, rest = _split(case)
    return rest if words == "" else f"{words} {rest}".strip()


def as_text(result: CheckResult) -> str:
    """Return the result as plain text: what failed, each mistake once, then what is right.

    Examples
    --------
    >>> from course_lib.checks.result import CaseResult
    >>> case = CaseResult("two batches", False, "It is a sum. Yours is 3, right is 2.", 0.0, 1.0, named=12)
    >>> print(as_text(CheckResult("01", "keras", "mse", 1, 0.0, "done", "0 of 1 cases.", (case,))))
    mse: 0 of 1 cases.
    It is a sum.
      ✗ not yet: two batches
          Yours is 3, right is 2.
    """
    lines = [_title(result)]
    for mistake in _mistakes(result.cases):
        if mistake.words:
            lines.append(mistake.words)
        lines.append(f"  ✗ not yet: {_name(mistake.first)}")
        if _split(mistake.first)[1]:
            lines.append(f"      {_split(mistake.first)[1]}")
        if mistake.others:
            lines.append(f"  ✗ {mistake.more}: {'; '.join(map(_name, mistake.others))}")
    count, names = _right(result.cases)
    return "\n".join([*lines, *([f"  ✓ right, {count}: {names}"] if count else [])])


# --- as a page -----------------------------------------------------------------------------------------

#: A verdict is a sign, a shape and a word: a box for what is not right yet, a rounded frame for what is.
_SIGNS = {
    False: '<span aria-hidden="true" style="border:2px solid;padding:0 4px;font-weight:bold">✗</span> ',
    True: '<span aria-hidden="true" style="border:1px dotted;border-radius:9px;padding:0 5px">✓</span> ',
}
_ROOM = "margin-top:6px;margin-bottom:6px"
_EDGE = f"border-left:4px solid;padding:0 0 0 10px;{_ROOM}"
_LINE = f'<div style="{_ROOM}">'


def _with_code(message: str) -> str:
    """Escape a message and mark up what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(message))


def _as_blocks(mistake: _Mistake) -> str:
    """Return a mistake: its name, the first case with its verdict, and the others folded."""
    blocks = [f"{_LINE}<strong>{_with_code(mistake.words)}</strong></div>"] * bool(mistake.words)
    blocks.append(f"{_LINE}{_SIGNS[False]}<strong>not yet:</strong> {_with_code(_name(mistake.first))}</div>")
    if rest := _split(mistake.first)[1]:
        blocks.append(f"{_LINE}{_with_code(rest)}</div>")
    if mistake.others:
        rows = "".join(
            f"<li><strong>{_with_code(_name(case))}</strong>{': ' * bool(_seen(case))}{_with_code(_seen(case))}</li>"
            for case in mistake.others
        )
        blocks.append(f"<details><summary>{_SIGNS[False]}{mistake.more}</summary><ul>{rows}</ul></details>")
    return f'<div style="{_EDGE}">{"".join(blocks)}</div>'


def cases_as_html(cases: Sequence[CaseResult]) -> str:
    """Return the verdicts as HTML: each mistake with its first case, the others folded, what is right in one line.

    Meaning never hangs on color: all takes the page's own, so that it reads as well on a dark one. Text from the
    answer is escaped.
    """
    pieces = [*map(_as_blocks, _mistakes(cases))]
    count, names = _right(cases)
    if count:
        pieces.append(f"{_LINE}{_SIGNS[True]}<strong>right</strong>, {count}: {_with_code(names)}</div>")
    return "".join(pieces)


def as_html(result: CheckResult) -> str:
    """Return the result as HTML: its title, and what `cases_as_html` says of the cases."""
    title = html.escape(_title(result))
    if not result.cases:
        return f'<p role="status">{title}</p>'
    style = f"max-width:{_WIDTH}ch;line-height:1.5;overflow-wrap:anywhere"
    heading = f"{_LINE}<strong>{title}</strong></div>"
    return f'<div class="course-check" style="{style}">{heading}{cases_as_html(result.cases)}</div>'


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
        MIME: result.to_json() if result.graded else result.to_json() | {"met": met_so_far(result)},
    }
    publish_display_data(data)
