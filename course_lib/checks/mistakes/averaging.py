"""How batch losses are put together wrongly, wherever a number is a mean over batches of several sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.checks.compare import Compare, close
from course_lib.checks.diagnosis import Diagnosis, OneOf
from course_lib.checks.mistakes import by_claim

__all__ = ["Batches", "averaging", "so_far"]

#: The batch losses behind one number, and the batches' sizes.
Batches = tuple[Sequence[float], Sequence[int]]
#: From batch losses and sizes to a number; none where they give none.
Mean = Callable[[np.ndarray, np.ndarray], Any]


def _of_several(mean: Mean) -> Mean:
    return lambda losses, sizes: mean(losses, sizes) if len(losses) > 1 else None


#: What each mistake gives for batch losses and sizes; the most specific first.
_OF_ONE_NUMBER: tuple[tuple[str, Mean], ...] = (
    ("mean_of_means", _of_several(lambda losses, sizes: losses.mean())),
    ("wrong_count/weighted_sum_by_batch_count", lambda losses, sizes: losses @ sizes / len(losses)),
    ("wrong_count/divided_by_first_size", lambda losses, sizes: losses @ sizes / (sizes[0] * len(sizes))),
    ("wrong_count/weighted_by_first_size", lambda losses, sizes: losses.sum() * sizes[0] / sizes.sum()),
    ("wrong_count/sum_by_samples", lambda losses, sizes: losses.sum() / sizes.sum()),
    ("last_batch_left_out", _of_several(lambda losses, sizes: np.average(losses[:-1], weights=sizes[:-1]))),
    ("first_batch", _of_several(lambda losses, sizes: losses[0])),
    ("last_batch", _of_several(lambda losses, sizes: losses[-1])),
    ("not_divided/weighted_sum_not_divided", lambda losses, sizes: losses @ sizes),
    ("not_divided/sum_of_losses", lambda losses, sizes: losses.sum()),
)
#: The same where a list holds such a number for each epoch; their words name the list, {key}, and its rows, {what}.
_OF_A_HISTORY: tuple[tuple[str, Mean], ...] = (
    ("last_batch/history", lambda losses, sizes: losses[-1]),
    ("mean_of_means/history", lambda losses, sizes: losses.mean()),
    ("wrong_count/history", lambda losses, sizes: losses @ sizes / len(losses)),
    ("wrong_count/history", lambda losses, sizes: losses.sum() / sizes.sum()),
    ("not_divided/history", lambda losses, sizes: losses @ sizes),
    ("not_divided/history", lambda losses, sizes: losses.sum()),
)


def so_far(values: Sequence[float]) -> OneOf:
    """Return the sums and the means over all epochs so far, as sums give that are not begun anew in each."""
    totals = np.cumsum(values)
    return OneOf(totals.tolist(), (totals / np.arange(1, len(totals) + 1)).tolist())


def averaging(
    read: Callable[[Any], Any],
    of: Callable[[Any], Batches | list[Batches]],
    given: Callable[[Any], Any] = lambda seen: seen.e.given,
    key: str = "",
    compare: Compare = close,
) -> tuple[Diagnosis, ...]:
    """Return the mistakes in a mean over batches.

    Parameters
    ----------
    read : callable(Evidence) -> reading
    of : callable(reading)
        The batch losses and sizes behind the number; for a history, a list of them with one for each epoch.
    given : callable(reading), optional
        What was given for it; the answer's result by default.
    key : str, optional
        Of the history in which the numbers stand: "loss" or "val_loss".
    compare : Compare, optional
        How numbers are compared.
    """

    def value(mean: Mean) -> Callable[[Any], Any]:
        def of_one(batches: Batches) -> float | None:
            found = mean(np.asarray(batches[0], float), np.asarray(batches[1]))
            return None if found is None else float(found)

        def made(seen: Any) -> Any:
            found = of(seen)
            return [of_one(batches) for batches in found] if isinstance(found, list) else of_one(found)

        return made

    right = value(lambda losses, sizes: float(np.average(losses, weights=sizes)))
    table = ((name, value(mean)) for name, mean in (_OF_A_HISTORY if key else _OF_ONE_NUMBER))
    fields = {"key": repr(key), "what": "validation" if key == "val_loss" else "training"} if key else None
    return by_claim(table, given, right, fields, compare, read=read)
