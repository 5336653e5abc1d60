"""Lesson 06, the weights: how `keep_best_weights` and `train_with_early_stopping` are watched.

Nothing is trained here. A real small model of the track is moved by a scripted ``train_epoch``, which adds 1
to every weight and buffer in place, as an optimizer does; so the weights say which epoch they are from.
The scripted ``evaluate`` reads that epoch and returns the loss that a curve has there.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.mistakes import mistake
from course_lib.checks.plain import describe, dict_of, list_of, number_of, show
from course_lib.lessons.l06_early_stopping.early_stopping_class import MILLIONTHS, held

__all__ = ["keep_best_weights", "keep_case", "scripted", "train_case", "train_with_early_stopping"]

Curves = Mapping[str, Sequence[float]]

#: What stands for the validation rows and the test rows; `evaluate` tells them apart by their content.
VAL, TEST = 1.0, 2.0


# --- models whose weights tell the epoch -------------------------------------------------------------


class _Torch:
    """A small PyTorch model with batch norm, moved in place."""

    def __init__(self) -> None:
        import torch
        from torch import nn

        self.torch = torch
        self.kind = nn.Module
        self.model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
        self.start = self._values(self.model)

    def _values(self, model: Any) -> dict[str, Any]:
        return {name: value.detach().clone().double() for name, value in model.state_dict().items()}

    def move(self, model: Any) -> None:
        model.train()
        with self.torch.no_grad():
            for value in model.state_dict(keep_vars=True).values():
                value.add_(1)

    def ages(self, model: Any) -> tuple[float, float]:
        """Return the epochs that parameters and buffers are from; -1 where they disagree."""
        parameters = {name for name, _ in model.named_parameters()}
        ages: dict[bool, list[float]] = {True: [], False: []}
        for name, value in self._values(model).items():
            ages[name in parameters] += (value - self.start[name]).reshape(-1).tolist()
        return _age(ages[True]), _age(ages[False])

    def writes(self, model: Any) -> int:
        return sum(value._version for value in model.state_dict(keep_vars=True).values())

    def rows(self, marker: float) -> Any:
        return self.torch.full((3, 2), marker), self.torch.zeros(3, dtype=self.torch.long)


class _Keras:
    """A small Keras model with batch norm, moved in place; notes every assignment."""

    def __init__(self) -> None:
        import keras

        self.kind = keras.Model
        self.model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2), keras.layers.BatchNormalization()])
        self.model.compile(optimizer="sgd", loss="mse")  # as the lesson's models are; some of Keras asks for it
        self.start = [np.array(v, dtype=np.float64) for v in self.model.get_weights()]

    def move(self, model: Any) -> None:
        for variable in model.weights:
            variable.assign(variable + 1.0)

    def ages(self, model: Any) -> tuple[float, float]:
        """Return the epochs that trainable and other weights are from; -1 where they disagree."""
        ages: dict[bool, list[float]] = {True: [], False: []}
        for variable, start in zip(model.weights, self.start, strict=True):
            value = np.asarray(variable.numpy(), dtype=np.float64)
            ages[bool(variable.trainable)] += np.ravel(value - start).tolist()
        return _age(ages[True]), _age(ages[False])

    def writes(self, model: Any) -> int:
        return 0

    def rows(self, marker: float) -> Any:
        return np.full((3, 2), marker, dtype=np.float32), np.zeros(3, dtype=np.int64)


def _age(values: Sequence[float]) -> float:
    rounded = {round(v, 2) for v in values}
    return rounded.pop() if len(rounded) == 1 else -1.0


class _KerasNotes:
    """Counts the assignments to a Keras model's variables, until it is closed."""

    def __init__(self, model: Any) -> None:
        self.count = 0
        mine = {id(variable) for variable in model.weights}
        # On the class, not on each variable: a deep copy of the model must not carry the counter along.
        self._kind = type(model.weights[0])
        self._own = self._kind.__dict__.get("assign")
        original = self._kind.assign

        def assign(variable: Any, value: Any) -> Any:
            self.count += id(variable) in mine
            return original(variable, value)

        self._kind.assign = assign

    def close(self) -> None:
        """Stop counting."""
        if self._own is not None:
            self._kind.assign = self._own
        else:
            del self._kind.assign


