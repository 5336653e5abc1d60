"""The mistakes that an exercise's checks have named so far, kept in its notebook's output from run to run.

A kernel remembers those of its own session. What earlier sessions met is read, once, from the notebook as it was
saved; Jupyter tells a kernel where that is. So a check that is right at last still says what was overcome on the way.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from course_lib.checks.diagnosis import AGAIN
from course_lib.checks.result import MIME, CheckResult

__all__ = ["MOST_BYTES", "met_so_far"]

#: A saved notebook that is larger is not read.
MOST_BYTES = 200 << 20
#: A check that names more than this many mistakes keeps the first ones.
_MOST = 50
#: By lesson, track and exercise: what was said of each mistake, by its name.
_met: dict[tuple[str, str, str], dict[str, str]] = {}
_read: set[str] = set()


def _kept(notebook: Any) -> Iterator[tuple[tuple[str, str, str], dict[str, str]]]:
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            result = output.get("data", {}).get(MIME)
            if isinstance(result, dict) and isinstance(result.get("met"), dict):
                place = (str(result["lesson"]), str(result["track"]), str(result["exercise"]))
                yield place, {str(key): str(said) for key, said in result["met"].items()}


def _remember_saved() -> None:
    """Take over what the saved notebook of this kernel holds; nothing if there is none that can be read."""
    saved = os.environ.get("JPY_SESSION_NAME", "")
    if not saved or saved in _read:
        return
    _read.add(saved)
    try:
        path = Path(saved)
        if path.suffix != ".ipynb" or path.stat().st_size > MOST_BYTES:
            return
        for place, kept in _kept(json.loads(path.read_text(encoding="utf-8"))):
            _met[place] = kept | _met.get(place, {})
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return


def met_so_far(result: CheckResult) -> dict[str, str]:
    """Return what checks of this exercise have named so far, this result included.

    Parameters
    ----------
    result : CheckResult

    Returns
    -------
    dict of str to str
        By the mistake's name, what the learner was told of it when it was named last.

    Examples
    --------
    >>> met_so_far(CheckResult("01_loss_basics", "keras", "no_such", 1.0, 1.0, "done", "right"))
    {}
    """
    _remember_saved()
    mine = _met.setdefault((result.lesson, result.track, result.exercise), {})
    for case in result.cases:
        if not case.passed and case.diagnosis and (case.diagnosis in mine or len(mine) < _MOST):
            told = case.message[: case.named].strip()
            if told != AGAIN or case.diagnosis not in mine:
                mine[case.diagnosis] = "" if told == AGAIN else told
    return dict(mine)
