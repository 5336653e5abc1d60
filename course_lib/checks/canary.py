"""Canaries: answers that must fail, tried at every check, and other signs of a tampered kernel.

Code in one kernel cannot defend itself against code in the same kernel. It can notice the usual ways,
give no points where the check itself was bent, and tell a person. What decides is the evidence, judged
again by `course_lib.instructor.hidden.rejudge` in a process where the learner's code never ran.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from course_lib.checks.case import Case, Exercise

__all__ = ["Sign", "signs_of_tampering"]

_PACKAGE = Path(__file__).resolve().parent.parent


class Sign(NamedTuple):
    """A sign of tampering; a serious one means that the check's own verdict is worth nothing."""

    text: str
    serious: bool


class _AlwaysEqual:
    """Says yes to every comparison."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    def __lt__(self, other: Any) -> bool:
        return True

    __le__ = __gt__ = __ge__ = __lt__

    def __bool__(self) -> bool:
        return True


def _canaries(observe: Callable[..., Any], judge: Callable[..., Any]) -> list[Sign]:
    """Judge answers whose verdict is known, on the same path as a learner's answer."""
    answers = {
        "a wrong number": (lambda values: 5.0, False),
        "an object that equals everything": (lambda values: _AlwaysEqual(), False),
        "nothing": (lambda values: None, False),
        "an exception": (lambda values: 1 / 0, False),
        "the right number": (lambda values: 2.0, True),
    }
    cases = tuple(Case(name, inputs=([1.0, 3.0],), expected=2.0) for name in answers)
    runs = {case.key: observe(case, answers[case.name][0], 0) for case in cases}
    signs = []
    for result in judge(Exercise("canary", 1.0, cases), runs, 0):
        must_pass = answers[result.name][1]
        if result.passed is not must_pass:
            signs.append(Sign(f"canary: {result.name} was judged {'wrong' if must_pass else 'right'}", True))
    return signs


def _asserts_stripped() -> bool:
    try:
        exec(compile("assert False", "<canary>", "exec", optimize=0), {})
    except AssertionError:
        return False
    return True


def _foreign_modules() -> list[str]:
    """Return modules under ``course_lib`` that did not come from this package's folder."""
    foreign = []
    ours = [
        name for name in list(sys.modules) if name.startswith("course_lib") and name.partition(".")[0] == "course_lib"
    ]
    for name in ours:
        module = sys.modules.get(name)
        places = [p for p in (getattr(module, "__file__", None), *getattr(module, "__path__", [])) if p]
        if not places or not all(map(_is_ours, places)):
            foreign.append(name)
    return foreign


@cache
def _is_ours(place: str) -> bool:
    path = Path(place).resolve()
    return path == _PACKAGE or _PACKAGE in path.parents


def _notebook_signs() -> list[str]:
    shell = None
    if "IPython" in sys.modules:
        with contextlib.suppress(Exception):
            shell = sys.modules["IPython"].get_ipython()
    if shell is None:
        return []
    signs = []
    if getattr(shell, "ast_transformers", None):
        signs.append("an AST transformer is installed in the kernel")
    if getattr(shell, "input_transformers_post", None):
        signs.append("an input transformer is installed in the kernel")
    if getattr(shell, "custom_exceptions", None) and not _handler_is_the_lessons(shell):
        signs.append("a handler of exceptions is installed in the kernel")
    return signs


def _handler_is_the_lessons(shell: Any) -> bool:
    """Tell whether errors are shown by the handler that the setup cell installs."""
    function = getattr(getattr(shell, "CustomTB", None), "__func__", None)
    held = [cell.cell_contents for cell in getattr(function, "__closure__", None) or ()]
    return any(getattr(item, "__module__", "") == "course_lib.notebook.undone" for item in held)


def signs_of_tampering(observe: Callable[..., Any], judge: Callable[..., Any]) -> list[Sign]:
    """Return what shows that the check, or the kernel it runs in, was tampered with.

    Parameters
    ----------
    observe, judge : callable
        What observes and judges answers in this kernel: `course_lib.checks.run.observe_case` and
        `course_lib.checks.judging.judge`.

    Examples
    --------
    >>> from course_lib.checks.judging import judge
    >>> from course_lib.checks.run import observe_case
    >>> signs_of_tampering(observe_case, judge)
    []
    """
    signs = _canaries(observe, judge)
    if _asserts_stripped():
        signs.append(Sign("`assert False` does not raise in this kernel", False))
    signs += [Sign(f"{name} was not loaded from the course's own folder", True) for name in _foreign_modules()]
    signs += [Sign(text, False) for text in _notebook_signs()]
    return signs
