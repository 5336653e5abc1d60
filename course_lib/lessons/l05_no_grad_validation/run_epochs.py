"""Lesson 05, the exercises that train: what both frameworks' checks of them have in common.

The model is the linear one of `course_lib.checks.linear`. In training mode its output is multiplied by
``GAIN``. An answer is judged part by part: the numbers of `run_epochs` are held against the modes in which its
passes were really made, so that one fault left in does not hide that the others were mended.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Case, Evidence
from course_lib.checks.compare import near
from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.linear import GAIN, LR, START
from course_lib.checks.mistakes import mistake
from course_lib.checks.plain import dict_of, list_of, number_of, show
from course_lib.lessons.l05_no_grad_validation.evaluate import REMEMBERS, without_errors

__all__ = ["Truth", "hunt_case", "judge_pair", "pair_diagnoses"]


# --- same_weights_train_loss -------------------------------------------------------------------------


@dataclass(frozen=True)
class Truth:
    """One epoch as it was trained: the weights before and after it, each batch's loss before and after its update."""

    before: np.ndarray
    after: np.ndarray
    losses: list[float]
    batches: list[linear.Batch]
    after_update: list[float]
    #: The batches in which the rows were measured again, where they are not those of the training.
    measured: list[linear.Batch] | None = None

    @property
    def sizes(self) -> list[int]:
        """Samples in each batch."""
        return [len(y) for _, y in self.batches]

    @property
    def pair(self) -> tuple[float, float]:
        """The loss along the way, and at the weights after the epoch."""
        return linear.weighted_mean(self.losses, self.sizes), linear.mean_loss(self.after, self.batches)


def _given(e: Evidence) -> list[float | None]:
    return [number_of(item) for item in list_of(e.result) or []]


def judge_pair(e: Evidence, truth: Truth) -> str | None:
    """Return what is wrong with the two numbers, or ``None``."""
    given = _given(e)
    if len(given) != 2 or None in given:
        return f"expected two numbers, the reported loss and the measured one, given {show(e.result)}"
    for name, number, right in zip(("reported", "measured again"), given, truth.pair, strict=True):
        if not near(number, right, 1e-3, 1e-5):
            return f"{name}: yours {show(number)}, right {show(right)}"
    return None


def _part(which: int, make: Callable[[Truth], float], truth: Callable[[Evidence], Truth]) -> Callable[[Evidence], bool]:
    """Return a probe: whether the wrong number at this place is the one that ``make`` gives."""

    def probe(e: Evidence) -> bool:
        given, t = _given(e), truth(e)
        if len(given) != 2 or near(given[which], t.pair[which], 1e-3, 1e-5):
            return False
        return near(given[which], make(t), 1e-3, 1e-5)

    return probe


def _losses_in_eval(t: Truth) -> float:
    """Return the mean of the batch losses before each update, in evaluation mode."""
    weights, losses = t.before, []
    for batch in t.batches:
        losses.append(linear.loss_and_gradient(weights, batch, 1.0)[0])
        weights = linear.train(weights, [batch], LR, GAIN).weights
    return linear.weighted_mean(losses, t.sizes)


def _means(t: Truth) -> float:
    return float(np.mean([linear.mean_loss(t.after, [batch]) for batch in t.measured or t.batches]))


def _rows_measured(t: Truth) -> int:
    return sum(len(targets) for _, targets in t.measured or ())


def _is_pair(e: Evidence) -> bool:
    given = _given(e)
    return e.error is None and (len(given) != 2 or None in given)


def _holds_list_of_one(e: Evidence) -> bool:
    inner = [list_of(item) for item in list_of(e.result) or []]
    return len(inner) == 2 and any(part is not None and len(part) == 1 for part in inner)


def _near_pair(given: list[float | None], truth: Truth, which: int) -> bool:
    return len(given) == 2 and near(given[which], truth.pair[which], 1e-3, 1e-5)


