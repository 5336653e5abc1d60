"""What popular posts, tutorials and code claim about losses, what is so, and the cell of a lesson that shows it."""

from __future__ import annotations

import html
import re
import textwrap
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from course_lib.notebook.progress import title_of
from course_lib.tracks import TRACKS

__all__ = ["OFTEN_HEARD", "Claim", "PublishedClaims", "Shown", "Source", "published_claims", "read_claims"]

_FILE = "published_claims.toml"
_COLUMNS = 96
#: What stands for a source where no page is named.
OFTEN_HEARD = "often heard"


@dataclass(frozen=True)
class Source:
    """A page on which a claim is made, or code that acts upon it; ``remark`` is what to say of it in fairness."""

    name: str
    url: str
    remark: str = ""


@dataclass(frozen=True)
class Shown:
    """A cell that shows what is so: a fragment of its code, the heading it is under, and its track if it has one."""

    lesson: str
    section: str
    code: str
    track: str = ""

    def tracks(self) -> tuple[str, ...]:
        """Return the tracks that have the cell."""
        return (self.track,) if self.track else TRACKS

    def notebook(self, track: str) -> str:
        """Return the notebook with the cell, relative to the folder of lessons; in `track` where it has the cell."""
        return f"{self.lesson}/{self.track or track}.ipynb"


@dataclass(frozen=True)
class Claim:
    """One row of the table.

    Parameters
    ----------
    said : str
        The claim, in the course's words.
    truth : str
        What the cell shows.
    see : tuple of Shown
        The cell that shows it first, then others that do.
    published : tuple of Source
        Empty for what is only said.
    """

    said: str
    truth: str
    see: tuple[Shown, ...]
    published: tuple[Source, ...] = ()

    @property
    def lesson(self) -> str:
        """The lesson that the claim belongs to."""
        return self.see[0].lesson


def _claim(row: dict[str, Any]) -> Claim:
    see = tuple(Shown(**cell) for cell in row["see"])
    return Claim(row["said"], row["truth"], see, tuple(Source(**page) for page in row.get("published", ())))


@cache
def read_claims() -> tuple[Claim, ...]:
    """Read all rows, in the order of the lessons.

    Examples
    --------
    >>> claims = read_claims()
    >>> claims[0].lesson
    '01_loss_basics'
    >>> [claim.lesson for claim in claims] == sorted(claim.lesson for claim in claims)
    True
    """
    text = files("course_lib.notebook").joinpath(_FILE).read_text(encoding="utf-8")
    return tuple(_claim(row) for row in tomllib.loads(text)["claim"])


def _section(title: str) -> str:
    """Return a heading with what leads on from it: a question has its own mark."""
    return title if title.endswith("?") else f"{title}:"


def _excerpt(code: str) -> str:
    """Return a piece of a cell; where it breaks off in the middle of something, dots say so.

    Examples
    --------
    >>> _excerpt("width.reveal("), _excerpt("loss.backward()")
    ('width.reveal(…', 'loss.backward()')
    """
    opened = sum(code.count(mark) for mark in "([{") - sum(code.count(mark) for mark in ")]}")
    return f"{code}…" if opened > 0 or code.endswith((" in", "=", ",")) else code


def as_text(claims: Sequence[Claim]) -> str:
    """Return the table as text, for a page without HTML."""

    def told(label: str, words: str) -> str:
        indent = "    "
        return textwrap.fill(
            f"{label}{words}",
            _COLUMNS,
            initial_indent=indent,
            subsequent_indent=indent + "  ",
            break_long_words=False,
            break_on_hyphens=False,
        )

    lines = []
    for lesson, rows in groupby(claims, key=lambda claim: claim.lesson):
        lines.append(title_of(lesson))
        for claim in rows:
            pages = [f"{p.name}{f' ({p.remark})' if p.remark else ''}, {p.url}" for p in claim.published]
            cells = [f"{title_of(c.lesson)}, {_section(c.section)} {_excerpt(c.code)}" for c in claim.see]
            lines.append(textwrap.fill(f'"{claim.said}"', _COLUMNS, initial_indent="  ", subsequent_indent="   "))
            lines.append(told("Where: ", "; ".join(pages) or OFTEN_HEARD))
            lines.append(told("In fact: ", claim.truth))
            lines.append(told("See it: ", "; ".join(cells)))
        lines.append("")
    return "\n".join(lines).rstrip()


