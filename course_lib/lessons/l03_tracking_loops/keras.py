"""Lesson 03 in Keras: how `BatchLossRecorder` and `fit_and_track` are watched, and what can go wrong.

Keras may shuffle the training rows, and the learner may call ``fit`` or write the loop by hand. So the
spied model notes which rows passed through it at which weights, and what must be reported is worked
out from those notes in NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.linear import GAIN, LR, START
from course_lib.checks.mistakes import mistake
from course_lib.checks.plain import describe, dict_of, has_graph, list_of, number_of, show, show_apart
from course_lib.lessons.l03_tracking_loops.watching import named_with_outside, noting_the_outside

__all__ = ["FIT_AND_TRACK", "Seen", "fit_case", "judge_history", "judge_training"]


def _sizes(batches: Any) -> list[int]:
    return [len(y) for _, y in batches]


# --- fit_and_track -----------------------------------------------------------------------------------


def observe_fit(answer: Any, record: dict[str, Any], start: Any, train: Any, val: Any, how: dict[str, Any]) -> Any:
    """Run ``fit_and_track`` on a spied model and note what passed through it."""
    from course_lib.checks.watch.spies_keras import compiled, weights_of

    if how.get("twice"):
        with noting_the_outside(answer, record):
            first = answer(compiled(start, GAIN, [], how["lr"]), train, val, how["epochs"], how["batch_size"])
        record["earlier_result"] = describe(first)
    events = record["events"] = []
    model = compiled(start, GAIN, events, how["lr"], how.get("momentum", 0.0))
    before = [part.copy() for part in (*train, *val)]
    came_with, learning = model.optimizer, len(model.trainable_variables)
    try:
        with noting_the_outside(answer, record):
            return answer(model, train, val, how["epochs"], how["batch_size"])
    finally:
        record["weights"] = weights_of(model)
        record["compiled_anew"] = model.optimizer is not came_with
        record["frozen"] = len(model.trainable_variables) < learning
        record["rows_changed"] = any(not np.array_equal(a, b) for a, b in zip(before, (*train, *val), strict=True))


def fit_case(
    name: str,
    judge: Callable[[Evidence], str | None],
    hint: str = "",
    rows: tuple[int, int] = (7, 6),
    run: str = "",
    **how: Any,
) -> Case:
    """Return a case of ``fit_and_track``.

    Parameters
    ----------
    name, hint : str
    judge : callable(Evidence) -> str or None
        One of `judge_history`, `judge_training` and `judge_validation`.
    rows : (int, int)
        Training and validation rows.
    run : str, optional
        The name of a run that several cases judge.
    **how
        ``epochs``, ``batch_size``, ``lr``, ``momentum``; ``away``: the starting weights fit the validation rows,
        so that the validation loss rises from epoch to epoch while the training loss falls; ``twice``: the
        function is called before, with the same arguments; ``fixed``: the rows are the same under every seed.
    """
    settings = {"epochs": 2, "batch_size": 4, "lr": LR, "away": False, **how}
    fixed = settings.pop("fixed", False)

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        rng = np.random.default_rng(1) if fixed else rng
        full, rest = divmod(rows[0], 4)
        train = linear.make_problem(rng, [4] * full + ([rest] if rest else []))
        val = linear.make_problem(rng, [rows[1]], shift=0.7)
        order = rng.permutation(rows[0])
        x, y = (np.concatenate(parts)[order] for parts in zip(*train, strict=True))
        x_val, y_val = val[0]
        if settings["away"]:
            y_val = (x_val @ np.array(START[:-1]) + START[-1]).astype(np.float32)
        return START, (x, y), (x_val, y_val), settings

    return Case(name, inputs, None, hint, observe_fit, judge, run=run)


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


def judge_history(e: Evidence) -> str | None:
    """Return what is wrong with the returned dictionary, or ``None``."""
    seen = Seen(e)
    found = dict_of(e.result)
    if found is None:
        return f"a dictionary with the keys 'loss' and 'val_loss' was asked for, given {show(e.result)}"
    if judge_training(e):
        return judge_training(e)
    for key, right in (("loss", seen.loss()), ("val_loss", seen.val_loss())):
        if key not in found:
            return f"the key {key!r} is missing; the dictionary has {', '.join(found) or 'no keys'}"
        given = list_of(found[key])
        if given is None:
            return f"{key!r} must be a list with one number for each epoch, given {show(found[key])}"
        if len(given) != seen.epochs:
            return f"{key!r} must have {seen.epochs} values, one for each epoch; given {len(given)}: {show(found[key])}"
        if not all(near(number_of(g), r, 1e-3, 1e-5) for g, r in zip(given, right, strict=True)):
            yours, truth = show_apart(found[key], right)
            return f"{key!r}: yours {yours}, right {truth}"
    if has_graph(e.result):
        return "the values are tensors that still carry a graph"
    return None


def judge_validation(e: Evidence) -> str | None:
    """Return what is wrong with how validation was done, or ``None``."""
    seen = Seen(e)
    passed = [event for event in seen.events if "val" in seen.sets(event)]
    if not passed:
        return "no validation row ever went through the model"
    if any(event["training"] for event in passed):
        return "validation rows went through the model in training mode"
    if any("val" in seen.sets(u["event"]) for u in seen.updates()):
        return "the weights changed on validation rows"
    if e.seen.get("frozen"):
        return "weights that could learn when the model arrived are frozen after the call"
    return "the training or validation arrays were changed" if e.seen.get("rows_changed") else None


def _remembers(e: Evidence) -> bool:
    """Whether the same call gave another history the second time."""
    first, given = dict_of(e.seen.get("earlier_result")), dict_of(e.result)
    if first is None or given is None or e.inputs[-1]["batch_size"] < len(e.inputs[1][1]):
        return False
    for key in ("loss", "val_loss"):
        before, now = _numbers(first, key), _numbers(given, key)
        if len(before) != len(now) or not np.allclose(before, now, rtol=1e-3, atol=1e-5, equal_nan=True):
            return True
    return False


def _numbers(found: dict[str, Any], key: str) -> list[float]:
    values = [number_of(item) for item in list_of(found.get(key)) or []]
    return [float("nan") if value is None else value for value in values]


def history_fault(key: str, make: Callable[[Seen], Sequence[float] | None]) -> Callable[[Evidence], bool]:
    """Return a probe: whether the wrong values under ``key`` are those that ``make`` gives."""

    def probe(e: Evidence) -> bool:
        seen = Seen(e)
        given = list_of((dict_of(e.result) or {}).get(key))
        faulty, right = make(seen), seen.loss() if key == "loss" else seen.val_loss()
        if given is None or faulty is None or len(given) != len(faulty) or len(faulty) != len(right):
            return False
        if all(near(f, r, 1e-3, 1e-5) for f, r in zip(faulty, right, strict=True)):
            return False
        return all(near(number_of(g), f, 1e-3, 1e-5) for g, f in zip(given, faulty, strict=True))

    return probe


def _either(*probes: Callable[[Evidence], bool]) -> Callable[[Evidence], bool]:
    return lambda e: any(probe(e) for probe in probes)


def _plain_mean(epoch: list[tuple[float, int]]) -> float:
    return float(np.mean([loss for loss, _ in epoch]))


def _epoch_sum(epoch: list[tuple[float, int]]) -> float:
    return float(sum(loss * n for loss, n in epoch))


def _val_batches(s: Seen) -> list[linear.Batch]:
    return linear.batches_of(s.val[0], s.val[1], s.batch_size)


def _val_batch_losses(s: Seen, w: np.ndarray) -> list[float]:
    return [linear.mean_loss(w, [batch]) for batch in _val_batches(s)]


def _before_epoch(s: Seen) -> list[float]:
    return [linear.mean_loss(w, [s.val]) for w in [s.start, *s.weights_by_epoch()][:-1]]


def _train_at_end(s: Seen) -> list[float]:
    return [linear.mean_loss(w, [s.train]) for w in s.weights_by_epoch()]


def _across_epochs(s: Seen) -> list[float]:
    """Return what a metric that is never reset gives: the mean over all batches so far."""
    epochs = s.by_epoch()
    return [
        linear.weighted_mean(*zip(*(pair for epoch in epochs[: i + 1] for pair in epoch), strict=True))
        for i in range(len(epochs))
    ]


def _lengths(e: Evidence) -> dict[str, int]:
    found = dict_of(e.result) or {}
    return {k: len(v) for k in ("loss", "val_loss") if (v := list_of(found.get(k))) is not None}


def _one_entry_a_batch(e: Evidence) -> bool:
    seen = Seen(e)
    counts = {
        "loss": -(-len(seen.train[1]) // seen.batch_size),
        "val_loss": -(-len(seen.val[1]) // seen.batch_size),
    }
    return any(n != seen.epochs and n in (counts[k], counts[k] * seen.epochs) for k, n in _lengths(e).items())


def _one_too_many(e: Evidence) -> bool:
    """Whether one list has one entry more than epochs, or both have, the first at the starting weights."""
    longer = [key for key, n in _lengths(e).items() if n == e.inputs[-1]["epochs"] + 1]
    if len(longer) < 2:
        return bool(longer)
    first = _numbers(dict_of(e.result) or {}, "val_loss")[0]
    return near(first, linear.mean_loss(np.array(START), [e.inputs[2]]), 1e-3, 1e-5)


def _too_few(e: Evidence) -> bool:
    found = dict_of(e.result) or {}
    numbers = any(number_of(found.get(k)) is not None for k in ("loss", "val_loss"))
    return numbers or any(n < e.inputs[-1]["epochs"] for n in _lengths(e).values())


def _nested(e: Evidence) -> bool:
    found = dict_of(e.result) or {}
    entries = [entry for k in ("loss", "val_loss") for entry in list_of(found.get(k)) or []]
    return any(len(list_of(entry) or []) == 1 for entry in entries)


def _ragged_dropped(e: Evidence) -> bool:
    seen = Seen(e)
    whole = len(seen.train[1]) // seen.batch_size
    sizes = [len(u["event"]["rows"]) for u in seen.updates()]
    ragged = bool(len(seen.train[1]) % seen.batch_size)
    return e.error is None and ragged and sizes == [seen.batch_size] * whole * seen.epochs


def _full_val_batches(s: Seen) -> list[linear.Batch]:
    return [batch for batch in _val_batches(s) if len(batch[1]) == s.batch_size]


def _trained_rows(e: Evidence) -> int:
    return sum(len(u["event"]["rows"]) for u in Seen(e).updates())


def _stopped_before(e: Evidence) -> bool:
    """Whether fewer epochs than asked were run, more than one, with an entry for each."""
    run = _trained_rows(e) / len(e.inputs[1][1])
    return e.error is None and 1 < run < e.inputs[-1]["epochs"] and set(_lengths(e).values()) == {run}


def _wrong_batches(e: Evidence) -> bool:
    seen = Seen(e)
    n = len(seen.train[1])
    return _trained_rows(e) == n * seen.epochs and len(seen.updates()) != -(-n // seen.batch_size) * seen.epochs


def _split_off(e: Evidence) -> bool:
    seen = Seen(e)
    trained = {i for u in seen.updates() for name, i in seen.rows(u["event"]) if name == "train"}
    evaluated = {i for ev in seen.events if not ev["training"] for name, i in seen.rows(ev) if name == "train"}
    return bool(trained) and trained.isdisjoint(evaluated) and bool(evaluated) and len(trained) < len(seen.train[1])


_FIT_DIAGNOSES = (
    mistake("remembers_earlier_call/keras", probe=_remembers),
    mistake("flags_changed/keras", probe=lambda e: bool(e.seen.get("frozen"))),
    mistake("compiled_anew/keras", probe=lambda e: bool(e.seen.get("compiled_anew"))),
    mistake(
        "pair_not_unpacked",
        probe=lambda e: e.error is not None and "Shapes of all inputs must match" in e.error["message"],
    ),
    mistake("history_object/keras", probe=lambda e: e.result.get("type", "").endswith("History")),
    mistake(
        "updates_on_validation_rows/keras",
        probe=lambda e: any("val" in Seen(e).sets(u["event"]) for u in Seen(e).updates()),
    ),
    mistake("validation_split", probe=_split_off),
    mistake(
        "validated_on_training_rows/keras",
        probe=lambda e: (
            e.error is None
            and bool(Seen(e).updates())
            and not any("val" in Seen(e).sets(event) for event in Seen(e).events)
            and "val_loss" in (dict_of(e.result) or {})
        ),
    ),
    mistake(
        "no_validation",
        probe=lambda e: (
            (e.error is None or e.error["message"] == "'val_loss'")
            and bool(Seen(e).updates())
            and not any("val" in Seen(e).sets(event) for event in Seen(e).events)
        ),
    ),
    mistake("never_trained/keras", probe=lambda e: e.error is None and not Seen(e).updates()),
    mistake(
        "no_eval/val_in_training_mode",
        probe=lambda e: any(ev["training"] and "val" in Seen(e).sets(ev) for ev in Seen(e).events),
    ),
    mistake(
        "no_train_mode/trained_in_inference_mode",
        probe=lambda e: any(not u["event"]["training"] for u in Seen(e).updates()),
    ),
    mistake(
        "wrong_number_of_epochs/stopped_before_the_end",
        says=lambda e: f"the training ended after fewer epochs than the {e.inputs[-1]['epochs']} that were asked for.",
        probe=_stopped_before,
    ),
    mistake("one_entry_a_batch", probe=_one_entry_a_batch),
    mistake("one_entry_too_many", probe=_one_too_many),
    mistake("one_entry_too_few/keras", probe=_too_few),
    mistake("nested_lists", probe=_nested),
    mistake("last_batch_left_out/keras", probe=_ragged_dropped),
    mistake("weights_put_back/keras", probe=lambda e: e.error is None and Seen(e).put_back()),
    mistake(
        "wrong_number_of_epochs/keras",
        probe=lambda e: e.error is None and _trained_rows(e) != len(e.inputs[1][1]) * e.inputs[-1]["epochs"],
    ),
    mistake("other_batches/wrong_batch_size", probe=_wrong_batches),
    mistake(
        "keys_swapped/keras",
        probe=lambda e: history_fault("loss", Seen.val_loss)(e) and history_fault("val_loss", Seen.loss)(e),
    ),
    mistake(
        "validated_on_training_rows/keras_2",
        probe=_either(history_fault("val_loss", _train_at_end), history_fault("val_loss", Seen.loss)),
    ),
    mistake("best_so_far", probe=history_fault("val_loss", lambda s: np.minimum.accumulate(s.val_loss()).tolist())),
    mistake("val_measured_once/keras", probe=history_fault("val_loss", lambda s: [s.val_loss()[-1]] * s.epochs)),
    mistake(
        "last_batch_left_out/keras_2",
        probe=history_fault(
            "val_loss", lambda s: [linear.mean_loss(w, _full_val_batches(s)) for w in s.weights_by_epoch()]
        ),
    ),
    mistake("val_before_epoch/keras", probe=history_fault("val_loss", _before_epoch)),
    mistake("loss_remeasured", probe=history_fault("loss", _train_at_end)),
    mistake(
        "not_reset_per_epoch/keras_2",
        probe=_either(
            history_fault("loss", _across_epochs),
            history_fault("loss", lambda s: np.cumsum(s.loss()).tolist()),
            history_fault("val_loss", lambda s: np.cumsum(s.val_loss()).tolist()),
        ),
    ),
    mistake(
        "mean_of_means/keras",
        probe=_either(
            history_fault("loss", lambda s: [_plain_mean(epoch) for epoch in s.by_epoch()]),
            history_fault(
                "val_loss",
                lambda s: [float(np.mean(_val_batch_losses(s, w))) for w in s.weights_by_epoch()],
            ),
        ),
    ),
    mistake(
        "last_batch/keras",
        probe=_either(
            history_fault("loss", lambda s: [epoch[-1][0] for epoch in s.by_epoch()]),
            history_fault("val_loss", lambda s: [_val_batch_losses(s, w)[-1] for w in s.weights_by_epoch()]),
        ),
    ),
    mistake(
        "not_divided/keras",
        probe=_either(
            history_fault("loss", lambda s: [_epoch_sum(epoch) for epoch in s.by_epoch()]),
            history_fault("val_loss", lambda s: [v * len(s.val[1]) for v in s.val_loss()]),
        ),
    ),
)

#: Three epochs in which the training loss falls and the validation loss rises, whatever the seed.
_RISING: dict[str, Any] = {"epochs": 3, "lr": 0.015, "away": True}

FIT_AND_TRACK = Exercise(
    name="fit_and_track",
    points=3,
    cases=(
        fit_case("one epoch: both losses", judge_history, epochs=1),
        fit_case("three epochs: both lists", judge_history, run="three epochs", **_RISING),
        fit_case("every training row once an epoch", judge_training, run="three epochs", **_RISING),
        fit_case("validation changes nothing", judge_validation, run="three epochs", **_RISING),
        fit_case("an optimizer with momentum", judge_history, rows=(6, 3), momentum=0.8, lr=0.02, fixed=True),
        fit_case("the same call a second time", judge_history, rows=(4, 3), epochs=1, twice=True, fixed=True),
    ),
    diagnoses=named_with_outside(_FIT_DIAGNOSES),
)
