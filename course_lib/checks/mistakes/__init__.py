"""Named mistakes: how each shows itself, in code; what a learner reads of it, in ``words.toml``.

A name is a *key*, one mistake under one name in all lessons and both tracks, or ``key/variant`` where the same mistake
is told in other words.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from course_lib.checks.compare import Compare, close
from course_lib.checks.diagnosis import Claim, Diagnosis

if TYPE_CHECKING:
    from course_lib.checks.case import Evidence

__all__ = ["mistake", "words"]


@cache
def words() -> dict[str, dict[str, str]]:
    """Return what learners read, by name: under ``says`` what was done, under ``look`` where to look.

    Examples
    --------
    >>> words()["mean_of_means"]["look"]
    'how much each batch counts'
    """
    return tomllib.loads(files(__name__).joinpath("words.toml").read_text(encoding="utf-8"))


def mistake(
    name: str,
    says: Callable[[Evidence], str] | str | None = None,
    *,
    faulty: Callable[..., Any] | None = None,
    claim: Callable[[Evidence], Claim | None] | None = None,
    probe: Callable[[Evidence], bool] | None = None,
    denied: Callable[[Evidence], bool] | None = None,
    compare: Compare = close,
    fields: dict[str, str] | None = None,
) -> Diagnosis:
    """Return a mistake as a `Diagnosis`, with its words.

    Parameters
    ----------
    name : str
        A name in ``words.toml``.
    says : str or callable(Evidence) -> str, optional
        What is said where it hangs on what was seen; otherwise the words of that name.
    faulty, claim, probe, denied, compare
        As in `Diagnosis`.
    fields : dict of str to str, optional
        What stands in the words' braces.

    Raises
    ------
    LookupError
        If ``words.toml`` lacks the name, or has nothing to say under it.

    Examples
    --------
    >>> mistake("mean_of_means", faulty=lambda losses, sizes: sum(losses) / len(losses)).key
    'mean_of_means'
    """
    if name not in words():
        raise LookupError(f"words.toml has no mistake {name!r}")
    said = {part: text.format(**fields) if fields else text for part, text in words()[name].items()}
    if says is None and "says" not in said:
        raise LookupError(f"words.toml says nothing under {name!r}")
    return Diagnosis(
        name.partition("/")[0],
        said["says"] if says is None else says,
        faulty=faulty,
        probe=probe,
        look=said.get("look", ""),
        compare=compare,
        denied=denied,
        claim=claim,
    )
