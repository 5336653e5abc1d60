"""Lesson 04, `add_regularisation`: a model with dropout, and an optimizer that decays its weights, in both tracks."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.mistakes import Fields, Sign, by_sign
from course_lib.lessons.l04_overfitting.probed_pair import (
    DEFAULT_RATE,
    GRADIENTS,
    MATRICES,
    SIGNS,
    START,
    ProbedPair,
    like,
    observer,
    second_step,
)

__all__ = ["add_regularisation", "regularise_case"]

# --- what must be seen -----------------------------------------------------------------------------------


def _judge_layers(pair: ProbedPair) -> str | None:
    if not pair.built_right:
        return f"the weights should have the shapes {pair.right_shapes}; yours have {pair['shapes']}"
    if not pair.plain_is(pair.logit):
        low, high = pair["plain"]
        return (
            f"with dropout off, all weights of a layer equal and all inputs 1, the logits should be {pair.logit:.4g}; "
            f"they are {low:.4g} to {high:.4g}"
        )
    if not pair.plain_is(pair.logit, "by_default"):
        return "called without `training`, the model should answer as in evaluation mode; it does not"
    if any(abs(given) > 1e-4 for given in pair["signs"][:2]):
        return "a hidden layer lets negative values through; there should be a ReLU after each of the two"
    if any(abs(given - right) > 1e-3 for given, (_, right) in zip(pair["signs"], SIGNS, strict=True)):
        return "negative inputs or negative logits do not get through; a ReLU belongs after the hidden layers only"
    return None


def _judge_dropout(pair: ProbedPair) -> str | None:
    if pair["columns_differ"]:
        return "with equal weights all logits of a row should be equal; in training mode they differ"
    if pair.noisy:
        return "what varies in training mode is not which units are dropped: hardly two rows have the same logit"
    if not pair.dropped_right:
        return (
            f"in training mode the logits should vary with a relative variance of {pair.right_spread:.4f}; "
            f"they vary with {pair['spread']:.4f}"
        )
    if abs(pair["mean"] - 1) > 0.1:
        times = f"{pair['mean']:.2f} times as large"
        return f"dropout should leave the mean of the logits as it is; in training mode it is {times}"
    return None


def _judge_decay(pair: ProbedPair) -> str | None:
    if pair["penalty"] > 1e-6:
        return "the model adds a penalty to the loss, so the reported loss is no longer the cross-entropy"
    keep = 1 - pair.share
    for name in MATRICES:
        if not pair.every("decayed", lambda v, start: near(v, start * keep, 2e-5), [name]):
            given = [*pair["decayed"][name], math.nan][0] / START[name]
            return (
                f"after a step with gradients of zero the {name} weights should be {keep:.6g} times what they were "
                f"(1 - lr * weight_decay); given: {given:.6g} times"
            )
    return None


def _judge_biases(pair: ProbedPair) -> str | None:
    if not pair["decayed"]["bias"]:
        return "the model has no biases that learn"
    if not pair.every("decayed", lambda v, start: near(v, start, 2e-5), ["bias"]):
        return "after a step with gradients of zero the biases should be what they were; they have changed"
    return None


def _judge_step(pair: ProbedPair) -> str | None:
    """Adam's first step is lr in size, whatever the gradient's size; the second leaves room for other betas."""
    steps = (
        ("stepped", 0.02, "after one step on gradients of 2"),
        ("followed", 0.05, "after a step on gradients of 2 and another on gradients of 0.5"),
    )
    for note, tolerance, after in steps:
        for name, start in START.items():
            keep = 1.0 if name == "bias" else 1 - pair.share
            right = start * keep - pair.rate
            if note == "followed":
                right = right * keep - second_step() * pair.rate
            values = pair[note][name] or [math.nan]
            if not all(abs(v - right) <= tolerance * pair.rate for v in values):
                return f"{after}, {name} weights of {start:g} should be {right:.5g}; they are {values[0]:.5g}"
    return None


# --- what can go wrong -----------------------------------------------------------------------------------

_Signs = tuple[tuple[str, Sign], ...]


def _squeezed(pair: ProbedPair) -> bool:
    """Whether the outputs are those of three layers with one more ReLU, sigmoid or tanh at the end."""
    cut = pair.plain_is(pair.logit) and all(
        abs(given - max(right, 0.0)) <= 1e-3 for given, (_, right) in zip(pair["signs"], SIGNS, strict=True)
    )
    return pair.built_right and (cut or pair.plain_is(1.0))


def _not_scaled_up(pair: ProbedPair) -> bool:
    """Whether the logits shrink by what is dropped in one hidden layer, or in both."""
    shrunk = any(like(pair["mean"], (1 - pair.dropout) ** layers, 0.05) for layers in (1, 2))
    return shrunk and pair.dropout > 0.05 and pair["spread"] > 1e-9


def _no_decay(pair: ProbedPair) -> bool:
    return bool(pair.decay > 0 and pair.decays_by(0.0))


def _decay_on_some(pair: ProbedPair) -> bool:
    others = [name for name in MATRICES if name not in pair.decaying]
    return 0 < len(others) < len(MATRICES) and pair.decays_by(0.0, *others)


def _not_adam(pair: ProbedPair) -> bool:
    first, second = pair.bias_moves
    return abs(first - pair.rate) > 0.02 * pair.rate or abs(second - second_step() * pair.rate) > 0.05 * pair.rate


def _parameters_left_out(pair: ProbedPair) -> bool:
    return any(abs(v - start) < 0.1 * pair.rate for name, start in START.items() for v in pair["stepped"][name])


def _same_built(pair: ProbedPair) -> str:
    return " and the same ".join(pair["built_once"])


#: What can be wrong whatever is judged.
_ANYWHERE: _Signs = (
    ("built_once", _same_built),
    ("no_pair", lambda pair: pair["no_pair"]),
    ("pair_swapped/model_and_optimizer", lambda pair: pair["swapped"]),
    ("part_is_none", lambda pair: pair["none"]),
)
_FROZEN = (
    "parameters_frozen/biases",
    lambda pair: pair["frozen"] and sorted(pair["shapes"] + pair["frozen"]) == pair.right_shapes,
)
_MISCOUNTED = ("layers_miscounted", lambda pair: pair.matrices != len(MATRICES))
_NO_BIASES = ("biases_missing", lambda pair: all(len(shape) > 1 for shape in pair["shapes"] + pair["frozen"]))
_LAYERS: _Signs = (
    _FROZEN,
    ("log_softmax_at_the_end", lambda pair: pair.plain_is(-math.log(pair.how["classes"]))),
    ("activation_at_the_end", _squeezed),
    ("softmax_at_the_end", lambda pair: pair.plain_is(1 / pair.how["classes"])),
    _MISCOUNTED,
    _NO_BIASES,
    ("other_layers", lambda pair: len(pair["shapes"]) > 2 * len(MATRICES) and pair.matrices == len(MATRICES)),
    ("relu_missing", lambda pair: any(abs(given) > 1e-4 for given in pair["signs"][:2])),
    ("dropout_always_on", lambda p: p["spread"] > 1e-6 and p["plain"][1] - p["plain"][0] > 1e-3 * abs(p.logit)),
    ("dropout_on_by_default", lambda pair: not pair.plain_is(pair.logit, "by_default")),
)
_DROPOUT: _Signs = (
    *_LAYERS,
    ("dropout_on_output", lambda pair: pair["columns_differ"] and pair["zeros"] > 0.02),
    ("dropout_on_inputs/hidden_layers_only", lambda pair: any(pair.drops_in(n, at_inputs=True) for n in (1, 2))),
    ("rows_dropped", lambda pair: not pair["columns_differ"] and pair["zeros"] > 0.02 and not pair["others"]),
    ("not_scaled_up", _not_scaled_up),
    ("same_units_for_all_rows", lambda pair: pair.constant and abs(pair["mean"] - 1) > 0.01),
    ("dropout_missing", lambda pair: pair.constant),
    ("dropout_once", lambda pair: pair.drops_in(1)),
    ("share_kept_taken_for_share_dropped", lambda pair: pair.drops_in(2, 1 - pair.dropout)),
    ("share_not_used", lambda pair: pair.dropout != 0.5 and pair.drops_in(2, 0.5)),
    ("noise_instead_of_dropout", lambda pair: pair.noisy),
)
_OPTIMIZER: _Signs = (
    _FROZEN,
    _NO_BIASES,
    ("rate_not_used", lambda pair: pair.rate != DEFAULT_RATE and like(pair.step, DEFAULT_RATE, 0.03)),
    ("penalty_in_the_loss", lambda pair: pair["penalty"] > 1e-6),
    # Every weight moved by lr, large or small: the penalty went through Adam's scaling.
    ("l2_through_adam", lambda pair: pair.moved_by("decayed", 1, 0.05, MATRICES)),
    ("exclusion_too_wide", lambda pair: pair["decay_set"] and _no_decay(pair)),
    ("decay_on_biases_alone", lambda p: _no_decay(p) and p["decayed"]["bias"] and not p.decays_by(0.0, "bias")),
    ("no_decay", _no_decay),
    ("decay_on_some", _decay_on_some),
    ("rate_twice", lambda pair: pair.share > 0 and pair.decays_by(pair.rate * pair.share)),
    ("decay_without_rate", lambda pair: pair.decay > 0 and pair.decays_by(pair.decay)),
    ("not_adam/sgd", lambda pair: pair.moved_by("stepped", GRADIENTS["stepped"], 0.02)),
    ("sign_alone", lambda pair: pair.moved_by("stepped", 1, 0.02) and pair.moved_by("followed", 2, 0.03)),
    ("parameters_left_out", _parameters_left_out),
    ("default_decay/biases", lambda pair: pair.default_decay("bias")),
    ("default_decay/weights", lambda pair: pair.default_decay()),
    ("biases_decayed", lambda pair: pair.decay > 0 and pair.decays_by(pair.share, "bias")),
    _MISCOUNTED,
)
_FIELDS: Fields = {
    "same": _same_built,
    "none": lambda pair: pair["none"][0],
    "frozen": lambda pair: pair["frozen"],
    "number_frozen": lambda pair: len(pair["frozen"]),
    "matrices": lambda pair: f"{pair.matrices} weight {'matrix' if pair.matrices == 1 else 'matrices'}",
    "times": lambda pair: f"{pair['mean']:.2f}",
    "step": lambda pair: f"{pair.step:.3g}",
    "rate": lambda pair: f"{pair.rate:g}",
    "decaying": lambda pair: ", ".join(pair.decaying),
    "default_of_biases": lambda pair: f"{pair.default_decay('bias'):g}",
    "default_of_weights": lambda pair: f"{pair.default_decay():g}",
    "moves": lambda pair: " and ".join(f"{move:.4g}" for move in pair.bias_moves),
    "moves_of_adam": lambda pair: f"{pair.rate:.4g} and {second_step() * pair.rate:.4g}",
}
#: By what is judged: the name of its case, how it is judged, and what can be wrong with it. That the steps are none of
#: Adam's is said last, after what finds out why: biases that decay, say, move by more, too.
_JUDGED: dict[str, tuple[str, Callable[[ProbedPair], str | None], _Signs]] = {
    "layers": ("the layers, and no dropout in evaluation mode", _judge_layers, _LAYERS),
    "dropout": ("dropout in training mode", _judge_dropout, _DROPOUT),
    "decay": ("weights decay by themselves", _judge_decay, _OPTIMIZER),
    "biases": ("biases do not decay", _judge_biases, _OPTIMIZER),
    "step": ("one step on a gradient", _judge_step, (*_OPTIMIZER, ("not_adam", _not_adam))),
}


def regularise_case(
    track: str, name: str, what: str, hint: str = "", run: str = "", weight: float = 1.0, **how: Any
) -> Case:
    """Return a case of `add_regularisation`.

    Parameters
    ----------
    track : {"pytorch", "keras"}
    name, hint : str
    what : {"layers", "dropout", "decay", "biases", "step"}
        What is judged.
    run : str, optional
        The name of a run that several cases judge.
    weight : float, optional
        Little for what the colleague's function gets right as it is.
    **how
        Arguments of the answer: ``inputs``, ``hidden``, ``classes``, ``dropout``, ``weight_decay``, ``lr``.
    """
    settings = {"inputs": 3, "hidden": 40, "classes": 4, "dropout": 0.3, "weight_decay": 0.2, "lr": 0.01, **how}
    _, judge, signs = _JUDGED[what]

    def judged(e: Evidence) -> str | None:
        if e.seen.get("no_pair") or e.seen.get("swapped") or e.seen.get("none"):
            return "the function should return the pair (model, optimizer)"
        if e.seen.get("built_once"):
            return f"a second call gave the same {_same_built(e.read_as(ProbedPair))}"
        return judge(e.read_as(ProbedPair))

    diagnoses = by_sign(signs, _FIELDS, read=ProbedPair)
    return Case(name, (settings,), None, hint, observer(track), judged, run=run, weight=weight, diagnoses=diagnoses)


def add_regularisation(track: str) -> Exercise:
    """Return the exercise of one track."""
    return Exercise(
        name="add_regularisation",
        points=3,
        cases=tuple(
            regularise_case(track, name, what, run="40 hidden units", weight=0.3 if what == "layers" else 1.0)
            for what, (name, *_) in _JUDGED.items()
        ),
        diagnoses=by_sign(_ANYWHERE, _FIELDS, read=ProbedPair),
    )
