"""Lesson 05 in both frameworks: the truth about a small batch-norm model in NumPy, and what may go wrong.

The model is batch norm, dropout, one dense layer. In evaluation mode its outputs follow from six arrays,
so no check needs a reference loop. What an answer did with it is told by notes of each forward pass:
the rows' first feature, the modes of the model, of batch norm and of dropout, whether gradients were recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.mistakes import mistake
from course_lib.checks.plain import Plain, describe, number_of

__all__ = [
    "EPSILON",
    "REMEMBERS",
    "Notes",
    "Once",
    "batch_losses",
    "compiled_loss",
    "evaluate_case",
    "evaluate_exercise",
    "events",
    "twice",
    "without_errors",
]

#: Of the batch norm, in both frameworks.
EPSILON = 1e-3


class Notes:
    """A list of events that a deep copy of a model shares with the model."""

    def __init__(self, events: list[dict[str, Any]]):
        self.add = events.append

    def __deepcopy__(self, memo: Any) -> Notes:
        return self


class Once:
    """Batches that have no length and can be gone through once; notes whether someone begins a second time.

    Parameters
    ----------
    batches : iterable
    record : dict
        Where it notes "gone_through_again": somebody asked for an iterator after batches had been taken.
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


# --- two calls of one function -----------------------------------------------------------------------


def twice(observe: Callable[..., Any]) -> Callable[..., Any]:
    """Return an observer that calls the answer two times in the same way; it notes what came of the first call."""

    def observer(answer: Any, record: dict[str, Any], *inputs: Any) -> Any:
        record["first_call"] = describe(observe(answer, {}, *inputs))
        return observe(answer, record, *inputs)

    return observer


def _numbers_in(plain: Plain) -> list[float | None]:
    """Return all numbers in a result, whatever it is made of."""
    if plain["kind"] == "array":
        return [float(v) for v in plain["values"]]
    inner = [item for _, item in plain["items"]] if plain["kind"] == "dict" else plain.get("items")
    return [number_of(plain)] if inner is None else [number for item in inner for number in _numbers_in(item)]


def _calls_differ(e: Evidence) -> bool:
    first, second = _numbers_in(e["first_call"]), _numbers_in(e.result)
    alike = len(first) == len(second) and all(
        a == b or (b is not None and near(a, b, 1e-3, 1e-5)) for a, b in zip(first, second, strict=True)
    )
    return not alike


#: For a case that is observed with `twice`.
REMEMBERS = mistake("remembers_earlier_call", probe=lambda e: e.error is None and _calls_differ(e))


# --- the truth ---------------------------------------------------------------------------------------


def _parameters(rng: np.random.Generator, classes: int) -> dict[str, np.ndarray]:
    values = {
        "gamma": 1 + 0.2 * rng.normal(size=2),
        "beta": 0.3 * rng.normal(size=2),
        "mean": np.array([0.4, -0.3]) + 0.1 * rng.normal(size=2),
        "variance": rng.uniform(1.5, 2.5, 2),
        "kernel": rng.normal(size=(2, classes)) + 0.5,
        "bias": 0.2 * rng.normal(size=classes),
    }
    return {name: value.astype(np.float32) for name, value in values.items()}


def _labelled(rng: np.random.Generator, sizes: Sequence[int]) -> list[linear.Batch]:
    batches = []
    for x, _ in linear.make_problem(rng, sizes):
        y = (x[:, 0] > x[:, 1]).astype(np.int64) + (x[:, 0] > 1)
        batches.append((x, y))
    # The last batch gets labels that fit badly, so that its loss differs clearly from the others'.
    x, y = batches[-1]
    batches[-1] = x, (y + 1) % 3
    return batches