class Stage:
    """What an answer is given: a model, ``train_epoch``, ``evaluate``, and the rows; and what was done with it."""

    def __init__(self, track: str, curves: Curves, record: dict[str, Any]) -> None:
        self.kit: Any = _Torch() if track == "pytorch" else _Keras()
        self.model = self.kit.model
        self.curves = curves
        self.record = record
        self.events: list[dict[str, Any]] = record.setdefault("events", [])
        self.notes = _KerasNotes(self.model) if track == "keras" else None
        self.val, self.test = self.kit.rows(VAL), self.kit.rows(TEST)
        self.writes_after_training = self._writes()

    def _writes(self) -> int:
        return self.notes.count if self.notes is not None else self.kit.writes(self.model)

    def _loss(self, which: str, age: float) -> float:
        curve = self.curves[which]
        return float(curve[int(age)]) if age == int(age) and 0 <= age < len(curve) else 1e18

    def train_epoch(self, model: Any) -> float:
        """Move the weights by one epoch and return the training loss."""
        self.kit.move(model)
        age = self.kit.ages(model)[0]
        self.events.append({"what": "train", "epoch": age})
        self.writes_after_training = self._writes()
        return self._loss("train", age)

    def evaluate(self, model: Any, rows: Any) -> float:
        """Return the loss on the rows at the model's present weights."""
        first = rows[0] if isinstance(rows, (tuple, list)) else rows
        which = "test" if float(np.max(np.asarray(first))) == TEST else "val"
        age = self.kit.ages(model)[0]
        self.events.append({"what": which, "epoch": age})
        return self._loss(which, age)

    def came_back(self, result: Any) -> Any:
        """Note whether a model was returned, and return what was."""
        if isinstance(result, self.kit.kind):
            self.record["returned_model"] = True
        return result

    def close(self) -> None:
        """Note what the model ends with."""
        self.record["written"] = self._writes() != self.writes_after_training
        if self.notes is not None:
            self.notes.close()
        parameters, buffers = self.kit.ages(self.model)
        self.record["weights_of_epoch"] = {"parameters": parameters, "buffers": buffers}


# --- what was seen -----------------------------------------------------------------------------------


def _trained(e: Evidence) -> int:
    return sum(event["what"] == "train" for event in e.seen.get("events", []))


def _looks(e: Evidence, which: str) -> list[dict[str, Any]]:
    return [event for event in e.seen.get("events", []) if event["what"] == which]


def _curves(e: Evidence) -> Curves:
    return e.inputs[0]


def _val(e: Evidence) -> list[float]:
    """Return the validation losses of epochs 1, 2, … (the curve begins with the untrained model)."""
    return list(_curves(e)["val"][1:])


def _first_lowest(values: Sequence[float]) -> int:
    return int(np.nanargmin(np.asarray(values, dtype=float))) + 1


def _final(e: Evidence) -> tuple[float, float]:
    found = e.seen.get("weights_of_epoch") or {}
    return float(found.get("parameters", -1)), float(found.get("buffers", -1))


def _weights(e: Evidence, epoch: int) -> str | None:
    """Return what is wrong with the weights the model ends with, or ``None``."""
    parameters, buffers = _final(e)
    if parameters != epoch:
        whose = f"epoch {parameters:g}" if parameters >= 0 else "no single epoch"
        return f"the model ends with the weights of {whose}; the best epoch was {epoch}"
    if buffers != epoch:
        whose = f"epoch {buffers:g}" if buffers >= 0 else "no single epoch"
        return f"the model's parameters are those of epoch {epoch}, but its batch-norm statistics are of {whose}"
    return None


def _ends_with_last(e: Evidence) -> bool:
    return e.error is None and _trained(e) > 0 and _final(e)[0] == _trained(e)


def _val_before_training(e: Evidence) -> bool:
    looks = _looks(e, "val")
    return bool(looks) and looks[0]["epoch"] == 0 and looks[-1]["epoch"] == _trained(e) - 1


def _restored_while_training(e: Evidence) -> bool:
    """Whether an epoch began with other weights than the one before it had left."""
    ages = [float(event["epoch"]) for event in _looks(e, "train")]
    return any(after != before + 1 for before, after in itertools.pairwise(ages))


def _nothing_kept(e: Evidence) -> bool:
    error = e.error or {}
    none = "NoneType" in str(error.get("message")) or error.get("type") == "UnboundLocalError"
    return none and _trained(e) > 0 and bool(_looks(e, "val"))


#: What both exercises share, and what other faults would follow from.
_OF_THE_LOOP = (
    mistake("restored_while_training", probe=_restored_while_training),
    mistake("nothing_kept", probe=_nothing_kept),
)


