"""Lesson 04, `capacity_sweep`: train a model for each width, and choose by validation loss."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import close
from course_lib.checks.mistakes import Fields, Sign
from course_lib.checks.mistakes.denying import Row, by_signs
from course_lib.checks.plain import dict_of, list_of, number_of, show
from course_lib.checks.reading import Reading, alike
from course_lib.lessons.l04_overfitting.made_up_training import IN_WORDS, SETS, observe

__all__ = ["CAPACITY_SWEEP", "sweep_case"]

# --- what must be seen -----------------------------------------------------------------------------------


def _lowest(widths: Sequence[int], losses: Sequence[float]) -> int:
    """Return the width of the lowest loss; the smallest of several."""
    return min(zip(losses, widths, strict=True))[1]


class Sweep(Reading):
    """One call of ``capacity_sweep``: its calls of the made-up functions, what came back, and what must."""

    def __init__(self, e: Evidence):
        super().__init__(e)
        self.widths, self.losses, _ = e.inputs
        self.best_width = _lowest(self.widths, self.losses["val"])
        self.given = dict_of(e.result) or {}
        self.best_given = number_of(self.given.get("best_width"))
        #: The widths and the sets of all calls that trained, and the widths whose models measured the test rows.
        self.trained = [event["width"] for event in self.of("train")]
        self.trained_on = [event["rows"] for event in self.of("train")]
        self.opened = {event["width"] for event in self.of("loss") if event["rows"] == "test"}

    @property
    def right(self) -> dict[str, Any]:
        """The dictionary that must come back."""
        test = self.losses["test"][self.widths.index(self.best_width)]
        lists = {"train_loss": self.losses["train"], "val_loss": self.losses["val"]}
        return {**lists, "best_width": self.best_width, "test_loss": test}

    @property
    def widths_changed(self) -> bool:
        """Whether the list of widths that was handed over is another after the call."""
        return "widths_after" in self.e.seen and close(self.e["widths_after"], self.widths) is not None

    @property
    def other_rows(self) -> list[str]:
        """The sets besides the training rows that a model was trained on, in words."""
        return sorted(IN_WORDS[rows] for rows in set(self.trained_on) - {"train"})

    def listed(self, key: str) -> list[float | None]:
        """Return the numbers of the list under a key; none of what is no list."""
        return [number_of(item) for item in list_of(self.given.get(key)) or []]

    def holds(self, **lists: Sequence[float]) -> bool:
        """Whether these lists stand under these keys."""
        return all(alike(self.listed(key), right, 1e-4, 1e-6) for key, right in lists.items())

    def test_is(self, values: Sequence[float]) -> bool:
        """Whether the test loss is one of these, and not what it must be."""
        given = number_of(self.given.get("test_loss"))
        if given is None or abs(given - self.right["test_loss"]) <= 1e-6:
            return False
        return any(abs(given - v) < 1e-6 for v in values)


def _judge_result(seen: Sweep) -> str | None:
    """Return what is wrong with the dictionary, key by key, so that only what differs is shown."""
    problem, given = close(seen.e.result, seen.right), seen.given
    if problem is None or not set(seen.right) <= set(given):
        return problem
    wrong = {key: right for key, right in seen.right.items() if close(given[key], right) is not None}
    return "; ".join(f"{key}: yours {show(given[key])}, right {show(right)}" for key, right in wrong.items()) or problem


def _judge(e: Evidence) -> str | None:
    seen = e.read_as(Sweep)
    problem = _judge_result(seen)
    if problem is not None:
        return problem
    if seen.other_rows:
        return "a model was trained on rows that are not the training rows"
    if seen.opened - {seen.best_width}:
        return f"the test rows were measured with the widths {sorted(seen.opened)}; use the chosen width only"
    if seen.widths_changed:
        return f"the list of widths was {show(seen.widths)} before the call and is {show(e['widths_after'])} after it"
    if e.seen.get("rows_changed"):
        return f"the rows were changed in place: {', '.join(e['rows_changed'])}"
    return None


def sweep_case(
    name: str,
    widths: list[int],
    train: list[float],
    val: list[float],
    test: list[float],
    hint: str = "",
    twice: bool = False,
) -> Case:
    """Return a case: the losses that models of these widths have on each of the three sets.

    With ``twice``, the function is called before, with other widths and with these.
    """
    return Case(name, (widths, {"train": train, "val": val, "test": test}, twice), None, hint, observe, _judge)


# --- a width chosen wrongly ------------------------------------------------------------------------------

#: From the widths and, as arrays, their losses on the three sets to the width that a mistake chooses, or to all that it
#: may choose; ``None`` where it can't be told.
_Pick = Callable[..., Any]


def _untied(pick: _Pick) -> _Pick:
    """Return a choice on validation loss that can't be told where several widths have the lowest."""
    return lambda widths, train, val, test: None if np.sum(val == val.min()) > 1 else pick(widths, val)


