"""Lesson 05, `same_weights_train_loss`: what can go wrong, in the training, the second pass and the two numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.compare import Matches
from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.linear import GAIN, REL
from course_lib.checks.mistakes import Sign, by_claim, by_sign
from course_lib.checks.mistakes.training import LOOP
from course_lib.checks.plain import list_of
from course_lib.checks.reading import alike
from course_lib.checks.updates import judge_training
from course_lib.lessons.l05_no_grad_validation.one_epoch import InKeras, InPyTorch, Truth

__all__ = ["KNOWN", "READ", "SUM_DIFFERENTIATED"]

READ: dict[str, Any] = {"pytorch": InPyTorch, "keras": InKeras}

# --- the training and the second pass ----------------------------------------------------------------


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
        return by_sign(table, read=READ[track], of_errors=False)

    training, again = signs(*_TRAINING[track]), signs(*_AGAIN)
    if track == "pytorch":
        training = (training[0], *LOOP, *training[1:])
        again = (*again, *signs(("gradients_on", lambda seen: any(event["grad"] for event in seen.later))))
    first = again[:2] if track == "pytorch" else ()
    return {"weights": training, "again": again, "result": (*training, *first, *_of_numbers(READ[track]))}


KNOWN = {track: _known(track) for track in READ}
SUM_DIFFERENTIATED = by_sign(
    (("scaled_loss_differentiated/one_for_each_row", _steps_of_sums),), read=InKeras, of_errors=False
)