def _returned_model(asked: str) -> Diagnosis:
    return mistake(
        "returned_model",
        says=f"the model came back; asked is {asked}. Whoever called has the model already.",
        probe=lambda e: bool(e.seen.get("returned_model")),
    )


def _weight_diagnoses(
    best: Callable[[Evidence], int],
    epochs: Callable[[Evidence], int],
    says_last: Callable[[Evidence], bool] = lambda e: False,
) -> tuple[Diagnosis, ...]:
    """Return the faults of keeping weights that both exercises share.

    ``best`` and ``epochs`` say which epoch is right and how many must be trained: where another number was,
    the weights follow from that, and are no fault of their own. ``says_last``: whether the answer believes
    that the last epoch was the best, so that its weights are the ones it meant to keep.
    """

    def last_though_best_is_earlier(e: Evidence) -> bool:
        return _ends_with_last(e) and best(e) < _trained(e) == epochs(e) and not says_last(e)

    def as_many(e: Evidence) -> bool:
        return e.error is None and _trained(e) == epochs(e) and not _calls_differ(e)

    return (
        mistake("alias", probe=lambda e: last_though_best_is_earlier(e) and bool(e.seen.get("written"))),
        mistake("never_restored", probe=last_though_best_is_earlier),
        mistake(
            "statistics_forgotten", probe=lambda e: as_many(e) and _final(e)[0] == best(e) and _final(e)[1] != best(e)
        ),
        mistake("initial_weights", probe=lambda e: as_many(e) and _final(e)[0] == 0 != best(e)),
        mistake("wrong_weights", probe=lambda e: as_many(e) and _final(e)[0] != best(e)),
    )


# --- keep_best_weights -------------------------------------------------------------------------------


def _observer(call: Callable[..., Any], track: str, again: bool) -> Callable[..., Any]:
    """Return an observer that hands a stage to the answer by ``call(answer, stage, *rest)``.

    With ``again`` it does so three times, the second time with other losses, and the third call is what counts.
    """

    def once(answer: Any, record: dict[str, Any], curves: Curves, *rest: int) -> Any:
        stage = Stage(track, curves, record)
        try:
            return stage.came_back(call(answer, stage, *rest))
        finally:
            stage.close()

    def observe(answer: Any, record: dict[str, Any], curves: Curves, *rest: int) -> Any:
        if again:
            record["first_call"] = describe(once(answer, {}, curves, *rest))
            once(answer, {}, _turned_round(curves), *rest)
        return once(answer, record, curves, *rest)

    return observe


def _turned_round(curves: Curves) -> dict[str, list[float]]:
    """Return the curves from their end to their beginning, and lower: another run with another best epoch."""
    return {name: [values[0], *(v - 0.25 for v in reversed(values[1:]))] for name, values in curves.items()}


def _calls_differ(e: Evidence) -> bool:
    """Whether the same call came out otherwise after others; where there were none before it, it did not."""
    if "first_call" not in e.seen:
        return False
    # Or it reports another epoch, and ends with weights of no epoch of this run: both are from an earlier one.
    given = number_of(e.result) if number_of(e.result) is not None else _field(e, "best_epoch")
    stale = _final(e)[0] == -1 and given not in (None, _first_lowest(_val(e)))
    return e["first_call"] != e.result or stale


_REMEMBERS = mistake("remembers_earlier_call/keep_best_weights", probe=lambda e: e.error is None and _calls_differ(e))


def _improves_like(improves: Callable[[float, float], bool]) -> Callable[[Sequence[float]], int]:
    """Return what gives the best epoch of some losses by another rule for what is better."""

    def best_of(values: Sequence[float]) -> int:
        best, best_epoch = np.inf, 0
        for epoch, value in enumerate(values, start=1):
            if improves(value, best):
                best, best_epoch = value, epoch
        return best_epoch

    return best_of


def _none_of_zero(value: float, best: float) -> bool:
    return best == 0 or value < best


def _zero_passed_over(value: float, best: float) -> bool:
    return value != 0 and value < best


_NONE_WORDS = (
    "a best loss of exactly 0 was taken for no best loss at all, so the next loss counted as better. 0 is a number, "
    "and yet false where a condition is asked for."
)
_ZERO_WORDS = (
    "a loss of exactly 0 did not count as better. 0 is a number, and yet false where a condition is asked for."
)


