"""Lesson 04, `capacity_sweep`: a made-up ``train_model``, which trains nothing.

It notes on which rows it was called, and what it returns looks the losses up in a table. So it is seen which rows were
trained on, which were measured, and which loss decided.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.checks.plain import describe

__all__ = ["IN_WORDS", "SETS", "Losses", "observe"]

Losses = dict[str, list[float]]

#: What a loss on rows that are none of the three sets is.
_STRANGE = 7.5
SETS = ("train", "val", "test")
_STRANGERS, _BOTH = "none of the three sets", "train and val together"
#: What rows a model was trained on, besides the training rows.
IN_WORDS = {
    "val": "the validation rows",
    "test": "the test rows",
    _BOTH: "the training and validation rows together",
    _STRANGERS: "rows that are none of the three sets",
}
#: What the function is called with first, where it is called twice: widths and their losses.
_EARLIER: tuple[list[int], Losses] = (
    [32, 2, 8],
    {"train": [0.15, 0.7, 0.33], "val": [0.51, 0.81, 0.47], "test": [0.61, 0.86, 0.56]},
)


def _sets() -> dict[str, tuple[Any, Any]]:
    rng = np.random.default_rng(5)
    return {name: (rng.normal(size=(n, 2)), np.arange(n) % 2) for name, n in zip(SETS, (12, 8, 6), strict=True)}


def _which(rows: Any, sets: dict[str, Any]) -> str:
    """Return which set the rows are, also where they are a copy of it; otherwise say so."""
    try:
        x, y = rows
        for name, (known_x, known_y) in sets.items():
            # In any order: shuffled rows are still the same set.
            alike = np.shape(x) == np.shape(known_x) and np.shape(y) == np.shape(known_y)
            if alike and np.allclose(np.sort(np.ravel(x)), np.sort(np.ravel(known_x))):
                return name
        return _BOTH if len(y) == len(sets["train"][1]) + len(sets["val"][1]) else _STRANGERS
    except (TypeError, ValueError):
        return _STRANGERS


def _trainer(
    events: list[dict[str, Any]], sets: dict[str, Any], widths: list[int], losses: Losses
) -> Callable[[int, Any], Callable[[Any], float]]:
    """Return a ``train_model`` that notes its calls, and those of the functions it returns, in ``events``."""
    trained: dict[int, int] = {}

    def train_model(width: int, rows: Any) -> Callable[[Any], float]:
        width = int(width)
        place = widths.index(width)
        again = trained[width] = trained.get(width, 0) + 1
        on = _which(rows, sets)
        events.append({"what": "train", "width": width, "rows": on})

        def loss_on(rows: Any) -> float:
            name = _which(rows, sets)
            events.append({"what": "loss", "width": width, "rows": name})
            if name in (_STRANGERS, _BOTH):
                return _STRANGE
            # Trained again, a model comes out a little different; trained on other rows, very different.
            return losses[name][place] + 0.07 * (again - 1) + (0.0 if on == "train" else 1.3)

        return loss_on

    return train_model


def observe(answer: Any, record: dict[str, Any], widths: list[int], losses: Losses, twice: bool = False) -> Any:
    """Run ``capacity_sweep`` with a ``train_model`` that looks losses up, and note every call."""
    sets = _sets()
    if twice:
        for of in (_EARLIER, (widths, losses)):
            record["earlier_result"] = describe(answer(_trainer([], sets, *of), list(of[0]), *sets.values()))
    events = record["events"] = []
    given = list(widths)
    result = answer(_trainer(events, sets, widths, losses), given, *sets.values())
    record["widths_after"] = describe(given)
    pairs = zip(sets.items(), _sets().values(), strict=True)
    record["rows_changed"] = [name for (name, rows), made in pairs if not all(map(np.array_equal, rows, made))]
    return result