def _first_valley(widths: Sequence[int], losses: Sequence[float]) -> int:
    """Return the width after which the losses rise for the first time, in the order given."""
    return next((widths[i] for i in range(len(losses) - 1) if losses[i + 1] > losses[i]), widths[-1])


def _sorted_valley(widths: Sequence[int], losses: Sequence[float]) -> int:
    ordered = sorted(zip(widths, losses, strict=True))
    return _first_valley([width for width, _ in ordered], [loss for _, loss in ordered])


def _falsy_skipped(widths: Sequence[int], losses: Sequence[float]) -> int:
    """Return the choice of a search that takes a lowest loss of 0 for "none yet", or leaves such losses out."""
    kept = [(loss, width) for loss, width in zip(losses, widths, strict=True) if loss]
    return min(kept or zip(losses, widths, strict=True))[1]


_CHOICES: tuple[tuple[str, _Pick], ...] = (
    ("chosen_on_training_loss", lambda widths, train, val, test: _lowest(widths, train)),
    ("chosen_on_test_set", lambda widths, train, val, test: _lowest(widths, test)),
    ("chosen_by_gap", lambda widths, train, val, test: _lowest(widths, val - train)),
    ("chosen_by_gap", lambda widths, train, val, test: _lowest(widths, abs(val - train))),
    ("higher_is_better/width", lambda widths, train, val, test: _lowest(widths, -val)),
    ("tie_to_larger", lambda widths, train, val, test: np.array(widths)[val == val.min()]),
    ("chosen_on_both_losses", lambda widths, train, val, test: _lowest(widths, val + train)),
    ("near_tie_taken_for_tie", lambda widths, train, val, test: min(np.array(widths)[val <= 1.01 * val.min()])),
    ("zero_taken_for_none", _untied(_falsy_skipped)),
    ("first_valley", _untied(_first_valley)),
    ("first_valley", _untied(_sorted_valley)),
    ("first_width_kept", lambda widths, train, val, test: widths[0]),
    # A search whose lowest loss so far starts at 1.
    ("first_width_kept", _untied(lambda widths, val: _lowest(widths, val) if val.min() < 1 else widths[0])),
    ("place_instead_of_width", lambda widths, train, val, test: widths.index(_lowest(widths, val))),
    ("returned_loss/width", lambda widths, train, val, test: val),
)


def _chosen_by(pick: _Pick) -> tuple[Sign, Sign]:
    """Return the signs of choosing in some way, and of another choice, which denies it."""

    def picked(seen: Sweep) -> set[float] | None:
        # Which loss decided can be told only where the losses themselves are right.
        if not seen.holds(train_loss=seen.losses["train"], val_loss=seen.losses["val"]):
            return None
        found = pick(seen.widths, *(np.array(seen.losses[of]) for of in SETS))
        return None if found is None else set(np.atleast_1d(found).tolist())

    def denied(seen: Sweep) -> bool:
        found = picked(seen)
        return found is not None and seen.best_given in set(seen.widths) - found

    return lambda seen: seen.best_given in (picked(seen) or set()) - {seen.best_width}, denied


# --- what else can go wrong ------------------------------------------------------------------------------


def _remembers(seen: Sweep) -> bool:
    """Whether the same arguments gave another result before, or a loss is that of a model of an earlier call."""
    whole = seen.e.error is None and len(seen.listed("val_loss")) == len(seen.widths)
    earlier = seen.noted("earlier_result")
    return (whole and set(seen.trained) < set(seen.widths)) or (earlier is not None and earlier != seen.e.result)


def _last_for_all(seen: Sweep) -> bool:
    """Whether every entry of both lists is the loss of the width that was trained last."""
    place = seen.widths.index(seen.trained[-1])
    return len(set(seen.trained)) > 1 and all(
        len(seen.listed(f"{of}_loss")) > 1 and set(seen.listed(f"{of}_loss")) == {seen.losses[of][place]}
        for of in ("train", "val")
    )