def scripted(
    val: Sequence[float], train: Sequence[float] | None = None, test: Sequence[float] | None = None
) -> dict[str, list[float]]:
    """Return the curves of validation, training and test loss, each with the untrained model's loss first.

    Examples
    --------
    >>> scripted([1.0, 0.5])["val"]
    [2.5, 1.0, 0.5]
    """
    n = len(val)
    if train is None:
        # Falls on, but for the last epoch: so the epoch that it would choose is not just the last one.
        train = [round(2.0 - 0.9 * (k + 1) / n, 4) for k in range(n)]
        train[-1] = train[max(0, n - 2)] + 0.02 if n > 1 else train[-1]
    test = test if test is not None else [round(v + 0.125, 6) for v in val]
    return {"val": [2.5, *val], "train": [2.5, *train], "test": [2.5, *test]}


#: Above the small gains of the cases, and below all others.
_MARGIN = 1e-5


def _judge_best(e: Evidence) -> str | None:
    right = _first_lowest(_val(e)[: e.inputs[1]])
    if _trained(e) != e.inputs[1]:
        return f"{_trained(e)} epochs were trained; asked were {e.inputs[1]}"
    given = number_of(e.result)
    return None if given == right else f"expected the best epoch, {right}, given {show(e.result)}"


def keep_case(
    track: str,
    name: str,
    val: Sequence[float] | Callable[[np.random.Generator], Sequence[float]],
    part: str,
    hint: str = "",
    run: str = "",
    again: bool = False,
    diagnoses: tuple[Diagnosis, ...] = (),
) -> Case:
    """Return a case of `keep_best_weights` on a scripted validation curve.

    Parameters
    ----------
    track : {"pytorch", "keras"}
    name, hint, run : str
    val : sequence of float, or a function of a generator
        The validation loss of each epoch.
    part : {"epoch", "weights"}
        What is judged: the returned number, or the weights the model ends with.
    again : bool
        Whether the function served other runs before the one that is judged.
    diagnoses : tuple of Diagnosis
    """

    def call(answer: Any, stage: Stage, epochs: int) -> Any:
        return answer(stage.model, stage.train_epoch, stage.evaluate, stage.val, epochs)

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        values = list(val(rng)) if callable(val) else list(val)
        return scripted(values), len(values)

    def weights(e: Evidence) -> str | None:
        return _weights(e, _first_lowest(_val(e)))

    judge = _judge_best if part == "epoch" else weights
    return Case(name, inputs, None, hint, _observer(call, track, again), judge, run=run, diagnoses=diagnoses)


def _result_is(make: Callable[[Evidence], float]) -> Callable[[Evidence], bool]:
    def probe(e: Evidence) -> bool:
        given = number_of(e.result)
        right = _first_lowest(_val(e))
        return e.error is None and given is not None and given != right and near(given, make(e))

    return probe


_KEEP_WITH_ZERO = (
    mistake(
        "zero_taken_for_none/keep_best_weights", probe=_result_is(lambda e: _improves_like(_none_of_zero)(_val(e)))
    ),
    mistake("zero_ignored/keep_best_weights", probe=_result_is(lambda e: _improves_like(_zero_passed_over)(_val(e)))),
)


def _last_lower_than_before(values: Sequence[float]) -> int:
    found = 1
    for epoch in range(2, len(values) + 1):
        if values[epoch - 1] < values[epoch - 2]:
            found = epoch
    return found


def _last_lowest(values: Sequence[float]) -> int:
    return len(values) - int(np.argmin(values[::-1]))


