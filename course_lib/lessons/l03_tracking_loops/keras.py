"""Lesson 03 in Keras: which updates a spied model was given; lesson 05 reads its notes with it."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Evidence
from course_lib.checks.linear import GAIN, START

__all__ = ["Seen", "judge_training"]


def _array(values: Any) -> np.ndarray:
    return np.array([float(v) for v in values])


def _alike(a: np.ndarray, b: np.ndarray) -> bool:
    return len(a) == len(b) and all(abs(x - y) <= 1e-8 + 1e-6 * abs(y) for x, y in zip(a, b, strict=True))


class Seen:
    """What the notes of a spied model say: the training batches, epoch by epoch, and the validation.

    Parameters
    ----------
    e : Evidence
        Of a case made by `fit_case`.
    """

    def __init__(self, e: Evidence):
        _, self.train, self.val, how = e.inputs
        self.epochs, self.batch_size = how["epochs"], how["batch_size"]
        self.start = np.array(START, dtype=np.float64)
        self.final = np.array([float(v) for v in e.seen.get("weights") or START])
        self.events = e.seen.get("events") or []
        self.befores = [_array(event["weights"]) for event in self.events]
        self.stepped = [
            _array(event["after"]) if "after" in event else w
            for event, w in zip(self.events, self.befores, strict=True)
        ]
        self.afters = [self.weights_after(i) for i in range(len(self.events))]
        where = {round(float(v), 4): ("train", i) for i, v in enumerate(self.train[0][:, 0])}
        where |= {round(float(v), 4): ("val", i) for i, v in enumerate(self.val[0][:, 0])}
        self.where = where

    def rows(self, event: dict[str, Any]) -> list[tuple[str, int]]:
        """Return which rows of which set were in a batch."""
        return [self.where.get(round(float(v), 4), ("unknown", -1)) for v in event["rows"]]

    def sets(self, event: dict[str, Any]) -> set[str]:
        """Return from which sets the rows of a batch came."""
        return {name for name, _ in self.rows(event)}

    def trained(self) -> list[dict[str, Any]]:
        """Return the batches that passed in training mode."""
        return [event for event in self.events if event["training"]]

    def weights_after(self, index: int) -> np.ndarray:
        """Return the weights after the batch that is event number ``index``.

        Weights that the model had before, put back between two batches, are nothing that a batch did.
        """
        before, stepped = self.befores[index], self.stepped[index]
        following = self.befores[index + 1] if index + 1 < len(self.events) else self.final
        if _alike(following, stepped) or _alike(following, before):
            return stepped
        known = np.concatenate([self.befores[: index + 1], self.stepped[: index + 1]])
        put_back = np.isclose(known, following, rtol=1e-6, atol=1e-8).all(axis=1).any()
        return stepped if put_back else following

    def updates(self) -> list[dict[str, Any]]:
        """Return the batches after which the weights had changed, with the weights after."""
        return [
            {"event": event, "after": after}
            for event, before, after in zip(self.events, self.befores, self.afters, strict=True)
            if not _alike(before, after)
        ]

    def put_back(self) -> bool:
        """Whether an update began, or the run ended, with other weights than the update before it had left."""
        updates = self.updates()
        following = [_array(u["event"]["weights"]) for u in updates[1:]] + [self.final]
        return any(not _alike(u["after"], weights) for u, weights in zip(updates, following, strict=False))

    def batch(self, event: dict[str, Any]) -> linear.Batch:
        """Return the inputs and targets of a batch."""
        picked = self.rows(event)
        x = np.array([(self.train if name == "train" else self.val)[0][i] for name, i in picked])
        y = np.array([(self.train if name == "train" else self.val)[1][i] for name, i in picked])
        return x, y

    def losses(self) -> list[tuple[float, int]]:
        """Return each training batch's loss as it was trained, and its size."""
        found = []
        for update in self.updates():
            event = update["event"]
            weights = np.array([float(v) for v in event["weights"]])
            loss, _ = linear.loss_and_gradient(weights, self.batch(event), GAIN if event["training"] else 1.0)
            found.append((loss, len(event["rows"])))
        return found

    def by_epoch(self) -> list[list[tuple[float, int]]]:
        """Return losses and sizes of the training batches, cut into epochs by the number of rows."""
        epochs: list[list[tuple[float, int]]] = [[]]
        for loss, size in self.losses():
            if sum(n for _, n in epochs[-1]) >= len(self.train[1]):
                epochs.append([])
            epochs[-1].append((loss, size))
        return epochs

    def weights_by_epoch(self) -> list[np.ndarray]:
        """Return the weights after each epoch."""
        found: list[np.ndarray] = []
        rows = 0
        for update in self.updates():
            rows += len(update["event"]["rows"])
            if rows >= len(self.train[1]) * (len(found) + 1):
                found.append(update["after"])
        return found

    def loss(self) -> list[float]:
        """Each epoch's mean over its samples, as they were trained."""
        return [linear.weighted_mean(*zip(*epoch, strict=True)) for epoch in self.by_epoch() if epoch]

    def val_loss(self) -> list[float]:
        """The validation loss at the weights after each epoch."""
        return [linear.mean_loss(w, [self.val]) for w in self.weights_by_epoch()]


def judge_training(e: Evidence) -> str | None:
    """Return what is wrong with the training itself, or ``None``: every row once an epoch, plain steps."""
    seen = Seen(e)
    updates = seen.updates()
    if not updates:
        return "the weights never moved"
    if any(seen.sets(u["event"]) != {"train"} for u in updates):
        return "the weights were updated on rows that are not training rows"
    if not all(u["event"]["training"] for u in updates):
        return "the model was trained in inference mode"
    problem = _judge_steps(e, seen, updates)
    if problem is not None:
        return problem
    if seen.put_back():
        return "the weights of an update were replaced by earlier ones"
    n = len(seen.train[1])
    picked = [i for u in updates for _, i in seen.rows(u["event"])]
    if len(picked) != n * seen.epochs:
        return f"{len(picked)} rows were trained on in {seen.epochs} epochs; the training data has {n}"
    for epoch in range(seen.epochs):
        if sorted(picked[epoch * n : (epoch + 1) * n]) != list(range(n)):
            return f"epoch {epoch + 1} did not train on every row once"
    batches = -(-n // seen.batch_size) * seen.epochs
    if len(updates) != batches:
        return f"there were {len(updates)} updates; batches of {seen.batch_size} rows make {batches}"
    return None


def _judge_steps(e: Evidence, seen: Seen, updates: list[dict[str, Any]]) -> str | None:
    """Return what is wrong with how far an update went, or ``None``: one step of the optimizer that came along."""
    how, velocity = e.inputs[-1], np.zeros(len(START))
    for update in updates:
        event = update["event"]
        weights = np.array([float(v) for v in event["weights"]])
        _, gradient = linear.loss_and_gradient(weights, seen.batch(event), GAIN)
        velocity = how.get("momentum", 0.0) * velocity - how["lr"] * gradient
        if not np.allclose(weights + velocity, update["after"], rtol=1e-3, atol=1e-4):
            if not how.get("momentum"):
                return "an update was not one step along the gradient of its batch's loss"
            return "an update was not the step that the optimizer makes from its batch's gradient and the steps before"
    return None
