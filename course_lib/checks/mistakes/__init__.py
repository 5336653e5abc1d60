"""Named mistakes: how each shows itself, in code; what a learner reads of it, in ``words.toml``.

A name is a *key*, one mistake under one name in all lessons and both tracks, or ``key/variant`` where the same mistake
is told in other words.

An exercise lists its mistakes as tables: `by_sign` of what a run shows, `by_claim` of what numbers they give. The
modules of this package hold the tables that several exercises share.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import TYPE_CHECKING, Any

from course_lib.checks.compare import Compare, close
from course_lib.checks.diagnosis import Claim, Diagnosis, OneOf

if TYPE_CHECKING:
    from course_lib.checks.case import Evidence

__all__ = ["Fields", "Sign", "by_claim", "by_sign", "by_value", "mistake", "noted", "words"]

#: What stands in the braces of words: a text, or what makes one from what was seen.
Fields = Mapping[str, str | Callable[[Any], object]]
#: What is true where what was seen, the evidence or a reading of it, shows a mistake.
Sign = Callable[[Any], Any]


@cache
def words() -> dict[str, dict[str, str]]:
    """Return what learners read, by name: under ``says`` what was done, under ``look`` where to look.

    Examples
    --------
    >>> words()["softmax_at_the_end"]["look"]
    'what stands after the last linear layer'
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
    fields: Fields | None = None,
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
    fields : dict of str to str or callable(Evidence) -> object, optional
        What stands in the words' braces. An exercise can give all its mistakes one table: only what a text names is
        worked out.

    Raises
    ------
    LookupError
        If ``words.toml`` lacks the name, or has nothing to say under it.

    Examples
    --------
    >>> mistake("biases_missing", probe=lambda e: len(e["shapes"]) == 3).key
    'biases_missing'
    """
    if name not in words():
        raise LookupError(f"words.toml has no mistake {name!r}")
    said = {part: _filled(text, fields) for part, text in words()[name].items()}
    if says is None and "says" not in said:
        raise LookupError(f"words.toml says nothing under {name!r}")
    look = said.get("look", "")
    if not isinstance(look, str):
        raise TypeError(f"where to look is not to hang on what was seen: {name!r}")
    return Diagnosis(
        name.partition("/")[0],
        said["says"] if says is None else says,
        faulty=faulty,
        probe=probe,
        look=look,
        compare=compare,
        denied=denied,
        claim=claim,
    )


def _filled(text: str, fields: Fields | None) -> str | Callable[[Evidence], str]:
    """Return a text with its braces filled, or what fills them from what was seen."""
    if not fields:
        return text
    used = {name: fields[name] for _, name, _, _ in Formatter().parse(text) if name}
    if not any(callable(value) for value in used.values()):
        return text.format(**used)
    return lambda e: text.format(**{name: value(e) if callable(value) else value for name, value in used.items()})


def noted(name: str) -> Sign:
    """Return the sign of what an observer noted under a name, in a reading."""
    return lambda seen: seen.noted(name)


def _as_it_is(e: Evidence) -> Evidence:
    return e


def by_sign(
    table: Iterable[tuple[str, Sign]],
    fields: Fields | None = None,
    *,
    read: Callable[[Evidence], Any] = _as_it_is,
    of_errors: bool = True,
) -> tuple[Diagnosis, ...]:
    """Return the mistakes of a table of names and signs, in its order: from the most specific to the least.

    Parameters
    ----------
    table : iterable of (name, sign)
    fields : dict, optional
        As in `mistake`; a callable gets what the signs get.
    read : callable(Evidence) -> seen, optional
        What the signs get, such as a `course_lib.checks.reading.Reading`; the evidence itself by default.
    of_errors : bool, optional
        Whether they may speak of a run that ended in an error, and not only of one that came to its end.

    Examples
    --------
    >>> [found.key for found in by_sign((("biases_missing", lambda e: len(e["shapes"]) == 3),))]
    ['biases_missing']
    """

    def told(value: str | Callable[[Any], object]) -> str | Callable[[Evidence], object]:
        return (lambda e: value(e.read_as(read))) if callable(value) else value

    def probe(sign: Sign) -> Callable[[Evidence], bool]:
        return lambda e: (of_errors or e.error is None) and bool(sign(e.read_as(read)))

    of_evidence = {name: told(value) for name, value in (fields or {}).items()}
    return tuple(mistake(name, probe=probe(sign), fields=of_evidence) for name, sign in table)


def _under(entry: str, value: Callable[..., Any]) -> Callable[..., Any]:
    """Return a mistake's numbers as they stand in a dictionary."""

    def faulty(*inputs: Any) -> OneOf:
        found = value(*inputs)
        values = found.values if isinstance(found, OneOf) else OneOf(found).values
        return OneOf(*({entry: float(one)} for one in values))

    return faulty


def by_value(
    table: Iterable[tuple[str, Callable[..., Any]]],
    fields: Fields | None = None,
    compare: Compare = close,
    entry: str = "",
) -> tuple[Diagnosis, ...]:
    """Return the mistakes of a table of names and what each gives on a case's inputs, in its order.

    With ``entry``, the values are numbers that stand under this key of the dictionary which comes back.

    Examples
    --------
    >>> [found.by_value for found in by_value((("broadcast_sum", lambda losses: sum(losses)),))]
    [True]
    """
    made = ((name, _under(entry, value) if entry else value) for name, value in table)
    return tuple(mistake(name, faulty=value, fields=fields, compare=compare) for name, value in made)


def by_claim(
    table: Iterable[tuple[str, Callable[[Any], Any]]],
    given: Callable[[Any], Any],
    right: Callable[[Any], Any],
    fields: Fields | None = None,
    compare: Compare = close,
    *,
    read: Callable[[Evidence], Any] = _as_it_is,
) -> tuple[Diagnosis, ...]:
    """Return the mistakes of a table of names and values, each told by what it gives at one place of what was seen.

    Parameters
    ----------
    table : iterable of (name, value)
        ``value(seen)`` is what the mistake gives there: a value, a `OneOf`, or ``None`` where it gives none.
    given, right : callable(seen) -> value
        What stands there, and what must.
    fields, compare
        As in `mistake`.
    read : callable(Evidence) -> seen, optional
        As in `by_sign`.
    """

    def one(name: str, value: Callable[[Any], Any]) -> Diagnosis:
        def claim(e: Evidence) -> Claim | None:
            seen = e.read_as(read)
            faulty = value(seen)
            return None if faulty is None else Claim(given(seen), faulty, right(seen))

        return mistake(name, claim=claim, compare=compare, fields=fields)

    return tuple(one(*row) for row in table)