def keep_best_weights(track: str) -> Exercise:
    """Return the exercise in one track."""
    turns = [1.0, 0.8, 0.9, 0.6, 0.75, 0.7, 0.85, 0.95]
    return Exercise(
        name="keep_best_weights",
        points=2,
        cases=(
            keep_case(track, "the epoch that comes back", turns, "epoch", run="turns", again=True),
            keep_case(track, "the weights that the model ends with", turns, "weights", run="turns", again=True),
            keep_case(track, "two epochs with equal losses", [1.0, 0.5, 0.8, 0.5, 0.9], "epoch", run="equal"),
            keep_case(track, "the best epoch is the last", [6e12, 5e12, 4e12], "weights"),
            keep_case(track, "the best epoch is the first", [0.4, 0.8, 0.6], "weights"),
            keep_case(track, "gains of a millionth", [0.9, 0.5, 0.499999, 0.499998, 0.7], "epoch"),
            keep_case(
                track, "a loss of exactly 0", [0.2, 0.0, 0.3, 0.4, 0.35, 0.9], "epoch", diagnoses=_KEEP_WITH_ZERO
            ),
        ),
        diagnoses=(
            _REMEMBERS,
            mistake("small_gains_ignored/keep_best_weights", probe=_result_is(lambda e: held(_val(e), _MARGIN)[1])),
            mistake("never_trained/keep_best_weights", probe=lambda e: e.error is None and _trained(e) == 0),
            _returned_model("the number of its best epoch"),
            *_OF_THE_LOOP,
            mistake(
                "wrong_number_of_epochs/keep_best_weights",
                probe=lambda e: e.error is None and _trained(e) != e.inputs[1],
            ),
            mistake(
                "chosen_on_training_loss/keep_best_weights", probe=lambda e: e.error is None and not _looks(e, "val")
            ),
            mistake(
                "val_before_epoch/measured_before_training", probe=lambda e: e.error is None and _val_before_training(e)
            ),
            mistake("returned_loss", probe=_result_is(lambda e: min(_val(e)))),
            mistake(
                "counted_from_zero/keep_best_weights",
                probe=lambda e: (
                    _result_is(lambda e: _first_lowest(_val(e)) - 1)(e) and _final(e)[0] != number_of(e.result)
                ),
            ),
            mistake("last_of_equals/keep_best_weights", probe=_result_is(lambda e: _last_lowest(_val(e)))),
            mistake("compares_with_previous", probe=_result_is(lambda e: _last_lower_than_before(_val(e)))),
            mistake(
                "returned_last",
                probe=lambda e: (
                    _result_is(lambda e: len(_val(e)))(e) and _final(e) == (float(_first_lowest(_val(e))),) * 2
                ),
            ),
            mistake("last_instead_of_best", probe=_result_is(lambda e: len(_val(e)))),
            mistake(
                "higher_is_better/worst_instead_of_best",
                probe=lambda e: _result_is(lambda e: int(np.argmax(_val(e))) + 1)(e) and _final(e)[0] != 0,
            ),
            *_weight_diagnoses(lambda e: _first_lowest(_val(e)), lambda e: int(e.inputs[1])),
        ),
    )


# --- train_with_early_stopping -----------------------------------------------------------------------


def stop_epoch(values: Sequence[float], patience: float, max_epochs: int) -> tuple[int, int]:
    """Return after how many epochs a run ends that watches these values, and its best epoch."""
    best, best_epoch = np.inf, 0
    for epoch, value in enumerate(values[:max_epochs], start=1):
        if value < best:
            best, best_epoch = value, epoch
        elif epoch - best_epoch >= patience:
            return epoch, best_epoch
    return min(len(values), max_epochs), best_epoch


class _Truth:
    """What is right in a case of `train_with_early_stopping`."""

    def __init__(self, e: Evidence) -> None:
        self.curves, self.patience, self.max_epochs = e.inputs
        self.epochs, self.best = stop_epoch(self.curves["val"][1:], self.patience, self.max_epochs)
        self.val_loss = list(self.curves["val"][1 : self.epochs + 1])
        self.test_loss = self.curves["test"][self.best]

    def end_of(self, which: str, patience_shift: float = 0) -> int:
        """Return after how many epochs the run ends if another curve is watched, or with another patience."""
        return stop_epoch(self.curves[which][1:], self.patience + patience_shift, self.max_epochs)[0]


def _judge_epochs(e: Evidence) -> str | None:
    right = _Truth(e)
    if _trained(e) != right.epochs:
        return f"{_trained(e)} epochs were trained; the rule ends this run after {right.epochs}"
    return None


def _judge_report(e: Evidence) -> str | None:
    right, found = _Truth(e), dict_of(e.result)
    if _judge_epochs(e):
        return _judge_epochs(e)
    if found is None:
        return f"expected a dictionary with the keys val_loss, best_epoch and test_loss, given {show(e.result)}"
    missing = [key for key in ("val_loss", "best_epoch", "test_loss") if key not in found]
    if missing:
        return f"the key {missing[0]!r} is missing; the dictionary has {', '.join(found) or 'no keys'}"
    losses = list_of(found["val_loss"])
    if losses is None or len(losses) != right.epochs:
        return f"'val_loss' must have {right.epochs} numbers, one for each epoch, given {show(found['val_loss'])}"
    if not all(near(number_of(a), b) for a, b in zip(losses, right.val_loss, strict=True)):
        return f"'val_loss': yours {show(found['val_loss'])}, right {show(right.val_loss)}"
    if number_of(found["best_epoch"]) != right.best:
        return f"'best_epoch': yours {show(found['best_epoch'])}, right {right.best}"
    if not near(number_of(found["test_loss"]), right.test_loss):
        return f"'test_loss': yours {show(found['test_loss'])}, right {show(right.test_loss)}"
    return None


