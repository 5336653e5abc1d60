"""Reading an answer that is a choice of letters, however it is written."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["read_letters"]


def read_letters(answer: Any) -> list[str]:
    """Return the letters of an answer: a list of letters or one string, in any case.

    Examples
    --------
    >>> read_letters("d, a b"), read_letters(["D", "a"])
    (['D', 'A', 'B'], ['D', 'A'])
    """
    items = [answer] if isinstance(answer, str) or not hasattr(answer, "__iter__") else answer
    text = " ".join(str(item) for item in items)
    return re.findall(r"[^\s,;.>\[\]()'\"-]", text.upper())
