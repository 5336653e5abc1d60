"""Watching what an answer does: models that note each pass, batches that come once, a call made twice.

`watch.pytorch` and `watch.keras` watch any model; `watch.spies_pytorch` and `watch.spies_keras` hold the linear model
whose every number can be worked out in NumPy. All that is noted is plain data, and nothing here knows what is right:
these modules exist where a learner's code runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from course_lib.checks.plain import describe

__all__ = ["Once", "twice"]


class Once:
    """Batches that have no length and can be gone through once; notes whether someone begins a second time.

    Parameters
    ----------
    batches : iterable
    record : dict
        Where it notes "gone_through_again": somebody asked for an iterator after batches had been taken.

    Examples
    --------
    >>> record = {}
    >>> batches = Once([1, 2], record)
    >>> list(batches), list(batches), record
    ([1, 2], [], {'gone_through_again': True})
    """

    def __init__(self, batches: Iterable[Any], record: dict[str, Any]):
        self._left, self._record, self._taken = iter(batches), record, False

    def __iter__(self) -> Iterator[Any]:
        self._record["gone_through_again"] = self._record.get("gone_through_again", False) or self._taken
        return self._rest()

    def _rest(self) -> Iterator[Any]:
        for batch in self._left:
            self._taken = True
            yield batch


def twice(observe: Callable[..., Any]) -> Callable[..., Any]:
    """Return an observer that calls the answer two times in the same way; it notes what came of the "first_call"."""

    def observer(answer: Any, record: dict[str, Any], *inputs: Any) -> Any:
        record["first_call"] = describe(observe(answer, {}, *inputs))
        return observe(answer, record, *inputs)

    return observer
