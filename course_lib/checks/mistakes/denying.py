"""Mistakes that are told by a sign, and some by what speaks against them as well."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.mistakes import Fields, Sign, by_sign

if TYPE_CHECKING:
    from course_lib.checks.case import Evidence

__all__ = ["Row", "by_signs"]

#: A mistake's name, its sign, and maybe the sign of what denies it, in a case that was judged right or wrong.
Row = tuple[str, Sign] | tuple[str, Sign, Sign]


def by_signs(
    table: Iterable[Row],
    fields: Fields | None = None,
    *,
    read: Callable[[Evidence], Any],
    of_errors: bool = True,
) -> tuple[Diagnosis, ...]:
    """Return the mistakes of a table, in its order, as `by_sign` does; a row may say what denies its mistake.

    Nothing is denied by a run that ended in an error.

    Examples
    --------
    >>> from course_lib.checks.case import Evidence
    >>> table = (("biases_missing", lambda seen: seen["few"], lambda seen: seen["many"]),)
    >>> [one] = by_signs(table, read=lambda e: e.seen)
    >>> one.stand(Evidence((), {"few": True, "many": False})), one.stand(Evidence((), {"few": False, "many": True}))
    ('shown', 'denied')
    """

    def denied(sign: Sign) -> Callable[[Evidence], bool]:
        return lambda e: e.error is None and bool(sign(e.read_as(read)))

    rows = list(table)
    told = by_sign(((name, sign) for name, sign, *_ in rows), fields, read=read, of_errors=of_errors)
    denies = ([denied(sign) for sign in row[2:]] for row in rows)
    return tuple(replace(one, denied=found[0]) if found else one for one, found in zip(told, denies, strict=True))