def _outputs(p: dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    z = (x - p["mean"]) / np.sqrt(p["variance"] + EPSILON) * p["gamma"] + p["beta"]
    return z @ p["kernel"] + p["bias"]


def compiled_loss(p: dict[str, np.ndarray], batches: Sequence[linear.Batch]) -> float:
    """Return the mean square of all outputs: the loss that a Keras model is compiled with, and nobody asked for."""
    losses = [float(np.mean(_outputs(p, x.astype(np.float64)) ** 2)) for x, _ in batches]
    return linear.weighted_mean(losses, _sizes(batches))


def _loss(p: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray, swapped: bool = False) -> float:
    """Return a batch's mean loss in evaluation mode."""
    outputs = _outputs(p, x)
    if y.dtype.kind == "u":
        return float(np.mean(outputs.argmax(axis=1) != y))
    if y.ndim == 2:
        return float(np.mean((outputs - y) ** 2) + linear.TILT * np.mean(y if swapped else outputs))
    if y.dtype.kind == "i":
        shifted = outputs - outputs.max(axis=1, keepdims=True)
        logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return float(-logs[np.arange(len(y)), y].mean())
    outputs = outputs[:, 0]
    return float(np.mean((outputs - y) ** 2) + linear.TILT * np.mean(y if swapped else outputs))


def batch_losses(p: dict[str, np.ndarray], batches: Sequence[linear.Batch], swapped: bool = False) -> list[float]:
    """Return each batch's mean loss in evaluation mode."""
    return [_loss(p, x.astype(np.float64), np.asarray(y), swapped) for x, y in batches]


def _sizes(batches: Sequence[linear.Batch]) -> list[int]:
    return [len(y) for _, y in batches]


def _mean_loss(p: Any, batches: Any, how: Any) -> float:
    return linear.weighted_mean(batch_losses(p, batches), _sizes(batches))


# --- the cases ---------------------------------------------------------------------------------------


def _in_columns(p: Any, batches: list[linear.Batch]) -> list[linear.Batch]:
    return [(x, np.column_stack([y, 1 - y])) for x, y in batches]


def _with_nan(p: Any, batches: list[linear.Batch]) -> list[linear.Batch]:
    (x, y), *others = batches
    return [(x, np.append(y[:-1], np.float32(np.nan))), *others]


def _with_errors(p: Any, batches: list[linear.Batch]) -> list[linear.Batch]:
    """Return labels that the model gets right in the first batch, and half of them wrong in the others."""
    found = []
    for k, (x, _) in enumerate(batches):
        right = _outputs(p, x.astype(np.float64)).argmax(axis=1)
        wrong = (np.arange(len(x)) % 2 == 0) & (k > 0)
        found.append((x, ((right + wrong) % 3).astype(np.uint8)))
    return found


_TARGETS: dict[str, Callable[[Any, list[linear.Batch]], list[linear.Batch]]] = {
    "numbers": lambda p, batches: batches,
    "labels": lambda p, batches: batches,
    "columns": _in_columns,
    "nan": _with_nan,
    "errors": _with_errors,
}


def evaluate_case(
    observe: Callable[..., Any],
    name: str,
    sizes: Sequence[int],
    about: str,
    hint: str = "",
    weight: float = 1.0,
    kind: str = "numbers",
    run: str = "",
    compares: str = "training_mode_afterwards",
    **how: Any,
) -> Case:
    """Return a case of ``evaluate``.

    Parameters
    ----------
    observe : callable
        The track's observer.
    name, hint : str
    sizes : sequence of int
        The batches' sizes.
    about : {"result", "changes", "gradients", "mode"}
        Whether it judges the number, what changed, what was recorded, or the mode afterwards.
    weight : float, optional
    kind : {"numbers", "columns", "nan", "labels", "errors"}, optional
        What is predicted: a number, two numbers, a number of which one target is NaN, or labels, measured by the
        cross-entropy from logits or by the share of errors, which is 0 in the first batch.
    run : str, optional
        The name of a run that several cases judge.
    compares : str, optional
        The note that "mode" judges.
    **how
        ``training``: the mode the model arrives in; ``as_list``: batches are lists; ``mixed``: one layer is frozen;
        ``grad``: whether gradients are recorded where it is called; ``fixed``: the same rows under every seed.
    """
    settings = {"training": True, **how}

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        rng = np.random.default_rng(sizes) if how.get("fixed") else rng
        labels = kind in ("labels", "errors")
        batches = _labelled(rng, sizes) if labels else linear.make_problem(rng, sizes)
        p = _parameters(rng, 3 if labels else 2 if kind == "columns" else 1)
        return p, _TARGETS[kind](p, batches), settings

    common: dict[str, Any] = {"observe": observe, "weight": weight, "run": run}
    if about == "result":
        return Case(name, inputs, _mean_loss, hint, **common)
    if about == "mode":
        return Case(name, inputs, settings["training"], hint, judge=_judge_ran, compares=compares, **common)
    judge = _judge_changes if about == "changes" else _judge_gradients
    return Case(name, inputs, None, hint, judge=judge, **common)


def events(e: Evidence, *what: str) -> list[dict[str, Any]]:
    """Return what was noted, or the notes of some kinds."""
    return [event for event in e.seen.get("events", []) if not what or event["what"] in what]


def _forwards(e: Evidence) -> list[dict[str, Any]]:
    return events(e, "forward")


def _judge_ran(e: Evidence) -> str | None:
    seen = {round(float(v), 4) for event in _forwards(e) for v in event["rows"]}
    wanted = {round(float(v), 4) for x, _ in e.inputs[1] for v in x[:, 0]}
    return None if wanted <= seen else "not every row of every batch went through the model"


def _judge_changes(e: Evidence) -> str | None:
    moved = e.seen.get("moved") or []
    return f"after the measurement these are not what they were: {', '.join(moved)}" if moved else _judge_ran(e)


def _judge_gradients(e: Evidence) -> str | None:
    if any(event["grad"] for event in _forwards(e)):
        return "gradients were recorded while the batches went through the model"
    if e.seen.get("gradients_left_off"):
        return "after the call gradients are switched off for everything that follows"
    if e.seen.get("gradients_left_on"):
        return "gradients were switched off where it was called, and after the call they are on"
    return _judge_ran(e)


# --- what can go wrong -------------------------------------------------------------------------------


def without_errors(diagnoses: Sequence[Diagnosis], explained: Sequence[str] = ()) -> tuple[Diagnosis, ...]:
    """Return the diagnoses such that none speaks where an exception ended the run, but those that explain it.

    Parameters
    ----------
    diagnoses : sequence of Diagnosis
    explained : sequence of str, optional
        Keys of those that may speak of an exception.
    """

    def guarded(probe: Callable[[Evidence], bool]) -> Callable[[Evidence], bool]:
        return lambda e: e.error is None and probe(e)

    return tuple(d if d.probe is None or d.key in explained else replace(d, probe=guarded(d.probe)) for d in diagnoses)


def _in_training(event: dict[str, Any]) -> bool:
    return bool(event["training"] or event["norm"] or event["drop"])


def _all_in_training(e: Evidence) -> bool:
    return bool(_forwards(e)) and all(event["drop"] or event["norm"] for event in _forwards(e))


def _what_training_mode_did(e: Evidence) -> str:
    """Say what the layers did that were in training mode; dropout alone may have been."""
    dropout = "dropout makes the loss that of a noisier network"
    if not any(event["norm"] for event in _forwards(e)):
        return dropout
    return f"{dropout}, and batch norm learns from rows that should only be measured"


def _statistics_only(e: Evidence) -> bool:
    """Whether batch norm learned from the rows though the loss itself was measured without dropout."""
    passes = _forwards(e)
    half = any(event["norm"] and not event["drop"] for event in passes)
    clean = {tuple(event["rows"]) for event in passes if not _in_training(event)}
    both = any(event["norm"] and tuple(event["rows"]) in clean for event in passes)
    return half or both


def _early_restored(e: Evidence) -> bool:
    modes = [_in_training(event) for event in _forwards(e)]
    return len(modes) > 1 and not modes[0] and modes[-1]


def _late_switched(e: Evidence) -> bool:
    modes = [_in_training(event) for event in _forwards(e)]
    return len(modes) > 1 and modes[0] and not modes[-1]


def _moved(name: str) -> Callable[[Evidence], bool]:
    return lambda e: name in (e.seen.get("moved") or [])


def _of_losses(make: Callable[[np.ndarray, np.ndarray], float | None]) -> Callable[..., Any]:
    """Return what a fault gives that lies in how the batch losses are put together."""
    return lambda p, batches, how: make(np.array(batch_losses(p, batches)), np.array(_sizes(batches)))


def _several(losses: np.ndarray) -> bool:
    return len(losses) > 1


_COUNT = "the batch losses are put together with a wrong count of samples."
_COUNT_LOOK = "how many samples each batch really held, and how many all of them held together"

#: What ends in an exception, or in nothing, since the batches are no list.
_ITERABLE = (
    mistake(
        "needs_length",
        probe=lambda e: (e.error or {}).get("type") == "TypeError" and "len()" in str((e.error or {}).get("message")),
    ),
    mistake(
        "needs_length/dataset",
        probe=lambda e: (
            (e.error or {}).get("type") == "AttributeError" and "'dataset'" in str((e.error or {}).get("message"))
        ),
    ),
    mistake("gone_through_twice", probe=lambda e: bool(e.seen.get("gone_through_again"))),
)

#: In Keras: a mode is looked for where PyTorch has it.
_MODE_OF_THE_MODEL = mistake(
    "mode_of_the_model",
    probe=lambda e: (
        (e.error or {}).get("type") == "AttributeError"
        and str((e.error or {}).get("message")).endswith(("attribute 'eval'", "attribute 'train'"))
    ),
)

_SETTINGS_CHANGED = mistake("settings_changed", probe=lambda e: "settings" in (e.seen.get("moved") or []))

#: What a pass in the wrong mode, or with an update, does to the number and to the model; most specific first.
_PASSES = (
    mistake("updates_on_validation_rows/measured_rows", probe=_moved("weights")),
    mistake(
        "norm_in_training", probe=lambda e: _statistics_only(e) and "statistics" not in (e.seen.get("moved") or [])
    ),
    mistake("statistics_changed", probe=_statistics_only),
    mistake("mode_restored_too_early", probe=_early_restored),
    mistake("mode_switched_too_late", probe=_late_switched),
    mistake(
        "no_eval/measured_rows",
        says=lambda e: f"the rows went through the model in training mode: {_what_training_mode_did(e)}.",
        probe=_all_in_training,
    ),
)

#: How the batch losses may be put together wrongly.
_NUMBERS = (
    mistake(
        "swapped_loss_arguments",
        faulty=lambda p, batches, how: linear.weighted_mean(batch_losses(p, batches, True), _sizes(batches)),
    ),
    mistake(
        "mean_of_means",
        faulty=_of_losses(lambda losses, sizes: float(losses.mean()) if _several(losses) else None),
    ),
    mistake(
        "wrong_count/weighted_sum_by_batch_count",
        faulty=_of_losses(lambda losses, sizes: float(losses @ sizes / len(losses))),
    ),
    mistake(
        "wrong_count/divided_by_first_size",
        faulty=_of_losses(lambda losses, sizes: float(losses @ sizes / (sizes[0] * len(sizes)))),
    ),
    mistake(
        "wrong_count/weighted_by_first_size",
        faulty=_of_losses(lambda losses, sizes: float(losses.sum() * sizes[0] / sizes.sum())),
    ),
    mistake("wrong_count/sum_by_samples", faulty=_of_losses(lambda losses, sizes: float(losses.sum() / sizes.sum()))),
    mistake(
        "last_batch_left_out",
        faulty=_of_losses(
            lambda losses, sizes: float(np.average(losses[:-1], weights=sizes[:-1])) if _several(losses) else None
        ),
    ),
    mistake("first_batch", faulty=_of_losses(lambda losses, sizes: float(losses[0]) if _several(losses) else None)),
    mistake("last_batch", faulty=_of_losses(lambda losses, sizes: float(losses[-1]) if _several(losses) else None)),
    mistake("not_divided/weighted_sum_not_divided", faulty=_of_losses(lambda losses, sizes: float(losses @ sizes))),
    mistake("not_divided/sum_of_losses", faulty=_of_losses(lambda losses, sizes: float(losses.sum()))),
)


def evaluate_exercise(
    observe: Callable[..., Any],
    changes: tuple[Diagnosis, ...],
    gradients: tuple[Diagnosis, ...],
    mode: tuple[Diagnosis, ...],
    frozen: bool = False,
    numbers: tuple[Diagnosis, ...] = (),
) -> Exercise:
    """Return the exercise ``evaluate`` of one track.

    Parameters
    ----------
    observe : callable
    changes, gradients, mode : tuples of Diagnosis
        The track's own, for the cases about what changed, what was recorded, and the mode afterwards.
    frozen : bool, optional
        Whether the lasting switch is `trainable`, as in Keras, instead of a mode.
    numbers : tuple of Diagnosis, optional
        The track's own, for the number.
    """
    compares = "trainable_afterwards" if frozen else "training_mode_afterwards"
    names = (
        ("a trainable model stays trainable", "a frozen model stays frozen")
        if frozen
        else ("the mode it arrived in: training", "the mode it arrived in: evaluation")
    )
    known = {
        "result": (*_PASSES, *numbers, *_NUMBERS),
        "changes": (*_PASSES, *changes, _SETTINGS_CHANGED),
        "gradients": gradients,
        "mode": mode,
    }

    def case(name: str, about: str, **how: Any) -> Case:
        made = evaluate_case(observe, name, how.pop("sizes", (4, 4, 3)), about, compares=compares, **how)
        habits = (_MODE_OF_THE_MODEL,) if frozen else ()
        return replace(made, diagnoses=(*habits, *_ITERABLE, *without_errors(known[about])))

    mixed = "a frozen layer of a trainable model stays frozen"
    called = "called where gradients are switched off"
    second = case("called a second time", "result", sizes=(3, 2), fixed=True, weight=0.25)

    return Exercise(
        name="evaluate",
        points=3,
        cases=(
            case("batches of equal size", "result", sizes=(4, 4), weight=0.5),
            case("a smaller last batch", "result", run="three batches", weight=2.0),
            case("nothing in the model changes", "changes", run="three batches"),
            case("no gradients are recorded", "gradients", run="three batches", weight=1.5),
            case(names[0], "mode", run="three batches", weight=0.75),
            case(names[1], "mode", sizes=(3, 2), training=False, weight=0.25 if frozen else 0.75),
            *((case(mixed, "mode", sizes=(2, 3), mixed=True, weight=0.25),) if frozen else ()),
            *(() if frozen else (case(called, "gradients", sizes=(3, 2), grad=False, fixed=True, weight=0.25),)),
            replace(second, observe=twice(observe), diagnoses=(REMEMBERS, *second.diagnoses)),
        ),
    )