def pair_diagnoses(
    truth: Callable[[Evidence], Truth], along_the_way: Callable[[Evidence], bool]
) -> tuple[Diagnosis, ...]:
    """Return what may be wrong with the two numbers of ``same_weights_train_loss``.

    Parameters
    ----------
    truth : callable
        Gives the truth about the epoch that was seen.
    along_the_way : callable
        Says whether rows were measured in evaluation mode between the epoch's updates.
    """

    def part(which: int, make: Callable[[Truth], float]) -> Callable[[Evidence], bool]:
        return _part(which, make, truth)

    def swapped(e: Evidence) -> bool:
        given, (reported, again) = _given(e), truth(e).pair
        return len(given) == 2 and near(given[0], again, 1e-3, 1e-5) and near(given[1], reported, 1e-3, 1e-5)

    return (
        mistake("list_of_one", probe=_holds_list_of_one),
        mistake("one_number/run_epochs", probe=_is_pair),
        mistake("pair_swapped/run_epochs", probe=swapped),
        mistake("measured_batch_by_batch", probe=lambda e: along_the_way(e) and not _near_pair(_given(e), truth(e), 1)),
        mistake("not_remeasured/run_epochs", probe=part(1, lambda t: t.pair[0])),
        mistake(
            "measured_after_update/run_epochs_2", probe=part(0, lambda t: linear.weighted_mean(t.after_update, t.sizes))
        ),
        mistake("reported_before_the_epoch", probe=part(0, lambda t: linear.mean_loss(t.before, t.batches))),
        mistake("reported_in_eval", probe=part(0, lambda t: _losses_in_eval(t))),
        mistake("loss_remeasured/run_epochs_2", probe=part(0, lambda t: t.pair[1])),
        mistake(
            "val_before_epoch/remeasured_before_the_epoch",
            probe=lambda e: (
                not np.allclose(truth(e).before, truth(e).after)
                and part(1, lambda t: linear.mean_loss(t.before, t.batches))(e)
            ),
        ),
        mistake(
            "no_eval/remeasured_in_training_mode", probe=part(1, lambda t: linear.mean_loss(t.after, t.batches, GAIN))
        ),
        mistake(
            "last_batch/run_epochs",
            probe=lambda e: (
                part(0, lambda t: t.losses[-1])(e)
                or part(1, lambda t: t.losses[-1])(e)
                or part(1, lambda t: linear.mean_loss(t.after, t.batches[-1:]))(e)
            ),
        ),
        mistake(
            "rows_left_out/run_epochs",
            probe=lambda e: part(1, _means)(e) and 0 < _rows_measured(truth(e)) < sum(truth(e).sizes),
        ),
        mistake(
            "mean_of_means/run_epochs",
            probe=lambda e: part(0, lambda t: float(np.mean(t.losses)))(e) or part(1, _means)(e),
        ),
        mistake(
            "not_divided/run_epochs",
            probe=lambda e: (
                part(0, lambda t: t.pair[0] * sum(t.sizes))(e)
                or part(1, lambda t: t.pair[1] * sum(t.sizes))(e)
                or part(0, lambda t: sum(t.losses))(e)
            ),
        ),
    )


# --- bug_hunt: run_epochs ----------------------------------------------------------------------------


