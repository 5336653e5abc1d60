"""Text that learners had a hand in, as any terminal can show it: no control characters, one line, not too long.

A file's name, a cell's name or an error message may hold escape codes that move the cursor, rename the window or
turn the direction of writing around. Every line that a command prints about a student goes through here.
"""

from __future__ import annotations

import itertools
import sys
import unicodedata
from collections.abc import Iterable
from typing import TextIO

__all__ = ["few", "printable", "say"]

#: No terminal line needs more; a message of megabytes would push the others out of sight.
MOST_CHARACTERS = 2000


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    if unicodedata.category(character) == "Zs":  # a space of another width
        return " "
    return character.encode("unicode_escape").decode()


def printable(text: object, most: int = MOST_CHARACTERS) -> str:
    r"""Return one line of visible characters: anything else is written as an escape, such as ``\x1b``.

    Parameters
    ----------
    text : object
        Anything; its ``str`` is taken.
    most : int, optional
        A longer text is cut, and says so.

    Examples
    --------
    >>> printable("pytorch.ipynb\x1b[2J\nall fine")
    'pytorch.ipynb\\x1b[2J all fine'
    >>> printable("word " * 1000, most=12)
    'word word wo… (5000 characters)'
    """
    whole = str(text)
    # Escapes are longer than what they stand for, and only the beginning is shown: nothing reads the rest.
    shown = "".join(map(_escaped, " ".join(whole[: 4 * most].split())))
    if len(shown) <= most and len(whole) <= 4 * most:
        return shown
    return f"{shown[:most]}… ({len(whole)} characters)"


def say(line: object, file: TextIO | None = None) -> None:
    """Print a line about a student, whatever is in it and whatever the terminal can show.

    Parameters
    ----------
    line : object
        Spaces at its beginning are kept: they indent it.
    file : text stream, optional
        Standard output by default.
    """
    stream = sys.stdout if file is None else file
    text = str(line)
    indent = text[: len(text) - len(text.lstrip(" "))][:40]
    encoding = getattr(stream, "encoding", None) or "utf-8"
    shown = (indent + printable(text)).encode(encoding, errors="backslashreplace").decode(encoding)
    print(shown, file=stream)


def few(lines: Iterable[str], most: int = 30) -> list[str]:
    """Return the first lines and how many more there are, so that no report grows without end.

    Examples
    --------
    >>> few(["a", "b", "c", "d"], most=2)
    ['a', 'b', 'and 2 more of these']
    """
    whole = iter(lines)
    first = list(itertools.islice(whole, most))
    more = sum(1 for _ in whole)
    return [*first, f"and {more} more of these"] if more else first
