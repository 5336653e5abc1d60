"""Lesson 05, `same_weights_train_loss`: one epoch of training as it was seen, and what can go wrong in it.

In PyTorch the batches are those of the loader, so both losses follow from the inputs; Keras may shuffle the rows, so
there they follow from the updates that were seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.compare import Matches
from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.linear import GAIN, LR, REL, START
from course_lib.checks.mistakes import Sign, by_claim, by_sign
from course_lib.checks.mistakes.training import LOOP, Loop
from course_lib.checks.plain import list_of
from course_lib.checks.reading import Event, alike
from course_lib.checks.updates import Updates, judge_training

__all__ = ["KNOWN", "READ", "SUM_DIFFERENTIATED", "InKeras", "truth_of"]


@dataclass(frozen=True)
class Truth:
    """One epoch as it was trained: the weights around it, each batch's loss before and after its update."""

    before: np.ndarray
    after: np.ndarray
    losses: list[float]
    batches: list[linear.Batch]
    losses_after: list[float]
    #: The batches in which the rows were measured again.
    measured: list[linear.Batch]
    momentum: float = 0.0

    @property
    def sizes(self) -> list[int]:
        """Samples in each batch."""
        return [len(y) for _, y in self.batches]

    @property
    def pair(self) -> tuple[float, float]:
        """The loss along the way, and at the weights after the epoch."""
        return linear.averaged((self.losses, self.sizes)), linear.mean_loss(self.after, self.batches)

    def losses_in_eval(self, updated: bool = False) -> list[float]:
        """Return the batch losses before each update, or after it where ``updated``, in evaluation mode."""
        return linear.losses_in_eval(self.before, self.batches, self.momentum, updated=updated)


def truth_of(start: Any, train: Any, how: dict[str, Any]) -> Truth:
    """Return the epoch that follows from a case's inputs in PyTorch."""
    batches, momentum = linear.batches_of(train[0], train[1], how["batch_size"]), how.get("momentum", 0.0)
    run = linear.train(start, batches, LR, GAIN, momentum)
    return Truth(np.array(START), run.weights, run.losses, batches, run.after, batches, momentum)


class InPyTorch(Loop):
    """One call in PyTorch."""

    @cached_property
    def truth(self) -> Truth:
        """The epoch as the inputs say."""
        return truth_of(*self.inputs)

    @cached_property
    def later(self) -> list[Event]:
        """The passes after the last step; of several over the rows, the last."""
        found: list[Event] = []
        for event in self.of("forward", "step"):
            found = [] if event["what"] == "step" else [*found, event]
        rows = sum(len(event["rows"]) for event in found)
        while found and rows - len(found[0]["rows"]) >= len(self.inputs[1][1]):
            rows -= len(found[0]["rows"])
            found = found[1:]
        return found

    @property
    def along_the_way(self) -> bool:
        """Whether rows were measured in evaluation mode after an update and before the last one."""
        found = self.of("forward", "step")
        steps = [i for i, event in enumerate(found) if event["what"] == "step"]
        between = found[steps[0] : steps[-1]] if steps else []
        return any(event["what"] == "forward" and not event["training"] and not event["grad"] for event in between)