def _swapped(seen: Sweep) -> bool:
    train, val = seen.losses["train"], seen.losses["val"]
    return train != val and seen.holds(train_loss=val, val_loss=train)


def _sorted(seen: Sweep) -> bool:
    in_order = [seen.losses["val"][i] for i in np.argsort(seen.widths)]
    return in_order != seen.losses["val"] and seen.holds(val_loss=in_order)


def _test_of_another(seen: Sweep) -> bool:
    """Whether the test loss is one of those there are, but not of the width that was given as the best one."""
    tests = seen.losses["test"]
    own = dict(zip(seen.widths, tests, strict=True)).get(seen.best_given, float("nan"))
    return seen.test_is(tests) and not seen.test_is([own])


_FIELDS: Fields = {
    "width": lambda seen: show(seen.best_given),
    "tried": lambda seen: len(seen.listed("val_loss")),
    "all": lambda seen: len(seen.widths),
    "rows": lambda seen: " and on ".join(seen.other_rows),
    "widths_after": lambda seen: show(seen.e["widths_after"]),
}
#: What spoils the losses themselves comes first: how the width was chosen can be told only after that.
_OF_THE_LOOP: tuple[Row, ...] = (
    ("remembers_earlier_call/widths", _remembers),
    ("trained_on_other_rows", lambda seen: bool(seen.other_rows)),
    ("trained_again/widths", lambda seen: len(seen.trained) > len(set(seen.trained))),
    ("widths_missing", lambda seen: 0 < len(seen.listed("val_loss")) < len(seen.widths)),
    ("last_model_for_all", _last_for_all),
)
_OF_THE_RESULT: tuple[Row, ...] = (
    ("keys_swapped/lists", _swapped),
    ("lists_sorted", _sorted),
    ("validation_loss_as_test", lambda seen: seen.test_is([min(seen.losses["val"])])),
    ("test_of_another_model", _test_of_another),
    ("test_opened_often", lambda seen: len(seen.opened) > 1 and seen.best_given == seen.best_width),
    ("changed_inputs/widths", lambda seen: seen.widths_changed),
)

_CASES = (
    sweep_case(
        "a turn in the middle", [2, 8, 32, 128], [0.9, 0.5, 0.2, 0.05], [1.0, 0.7, 0.6, 0.8], [1.05, 0.55, 0.65, 0.85]
    ),
    sweep_case(
        "widths in no order", [64, 4, 256, 16], [0.3, 0.8, 0.02, 0.45], [0.72, 0.9, 1.1, 0.64], [0.5, 0.95, 1.2, 0.7]
    ),
    sweep_case(
        "three widths with the same validation loss",
        [32, 8, 16, 64, 2],
        [0.2, 0.35, 0.28, 0.1, 0.85],
        [0.5, 0.5, 0.5, 0.6, 0.9],
        [0.6, 0.55, 0.58, 0.4, 0.92],
    ),
    sweep_case("every loss above 1", [4, 16, 64], [1.9, 1.5, 1.1], [2.4, 1.9, 2.6], [2.5, 2.1, 2.0]),
    sweep_case(
        "a validation loss of exactly 0, at the first width",
        [16, 4, 8, 64],
        [0.1, 0.35, 0.15, 0.0],
        [0.0, 0.4, 0.2, 0.3],
        [0.05, 0.5, 0.25, 0.02],
    ),
    sweep_case(
        "two valleys",
        [2, 8, 32, 128, 512],
        [0.92, 0.58, 0.4, 0.2, 0.05],
        [1.0, 0.7, 0.8, 0.6, 0.9],
        [1.02, 0.72, 0.78, 0.66, 0.64],
    ),
    sweep_case(
        "two losses that are nearly equal", [8, 2, 64], [0.41, 0.9, 0.12], [0.5004, 0.95, 0.5002], [0.52, 0.97, 0.55]
    ),
    sweep_case(
        "a third call, with other widths",
        [16, 4, 128],
        [0.28, 0.64, 0.03],
        [0.55, 0.72, 0.91],
        [0.65, 0.75, 0.99],
        twice=True,
    ),
)

CAPACITY_SWEEP = Exercise(
    name="capacity_sweep",
    points=3,
    cases=_CASES,
    diagnoses=by_signs(
        (*_OF_THE_LOOP, *((name, *_chosen_by(pick)) for name, pick in _CHOICES), *_OF_THE_RESULT), _FIELDS, read=Sweep
    ),
)