class Passes:
    """What the notes of one call of ``run_epochs`` say, and the numbers that belong to its passes.

    Parameters
    ----------
    e : Evidence
        Of a case made by `hunt_case`.
    """

    def __init__(self, e: Evidence):
        start, self.train, self.val, how = e.inputs
        self.epochs, self.momentum = how["epochs"], how.get("momentum", 0.0)
        self.batches = linear.batches_of(self.train[0], self.train[1], how["batch_size"])
        self.val_batches = linear.batches_of(self.val[0], self.val[1], how["val_batch_size"])
        rows = {round(float(v), 4) for v in self.val[0][:, 0]}
        forwards = [event for event in e.seen.get("events", []) if event["what"] == "forward"]
        self.on_val = [f for f in forwards if rows & {round(float(v), 4) for v in f["rows"]}]
        self.on_train = [f for f in forwards if not rows & {round(float(v), 4) for v in f["rows"]}]
        self.start = np.array(start, dtype=np.float64)

    def _mode(self, found: list[dict[str, Any]], epoch: int) -> float:
        """Return the factor that was in force in the passes of an epoch."""
        each = max(1, len(found) // self.epochs)
        part = found[epoch * each : (epoch + 1) * each]
        return GAIN if part and part[0]["training"] else 1.0

    def runs(self) -> list[linear.Run]:
        """Return the epochs as they must come out in the modes in which they were trained."""
        weights, found, velocity = self.start, [], np.zeros(3)
        for epoch in range(self.epochs):
            mode = self._mode(self.on_train, epoch)
            found.append(linear.train(weights, self.batches, LR, mode, self.momentum, velocity))
            weights = found[-1].weights
        return found

    def losses(self, key: str) -> list[tuple[list[float], list[int]]]:
        """Return for each epoch the batch losses under ``key``, and the batches' sizes."""
        if key == "loss":
            return [(run.losses, [len(y) for _, y in self.batches]) for run in self.runs()]
        sizes = [len(y) for _, y in self.val_batches]
        return [
            ([linear.loss_and_gradient(run.weights, b, self._mode(self.on_val, k))[0] for b in self.val_batches], sizes)
            for k, run in enumerate(self.runs())
        ]

    def right(self, key: str) -> list[float]:
        """Return what must stand under ``key``."""
        return [linear.weighted_mean(losses, sizes) for losses, sizes in self.losses(key)]


def _judge_values(key: str) -> Callable[[Evidence], str | None]:
    def judge(e: Evidence) -> str | None:
        found = dict_of(e.result)
        if found is None:
            return f"a dictionary with the keys 'loss' and 'val_loss' was asked for, given {show(e.result)}"
        if key not in found:
            return f"the key {key!r} is missing; the dictionary has {', '.join(found) or 'no keys'}"
        given, right = list_of(found[key]), Passes(e).right(key)
        if given is None or len(given) != len(right):
            return f"{key!r} must be a list of {len(right)} numbers, one for each epoch; given {show(found[key])}"
        if not all(near(number_of(g), r, 1e-3, 1e-5) for g, r in zip(given, right, strict=True)):
            return f"{key!r}: yours {show(found[key])}, right {show(right)}"
        return None

    return judge


def _judge_val_mode(e: Evidence) -> str | None:
    found = Passes(e).on_val
    if not found:
        return "no validation row ever went through the model"
    return "validation rows went through the model in training mode" if any(f["training"] for f in found) else None


def _judge_val_gradients(e: Evidence) -> str | None:
    found = Passes(e).on_val
    if not found:
        return "no validation row ever went through the model"
    return "gradients were recorded on validation rows" if any(f["grad"] for f in found) else None


def _judge_train_mode(e: Evidence) -> str | None:
    found = [f for f in Passes(e).on_train if f["grad"]]
    if not found:
        return "no training row went through the model with gradients recorded"
    return None if all(f["training"] for f in found) else "training rows went through the model in evaluation mode"


def _judge_weights(e: Evidence) -> str | None:
    given = [float(v) for v in e.seen.get("weights_after_the_run") or []]
    right = Passes(e).runs()[-1].weights.tolist()
    if len(given) == len(right) and all(near(g, r, 1e-3, 1e-4) for g, r in zip(given, right, strict=True)):
        return None
    return f"the weights after the run: yours {show(given)}, right {show(right)}"


_JUDGES: dict[str, Callable[[Evidence], str | None]] = {
    "loss": _judge_values("loss"),
    "val_loss": _judge_values("val_loss"),
    "val_mode": _judge_val_mode,
    "val_gradients": _judge_val_gradients,
    "train_mode": _judge_train_mode,
    "weights": _judge_weights,
}


def hunt_case(
    observe: Callable[..., Any],
    name: str,
    about: str,
    hint: str,
    sizes: Sequence[int],
    run: str,
    judge: Callable[[Evidence], str | None] | None = None,
    own: tuple[Diagnosis, ...] = (),
    **how: Any,
) -> Case:
    """Return a case of ``run_epochs``.

    Parameters
    ----------
    observe : callable
        The track's observer.
    name, hint, run : str
    about : {"loss", "val_loss", "val_mode", "val_gradients", "train_mode", "weights", ...}
        What it judges; the published code already does right by "weights", which therefore counts little.
    sizes : (int, int)
        Training and validation rows.
    judge : callable, optional
        For what only one track can judge.
    own : tuple of Diagnosis, optional
        What only one track can tell.
    **how
        ``epochs``, ``batch_size``, ``val_batch_size``, ``training``, ``momentum``; ``fixed``: the same rows under every
        seed; ``twice``: whether ``observe`` makes two calls, of which the second is judged; ``rising``: whether the
        weights at the start fit the validation rows exactly, so that training makes the validation loss rise.
    """
    settings = {"epochs": 3, "batch_size": 3, "val_batch_size": 4, "training": False, **how}
    rising = settings.pop("rising", False)

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        rng = np.random.default_rng(sizes) if how.get("fixed") else rng
        train = linear.make_problem(rng, [3] * (sizes[0] // 3) + ([sizes[0] % 3] if sizes[0] % 3 else []))
        half = sizes[1] // 2
        val = linear.make_problem(rng, [half, sizes[1] - half], shift=0.5)
        joined = [tuple(np.concatenate(part) for part in zip(*both, strict=True)) for both in (train, val)]
        if rising:
            x = joined[1][0]
            joined[1] = x, (np.column_stack([x, np.ones(len(x))]) @ np.array(START)).astype(np.float32)
        return START, *joined, settings

    weight = 0.25 if how.get("twice") else 0.5 if about in ("weights", "train_mode") else 1.0
    explained = "gradients_off", "graph_used_twice", "swapped_loss_arguments"
    memory = (REMEMBERS,) if how.get("twice") else ()
    known = without_errors((*memory, *_known(about), *own), explained)
    return Case(name, inputs, None, hint, observe, judge or _JUDGES[about], weight=weight, run=run, diagnoses=known)


def _fault(key: str, make: Callable[[list[float], list[int]], float]) -> Callable[[Evidence], bool]:
    """Return a probe: whether the wrong values under ``key`` are those that ``make`` gives for each epoch."""

    def probe(e: Evidence) -> bool:
        given = list_of((dict_of(e.result) or {}).get(key))
        if given is None or _JUDGES[key](e) is None:
            return False
        faulty = [make(losses, sizes) for losses, sizes in Passes(e).losses(key)]
        return len(given) == len(faulty) and all(
            near(number_of(g), f, 1e-3, 1e-5) for g, f in zip(given, faulty, strict=True)
        )

    return probe


def _updated_on_val(e: Evidence) -> bool:
    """Whether an update followed on a pass of validation rows."""
    rows = {round(float(v), 4) for v in e.inputs[2][0][:, 0]}
    last: set[float] = set()
    for event in e.seen.get("events", []):
        if event["what"] == "forward":
            last = {round(float(v), 4) for v in event["rows"]}
        elif event["what"] == "step" and last & rows:
            return True
    return False


def _recorded(e: Evidence) -> list[bool]:
    return [bool(f["training"]) for f in Passes(e).on_train if f["grad"]]


def _values(e: Evidence, key: str) -> list[float | None]:
    return [number_of(item) for item in list_of((dict_of(e.result) or {}).get(key)) or []]


def _not_reset(key: str) -> Callable[[Evidence], bool]:
    """Return a probe: whether each epoch's mean goes over all epochs so far."""

    def probe(e: Evidence) -> bool:
        right = Passes(e).right(key)
        so_far = np.cumsum(right) / np.arange(1, len(right) + 1)
        given = _values(e, key)
        return len(given) == len(right) > 1 and any(
            all(near(g, f, 1e-3, 1e-5) for g, f in zip(given, faulty, strict=True))
            for faulty in (so_far, np.cumsum(right))
        )

    return probe


def _one_epoch_late(e: Evidence) -> bool:
    given, right = _values(e, "val_loss"), Passes(e).right("val_loss")
    return len(given) == len(right) > 1 and all(
        near(g, before, 1e-3, 1e-5) for g, before in zip(given[1:], right, strict=False)
    )


def _as(make: Callable[[linear.Run, list[linear.Batch]], float]) -> Callable[[Evidence], bool]:
    """Return a probe: whether the wrong values under "loss" are those that ``make`` gives for each epoch."""

    def probe(e: Evidence) -> bool:
        given, passes = _values(e, "loss"), Passes(e)
        faulty = [make(run, passes.batches) for run in passes.runs()]
        return len(given) == len(faulty) and all(near(g, f, 1e-3, 1e-5) for g, f in zip(given, faulty, strict=True))

    return probe


_LATE_LOSSES = (
    mistake("loss_remeasured/run_epochs", probe=_as(lambda run, batches: linear.mean_loss(run.weights, batches))),
    mistake(
        "measured_after_update/run_epochs",
        probe=_as(lambda run, batches: linear.weighted_mean(run.after, [len(y) for _, y in batches])),
    ),
)


def _keys_swapped(e: Evidence) -> bool:
    """Whether each list is that of the other key, in the numbers of the run as it was."""
    right = {"loss": Passes(e).right("val_loss"), "val_loss": Passes(e).right("loss")}
    given = {key: _values(e, key) for key in right}
    return all(
        len(given[key]) == len(right[key])
        and all(near(g, r, 1e-3, 1e-5) for g, r in zip(given[key], right[key], strict=True))
        for key in right
    )


_KEYS_SWAPPED = mistake("keys_swapped/run_epochs", probe=_keys_swapped)
_ON_TRAINING_ROWS = mistake(
    "validated_on_training_rows", probe=lambda e: not Passes(e).on_val and bool(_values(e, "val_loss"))
)
_ONE_TOO_MANY = mistake(
    "validated_before_training",
    probe=lambda e: (
        len(_values(e, "val_loss")) == Passes(e).epochs + 1
        and e.seen["events"][0]["what"] == "forward"
        and e.seen["events"][0] in Passes(e).on_val
    ),
)


def _number_faults(key: str) -> tuple[Diagnosis, ...]:
    what = "validation" if key == "val_loss" else "training"
    late = mistake("val_before_epoch/run_epochs", probe=_one_epoch_late)
    fields = {"key": repr(key), "what": what}

    def one(name: str, fault: Callable[[list[float], list[int]], float]) -> Diagnosis:
        return mistake(name, fields=fields, probe=_fault(key, fault))

    return (
        _KEYS_SWAPPED,
        *((late, _ON_TRAINING_ROWS, _ONE_TOO_MANY) if key == "val_loss" else _LATE_LOSSES),
        mistake("not_reset_per_epoch/history", fields=fields, probe=_not_reset(key)),
        one("last_batch/history", lambda losses, sizes: losses[-1]),
        one("mean_of_means/history", lambda losses, sizes: float(np.mean(losses))),
        one("wrong_count/history", lambda losses, sizes: float(np.dot(losses, sizes) / len(losses))),
        one("not_divided/history", lambda losses, sizes: float(np.dot(losses, sizes))),
        one("not_divided/history", lambda losses, sizes: float(sum(losses))),
    )


def _in_other_batches(e: Evidence) -> bool:
    """Whether the training rows went through the model in other batches than those that were handed over."""
    passes = Passes(e)
    given = [{round(float(v), 4) for v in x[:, 0]} for x, _ in passes.batches]
    seen = [{round(float(v), 4) for v in f["rows"]} for f in passes.on_train if f["grad"]]
    return bool(seen) and any(rows not in given for rows in seen)


def _validated_too_often(e: Evidence) -> bool:
    passes = Passes(e)
    rows = sum(len(f["rows"]) for f in passes.on_val)
    too_many = len(_values(e, "val_loss")) > passes.epochs + 1 and rows > passes.epochs * len(passes.val[1])
    return too_many and not _epochs_too_many(e)


def _epochs_too_many(e: Evidence) -> int:
    """Return how many epochs were trained, if that is more than asked and each has its loss; otherwise 0."""
    passes = Passes(e)
    rows = sum(len(f["rows"]) for f in passes.on_train if f["grad"])
    epochs = len(_values(e, "loss"))
    whole = rows == epochs * len(passes.train[1])
    return epochs if whole and epochs > passes.epochs and not e.inputs[3].get("twice") else 0


def _stopped_early(e: Evidence) -> bool:
    """Whether fewer epochs were trained than asked, each of them whole, and more than one."""
    passes = Passes(e)
    rows = sum(len(f["rows"]) for f in passes.on_train if f["grad"])
    epochs = len(_values(e, "loss"))
    return 1 < epochs < passes.epochs and rows == epochs * len(passes.train[1])


def _one_epoch_only(e: Evidence) -> bool:
    passes = Passes(e)
    rows = sum(len(f["rows"]) for f in passes.on_train if f["grad"])
    return passes.epochs > 1 and 0 < rows <= len(passes.train[1])


#: What is wrong with the run as a whole, so that its numbers and its weights follow from it.
_RUNS = (
    mistake("returned_too_early", probe=_one_epoch_only),
    mistake(
        "wrong_number_of_epochs/run_epochs",
        says=lambda e: (
            f"{len(_values(e, 'loss'))} epochs were trained; asked were {Passes(e).epochs}, whatever the losses do."
        ),
        probe=lambda e: _stopped_early(e) or bool(_epochs_too_many(e)),
    ),
    mistake("other_batches", probe=_in_other_batches),
)
_PER_BATCH = mistake("validated_every_batch", probe=_validated_too_often)


def _known(about: str) -> tuple[Diagnosis, ...]:
    """Return what may be wrong where a case judges this, and can be named in both tracks."""
    if about in ("loss", "val_loss"):
        per_batch = (_PER_BATCH,) if about == "val_loss" else ()
        return (*_RUNS, *per_batch, *_number_faults(about))
    runs = _RUNS if about == "weights" else ()
    return (*runs, *(d for d in _PASSES if about in _ABOUT[d.key]))


_ABOUT = {
    "updates_on_validation_rows": ("weights",),
    "no_eval": ("val_mode",),
    "gradients_on": ("val_gradients",),
    "mode_not_restored": ("train_mode",),
    "no_train_mode": ("train_mode",),
}
_PASSES = (
    mistake("updates_on_validation_rows/run_epochs", probe=_updated_on_val),
    mistake("no_eval/run_epochs", probe=lambda e: any(f["training"] for f in Passes(e).on_val)),
    mistake("gradients_on/run_epochs", probe=lambda e: any(f["grad"] for f in Passes(e).on_val)),
    mistake("mode_not_restored/run_epochs", probe=lambda e: _recorded(e)[0] and not all(_recorded(e))),
    mistake("no_train_mode/trained_in_eval", probe=lambda e: not all(_recorded(e))),
)