def _judge_test(e: Evidence) -> str | None:
    events = e.seen.get("events", [])
    looks = [i for i, event in enumerate(events) if event["what"] == "test"]
    training = [i for i, event in enumerate(events) if event["what"] == "train"]
    if not looks:
        return "the test rows were never measured"
    if training and looks[0] < training[-1]:
        return "the test rows were looked at while training went on"
    return None


def train_case(
    track: str,
    name: str,
    curves: Curves | Callable[[np.random.Generator], Curves],
    patience: int,
    part: str,
    hint: str = "",
    run: str = "",
    max_epochs: int | None = None,
    again: bool = False,
    diagnoses: tuple[Diagnosis, ...] = (),
) -> Case:
    """Return a case of `train_with_early_stopping` on scripted curves.

    Parameters
    ----------
    track : {"pytorch", "keras"}
    name, hint, run : str
    curves : mapping, or a function of a generator
        From `scripted`.
    patience : int
    part : {"epochs", "report", "weights", "test"}
        What is judged.
    max_epochs : int, optional
        As many as the curves have, by default.
    again : bool
        Whether the function served other runs before the one that is judged.
    diagnoses : tuple of Diagnosis
    """

    def call(answer: Any, stage: Stage, patience: int, max_epochs: int) -> Any:
        rows = stage.val, stage.test
        return answer(stage.model, stage.train_epoch, stage.evaluate, *rows, patience, max_epochs)

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        found = curves(rng) if callable(curves) else curves
        return found, patience, max_epochs or len(found["val"]) - 1

    judges: dict[str, Callable[[Evidence], str | None]] = {
        "epochs": _judge_epochs,
        "report": _judge_report,
        "weights": lambda e: _judge_epochs(e) or _weights(e, _Truth(e).best),
        "test": _judge_test,
    }
    observe = _observer(call, track, again)
    return Case(name, inputs, None, hint, observe, judges[part], run=run, diagnoses=diagnoses)


#: Training falls on, but for the last epoch; validation turns at epoch 6 after a false alarm; the test rows turn
#: at epoch 3.
TURNS = scripted(
    [1.0, 0.9, 0.95, 0.8, 0.85, 0.7, 0.75, 0.78, 0.76, 0.79, 0.82, 0.9, 1.0, 1.1],
    test=[1.1, 1.0, 0.85, 0.9, 0.95, 0.97, 1.0, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3, 1.35],
)


def _field(e: Evidence, key: str) -> float | None:
    return number_of((dict_of(e.result) or {}).get(key))


def _ran(make: Callable[[_Truth], int]) -> Callable[[Evidence], bool]:
    def probe(e: Evidence) -> bool:
        right = _Truth(e)
        return e.error is None and _trained(e) != right.epochs and _trained(e) == make(right)

    return probe


def _stopped_with(patience: int) -> Callable[[Evidence], bool]:
    """Return a probe: the run was stopped, and where another patience would stop it."""
    ran = _ran(lambda t: t.end_of("val", patience - t.patience))
    return lambda e: ran(e) and _trained(e) < _Truth(e).max_epochs


def _dip_rule(values: Sequence[float], patience: int) -> int:
    wait, before = 0, np.inf
    for epoch, value in enumerate(values, start=1):
        wait = 0 if value < before else wait + 1
        before = value
        if wait >= patience:
            return epoch
    return len(values)


def _lowering_by_one(t: _Truth) -> int:
    """Return after how many epochs the run ends if an improvement takes one off the counter."""
    wait, best, watched = 0, np.inf, t.curves["val"][1 : t.max_epochs + 1]
    for epoch, value in enumerate(watched, start=1):
        wait = max(0, wait - 1) if value < best else wait + 1
        best = min(best, value)
        if wait >= t.patience:
            return epoch
    return len(watched)


def _other_rule(t: _Truth, improves: Callable[[float, float], bool], keeps_wait: bool = False) -> int:
    """Return after how many epochs the run ends by another rule."""
    wait, best, watched = 0, np.inf, t.curves["val"][1 : t.max_epochs + 1]
    for epoch, value in enumerate(watched, start=1):
        if improves(value, best):
            best, wait = value, wait if keeps_wait else 0
        else:
            wait += 1
        if wait >= t.patience:
            return epoch
    return len(watched)


_TRAIN_WITH_ZERO = (
    mistake("zero_taken_for_none/keep_best_weights", probe=_ran(lambda t: _other_rule(t, _none_of_zero))),
    mistake("zero_ignored/keep_best_weights", probe=_ran(lambda t: _other_rule(t, _zero_passed_over))),
)