def _marked_up(words: str) -> str:
    """Return words as HTML, with `code` and *emphasis* as Markdown has them."""
    safe = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(words, quote=False))
    return re.sub(r"\*([^*]+)\*", r"<em>\1</em>", safe)


_LEFT = "text-align:left;vertical-align:top;overflow-wrap:anywhere"


def _link(url: str, words: str) -> str:
    return f'<a href="{html.escape(url)}">{_marked_up(words)}</a>'


def _row(claim: Claim, track: str) -> str:
    pages = [_link(p.url, p.name) + (f" ({_marked_up(p.remark)})" if p.remark else "") for p in claim.published]
    cells = [
        f"{_link(f'../{c.notebook(track)}', title_of(c.lesson))}, {_marked_up(_section(c.section))} "
        f'<code style="white-space:pre-wrap">{html.escape(_excerpt(c.code))}</code>'
        for c in claim.see
    ]
    return (
        f'<tr><th scope="row" style="{_LEFT};font-weight:normal"><strong>{_marked_up(claim.said)}</strong><br>'
        f"{'; '.join(pages) or OFTEN_HEARD}</th>"
        f'<td style="{_LEFT}">{_marked_up(claim.truth)}</td><td style="{_LEFT}">{"<br>".join(cells)}</td></tr>'
    )


def as_html(claims: Sequence[Claim], track: str = TRACKS[0]) -> str:
    """Return the table as HTML, for a notebook in a lesson's folder; links lead to the lessons of one track."""
    parts = []
    for lesson, rows in groupby(claims, key=lambda claim: claim.lesson):
        name = f'<tr><th scope="rowgroup" colspan="3" style="{_LEFT}">{title_of(lesson)}</th></tr>'
        parts.append(f"<tbody>{name}{''.join(_row(claim, track) for claim in rows)}</tbody>")
    titles = (("What is said, and where", 36), ("What is so", 36), ("Where to see it", 28))
    head = "".join(f'<th scope="col" style="{_LEFT};width:{width}%">{title}</th>' for title, width in titles)
    return f'<table style="width:100%;table-layout:fixed"><thead><tr>{head}</tr></thead>{"".join(parts)}</table>'


class PublishedClaims:
    """The claims as a table that a notebook shows.

    Parameters
    ----------
    claims : sequence of Claim
    track : {"pytorch", "keras"}
        Whose lessons the links lead to; a cell that only the other track has is linked there.
    """

    def __init__(self, claims: Sequence[Claim], track: str):
        self.claims, self.track = tuple(claims), track

    def __len__(self) -> int:
        return len(self.claims)

    def __repr__(self) -> str:
        return as_text(self.claims)

    def _repr_html_(self) -> str:
        return as_html(self.claims, self.track)


def published_claims(track: str = TRACKS[0]) -> PublishedClaims:
    """Show what is published about training and validation loss, what is so, and the cells that show it.

    Parameters
    ----------
    track : {"pytorch", "keras"}, optional
        Whose lessons the links lead to.

    Returns
    -------
    PublishedClaims
        A table, as the last line of a cell.

    Raises
    ------
    ValueError
        If there is no such track.

    Examples
    --------
    >>> table = published_claims("keras")
    >>> print(repr(table).splitlines()[0])
    01 Loss basics
    """
    if track not in TRACKS:
        raise ValueError(f"track must be one of {', '.join(TRACKS)}, not {track!r}")
    return PublishedClaims(read_claims(), track)
