"""Lesson 03 in PyTorch: how `train_one_epoch` and `fit_and_track` are watched, and what can go wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, cast

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import close, near
from course_lib.checks.linear import GAIN, LR, START
from course_lib.checks.mistakes import mistake
from course_lib.checks.mistakes.training import LOOP, Loop, loss_not_called, same
from course_lib.checks.plain import describe, dict_of, list_of, number_of, show_apart, type_name
from course_lib.lessons.l03_tracking_loops.watching import (
    gradients_on,
    named_with_outside,
    noting_the_outside,
    spied,
    trainable,
)

__all__ = ["FIT_AND_TRACK", "fit_case"]


def _sizes(batches: Sequence[linear.Batch]) -> list[int]:
    return [len(y) for _, y in batches]


def _remembers(e: Evidence) -> bool:
    """Whether the same arguments gave another result before: something of an earlier call is still there."""
    return e.compares == "result" and "earlier_result" in e.seen and e["earlier_result"] != e.result


def _events(e: Evidence, *what: str) -> list[dict[str, Any]]:
    return [event for event in e.seen.get("events", []) if not what or event["what"] in what]


_OUTER_FLAG = mistake(
    "outer_flag_only", probe=lambda e: any(not event.get("outer_agrees", True) for event in _events(e, "forward"))
)

_LEFT_OFF = mistake("gradients_left_off/notebook", probe=lambda e: bool(e.seen.get("gradients_left_off")))


# --- fit_and_track -----------------------------------------------------------------------------------


def observe_fit(answer: Any, record: dict[str, Any], start: Any, train: Any, val: Any, how: dict[str, Any]) -> Any:
    """Run ``fit_and_track`` on a spied model and note what happened, the weights and the mode after it."""
    from course_lib.checks.watch.spies_pytorch import weights_of

    if "earlier" in how:
        with noting_the_outside(answer, record):
            for rows, unseen in (how["earlier"], (train, val)):
                record["earlier_result"] = describe(answer(*_arguments(start, rows, unseen, how, [])))
    events = record["events"] = []
    arguments = _arguments(start, train, val, how, events)
    model = arguments[0]
    try:
        with noting_the_outside(answer, record), gradients_on(record):
            result = answer(*arguments)
        record["history_object"] = type_name(result).endswith("History")
        return "a History object" if record["history_object"] else result
    finally:
        record["weights_after_the_run"] = weights_of(model)
        record["training_mode_after_the_run"] = all(module.training for module in model.modules())
        record["flags_changed"] = not all(trainable(model))


def _arguments(start: Any, train: Any, val: Any, how: dict[str, Any], events: list[dict[str, Any]]) -> tuple[Any, ...]:
    """Return the arguments of ``fit_and_track``, spied on."""
    from course_lib.checks.watch.spies_pytorch import loaders

    def order() -> list[int]:
        # By the steps that were taken: who only counts the rows uses up no order.
        steps = sum(event["what"] == "step" for event in events)
        return _order(steps // -(-len(train[1]) // how["batch_size"]), len(train[1]))

    train_loader = loaders(train[0], train[1], how["batch_size"], order if how.get("reordered") else None)
    val_loader = loaders(val[0], val[1], how["val_batch_size"])
    model, loss, optimizer = spied(start, how, events)
    return model, train_loader, val_loader, loss, optimizer, how["epochs"]


def _order(epoch: int, rows: int) -> list[int]:
    """Return the order in which a loader gives its rows in an epoch, another one in each."""
    return [(7 * epoch + (1 if epoch % 2 == 0 else -1) * i) % rows for i in range(rows)]


class Fit:
    """The truth about one run of ``fit_and_track``, epoch by epoch.

    Parameters
    ----------
    start, train, val, how
        The inputs of a case made by `fit_case`.
    """

    def __init__(self, start: Any, train: Any, val: Any, how: dict[str, Any]):
        self.batches = linear.batches_of(train[0], train[1], how["batch_size"])
        orders = [_order(i if how.get("reordered") else 0, len(train[1])) for i in range(how["epochs"])]
        self.val_batches = linear.batches_of(val[0], val[1], how["val_batch_size"])
        self.sizes, self.val_sizes = _sizes(self.batches), _sizes(self.val_batches)
        self.epochs = how["epochs"]
        weights, velocity = np.array(start, dtype=np.float64), np.zeros(3)
        self.runs, self.before = [], []
        #: The weights after a run whose optimizer forgets its state after each epoch.
        self.restarted = weights
        for order in orders:
            self.before.append(weights)
            batches = linear.batches_of(train[0][order], train[1][order], how["batch_size"])
            run = linear.train(weights, batches, LR, GAIN, how.get("momentum", 0.0), velocity)
            weights = run.weights
            self.runs.append(run)
            self.restarted = linear.train(self.restarted, batches, LR, GAIN, how.get("momentum", 0.0)).weights

    @property
    def loss(self) -> list[float]:
        """Each epoch's mean over its samples, as they were trained."""
        return [linear.weighted_mean(run.losses, self.sizes) for run in self.runs]

    @property
    def val_loss(self) -> list[float]:
        """The validation loss after each epoch, in evaluation mode."""
        return [linear.mean_loss(run.weights, self.val_batches) for run in self.runs]

    def val_batch_losses(self, epoch: int, gain: float = 1.0) -> list[float]:
        """Return the loss of each validation batch after an epoch."""
        return [linear.loss_and_gradient(self.runs[epoch].weights, batch, gain)[0] for batch in self.val_batches]

    @property
    def history(self) -> dict[str, list[float]]:
        """What ``fit_and_track`` must return."""
        return {"loss": self.loss, "val_loss": self.val_loss}


