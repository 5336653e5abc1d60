"""Lesson 05, `same_weights_train_loss`, in both tracks: one epoch's loss along the way, and at the weights after it.

The model is the linear one of `course_lib.checks.linear`, multiplied by ``GAIN`` in training mode.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import Matches
from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.linear import GAIN, LR, REL, START
from course_lib.checks.mistakes import Sign, by_claim, by_sign
from course_lib.checks.mistakes.memory import REMEMBERS
from course_lib.checks.mistakes.training import LOOP
from course_lib.checks.plain import list_of, show
from course_lib.checks.reading import alike, rows_of
from course_lib.checks.updates import judge_training
from course_lib.checks.watch import twice
from course_lib.lessons.l05_no_grad_validation.one_epoch import InKeras, InPyTorch, Truth, truth_of

__all__ = ["same_weights_case", "same_weights_train_loss"]


_READ: dict[str, Any] = {"pytorch": InPyTorch, "keras": InKeras}

# --- how it is watched -------------------------------------------------------------------------------


def _observe_pytorch(answer: Any, record: dict[str, Any], start: Any, train: Any, how: dict[str, Any]) -> Any:
    from course_lib.checks.watch import spies_pytorch as spies

    events = record["events"] = []
    model = spies.SpyModel(start, GAIN, events).train(how["training"])
    loader = spies.loaders(train[0], train[1], how["batch_size"])
    loss = spies.spy_loss(spies.tilted_loss, model, events)
    try:
        return answer(model, loader, loss, spies.spy_optimizer(model, events, LR, how.get("momentum", 0.0)))
    finally:
        record["weights_after_the_epoch"] = spies.weights_of(model)


def _observe_keras(answer: Any, record: dict[str, Any], start: Any, train: Any, val: Any, how: dict[str, Any]) -> Any:
    import keras

    from course_lib.checks.watch.spies_keras import TiltedLoss, compiled, weights_of

    if how.get("fixed"):  # then `fit` shuffles in the same way each time
        keras.utils.set_random_seed(0)
    events = record["events"] = []
    model = compiled(start, GAIN, events, LR, how.get("momentum", 0.0))
    if how.get("by_row"):  # the same loss as a plain function, which gives a number for each row
        by_row = TiltedLoss().call
        model.compile(optimizer=model.optimizer, loss=lambda t, o: by_row(t, o), run_eagerly=True)
    came_with = model.optimizer, model.loss
    try:
        return answer(model, *train, how["batch_size"])  # compiled to run eagerly
    finally:
        record["weights"] = weights_of(model)
        record["compiled_anew"] = model.optimizer is not came_with[0] or model.loss is not came_with[1]


# --- what is asked -----------------------------------------------------------------------------------


def _judge_pair(e: Evidence) -> str | None:
    problem = judge_training(e)
    if problem is not None:
        return problem
    seen = e.read_as(InKeras)
    given = seen.numbers()
    if len(given) != 2 or None in given:
        return f"it should return two numbers, the reported loss and the measured one; yours is {show(e.result)}"
    for name, number, right in zip(("reported", "measured again"), given, seen.truth.pair, strict=True):
        if not alike([number], [right], REL):
            return f"{name}: yours {show(number)}, right {show(right)}"
    return None


def _judge_again(track: str) -> Callable[[Evidence], str | None]:
    def judge(e: Evidence) -> str | None:
        later = e.read_as(_READ[track]).later
        if not later:
            return "after the last update no row went through the model again"
        if any(event["training"] for event in later):
            return "the rows were measured again in training mode"
        if track == "pytorch" and any(event["grad"] for event in later):
            return "gradients were recorded while the rows were measured again"
        if rows_of(e.inputs[1][0]) <= {row for event in later for row in rows_of(event)}:
            return None
        if track == "pytorch":
            return "after the last update not every training row went through the model again"
        return "not every training row was measured again"

    return judge


# --- what may go wrong -------------------------------------------------------------------------------


def _is_history(seen: Any) -> bool:
    plains = [seen.e.result, *(item for item in seen.e.result.get("items", []) if isinstance(item, dict))]
    return any("History" in str(plain.get("type", "")) for plain in plains)


def _two_epochs(seen: InKeras) -> bool:
    """Whether the weights moved over all rows several times, and all rows were measured only after that."""
    moved = [id(update.event) for update in seen.updates]
    last = max((i for i, event in enumerate(seen.events) if id(event) in moved), default=-1)
    trained, later = seen.events[: last + 1], seen.events[last + 1 :]
    twice_all = sum(len(event["rows"]) for event in trained) >= 2 * len(seen.train[1])
    return twice_all and all(event["training"] for event in trained) and any(not event["training"] for event in later)


def _steps_of_sums(seen: InKeras) -> bool:
    """Whether every step followed the gradient of the rows' sum."""
    steps = []
    for update in seen.updates:
        batch = seen.batch(update.event)
        gradient = linear.loss_and_gradient(update.before, batch, GAIN)[1] * len(batch[1])
        steps.append(np.allclose(update.before - seen.how["lr"] * gradient, update.after, rtol=1e-3, atol=1e-4))
    return bool(steps) and all(steps)


