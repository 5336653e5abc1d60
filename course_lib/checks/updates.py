"""Reading which updates a watched Keras model was given, and what its losses must be.

Keras may shuffle the training rows, and a learner may call ``fit`` or write the loop by hand. So the spied model of
`course_lib.checks.watch.spies_keras` notes which rows passed through it at which weights, and what must be reported is
worked out from those notes in NumPy.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Evidence
from course_lib.checks.linear import GAIN, START
from course_lib.checks.reading import Event, Reading, floats

__all__ = ["Update", "Updates", "judge_training"]


def _alike(a: np.ndarray, b: np.ndarray) -> bool:
    return len(a) == len(b) and all(abs(x - y) <= 1e-8 + 1e-6 * abs(y) for x, y in zip(a, b, strict=True))


class Update(NamedTuple):
    """A batch after which the weights had changed: its notes, the weights before and after."""

    event: Event
    before: np.ndarray
    after: np.ndarray


class Updates(Reading):
    """What the notes of a spied model say: the training batches, epoch by epoch, and the validation.

    Parameters
    ----------
    e : Evidence
        Its inputs are the weights at the start, training and validation rows, and how the answer was called, with
        "epochs" and "batch_size". Its notes hold the model's "weights" at the end.
    """

    def __init__(self, e: Evidence):
        super().__init__(e)
        _, self.train, self.val, _ = e.inputs
        self.epochs, self.batch_size = self.how["epochs"], self.how["batch_size"]
        self.start = np.array(START, dtype=np.float64)
        self.final = floats(self.noted("weights") or START)
        self.where = {round(float(v), 4): ("train", i) for i, v in enumerate(self.train[0][:, 0])}
        self.where |= {round(float(v), 4): ("val", i) for i, v in enumerate(self.val[0][:, 0])}

    def rows(self, event: Event) -> list[tuple[str, int]]:
        """Return which rows of which set were in a batch."""
        return [self.where.get(round(float(v), 4), ("unknown", -1)) for v in event["rows"]]

    def sets(self, event: Event) -> set[str]:
        """Return from which sets the rows of a batch came."""
        return {name for name, _ in self.rows(event)}

    def batch(self, event: Event) -> linear.Batch:
        """Return the inputs and targets of a batch."""
        picked = [((self.train if name == "train" else self.val), i) for name, i in self.rows(event)]
        return np.array([rows[0][i] for rows, i in picked]), np.array([rows[1][i] for rows, i in picked])

    @cached_property
    def updates(self) -> list[Update]:
        """The batches after which the weights had changed.

        Weights that the model had before, put back between two batches, are nothing that a batch did.
        """
        befores = [floats(event["weights"]) for event in self.events]
        stepped = [
            floats(event["after"]) if "after" in event else w for event, w in zip(self.events, befores, strict=True)
        ]
        found = []
        for i, (event, before) in enumerate(zip(self.events, befores, strict=True)):
            after, following = stepped[i], [*befores, self.final][i + 1]
            if not (_alike(following, after) or _alike(following, before)):
                known = np.concatenate([befores[: i + 1], stepped[: i + 1]])
                put_back = np.isclose(known, following, rtol=1e-6, atol=1e-8).all(axis=1).any()
                after = after if put_back else following
            if not _alike(before, after):
                found.append(Update(event, before, after))
        return found

    @property
    def rows_trained(self) -> int:
        """How many rows the updates were made on, each counted as often as it was."""
        return sum(len(update.event["rows"]) for update in self.updates)

    @property
    def put_back(self) -> bool:
        """Whether an update began, or the run ended, with other weights than the update before it had left."""
        following = [update.before for update in self.updates[1:]] + [self.final]
        return any(not _alike(u.after, weights) for u, weights in zip(self.updates, following, strict=False))

    @property
    def losses(self) -> list[tuple[float, int]]:
        """Each training batch's loss as it was trained, and its size."""
        return [
            (
                linear.loss_and_gradient(u.before, self.batch(u.event), GAIN if u.event["training"] else 1.0)[0],
                len(u.event["rows"]),
            )
            for u in self.updates
        ]

    @property
    def by_epoch(self) -> list[list[tuple[float, int]]]:
        """Losses and sizes of the training batches, cut into epochs by the number of rows."""
        epochs: list[list[tuple[float, int]]] = [[]]
        for loss, size in self.losses:
            if sum(n for _, n in epochs[-1]) >= len(self.train[1]):
                epochs.append([])
            epochs[-1].append((loss, size))
        return epochs

    @property
    def weights_by_epoch(self) -> list[np.ndarray]:
        """The weights after each epoch."""
        found: list[np.ndarray] = []
        rows = 0
        for update in self.updates:
            rows += len(update.event["rows"])
            if rows >= len(self.train[1]) * (len(found) + 1):
                found.append(update.after)
        return found


def judge_training(e: Evidence) -> str | None:
    """Return what is wrong with the training itself, or ``None``: every row once an epoch, plain steps."""
    seen: Updates = e.read_as(Updates)
    if not seen.updates:
        return "the weights never moved"
    if any(seen.sets(update.event) != {"train"} for update in seen.updates):
        return "the weights were updated on rows that are not training rows"
    if not all(update.event["training"] for update in seen.updates):
        return "the model was trained in inference mode"
    problem = _judge_steps(seen)
    if problem is not None:
        return problem
    if seen.put_back:
        return "the weights of an update were replaced by earlier ones"
    n = len(seen.train[1])
    picked = [i for update in seen.updates for _, i in seen.rows(update.event)]
    if len(picked) != n * seen.epochs:
        return f"{len(picked)} rows were trained on in {seen.epochs} epochs; the training data has {n}"
    for epoch in range(seen.epochs):
        if sorted(picked[epoch * n : (epoch + 1) * n]) != list(range(n)):
            return f"epoch {epoch + 1} did not train on every row once"
    batches = -(-n // seen.batch_size) * seen.epochs
    if len(seen.updates) != batches:
        return f"there were {len(seen.updates)} updates; batches of {seen.batch_size} rows make {batches}"
    return None


def _judge_steps(seen: Updates) -> str | None:
    """Return what is wrong with how far an update went, or ``None``: one step of the optimizer that came along."""
    momentum, velocity = seen.how.get("momentum", 0.0), np.zeros(len(START))
    for update in seen.updates:
        _, gradient = linear.loss_and_gradient(update.before, seen.batch(update.event), GAIN)
        velocity = momentum * velocity - seen.how["lr"] * gradient
        if not np.allclose(update.before + velocity, update.after, rtol=1e-3, atol=1e-4):
            if not momentum:
                return "an update was not one step along the gradient of its batch's loss"
            return "an update was not the step that the optimizer makes from its batch's gradient and the steps before"
    return None