def fit_of(e: Evidence) -> Fit:
    """Return the truth about the run of a case, worked out once for all the judges and probes that ask for it."""
    # Kept where a cached_property would keep it: the evidence of a case never changes.
    kept = vars(e)
    if "fit" not in kept:
        kept["fit"] = Fit(*e.inputs)
    return cast(Fit, kept["fit"])


def _train_and_val(rng: np.random.Generator, n: int, n_val: int, away: bool = False) -> tuple[Any, Any]:
    train = linear.make_problem(rng, [n // 3] * 3 + ([n % 3] if n % 3 else []))
    val = linear.make_problem(rng, [n_val // 2, n_val - n_val // 2], shift=0.5)
    x, y = (np.concatenate(parts) for parts in zip(*val, strict=True))
    if away:
        y = (x @ np.array(START[:-1]) + START[-1]).astype(np.float32)
    return tuple(np.concatenate(parts) for parts in zip(*train, strict=True)), (x, y)


def fit_case(
    name: str,
    compares: str = "result",
    hint: str = "",
    judge: Any = None,
    sizes: tuple[int, int] = (11, 7),
    run: str = "",
    **how: Any,
) -> Case:
    """Return a case of ``fit_and_track``.

    Parameters
    ----------
    name, hint : str
    compares : {"result", "weights_after_the_run", "training_mode_after_the_run"}
        Only a judge looks at the training mode; so it does at the weights, if there is one.
    judge : callable(Evidence) -> str or None, optional
    sizes : (int, int)
        Training and validation rows.
    run : str, optional
        The name of a run that several cases judge.
    **how
        ``epochs``, ``batch_size``, ``val_batch_size``, ``training`` (the mode it arrives in), ``momentum``;
        ``away``: the starting weights fit the validation rows, so that their loss rises from epoch to epoch;
        ``reordered``: every epoch has the rows in another order; ``twice``: the function is called on another
        model and other rows before; ``fixed``: the rows are the same under every seed.
    """
    settings = {"epochs": 2, "batch_size": 4, "val_batch_size": 3, "training": True, **how}
    away, twice, fixed = (settings.pop(name, False) for name in ("away", "twice", "fixed"))

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        rng = np.random.default_rng(1) if fixed else rng
        train, val = _train_and_val(rng, *sizes, away=away)
        return START, train, val, settings | ({"earlier": _train_and_val(rng, 5, 4)} if twice else {})

    def expected(start: Any, train: Any, val: Any, how: dict[str, Any]) -> Any:
        fit = Fit(start, train, val, how)
        return fit.history if compares == "result" else fit.runs[-1].weights.tolist()

    return Case(name, inputs, None if judge else expected, hint, observe_fit, judge, compares, run=run)


def _rows(e: Evidence, which: int) -> set[float]:
    return {round(float(v), 4) for v in e.inputs[which][0][:, 0]}


def _is_val(e: Evidence, event: dict[str, Any]) -> bool:
    return bool({round(float(v), 4) for v in event["rows"]} & _rows(e, 2))


def _val_forwards(e: Evidence) -> list[dict[str, Any]]:
    return [event for event in _events(e, "forward") if _is_val(e, event)]


def _train_forwards(e: Evidence) -> list[dict[str, Any]]:
    return [event for event in _events(e, "forward") if not _is_val(e, event)]


def _updates_on_val(e: Evidence) -> bool:
    last_forward = None
    for event in _events(e, "forward", "step", "backward"):
        if event["what"] == "forward":
            last_forward = event
        elif event["what"] == "step" and last_forward is not None and _is_val(e, last_forward):
            return True
    return False


def _backward_on_val(e: Evidence) -> bool:
    last_forward = None
    for event in _events(e, "forward", "backward"):
        if event["what"] == "forward":
            last_forward = event
        elif last_forward is not None and _is_val(e, last_forward):
            return True
    return False


def _val_between_updates(e: Evidence) -> bool:
    """Whether validation rows were measured before all batches of an epoch had been trained on."""
    batches, steps = len(fit_of(e).batches), 0
    for event in _events(e, "forward", "step"):
        if event["what"] == "step":
            steps += 1
        elif _is_val(e, event) and steps % batches:
            return e.error is None and len(_events(e, "step")) == batches * e.inputs[-1]["epochs"]
    return False


def _other_val_loss(e: Evidence) -> bool:
    """Whether validation rows were measured without the loss function handed over."""
    order = [(event["what"], event["what"] == "forward" and _is_val(e, event)) for event in _events(e)]
    return (
        e.error is None
        and any(val for _, val in order)
        and not any(
            val and what == "loss" for (_, val), (what, _) in pairwise(o for o in order if o[0] in ("forward", "loss"))
        )
    )


def _graph_on_val(e: Evidence) -> bool:
    return any(event["grad"] for event in _val_forwards(e))


def _val_in_training_mode(e: Evidence) -> bool:
    return any(event["training"] for event in _val_forwards(e))


def _stays_in_eval(e: Evidence) -> bool:
    if e.seen.get("training_mode_after_the_run") is not False or not _val_forwards(e):
        return False
    return not any(event["training"] for event in _val_forwards(e))


def _never_in_training(e: Evidence) -> bool:
    forwards = [event for event in _train_forwards(e) if event["grad"]]
    return bool(forwards) and not forwards[0]["training"]


def _mode_not_restored(e: Evidence) -> bool:
    forwards = [event for event in _train_forwards(e) if event["grad"]]
    return bool(forwards) and forwards[0]["training"] and not all(event["training"] for event in forwards)


def no_val_rows(e: Evidence) -> bool:
    """Whether no validation row ever went through the model."""
    return e.error is None and bool(_train_forwards(e)) and not _val_forwards(e)


def _lengths(e: Evidence) -> dict[str, int]:
    found = dict_of(e.result) or {}
    return {k: len(v) for k in ("loss", "val_loss") if (v := list_of(found.get(k))) is not None}


def _judge_val(e: Evidence) -> str | None:
    """Return what the validation pass changed or built, or ``None``."""
    if not _val_forwards(e):
        return "no validation row ever went through the model"
    if _updates_on_val(e):
        return "the weights were updated on validation rows"
    if _val_in_training_mode(e):
        return "validation rows went through the model in training mode"
    if _graph_on_val(e):
        return "gradients were recorded while the validation rows went through the model"
    if e.seen.get("gradients_left_off"):
        return "gradients are switched off after the call"
    if e.seen.get("flags_changed"):
        return "parameters that could learn when the model arrived are frozen after the call"
    given, right = e.seen["weights_after_the_run"], fit_of(e).runs[-1].weights.tolist()
    if close(describe(given), right) is None:
        return None
    yours, truth = show_apart(describe(given), right)
    return f"The weights after the run: yours {yours}, right {truth}"


def _judge_ran(e: Evidence) -> str | None:
    """Return what is missing if not both passes ran, or ``None``."""
    if not _train_forwards(e):
        return "no training row ever went through the model"
    if not _val_forwards(e):
        return "no validation row ever went through the model"
    if e.seen["training_mode_after_the_run"] is not True:
        return "the model is left in evaluation mode"
    return None


def one_entry_a_batch(e: Evidence) -> bool:
    """Whether a list has one entry for each batch instead of each epoch."""
    fit, lengths = fit_of(e), _lengths(e)
    counts = {"loss": len(fit.sizes), "val_loss": len(fit.val_sizes)}
    return any(n != fit.epochs and n in (counts[k], counts[k] * fit.epochs) for k, n in lengths.items())


def one_entry_too_many(e: Evidence) -> bool:
    """Whether one list has one entry more than epochs, or both have, the first at the starting weights."""
    fit, lengths = fit_of(e), _lengths(e)
    longer = [key for key, n in lengths.items() if n == fit.epochs + 1]
    if len(longer) < 2:
        return bool(longer)
    first = number_of((list_of((dict_of(e.result) or {})["val_loss"]) or [])[0])
    return any(near(first, linear.mean_loss(fit.before[0], fit.val_batches, gain)) for gain in (1.0, GAIN))


def _too_few(e: Evidence) -> bool:
    found = dict_of(e.result) or {}
    numbers = any(number_of(found.get(k)) is not None for k in ("loss", "val_loss"))
    return numbers or any(n < e.inputs[-1]["epochs"] for n in _lengths(e).values())


def _passes(e: Evidence) -> float:
    """Return how many times the training batches were trained on."""
    trained = sum(event["training"] and event["grad"] for event in _train_forwards(e))
    return trained / len(fit_of(e).batches)


def _other_epochs(e: Evidence) -> bool:
    lengths = _lengths(e)
    return len(lengths) == 2 and {_passes(e)} == set(lengths.values()) != {e.inputs[-1]["epochs"]}


def _one_val_batch(e: Evidence) -> bool:
    """Whether in each epoch only the first validation batch went through the model."""
    fit, passed = fit_of(e), _val_forwards(e)
    first = {round(float(v), 4) for v in fit.val_batches[0][0][:, 0]}
    return (
        e.error is None
        and len(fit.val_batches) > 1
        and bool(passed)
        and all({round(float(v), 4) for v in event["rows"]} == first for event in passed)
    )


def put_back(e: Evidence) -> bool:
    """Whether the run ended with the weights of an earlier epoch, though all epochs were trained."""
    final, fit = e.seen.get("weights_after_the_run"), fit_of(e)
    runs = [run.weights for run in fit.runs]
    if len(_events(e, "step")) != fit.epochs * len(fit.batches):
        return False
    return not same(final, runs[-1]) and any(same(final, weights) for weights in runs[:-1])


def optimizer_replaced(e: Evidence) -> bool:
    """Whether the optimizer handed over took the steps of the first epochs, and something else those after them."""
    fit, steps = fit_of(e), len(_events(e, "step"))
    if e.inputs[-1].get("momentum") and same(e.seen.get("weights_after_the_run"), fit.restarted):
        return True
    epochs, rest = divmod(steps, len(fit.batches))
    if rest or not 0 < epochs < fit.epochs or len(_events(e, "backward")) != fit.epochs * len(fit.batches):
        return False
    return not same(e.seen.get("weights_after_the_run"), fit.runs[epochs - 1].weights)


def _other_than_best_so_far(e: Evidence) -> bool:
    """Whether the validation losses are a list of the right length that is not the smallest so far."""
    given, fit = list_of((dict_of(e.result) or {}).get("val_loss")), fit_of(e)
    if e.compares != "result" or given is None or len(given) != fit.epochs:
        return False
    best = np.minimum.accumulate(fit.val_loss).tolist()
    return not all(near(number_of(g), b) for g, b in zip(given, best, strict=True))


def batches_kept(e: Evidence) -> bool:
    """Whether a loader that gives another order in each epoch was read once, and its batches used for all epochs."""
    rows, n = [v for event in _train_forwards(e) if event["grad"] for v in event["rows"]], len(e.inputs[1][1])
    return bool(e.inputs[-1].get("reordered")) and len(rows) == 2 * n and rows[:n] == rows[n:]


def history_fault(key: str, make: Callable[[Fit], Any]) -> Callable[[Evidence], bool]:
    """Return a probe: whether the wrong values under ``key`` are those that ``make`` gives.

    The other key's values may be right or wrong in another way.
    """

    def probe(e: Evidence) -> bool:
        found = dict_of(e.result)
        given = list_of((found or {}).get(key))
        if e.compares != "result" or given is None:
            return False
        fit = fit_of(e)
        faulty, right = make(fit), fit.history[key]
        if faulty is None or len(given) != len(faulty) or all(map(near, faulty, right)):
            return False
        return all(near(number_of(g), f) for g, f in zip(given, faulty, strict=True))

    return probe


def _either(*probes: Callable[[Evidence], bool]) -> Callable[[Evidence], bool]:
    return lambda e: any(probe(e) for probe in probes)


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def _cumulative(values: Sequence[float]) -> list[float]:
    return np.cumsum(values).tolist()


FIT_RESULT_DIAGNOSES = (
    mistake(
        "keys_swapped/keras",
        probe=lambda e: (
            history_fault("loss", lambda f: f.val_loss)(e) and history_fault("val_loss", lambda f: f.loss)(e)
        ),
    ),
    mistake(
        "mean_of_means/keras",
        probe=_either(
            history_fault("loss", lambda f: [_mean(run.losses) for run in f.runs]),
            history_fault("val_loss", lambda f: [_mean(f.val_batch_losses(i)) for i in range(f.epochs)]),
        ),
    ),
    mistake(
        "last_batch/keras",
        probe=_either(
            history_fault("loss", lambda f: [run.losses[-1] for run in f.runs]),
            history_fault("val_loss", lambda f: [f.val_batch_losses(i)[-1] for i in range(f.epochs)]),
        ),
    ),
    mistake("one_validation_batch/pytorch", probe=_one_val_batch),
    mistake(
        "one_validation_batch/pytorch_2",
        probe=history_fault("val_loss", lambda f: [f.val_batch_losses(i)[0] for i in range(f.epochs)]),
    ),
    mistake(
        "best_so_far",
        probe=history_fault("val_loss", lambda f: np.minimum.accumulate(f.val_loss).tolist()),
        denied=_other_than_best_so_far,
    ),
    mistake("val_measured_once/pytorch", probe=history_fault("val_loss", lambda f: [f.val_loss[-1]] * f.epochs)),
    mistake(
        "val_before_epoch/keras",
        probe=history_fault("val_loss", lambda f: [linear.mean_loss(w, f.val_batches) for w in f.before]),
    ),
    mistake(
        "loss_remeasured",
        probe=_either(
            history_fault("loss", lambda f: [linear.mean_loss(r.weights, f.batches) for r in f.runs]),
            history_fault("loss", lambda f: [linear.mean_loss(r.weights, f.batches, GAIN) for r in f.runs]),
        ),
    ),
    mistake(
        "validated_on_training_rows/keras_2",
        probe=_either(
            history_fault("val_loss", lambda f: [linear.mean_loss(r.weights, f.batches) for r in f.runs]),
            history_fault("val_loss", lambda f: f.loss),
        ),
    ),
    mistake(
        "sums_not_reset_for_validation",
        probe=history_fault(
            "val_loss",
            lambda f: [
                linear.weighted_mean((t, v), (sum(f.sizes), sum(f.val_sizes)))
                for t, v in zip(f.loss, f.val_loss, strict=True)
            ],
        ),
    ),
    mistake(
        "not_reset_per_epoch/pytorch",
        probe=_either(
            history_fault("loss", lambda f: _cumulative(f.loss)),
            history_fault("val_loss", lambda f: _cumulative(f.val_loss)),
            history_fault("loss", lambda f: (np.cumsum(f.loss) / np.arange(1, f.epochs + 1)).tolist()),
            history_fault("val_loss", lambda f: (np.cumsum(f.val_loss) / np.arange(1, f.epochs + 1)).tolist()),
        ),
    ),
    mistake(
        "wrong_count/pytorch",
        probe=_either(
            history_fault("loss", lambda f: [v * sum(f.sizes) / len(f.sizes) for v in f.loss]),
            history_fault("val_loss", lambda f: [v * sum(f.val_sizes) / len(f.val_sizes) for v in f.val_loss]),
            history_fault("loss", lambda f: [v * sum(f.sizes) / sum(f.val_sizes) for v in f.loss]),
            history_fault("loss", lambda f: [v * sum(f.sizes) / (f.sizes[0] * len(f.sizes)) for v in f.loss]),
            history_fault(
                "val_loss", lambda f: [v * sum(f.val_sizes) / (f.val_sizes[0] * len(f.val_sizes)) for v in f.val_loss]
            ),
            history_fault("val_loss", lambda f: [v * sum(f.val_sizes) / sum(f.sizes) for v in f.val_loss]),
            history_fault("loss", lambda f: [sum(run.losses) / sum(f.sizes) for run in f.runs]),
            history_fault(
                "val_loss", lambda f: [sum(f.val_batch_losses(i)) / sum(f.val_sizes) for i in range(f.epochs)]
            ),
        ),
    ),
    mistake(
        "not_divided/keras",
        probe=_either(
            history_fault("loss", lambda f: [v * sum(f.sizes) for v in f.loss]),
            history_fault("val_loss", lambda f: [v * sum(f.val_sizes) for v in f.val_loss]),
            history_fault("loss", lambda f: [sum(run.losses) for run in f.runs]),
            history_fault("val_loss", lambda f: [sum(f.val_batch_losses(i)) for i in range(f.epochs)]),
        ),
    ),
)

FIT_SHAPE_DIAGNOSES = (
    mistake("history_object/pytorch", probe=lambda e: bool(e.seen.get("history_object"))),
    mistake(
        "wrong_number_of_epochs/other_number_of_epochs",
        says=lambda e: f"the epochs run were {_passes(e):g}; asked for were {e.inputs[-1]['epochs']}.",
        probe=_other_epochs,
    ),
    mistake("one_entry_a_batch", probe=one_entry_a_batch),
    mistake("one_entry_too_many", probe=one_entry_too_many),
    mistake("one_entry_too_few/pytorch", probe=_too_few),
)

_FIT_DIAGNOSES = (
    LOOP[0],
    LOOP[1],
    mistake("remembers_earlier_call", probe=_remembers),
    mistake("weights_put_back/pytorch", probe=put_back),
    mistake("batches_kept", probe=batches_kept),
    _LEFT_OFF,
    mistake(
        "flags_changed/pytorch_2",
        probe=lambda e: e.compares == "weights_after_the_run" and bool(e.seen.get("flags_changed")),
    ),
    mistake("updates_on_validation_rows/pytorch", probe=_updates_on_val),
    mistake("backward_on_validation_rows", probe=lambda e: _backward_on_val(e) and not _updates_on_val(e)),
    mistake("optimizer_made_again", probe=optimizer_replaced),
    *LOOP[2:],
    mistake("validated_on_training_rows/pytorch", probe=no_val_rows),
    _OUTER_FLAG,
    mistake("no_eval/pytorch", probe=_val_in_training_mode),
    mistake("mode_not_restored/pytorch", probe=_mode_not_restored),
    mistake("no_train_mode", probe=_never_in_training),
    *FIT_SHAPE_DIAGNOSES,
    mistake(
        "other_loss/validation",
        probe=lambda e: e.compares == "result" and not loss_not_called(Loop(e)) and _other_val_loss(e),
    ),
    mistake("validated_every_batch/val_between_updates", probe=_val_between_updates),
    *FIT_RESULT_DIAGNOSES,
    mistake(
        "mode_left_in_eval/pytorch", probe=lambda e: e.compares == "training_mode_after_the_run" and _stays_in_eval(e)
    ),
    mistake(
        "gradients_on/pytorch",
        probe=lambda e: e.compares == "weights_after_the_run" and e.expected is None and _graph_on_val(e),
    ),
)

_FIXED: dict[str, Any] = {"fixed": True, "sizes": (7, 4)}
#: Three epochs in which the validation loss rises.
_RISING: dict[str, Any] = {"epochs": 3, "away": True, **_FIXED}

FIT_AND_TRACK = Exercise(
    name="fit_and_track",
    points=3,
    cases=(
        fit_case("one epoch: both losses", run="one epoch", epochs=1),
        fit_case("three epochs: both lists", run="three epochs", epochs=3, training=False),
        fit_case(
            "the weights after three epochs", "weights_after_the_run", run="three epochs", epochs=3, training=False
        ),
        fit_case("validation changes nothing", "weights_after_the_run", judge=_judge_val, run="one epoch", epochs=1),
        fit_case("training mode afterwards", "training_mode_after_the_run", judge=_judge_ran, training=False),
        fit_case("a validation loss that rises: both lists", run="rising", **_RISING),
        fit_case("a validation loss that rises: the weights", "weights_after_the_run", run="rising", **_RISING),
        fit_case(
            "momentum, and another order in the second epoch",
            "weights_after_the_run",
            reordered=True,
            momentum=0.5,
            **_FIXED,
        ),
        fit_case("a third call, on another model", epochs=1, twice=True, **_FIXED),
    ),
    diagnoses=named_with_outside(_FIT_DIAGNOSES),
)