def _wrong_batch_size(seen: InKeras) -> bool:
    return len(seen.updates) != -(-len(seen.train[1]) // seen.batch_size)


def _anew(seen: InKeras) -> bool:
    return bool(seen.noted("compiled_anew")) and judge_training(seen.e) is not None


#: Of the training, the most specific first; in PyTorch `LOOP` comes between the two.
_TRAINING: dict[str, tuple[tuple[str, Sign], ...]] = {
    "pytorch": (
        ("trained_again", lambda seen: len(seen.of("step")) > len(seen.truth.batches)),
        ("no_train_mode", lambda seen: any(event["grad"] and not event["training"] for event in seen.passes[:1])),
    ),
    "keras": (
        ("compiled_anew/trained", _anew),
        (
            "optimizer_not_used/compiled",
            lambda seen: bool(seen.updates) and not any("after" in event for event in seen.events),
        ),
        ("several_epochs/fit", _two_epochs),
        ("trained_again", lambda seen: seen.rows_trained > len(seen.train[1])),
        ("never_trained", lambda seen: not seen.updates),
        ("held_out_rows", lambda seen: 0 < seen.rows_trained < len(seen.train[1])),
        ("other_batches/wrong_batch_size", _wrong_batch_size),
        ("no_train_mode/inference_mode", lambda seen: any(not u.event["training"] for u in seen.updates)),
        ("history_list", _is_history),
    ),
}


def _measured_first(seen: Any) -> bool:
    """Whether rows were measured before the epoch, and none after it."""
    first = seen.passes[:1]
    return not seen.later and any(not event.get("grad", event["training"]) for event in first)


#: Of the second pass; the first two are asked of the numbers as well.
_AGAIN: tuple[tuple[str, Sign], ...] = (
    ("no_eval/remeasured_in_training_mode", lambda seen: any(event["training"] for event in seen.later)),
    ("val_before_epoch/remeasured_before_the_epoch", _measured_first),
    ("not_remeasured/no_pass", lambda seen: not seen.later),
    ("measured_batch_by_batch", lambda seen: seen.along_the_way),
)


def _is_no_pair(seen: Any) -> bool:
    return len(seen.numbers()) != 2 or None in seen.numbers()


def _holds_list_of_one(seen: Any) -> bool:
    inner = [list_of(item) for item in list_of(seen.e.result) or []]
    return len(inner) == 2 and any(part is not None and len(part) == 1 for part in inner)


def _means(t: Truth) -> float:
    return float(np.mean([linear.mean_loss(t.after, [batch]) for batch in t.measured]))


def _rows_left_out(seen: Any) -> bool:
    measured = sum(len(y) for _, y in seen.truth.measured)
    return alike(seen.numbers()[1:], [_means(seen.truth)], REL) and 0 < measured < sum(seen.truth.sizes)


def _not_along_the_way(seen: Any) -> bool:
    return seen.along_the_way and not alike(seen.numbers()[1:], seen.truth.pair[1:], REL)


#: Of what came back, as a whole.
_PAIR: tuple[tuple[str, Sign], ...] = (
    ("list_of_one", _holds_list_of_one),
    ("one_number/pair", _is_no_pair),
    ("pair_swapped/numbers", lambda seen: alike(seen.numbers(), seen.truth.pair[::-1], REL)),
    ("measured_batch_by_batch", _not_along_the_way),
    ("rows_left_out/measured_again", _rows_left_out),
)


def _untrained(t: Truth) -> float | None:
    """Return the loss before the epoch, where there was one."""
    return None if np.allclose(t.before, t.after) else linear.mean_loss(t.before, t.batches)


Value = Callable[[Truth], float | None]
#: By the number's place: what a mistake gives there.
_NUMBERS: tuple[tuple[tuple[str, Value], ...], ...] = (
    (
        ("measured_after_update", lambda t: linear.averaged((t.losses_after, t.sizes))),
        ("measured_after_update", lambda t: linear.averaged((t.losses_in_eval(updated=True), t.sizes))),
        ("reported_before_the_epoch", lambda t: linear.mean_loss(t.before, t.batches)),
        ("reported_in_eval", lambda t: linear.averaged((t.losses_in_eval(), t.sizes))),
        ("loss_remeasured/both_numbers", lambda t: t.pair[1]),
        ("last_batch", lambda t: t.losses[-1]),
        ("mean_of_means", lambda t: float(np.mean(t.losses))),
        ("not_divided/weighted_sum_not_divided", lambda t: t.pair[0] * sum(t.sizes)),
        ("not_divided/sum_of_losses", lambda t: sum(t.losses)),
    ),
    (
        ("not_remeasured", lambda t: t.pair[0]),
        ("val_before_epoch/remeasured_before_the_epoch", _untrained),
        ("no_eval/remeasured_in_training_mode", lambda t: linear.mean_loss(t.after, t.batches, GAIN)),
        ("last_batch", lambda t: t.losses[-1]),
        ("last_batch", lambda t: linear.mean_loss(t.after, t.batches[-1:])),
        ("mean_of_means", _means),
        ("not_divided/weighted_sum_not_divided", lambda t: t.pair[1] * sum(t.sizes)),
    ),
)


def _of_numbers(read: Any) -> tuple[Diagnosis, ...]:
    def at(place: int) -> tuple[Diagnosis, ...]:
        def value(of: Value) -> Callable[[Any], float | None]:
            return lambda seen: of(seen.truth) if len(seen.numbers()) == 2 else None

        table = ((name, value(of)) for name, of in _NUMBERS[place])
        compare = Matches(rel=REL, abs_=1e-5)
        return by_claim(
            table, lambda seen: seen.numbers()[place], lambda seen: seen.truth.pair[place], None, compare, read=read
        )

    return (*by_sign(_PAIR, read=read, of_errors=False), *at(0), *at(1))


def _known(track: str) -> dict[str, tuple[Diagnosis, ...]]:
    """Return the mistakes by what a case judges."""

    def signs(*table: tuple[str, Sign]) -> tuple[Diagnosis, ...]:
        return by_sign(table, read=_READ[track], of_errors=False)

    training, again = signs(*_TRAINING[track]), signs(*_AGAIN)
    if track == "pytorch":
        training = (training[0], *LOOP, *training[1:])
        again = (*again, *signs(("gradients_on", lambda seen: any(event["grad"] for event in seen.later))))
    first = again[:2] if track == "pytorch" else ()
    return {"weights": training, "again": again, "result": (*training, *first, *_of_numbers(_READ[track]))}


_KNOWN = {track: _known(track) for track in _READ}
_SUM_DIFFERENTIATED = by_sign(
    (("scaled_loss_differentiated/one_for_each_row", _steps_of_sums),), read=InKeras, of_errors=False
)

# --- the cases ---------------------------------------------------------------------------------------

#: What a case expects, or how it judges.
_ASKED: dict[str, dict[str, dict[str, Any]]] = {
    "pytorch": {
        "result": {
            "expected": lambda start, train, how: truth_of(start, train, how).pair,
            "compare": Matches(names=("reported", "measured again")),
        },
        "weights": {
            "expected": lambda start, train, how: truth_of(start, train, how).after.tolist(),
            "compares": "weights_after_the_epoch",
        },
        "again": {"judge": _judge_again("pytorch")},
    },
    "keras": {
        "result": {"judge": _judge_pair},
        "weights": {"judge": judge_training},
        "again": {"judge": _judge_again("keras")},
    },
}
_OBSERVE: dict[str, Callable[..., Any]] = {"pytorch": _observe_pytorch, "keras": _observe_keras}


def same_weights_case(
    track: str, name: str, about: str, hint: str = "", rows: int = 11, run: str = "", weight: float = 1.0, **how: Any
) -> Case:
    """Return a case of ``same_weights_train_loss``.

    Parameters
    ----------
    track, name, hint, run : str
    about : {"result", "weights", "again"}
        Whether it judges the two numbers, the updates, or how the rows were measured again.
    rows : int
    weight : float
    **how
        ``batch_size``; ``momentum``; ``training``: the mode in which the model arrives in PyTorch; ``by_row``: whether
        the loss is a function that gives a number for each row; ``twice``: whether it is called two times, and the
        second call judged; ``fixed``: the same rows under every seed, in the same order.
    """
    settings = {"batch_size": 4, **({"training": True} if track == "pytorch" else {"epochs": 1, "lr": LR}), **how}

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        rng = np.random.default_rng(rows) if how.get("fixed") else rng
        parts = linear.make_problem(rng, [4] * (rows // 4) + ([rows % 4] if rows % 4 else []))
        train = tuple(np.concatenate(part) for part in zip(*parts, strict=True))
        nothing = np.zeros((0, 2), dtype=np.float32), np.zeros(0, dtype=np.float32)
        return (START, train, settings) if track == "pytorch" else (START, train, nothing, settings)

    observe = twice(_OBSERVE[track]) if how.get("twice") else _OBSERVE[track]
    known = (*((REMEMBERS,) if how.get("twice") else ()), *_KNOWN[track][about])
    known = (*_SUM_DIFFERENTIATED, *known) if how.get("by_row") else known
    asked = _ASKED[track][about]
    return Case(name, inputs, hint=hint, observe=observe, run=run, weight=weight, diagnoses=known, **asked)


def same_weights_train_loss(track: str) -> Exercise:
    """Return the exercise in one track."""

    def case(name: str, about: str = "result", **how: Any) -> Case:
        return same_weights_case(track, name, about, **how)

    in_pytorch = track == "pytorch"
    cases = [
        case("both numbers", run="eleven rows"),
        case("the weights after the epoch" if in_pytorch else "one epoch of updates", "weights", run="eleven rows"),
        case("the second pass only measures", "again", run="eleven rows"),
    ]
    if in_pytorch:
        cases.append(case("a model that arrives in evaluation mode", training=False))
        cases.append(case("called a second time", rows=5, twice=True, momentum=0.5, fixed=True, weight=0.25))
    else:
        small: dict[str, Any] = {"rows": 7, "fixed": True, "weight": 0.5}
        cases.append(case("batches of five", batch_size=5))
        cases.append(case("a loss that gives a number for each row", by_row=True, **small))
        cases.append(case("an optimizer with momentum", "weights", momentum=0.5, **small))
        cases.append(case("called a second time", rows=3, twice=True, fixed=True, weight=0.25))
    return Exercise(name="same_weights_train_loss", points=2, cases=tuple(cases))