def _test_before_end(e: Evidence) -> bool:
    return _judge_test(e) is not None and bool(_looks(e, "test"))


def _test_at_last_weights(e: Evidence) -> bool:
    right = _Truth(e)
    looks = _looks(e, "test")
    if _judge_test(e) or _trained(e) != right.epochs or right.epochs == right.best:
        return False
    return bool(looks[-1]["epoch"] == right.epochs)


def train_with_early_stopping(track: str) -> Exercise:
    """Return the exercise in one track."""
    falling = scripted(
        [1.0, 0.8, 0.7, 0.72, 0.65, 0.66],
        train=[1.85, 1.7, 1.5, 1.3, 1.32, 1.34],
        test=[1.1, 0.9, 0.75, 0.8, 0.7, 0.95],
    )
    zero = scripted([0.2, 0.0, 0.3, 0.4, 0.35, 0.9])
    return Exercise(
        name="train_with_early_stopping",
        points=2,
        cases=(
            train_case(track, "when it stops", TURNS, 3, "epochs", run="turns", again=True),
            train_case(track, "the weights that the model ends with", TURNS, 3, "weights", run="turns", again=True),
            train_case(track, "what is reported", TURNS, 3, "report", run="turns", again=True),
            train_case(track, "the test rows wait until the end", TURNS, 3, "test", run="turns", again=True),
            train_case(track, "a run that reaches max_epochs", falling, 3, "report", run="falling"),
            train_case(track, "the weights after such a run", falling, 3, "weights", run="falling"),
            train_case(track, "a loss that stays the same", scripted([5e12] + 6 * [4e12]), 2, "report"),
            train_case(
                track, "a long false alarm", scripted([1.0, 0.9, 0.95, 0.92, 0.8, 0.85, 0.87, 0.9, 1]), 3, "epochs"
            ),
            train_case(track, "gains of a millionth", scripted(MILLIONTHS), 3, "epochs"),
            train_case(track, "the best epoch is the first", scripted([0.5, 0.7, 0.8, 0.9]), 2, "weights"),
            train_case(track, "a loss of exactly 0", zero, 2, "epochs", diagnoses=_TRAIN_WITH_ZERO),
        ),
        diagnoses=(
            _REMEMBERS,
            mistake("never_trained/keep_best_weights", probe=lambda e: e.error is None and _trained(e) == 0),
            _returned_model("a dictionary with three entries"),
            *_OF_THE_LOOP,
            mistake(
                "chosen_on_test_set/keep_best_weights",
                probe=lambda e: len(_looks(e, "test")) > 1 and not _looks(e, "val"),
            ),
            mistake(
                "chosen_on_test_set/keep_best_weights_2",
                probe=lambda e: _test_before_end(e) and _ran(lambda t: t.end_of("test"))(e),
            ),
            mistake(
                "chosen_on_training_loss/keep_best_weights_2",
                probe=lambda e: _ran(lambda t: t.end_of("train"))(e) and not _looks(e, "val"),
            ),
            mistake(
                "val_before_epoch/measured_before_training", probe=lambda e: e.error is None and _val_before_training(e)
            ),
            mistake("off_by_one/keep_best_weights", probe=_ran(lambda t: t.end_of("val", 1))),
            mistake("stops_early/keep_best_weights", probe=_ran(lambda t: t.end_of("val", -1))),
            mistake("stops_at_first_rise/keep_best_weights", probe=_ran(lambda t: t.end_of("val", 1 - t.patience))),
            *(
                mistake(
                    "patience_ignored/keep_best_weights",
                    says=f"it stopped as with a patience of {fixed}; asked was the one that is handed over.",
                    probe=_stopped_with(fixed),
                )
                for fixed in (5, 3, 10)
            ),
            mistake(
                "equal_improves/keep_best_weights",
                probe=_ran(lambda t: _other_rule(t, lambda loss, best: loss <= best)),
            ),
            mistake(
                "small_gains_ignored/keep_best_weights_2",
                probe=_ran(lambda t: _other_rule(t, lambda loss, best: loss < best - _MARGIN)),
            ),
            mistake(
                "counter_never_reset/keep_best_weights",
                probe=_ran(lambda t: _other_rule(t, lambda loss, best: loss < best, keeps_wait=True)),
            ),
            mistake("counter_lowered_by_one/keep_best_weights", probe=_ran(lambda t: _lowering_by_one(t))),
            mistake(
                "resets_on_any_dip/keep_best_weights", probe=_ran(lambda t: _dip_rule(t.curves["val"][1:], t.patience))
            ),
            mistake("never_updates_best/keep_best_weights", probe=_every_epoch_best),
            mistake(
                "chosen_on_training_loss/keep_best_weights_3",
                probe=lambda e: _ran(lambda t: t.end_of("train"))(e) and bool(dict_of(e.result)) and _train_watched(e),
            ),
            mistake("too_few_epochs", probe=_one_epoch_short, denied=_stopped_wrongly),
            mistake("too_many_epochs", probe=lambda e: e.error is None and _trained(e) > _Truth(e).max_epochs),
            mistake("never_stops", probe=_ran(lambda t: t.max_epochs)),
            mistake(
                "chosen_on_training_loss/keep_best_weights_4",
                probe=lambda e: _train_watched(e) and _field(e, "best_epoch") != _Truth(e).best,
                denied=lambda e: _field(e, "best_epoch") == _Truth(e).best and not _train_watched(e),
            ),
            *_weight_diagnoses(
                lambda e: _Truth(e).best, lambda e: _Truth(e).epochs, lambda e: _field(e, "best_epoch") == _trained(e)
            ),
            mistake("test_before_restoring", probe=_test_at_last_weights),
            mistake("test_opened_often/test_looked_at_every_epoch", probe=_test_before_end),
            mistake("test_not_measured", probe=lambda e: e.error is None and _trained(e) > 0 and not _looks(e, "test")),
            mistake(
                "stop_reported_as_best",
                probe=lambda e: _field(e, "best_epoch") == _Truth(e).epochs == _trained(e) != _Truth(e).best,
            ),
            mistake(
                "last_of_equals/keep_best_weights_2",
                probe=lambda e: _Truth(e).best < _last_lowest(_Truth(e).val_loss) == _field(e, "best_epoch"),
            ),
            mistake(
                "history_cut_short",
                says=lambda e: (
                    f"`val_loss` holds {_losses_given(e)} numbers, and {_trained(e)} epochs were run; asked is a "
                    "number for each of them."
                ),
                probe=lambda e: 0 < _losses_given(e) < _trained(e) == _Truth(e).epochs,
            ),
            mistake(
                "counted_from_zero/keep_best_weights_2", probe=lambda e: _field(e, "best_epoch") == _Truth(e).best - 1
            ),
            mistake("train_loss_reported", probe=_train_losses_reported),
            mistake("validation_loss_as_test/val_loss_reported_as_test", probe=_validation_as_test),
        ),
    )


