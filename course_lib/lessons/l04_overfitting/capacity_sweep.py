"""Lesson 04: how `capacity_sweep` is watched, and what can go wrong.

The answer is handed a made-up ``train_model``. It trains nothing: it notes on which rows it was called, and
what it returns looks the losses up in a table. So it is seen which rows were trained on, which were
measured, and which loss decided.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypedDict

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import close, near
from course_lib.checks.mistakes import mistake
from course_lib.checks.plain import describe, dict_of, list_of, number_of, show

__all__ = ["CAPACITY_SWEEP", "sweep_case"]

#: What a loss on rows that are none of the three sets is.
_STRANGE = 7.5
_SETS = ("train", "val", "test")
_STRANGERS, _BOTH = "none of the three sets", "train and val together"
_KEYS = ("train_loss", "val_loss", "best_width", "test_loss")


def _which(rows: Any, sets: dict[str, Any]) -> str:
    """Return which set the rows are, also where they are a copy of it; otherwise say so."""
    for name, known in sets.items():
        if rows is known:
            return name
    try:
        x, y = rows
        for name, (known_x, known_y) in sets.items():
            # In any order: whoever shuffles the rows still holds the same set.
            alike = np.shape(x) == np.shape(known_x) and np.shape(y) == np.shape(known_y)
            if alike and np.allclose(np.sort(np.ravel(x)), np.sort(np.ravel(known_x))):
                return name
    except (TypeError, ValueError):
        pass
    together = sum(len(known_y) for _, known_y in (sets["train"], sets["val"]))
    return _BOTH if _length(rows) == together else _STRANGERS


def _length(rows: Any) -> int | None:
    try:
        return len(rows[1])
    except (TypeError, IndexError, KeyError):
        return None


def observe_sweep(
    answer: Any, record: dict[str, Any], widths: list[int], losses: dict[str, list[float]], twice: bool = False
) -> Any:
    """Run ``capacity_sweep`` with a ``train_model`` that looks losses up, and note every call."""
    sets = _sets()
    if twice:
        for of in (_EARLIER, (widths, losses)):
            record["earlier_result"] = describe(answer(_trainer([], sets, *of), list(of[0]), *sets.values()))
    events = record["events"] = []
    given = list(widths)
    result = answer(_trainer(events, sets, widths, losses), given, *sets.values())
    record["widths_after"] = describe(given)
    record["rows_changed"] = [
        name
        for (name, rows), (x, y) in zip(sets.items(), _sets().values(), strict=True)
        if not (np.array_equal(rows[0], x) and np.array_equal(rows[1], y))
    ]
    return result


#: What the function is called with first, where it is called twice: widths and their losses.
_EARLIER: tuple[list[int], dict[str, list[float]]] = (
    [32, 2, 8],
    {"train": [0.15, 0.7, 0.33], "val": [0.51, 0.81, 0.47], "test": [0.61, 0.86, 0.56]},
)


def _sets() -> dict[str, tuple[Any, Any]]:
    rng = np.random.default_rng(5)
    return {name: (rng.normal(size=(n, 2)), np.arange(n) % 2) for name, n in zip(_SETS, (12, 8, 6), strict=True)}


def _trainer(
    events: list[dict[str, Any]], sets: dict[str, Any], widths: list[int], losses: dict[str, list[float]]
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
            # Trained anew, a model comes out a little different; trained on other rows, very much so.
            return losses[name][place] + 0.07 * (again - 1) + (0.0 if on == "train" else 1.3)

        return loss_on

    return train_model


def _best(widths: Sequence[int], losses: Sequence[float]) -> int:
    """Return the width of the lowest loss; the smallest of several."""
    return min(zip(losses, widths, strict=True))[1]


def _right(widths: list[int], losses: dict[str, list[float]], twice: bool = False) -> dict[str, Any]:
    best = _best(widths, losses["val"])
    test = losses["test"][widths.index(best)]
    return {"train_loss": losses["train"], "val_loss": losses["val"], "best_width": best, "test_loss": test}


def _wanted(e: Evidence) -> dict[str, Any]:
    return _right(*e.inputs)


def _judge_result(e: Evidence) -> str | None:
    """Return what is wrong with the dictionary, key by key, so that only what differs is shown."""
    wanted = _wanted(e)
    problem = close(e.result, wanted)
    if problem is None:
        return None
    given = dict_of(e.result)
    if given is None or not set(wanted) <= set(given):
        return problem
    wrong = [key for key in _KEYS if close(given[key], wanted[key]) is not None]
    texts = [f"{key}: yours {show(given[key])}, right {show(wanted[key])}" for key in wrong]
    return "; ".join(texts) or problem


def _judge(e: Evidence) -> str | None:
    problem = _judge_result(e)
    if problem is not None:
        return problem
    events = e["events"]
    trained = [event for event in events if event["what"] == "train"]
    if any(event["rows"] != "train" for event in trained):
        return "a model was trained on rows that are not the training rows"
    opened = {event["width"] for event in events if event["what"] == "loss" and event["rows"] == "test"}
    if opened - {_wanted(e)["best_width"]}:
        return f"the test rows were measured with the widths {sorted(opened)}; asked is the chosen width alone"
    if _widths_changed(e):
        return f"the list of widths was {show(e.inputs[0])} before the call and is {show(e['widths_after'])} after it"
    if e.seen.get("rows_changed"):
        return f"the rows were changed in place: {', '.join(e['rows_changed'])}"
    return None


def _widths_changed(e: Evidence) -> bool:
    return "widths_after" in e.seen and close(e["widths_after"], e.inputs[0]) is not None


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
    losses = {"train": train, "val": val, "test": test}
    return Case(name, (widths, losses, twice), None, hint, observe_sweep, _judge)


_ROWS = {
    "val": "the validation rows",
    "test": "the test rows",
    _BOTH: "the training and validation rows together",
    _STRANGERS: "rows that are none of the three sets",
}


# --- what can go wrong ---------------------------------------------------------------------------------


def _best_given(e: Evidence) -> float | None:
    return number_of((dict_of(e.result) or {}).get("best_width"))


_Pick = Callable[[list[int], dict[str, list[float]]], int | None]


class _Choice(TypedDict):
    """How a way to choose is recognised, and what speaks against it."""

    probe: Callable[[Evidence], bool]
    denied: Callable[[Evidence], bool]


def _chosen_by(pick: _Pick) -> _Choice:
    """Return the probe and the denial of a way to choose.

    The probe: the width given is what ``pick`` would choose, and not the right one. The denial: in this case,
    right or wrong, it would choose another one.
    """

    # Which loss decided can be told only where the losses themselves are right.
    def probe(e: Evidence) -> bool:
        given, chosen = _best_given(e), pick(*e.inputs[:2])
        return _lists_right(e) and chosen is not None and given == chosen != _wanted(e)["best_width"]

    def denied(e: Evidence) -> bool:
        chosen = pick(*e.inputs[:2])
        return _lists_right(e) and chosen is not None and _best_given(e) in set(e.inputs[0]) - {chosen}

    return {"probe": probe, "denied": denied}


def _untied(pick: _Pick) -> _Pick:
    """Return a way to choose that says nothing where several widths have the lowest validation loss."""
    return lambda widths, losses: None if losses["val"].count(min(losses["val"])) > 1 else pick(widths, losses)


def _absolute_gap(widths: list[int], losses: dict[str, list[float]]) -> int:
    return _best(widths, [abs(v - t) for v, t in zip(losses["val"], losses["train"], strict=True)])


def _above_one(widths: list[int], losses: dict[str, list[float]]) -> int:
    """Return the choice of a search whose lowest loss so far starts at 1."""
    return _best(widths, losses["val"]) if min(losses["val"]) < 1 else widths[0]


def _within_one_per_cent(widths: list[int], losses: dict[str, list[float]]) -> int:
    lowest = min(losses["val"])
    return min(width for width, loss in zip(widths, losses["val"], strict=True) if loss <= 1.01 * lowest)


def _one_model_for_all(e: Evidence) -> bool:
    """Whether every entry of both lists is the loss of the width that was trained last."""
    trained = [v["width"] for v in e["events"] if v["what"] == "train"]
    if len(set(trained)) < 2:
        return False
    place = e.inputs[0].index(trained[-1]) if trained[-1] in e.inputs[0] else 0
    last = [e.inputs[1][name][place] for name in ("train", "val")]
    lists = [_losses_of(e, "train_loss"), _losses_of(e, "val_loss")]
    return all(len(found) > 1 and set(found) == {loss} for found, loss in zip(lists, last, strict=True))


def _measured(e: Evidence, rows: str) -> set[int]:
    return {v["width"] for v in e["events"] if v["what"] == "loss" and v["rows"] == rows}


def _trained_on(e: Evidence) -> set[str]:
    return {v["rows"] for v in e["events"] if v["what"] == "train"}


def _times_trained(e: Evidence) -> int:
    widths = [v["width"] for v in e["events"] if v["what"] == "train"]
    return max((widths.count(w) for w in widths), default=0)


def _gap(widths: list[int], losses: dict[str, list[float]]) -> int:
    return _best(widths, [v - t for v, t in zip(losses["val"], losses["train"], strict=True)])


def _sum_of_both(widths: list[int], losses: dict[str, list[float]]) -> int:
    return _best(widths, [v + t for v, t in zip(losses["val"], losses["train"], strict=True)])


def _test_number(e: Evidence) -> float | None:
    return number_of((dict_of(e.result) or {}).get("test_loss"))


def _test_is(e: Evidence, values: Sequence[float]) -> bool:
    given = _test_number(e)
    right = _wanted(e)["test_loss"]
    return given is not None and abs(given - right) > 1e-6 and any(abs(given - v) < 1e-6 for v in values)


def _test_of_the_given(e: Evidence) -> float:
    """Return the test loss of the width that was given as the best one."""
    widths, losses, _ = e.inputs
    return dict(zip(widths, losses["test"], strict=True)).get(_best_given(e), float("nan"))


def _losses_of(e: Evidence, name: str) -> list[float | None]:
    return [number_of(item) for item in list_of((dict_of(e.result) or {}).get(name)) or []]


def _is(given: list[float | None], values: Sequence[float]) -> bool:
    return len(given) == len(values) and all(map(near, given, values))


def _place(e: Evidence) -> int:
    return int(e.inputs[0].index(_wanted(e)["best_width"]))


def _tied(e: Evidence) -> list[int]:
    """Return the widths that have the lowest validation loss, the smallest first."""
    widths, losses = _pair(e)
    return sorted(width for width, loss in zip(widths, losses, strict=True) if loss == min(losses))


def _lists_right(e: Evidence) -> bool:
    losses = e.inputs[1]
    return _is(_losses_of(e, "val_loss"), losses["val"]) and _is(_losses_of(e, "train_loss"), losses["train"])


def _swapped(e: Evidence) -> bool:
    wanted = _wanted(e)
    train, val = wanted["train_loss"], wanted["val_loss"]
    return not _is(train, val) and _is(_losses_of(e, "train_loss"), val) and _is(_losses_of(e, "val_loss"), train)


def _sorted_by_width(e: Evidence) -> bool:
    order = np.argsort(e.inputs[0])
    in_order = [_wanted(e)["val_loss"][i] for i in order]
    return in_order != _wanted(e)["val_loss"] and _is(_losses_of(e, "val_loss"), in_order)


def _first_valley(widths: Sequence[int], losses: Sequence[float]) -> int:
    """Return the width at which the losses rise for the first time, in the order given."""
    place = next((i for i in range(len(losses) - 1) if losses[i + 1] > losses[i]), len(losses) - 1)
    return widths[place]


def _in_order(widths: list[int], losses: dict[str, list[float]]) -> tuple[list[int], list[float]]:
    pairs = sorted(zip(widths, losses["val"], strict=True))
    return [width for width, _ in pairs], [loss for _, loss in pairs]


def _falsy_skipped(widths: list[int], losses: dict[str, list[float]]) -> int:
    """Return the choice of a search that takes a lowest loss of 0 for "none yet", or leaves such losses out."""
    kept = [(loss, width) for loss, width in zip(losses["val"], widths, strict=True) if loss]
    return min(kept or zip(losses["val"], widths, strict=True))[1]


def _remembers(e: Evidence) -> bool:
    """Whether the same arguments gave another result before, or a loss is that of a model of an earlier call."""
    trained = {event["width"] for event in e["events"] if event["what"] == "train"}
    if e.error is None and len(_losses_of(e, "val_loss")) == len(e.inputs[0]) and trained < set(e.inputs[0]):
        return True
    return "earlier_result" in e.seen and e["earlier_result"] != e.result


_by_test_loss = _chosen_by(lambda widths, losses: _best(widths, losses["test"]))

CAPACITY_SWEEP = Exercise(
    name="capacity_sweep",
    points=3,
    cases=(
        sweep_case(
            "a turn in the middle",
            [2, 8, 32, 128],
            [0.9, 0.5, 0.2, 0.05],
            [1.0, 0.7, 0.6, 0.8],
            [1.05, 0.55, 0.65, 0.85],
        ),
        sweep_case(
            "widths in no order",
            [64, 4, 256, 16],
            [0.3, 0.8, 0.02, 0.45],
            [0.72, 0.9, 1.1, 0.64],
            [0.5, 0.95, 1.2, 0.7],
        ),
        sweep_case(
            "three widths with the same validation loss",
            [32, 8, 16, 64, 2],
            [0.2, 0.35, 0.28, 0.1, 0.85],
            [0.5, 0.5, 0.5, 0.6, 0.9],
            [0.6, 0.55, 0.58, 0.4, 0.92],
        ),
        sweep_case(
            "every loss above 1",
            [4, 16, 64],
            [1.9, 1.5, 1.1],
            [2.4, 1.9, 2.6],
            [2.5, 2.1, 2.0],
        ),
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
            "two losses that are nearly equal",
            [8, 2, 64],
            [0.41, 0.9, 0.12],
            [0.5004, 0.95, 0.5002],
            [0.52, 0.97, 0.55],
        ),
        sweep_case(
            "a third call, with other widths",
            [16, 4, 128],
            [0.28, 0.64, 0.03],
            [0.55, 0.72, 0.91],
            [0.65, 0.75, 0.99],
            twice=True,
        ),
    ),
    diagnoses=(
        mistake("remembers_earlier_call/capacity_sweep", probe=_remembers),
        mistake(
            "trained_on_other_rows",
            says=lambda e: (
                f"A model was trained on {' and on '.join(sorted(_ROWS[on] for on in _trained_on(e) - {'train'}))}. "
                "A model that has seen the validation or test rows says nothing about unseen ones."
            ),
            probe=lambda e: bool(_trained_on(e)) and _trained_on(e) != {"train"},
        ),
        mistake("trained_again/capacity_sweep", probe=lambda e: _times_trained(e) > 1),
        mistake(
            "widths_missing",
            says=lambda e: (
                f"the lists hold {len(_losses_of(e, 'val_loss'))} of {len(e.inputs[0])} losses: not every width was "
                "tried."
            ),
            probe=lambda e: 0 < len(_losses_of(e, "val_loss")) < len(e.inputs[0]),
        ),
        mistake("last_model_for_all", probe=_one_model_for_all),
        mistake(
            "chosen_on_training_loss",
            says=lambda e: (
                f"Width {show(_best_given(e))} has the lowest training loss. Training loss falls with "
                "every unit that is added, so it always points to the largest model."
            ),
            **_chosen_by(lambda widths, losses: _best(widths, losses["train"])),
        ),
        mistake(
            "chosen_on_test_set",
            says=lambda e: (
                f"Width {show(_best_given(e))} has the lowest test loss. Test rows that choose the model are "
                "validation rows by another name: no rows are left that were not used for choosing."
            ),
            probe=lambda e: len(_measured(e, "test")) > 1 and _by_test_loss["probe"](e),
            denied=_by_test_loss["denied"],
        ),
        mistake(
            "chosen_by_gap",
            says=lambda e: (
                f"Width {show(_best_given(e))} has the smallest gap between the two losses. A small gap is not a low "
                "loss: the smallest models have it."
            ),
            **_chosen_by(_gap),
        ),
        mistake(
            "chosen_by_gap",
            says=lambda e: (
                f"Width {show(_best_given(e))} has the smallest gap between the two losses. A small gap is not a low "
                "loss: the smallest models have it."
            ),
            **_chosen_by(_absolute_gap),
        ),
        mistake(
            "higher_is_better/largest_loss_chosen",
            says=lambda e: f"Width {show(_best_given(e))} has the highest validation loss.",
            **_chosen_by(lambda widths, losses: widths[losses["val"].index(max(losses["val"]))]),
        ),
        mistake(
            "tie_to_larger",
            probe=lambda e: _lists_right(e) and _best_given(e) in _tied(e)[1:],
            denied=lambda e: _lists_right(e) and _best_given(e) in set(e.inputs[0]) - set(_tied(e)),
        ),
        mistake(
            "chosen_on_both_losses",
            says=lambda e: (
                f"Width {show(_best_given(e))} has the lowest sum of training and validation loss. The training loss "
                "in it falls with every unit that is added, and pulls the choice to a larger model."
            ),
            **_chosen_by(_sum_of_both),
        ),
        mistake(
            "near_tie_taken_for_tie",
            says=lambda e: (
                f"Width {show(_best_given(e))} has nearly the lowest validation loss, not the lowest. Equally good "
                "means equal: the smaller width is taken only if both have the same loss."
            ),
            **_chosen_by(_within_one_per_cent),
        ),
        mistake(
            "zero_taken_for_none",
            says=lambda e: (
                f"Width {show(_best_given(e))} was chosen although another has a validation loss of exactly 0. In "
                "Python 0 counts as false, so `if not best` cannot tell the lowest loss of all from no loss yet."
            ),
            **_chosen_by(_untied(_falsy_skipped)),
        ),
        mistake(
            "first_valley",
            says=lambda e: (
                f"Width {show(_best_given(e))} is where the validation loss rises for the first time. Behind that it "
                "falls again, and lower."
            ),
            **_chosen_by(_untied(lambda widths, losses: _first_valley(widths, losses["val"]))),
        ),
        mistake(
            "first_valley",
            says=lambda e: (
                f"Width {show(_best_given(e))} is where the validation loss rises for the first time. Behind that it "
                "falls again, and lower."
            ),
            **_chosen_by(_untied(lambda widths, losses: _first_valley(*_in_order(widths, losses)))),
        ),
        mistake(
            "first_width_kept",
            says=lambda e: (
                f"Width {show(_best_given(e))}, the first of the list, stayed chosen although another has a lower "
                "validation loss."
            ),
            **_chosen_by(lambda widths, losses: widths[0]),
        ),
        mistake(
            "first_width_kept",
            says=lambda e: (
                f"Width {show(_best_given(e))}, the first of the list, stayed chosen although another has a lower "
                "validation loss."
            ),
            **_chosen_by(_untied(_above_one)),
        ),
        mistake(
            "place_instead_of_width",
            probe=lambda e: _lists_right(e) and _best_given(e) == _place(e),
            denied=lambda e: _lists_right(e) and _best_given(e) in set(e.inputs[0]) - {_place(e)},
        ),
        mistake(
            "returned_loss/loss_instead_of_width",
            probe=lambda e: _lists_right(e) and _best_given(e) in e.inputs[1]["val"],
            denied=lambda e: _lists_right(e) and _best_given(e) in e.inputs[0],
        ),
        mistake("keys_swapped/lists_swapped", probe=_swapped),
        mistake("lists_sorted", probe=_sorted_by_width),
        mistake("validation_loss_as_test", probe=lambda e: _test_is(e, [min(e.inputs[1]["val"])])),
        mistake(
            "test_of_another_model",
            probe=lambda e: _test_is(e, e.inputs[1]["test"]) and not _test_is(e, [_test_of_the_given(e)]),
        ),
        mistake(
            "test_opened_often",
            probe=lambda e: len(_measured(e, "test")) > 1 and _best_given(e) == _wanted(e)["best_width"],
        ),
        mistake(
            "changed_inputs/capacity_sweep",
            says=lambda e: (
                f"the list of widths is {show(e['widths_after'])} after the call. Whoever called the function still "
                "needs it."
            ),
            probe=_widths_changed,
        ),
    ),
)


def _pair(e: Evidence) -> tuple[list[int], list[float]]:
    return e.inputs[0], e.inputs[1]["val"]
