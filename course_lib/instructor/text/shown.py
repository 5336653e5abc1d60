"""What a lesson's cell may show: no word on standard error, and no figure without words.

Both executions of the lessons are held against it: the released notebooks in the tests, and those with solutions that
nbval executes, through the conftest.py that `course claims --notebooks` writes beside them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

__all__ = ["CONFTEST", "problems"]

#: Shorter than that, an alternative text says nothing.
FEWEST_LETTERS = 20
_IMAGE = re.compile(r"<img [^>]*>")
_WORDS = re.compile(r'alt="([^"]+)"')

#: nbval compares what was claimed; this looks at the outputs of all other cells as well.
CONFTEST = '''"""Written by `course claims --notebooks`: what each cell shows is looked at, and kept for the site."""

import pytest

from course_lib.instructor.site.outputs import keep_executed
from course_lib.instructor.text.shown import problems


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    result = yield
    assert problems(getattr(item, "test_outputs", None) or []) == []
    return result


def pytest_runtest_teardown(item, nextitem):
    keep_executed(item, nextitem)
'''


def problems(outputs: Sequence[Any]) -> list[str]:
    """Say what is wrong with the outputs of a cell.

    Parameters
    ----------
    outputs : sequence of notebook outputs

    Returns
    -------
    list of str
        A sentence for each problem; empty where there is none.

    Examples
    --------
    >>> problems([{"output_type": "stream", "name": "stderr", "text": "Warning: old"}])
    ['wrote to standard error: Warning: old']
    >>> problems([{"output_type": "display_data", "data": {"text/html": '<img src="x.png">'}}])
    ['shows an image without alternative text: <img src="x.png">']
    """
    found: list[str] = []
    for output in outputs:
        if output.get("name") == "stderr":
            found.append(f"wrote to standard error: {output['text']}")
        data = output.get("data", {})
        if "image/png" in data:
            found.append("shows a figure without alternative text; use show()")
        for image in _IMAGE.findall("".join(data.get("text/html", ""))):
            words = _WORDS.search(image)
            if words is None:
                found.append(f"shows an image without alternative text: {image[:80]}")
            elif len(words[1]) < FEWEST_LETTERS:
                found.append(f"shows an image whose alternative text says too little: {words[1]}")
    return found