def _every_epoch_best(e: Evidence) -> bool:
    """Whether the last epoch of a run through all epochs is reported as the best, and its weights are there."""
    right, best = _Truth(e), _field(e, "best_epoch")
    last = _trained(e)
    return e.error is None and last == right.max_epochs != right.best and best == last == _final(e)[0]


def _train_watched(e: Evidence) -> bool:
    """Whether the reported best epoch is the one with the lowest training loss."""
    right = _Truth(e)
    return _field(e, "best_epoch") == _first_lowest(right.curves["train"][1 : right.max_epochs + 1])


def _losses_given(e: Evidence) -> int:
    return len(list_of((dict_of(e.result) or {}).get("val_loss")) or [])


def _one_epoch_short(e: Evidence) -> bool:
    """Whether a run that only ``max_epochs`` ends was one epoch shorter, and no shorter patience explains it."""
    right = _Truth(e)
    short = _trained(e) == right.max_epochs - 1 and right.epochs == right.max_epochs
    return e.error is None and short and right.end_of("val", -1) != _trained(e)


def _stopped_wrongly(e: Evidence) -> bool:
    """Whether a run that the rule stops before ``max_epochs`` ended at another epoch."""
    right = _Truth(e)
    return e.error is None and right.epochs < right.max_epochs and _trained(e) != right.epochs


def _validation_as_test(e: Evidence) -> bool:
    """Whether the number reported for the test rows is not theirs, and the best validation loss."""
    right, given = _Truth(e), _field(e, "test_loss")
    return near(given, right.curves["val"][right.best]) and not near(given, right.curves["test"][right.best])


def _train_losses_reported(e: Evidence) -> bool:
    """Whether the reported list holds the training losses."""
    losses = list_of((dict_of(e.result) or {}).get("val_loss")) or []
    right = _Truth(e).curves["train"][1:]
    return len(losses) > 0 and all(near(number_of(a), b) for a, b in zip(losses, right, strict=False))