class InKeras(Updates):
    """One call in Keras."""

    @property
    def batches(self) -> int:
        """How many updates make an epoch."""
        return -(-len(self.train[1]) // self.batch_size)

    @cached_property
    def truth(self) -> Truth:
        """The epoch as its updates were seen."""
        updates = self.updates[: self.batches]
        batches = [self.batch(update.event) for update in updates]
        after = [linear.mean_loss(update.after, [batch], GAIN) for update, batch in zip(updates, batches, strict=True)]
        losses = [loss for loss, _ in self.losses[: len(updates)]]
        measured = [self.batch(event) for event in self.later]  # `fit` shuffles the rows, `evaluate` does not
        return Truth(self.start, updates[-1].after, losses, batches, after, measured or batches)

    @cached_property
    def later(self) -> list[Event]:
        """The passes after the first epoch's last update."""
        changed = [id(update.event) for update in self.updates]
        wanted = min(self.batches, len(changed))  # a single one if the batches were too large
        places = [i for i, event in enumerate(self.events) if id(event) in changed]
        return self.events[places[wanted - 1] + 1 :] if places else []

    @property
    def along_the_way(self) -> bool:
        """Whether rows were measured in inference mode after an update and before the last one."""
        modes = [bool(event["training"]) for event in self.events]
        return any(modes) and not all(modes[modes.index(True) : len(modes) - modes[::-1].index(True)])


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


#: Of the training, the most specific first; in PyTorch `LOOP` comes between the two.
_TRAINING: dict[str, tuple[tuple[str, Sign], ...]] = {
    "pytorch": (
        ("trained_again", lambda seen: len(seen.of("step")) > len(seen.truth.batches)),
        ("no_train_mode", lambda seen: any(event["grad"] and not event["training"] for event in seen.passes[:1])),
    ),
    "keras": (
        ("compiled_anew/trained", lambda seen: seen.noted("compiled_anew") and judge_training(seen.e) is not None),
        ("optimizer_not_used/compiled", lambda s: s.updates and not any("after" in event for event in s.events)),
        ("several_epochs/fit", _two_epochs),
        ("trained_again", lambda seen: seen.rows_trained > len(seen.train[1])),
        ("never_trained", lambda seen: not seen.updates),
        ("held_out_rows", lambda seen: 0 < seen.rows_trained < len(seen.train[1])),
        ("other_batches/wrong_batch_size", lambda seen: len(seen.updates) != seen.batches),
        ("no_train_mode/inference_mode", lambda seen: any(not u.event["training"] for u in seen.updates)),
        ("history_list", _is_history),
    ),
}


def _measured_first(seen: Any) -> bool:
    """Whether rows were measured before the epoch, and none after it."""
    return not seen.later and any(not event.get("grad", event["training"]) for event in seen.passes[:1])


#: Of the second pass; the first two are asked of the numbers as well.
_AGAIN: tuple[tuple[str, Sign], ...] = (
    ("no_eval/remeasured_in_training_mode", lambda seen: any(event["training"] for event in seen.later)),
    ("val_before_epoch/remeasured_before_the_epoch", _measured_first),
    ("not_remeasured/no_pass", lambda seen: not seen.later),
    ("measured_batch_by_batch", lambda seen: seen.along_the_way),
)


def _holds_list_of_one(seen: Any) -> bool:
    inner = [list_of(item) for item in list_of(seen.e.result) or []]
    return len(inner) == 2 and any(part is not None and len(part) == 1 for part in inner)


def _means(t: Truth) -> float:
    return float(np.mean([linear.mean_loss(t.after, [batch]) for batch in t.measured]))


def _rows_left_out(seen: Any) -> bool:
    measured = sum(len(y) for _, y in seen.truth.measured)
    return alike(seen.numbers()[1:], [_means(seen.truth)], REL) and 0 < measured < sum(seen.truth.sizes)


#: Of what came back, as a whole.
_PAIR: tuple[tuple[str, Sign], ...] = (
    ("list_of_one", _holds_list_of_one),
    ("one_number/pair", lambda seen: len(seen.numbers()) != 2 or None in seen.numbers()),
    ("pair_swapped/numbers", lambda seen: alike(seen.numbers(), seen.truth.pair[::-1], REL)),
    ("measured_batch_by_batch", lambda s: s.along_the_way and not alike(s.numbers()[1:], s.truth.pair[1:], REL)),
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


def _of_number(read: Any, place: int) -> tuple[Diagnosis, ...]:
    """Return what can be wrong with one of the two numbers."""

    def value(of: Value) -> Callable[[Any], float | None]:
        return lambda seen: of(seen.truth) if len(seen.numbers()) == 2 else None

    return by_claim(
        ((name, value(of)) for name, of in _NUMBERS[place]),
        lambda seen: seen.numbers()[place],
        lambda seen: seen.truth.pair[place],
        compare=Matches(rel=REL, abs_=1e-5),
        read=read,
    )


def _known(track: str) -> dict[str, tuple[Diagnosis, ...]]:
    """Return the mistakes by what a case judges."""
    read = READ[track]

    def signs(*table: tuple[str, Sign]) -> tuple[Diagnosis, ...]:
        return by_sign(table, read=read, of_errors=False)

    training, again = signs(*_TRAINING[track]), signs(*_AGAIN)
    numbers = (*signs(*_PAIR), *_of_number(read, 0), *_of_number(read, 1))
    if track == "pytorch":
        training, numbers = (training[0], *LOOP, *training[1:]), (*again[:2], *numbers)
        again = (*again, *signs(("gradients_on", lambda seen: any(event["grad"] for event in seen.later))))
    return {"weights": training, "again": again, "result": (*training, *numbers)}


KNOWN = {track: _known(track) for track in READ}
SUM_DIFFERENTIATED = by_sign(
    (("scaled_loss_differentiated/one_for_each_row", _steps_of_sums),), read=InKeras, of_errors=False
)
