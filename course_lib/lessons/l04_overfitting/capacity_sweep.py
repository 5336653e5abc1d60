"""Lesson 04, `capacity_sweep`: train a model for each width, and choose by validation loss."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import close, near
from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.mistakes import Fields, by_sign, mistake
from course_lib.checks.plain import dict_of, list_of, number_of, show
from course_lib.lessons.l04_overfitting.made_up_training import IN_WORDS, SETS, observe

__all__ = ["CAPACITY_SWEEP", "sweep_case"]

# --- what must be seen -----------------------------------------------------------------------------------


def _lowest(widths: Sequence[int], losses: Sequence[float]) -> int:
    """Return the width of the lowest loss; the smallest of several."""
    return min(zip(losses, widths, strict=True))[1]


def _wanted(e: Evidence) -> dict[str, Any]:
    widths, losses, _ = e.inputs
    best = _lowest(widths, losses["val"])
    test = losses["test"][widths.index(best)]
    return {"train_loss": losses["train"], "val_loss": losses["val"], "best_width": best, "test_loss": test}


def _noted(e: Evidence, what: str, of: str) -> list[Any]:
    """Return the "width" or the "rows" of every call that trained ("train") or measured ("loss")."""
    return [event[of] for event in e["events"] if event["what"] == what]


def _opened(e: Evidence) -> set[int]:
    """Return the widths whose models measured the test rows."""
    return {event["width"] for event in e["events"] if event["what"] == "loss" and event["rows"] == "test"}


def _widths_changed(e: Evidence) -> bool:
    return "widths_after" in e.seen and close(e["widths_after"], e.inputs[0]) is not None


def _judge_result(e: Evidence) -> str | None:
    """Return what is wrong with the dictionary, key by key, so that only what differs is shown."""
    wanted = _wanted(e)
    problem = close(e.result, wanted)
    given = dict_of(e.result)
    if problem is None or given is None or not set(wanted) <= set(given):
        return problem
    wrong = [key for key, right in wanted.items() if close(given[key], right) is not None]
    return "; ".join(f"{key}: yours {show(given[key])}, right {show(wanted[key])}" for key in wrong) or problem


def _judge(e: Evidence) -> str | None:
    problem = _judge_result(e)
    if problem is not None:
        return problem
    if any(rows != "train" for rows in _noted(e, "train", "rows")):
        return "a model was trained on rows that are not the training rows"
    if _opened(e) - {_wanted(e)["best_width"]}:
        return f"the test rows were measured with the widths {sorted(_opened(e))}; use the chosen width only"
    if _widths_changed(e):
        return f"the list of widths was {show(e.inputs[0])} before the call and is {show(e['widths_after'])} after it"
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


def _choice(name: str, pick: _Pick) -> Diagnosis:
    """Return the mistake of choosing in some way; a case in which it chooses another width denies it."""

    def picked(e: Evidence) -> set[float] | None:
        # Which loss decided can be told only where the losses themselves are right.
        if not _is(e, train_loss=e.inputs[1]["train"], val_loss=e.inputs[1]["val"]):
            return None
        found = pick(e.inputs[0], *(np.array(e.inputs[1][of]) for of in SETS))
        return None if found is None else set(np.atleast_1d(found).tolist())

    def denied(e: Evidence) -> bool:
        found = picked(e)
        return found is not None and _number(e, "best_width") in set(e.inputs[0]) - found

    return mistake(
        name,
        probe=lambda e: _number(e, "best_width") in (picked(e) or set()) - {_wanted(e)["best_width"]},
        denied=denied,
        fields=_FIELDS,
    )


# --- what else can go wrong ------------------------------------------------------------------------------


def _number(e: Evidence, key: str) -> float | None:
    return number_of((dict_of(e.result) or {}).get(key))


def _list(e: Evidence, key: str) -> list[float | None]:
    return [number_of(item) for item in list_of((dict_of(e.result) or {}).get(key)) or []]


def _is(e: Evidence, **lists: Sequence[float]) -> bool:
    """Whether these lists stand under these keys."""
    given = {key: _list(e, key) for key in lists}
    return all(len(given[key]) == len(right) and all(map(near, given[key], right)) for key, right in lists.items())


def _remembers(e: Evidence) -> bool:
    """Whether the same arguments gave another result before, or a loss is that of a model of an earlier call."""
    whole = e.error is None and len(_list(e, "val_loss")) == len(e.inputs[0])
    untrained = whole and set(_noted(e, "train", "width")) < set(e.inputs[0])
    return untrained or ("earlier_result" in e.seen and e["earlier_result"] != e.result)


def _other_rows(e: Evidence) -> list[str]:
    """Return the sets besides the training rows that a model was trained on, in words."""
    return sorted(IN_WORDS[rows] for rows in set(_noted(e, "train", "rows")) - {"train"})


def _last_for_all(e: Evidence) -> bool:
    """Whether every entry of both lists is the loss of the width that was trained last."""
    trained = _noted(e, "train", "width")
    place = e.inputs[0].index(trained[-1])
    return len(set(trained)) > 1 and all(
        len(_list(e, f"{name}_loss")) > 1 and set(_list(e, f"{name}_loss")) == {e.inputs[1][name][place]}
        for name in ("train", "val")
    )


def _swapped(e: Evidence) -> bool:
    train, val = e.inputs[1]["train"], e.inputs[1]["val"]
    return train != val and _is(e, train_loss=val, val_loss=train)


def _sorted(e: Evidence) -> bool:
    losses = e.inputs[1]["val"]
    in_order = [losses[i] for i in np.argsort(e.inputs[0])]
    return in_order != losses and _is(e, val_loss=in_order)


def _test_is(e: Evidence, values: Sequence[float]) -> bool:
    given, right = _number(e, "test_loss"), _wanted(e)["test_loss"]
    return given is not None and abs(given - right) > 1e-6 and any(abs(given - v) < 1e-6 for v in values)


def _test_of_another(e: Evidence) -> bool:
    """Whether the test loss is one of those there are, but not of the width that was given as the best one."""
    widths, losses, _ = e.inputs
    own = dict(zip(widths, losses["test"], strict=True)).get(_number(e, "best_width"), float("nan"))
    return _test_is(e, losses["test"]) and not _test_is(e, [own])


_FIELDS: Fields = {
    "width": lambda e: show(_number(e, "best_width")),
    "tried": lambda e: len(_list(e, "val_loss")),
    "all": lambda e: len(e.inputs[0]),
    "rows": lambda e: " and on ".join(_other_rows(e)),
    "widths_after": lambda e: show(e["widths_after"]),
}
#: What spoils the losses themselves comes first: how the width was chosen can be told only after that.
_OF_THE_LOOP = (
    ("remembers_earlier_call/widths", _remembers),
    ("trained_on_other_rows", lambda e: bool(_other_rows(e))),
    ("trained_again/widths", lambda e: len(_noted(e, "train", "width")) > len(set(_noted(e, "train", "width")))),
    ("widths_missing", lambda e: 0 < len(_list(e, "val_loss")) < len(e.inputs[0])),
    ("last_model_for_all", _last_for_all),
)
_OF_THE_RESULT = (
    ("keys_swapped/lists", _swapped),
    ("lists_sorted", _sorted),
    ("validation_loss_as_test", lambda e: _test_is(e, [min(e.inputs[1]["val"])])),
    ("test_of_another_model", _test_of_another),
    ("test_opened_often", lambda e: len(_opened(e)) > 1 and _number(e, "best_width") == _wanted(e)["best_width"]),
    ("changed_inputs/widths", _widths_changed),
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
    diagnoses=(
        *by_sign(_OF_THE_LOOP, _FIELDS),
        *(_choice(name, pick) for name, pick in _CHOICES),
        *by_sign(_OF_THE_RESULT, _FIELDS),
    ),
)
