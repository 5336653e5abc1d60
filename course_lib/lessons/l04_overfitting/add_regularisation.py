"""Lesson 04, `add_regularisation`: a model with dropout, and an optimizer that decays its weights, in both tracks.

The model that comes back is probed from outside, whatever it is built of: all its weights are set to known
values, so that its output without dropout is known, and the spread of its output with dropout tells how many
layers drop how much. The optimizer is given gradients of zero, after which only decay can move a weight. Then, made
anew, it is given a gradient and a smaller one: the first step of Adam has the size of the learning rate, like that of
every optimizer that takes the gradient's sign, and only the second tells them apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.mistakes import Fields, by_sign
from course_lib.checks.watch.pairs import PAIRS

__all__ = ["add_regularisation", "regularise_case"]

#: What the weights are set to: those from the inputs, between the hidden layers, to the logits, and the biases. (While
#: the outputs are probed, the biases are 0.)
START = {"input": 0.5, "hidden": 0.05, "output": 0.2, "bias": 0.3}
_MATRICES = ("input", "hidden", "output")
#: Rows that pass with dropout on. The spread is then known to about two per cent, and held to ten.
ROWS = 16000
_TOLERANCE = 0.1
#: Signs of the inputs and of the three weight matrices, and what the logits must then be, in units of `_logit`:
#: a ReLU lets nothing negative through, and there is none before the first or after the last layer.
SIGNS = (((1, -1, -1, 1), 0.0), ((1, 1, -1, 1), 0.0), ((-1, -1, 1, 1), 1.0), ((1, 1, 1, -1), -1.0))
#: Two steps that follow each other, and the gradient of each.
GRADIENTS = {"stepped": 2.0, "followed": 0.5}
#: What Adam and AdamW take in both libraries when no learning rate is given, and AdamW for the decay, in PyTorch and
#: in Keras.
_DEFAULT_RATE, _DEFAULT_DECAYS = 0.001, (0.01, 0.004)


# --- how it is watched -----------------------------------------------------------------------------------


def _fill(kit: Any, how: dict[str, Any], signs: Iterable[int] = (1, 1, 1), bias: float = 0.0) -> dict[str, list[Any]]:
    """Set all weights to known values, the matrices with these signs, and return the parameters by what they are."""
    i, h, c = how["inputs"], how["hidden"], how["classes"]
    names = {(i, h): "input", (h, h): "hidden", (h, c): "output"}
    values = {name: sign * START[name] for name, sign in zip(_MATRICES, signs, strict=True)} | {"bias": bias}
    found: dict[str, list[Any]] = {name: [] for name in (*START, "other")}
    for parameter in kit.learning:
        name = names.get(kit.shape(parameter), "bias" if len(kit.shape(parameter)) == 1 else "other")
        found[name].append(parameter)
        kit.assign(parameter, values.get(name, 0.0))
    return found


def _probe_outputs(kit: Any, record: dict[str, Any], how: dict[str, Any]) -> None:
    record["others"] = len(_fill(kit, how)["other"])
    record["shapes"] = sorted([list(kit.shape(p)) for p in kit.learning])
    record["frozen"] = sorted([list(kit.shape(p)) for p in kit.frozen])
    ones = np.ones((ROWS, how["inputs"]))
    plain, by_default = kit.outputs(ones[:50], training=False), kit.outputs_by_default(ones[:50])
    record["plain"] = [float(plain.min()), float(plain.max())]
    record["by_default"] = [float(by_default.min()), float(by_default.max())] if by_default.size else []
    record["signs"] = []
    for (x, *signs), _ in SIGNS:
        _fill(kit, how, signs)
        row = kit.outputs(np.full((2, how["inputs"]), float(x)), training=False)
        record["signs"].append(float(row[0, 0]) / _logit(how))
    _fill(kit, how)
    noisy = kit.outputs(ones, training=True)
    record["columns_differ"] = bool(np.abs(noisy - noisy[:, :1]).max() > 1e-4 * abs(_logit(how)))
    column = noisy[:, 0] / _logit(how)
    record["mean"], record["spread"] = float(column.mean()), float(column.var())
    record["zeros"] = float(np.mean(noisy == 0.0))
    record["values"] = len(np.unique(np.round(column, 4)))
    record["penalty"] = kit.penalty()


def _probe_steps(kit: Any, record: dict[str, Any], how: dict[str, Any], steps: dict[str, float]) -> None:
    """Take one step for each gradient of ``steps``, and note under its name where each one led."""
    found = _fill(kit, how, bias=START["bias"])
    for note, gradient in steps.items():
        kit.step(gradient)
        record[note] = {name: kit.range(parameters) for name, parameters in found.items()}


def _observe(track: str) -> Callable[..., Any]:
    kit_of = PAIRS[track]

    def observe(answer: Any, record: dict[str, Any], how: dict[str, Any]) -> Any:
        sizes = [how[name] for name in ("inputs", "hidden", "classes", "dropout", "weight_decay", "lr")]
        if track == "keras":
            import keras

            keras.utils.set_random_seed(0)
        result = answer(*sizes)
        try:
            model, optimizer = first = result
        except TypeError:
            record["no_pair"] = True
            return None
        record["none"] = [name for name, given in (("model", model), ("optimizer", optimizer)) if given is None]
        record["swapped"] = not callable(model) and callable(optimizer) and not record["none"]
        if record["none"] or record["swapped"]:
            return None
        record["decay_set"] = track == "keras" and bool(getattr(optimizer, "weight_decay", None))
        _probe_outputs(kit_of(model, optimizer, how["inputs"]), record, how)
        _probe_steps(kit_of(model, optimizer, how["inputs"]), record, how, {"decayed": 0.0})
        # Anew: an optimizer remembers earlier gradients.
        model, optimizer = second = answer(*sizes)
        pairs = zip(("model", "optimizer"), first, second, strict=True)
        record["built_once"] = [name for name, one, other in pairs if one is other]
        _probe_steps(kit_of(model, optimizer, how["inputs"]), record, how, GRADIENTS)
        return "a model and an optimizer"

    return observe


# --- what must be seen -----------------------------------------------------------------------------------


def _shapes(how: dict[str, Any]) -> list[list[int]]:
    i, h, c = how["inputs"], how["hidden"], how["classes"]
    return sorted([[i, h], [h], [h, h], [h], [h, c], [c]])


def _logit(how: dict[str, Any]) -> float:
    """Return the output without dropout, all inputs being one."""
    return math.prod(START[name] for name in _MATRICES) * how["inputs"] * how["hidden"] ** 2


def _spread(how: dict[str, Any], layers: int = 2, dropout: float | None = None, at_inputs: bool = False) -> float:
    """Return the relative variance of the output when so many hidden layers drop.

    A layer of n units that drops a share p and scales the rest by 1 / (1 - p) multiplies the sum over its
    units by a factor of mean 1 and variance p / ((1 - p) n); factors of different layers are independent.
    """
    p = how["dropout"] if dropout is None else dropout
    odds = p / (1 - p)
    return float((1 + odds / how["hidden"]) ** layers * (1 + odds / how["inputs"] if at_inputs else 1.0) - 1.0)


def _spread_of_one_mask(how: dict[str, Any]) -> float:
    """Return the same where both layers drop the same units: two layers of one size and one seed."""
    n, p = how["hidden"], how["dropout"]
    kept = np.arange(n + 1)
    chances = np.array([math.comb(n, int(k)) * (1 - p) ** k * p ** (n - k) for k in kept])
    factors = (kept / (n * (1 - p))) ** 2
    return float(chances @ factors**2 - (chances @ factors) ** 2)


def _second_step() -> float:
    """Return the size of Adam's second step in units of ``lr``, for the gradients of `GRADIENTS`."""
    first, second = GRADIENTS.values()
    mean = (0.9 * 0.1 * first + 0.1 * second) / (1 - 0.9**2)
    square = (0.999 * 0.001 * first**2 + 0.001 * second**2) / (1 - 0.999**2)
    return mean / math.sqrt(square)


def _like(given: float, right: float, tolerance: float = _TOLERANCE) -> bool:
    return abs(given - right) <= tolerance * right + 1e-9


class _Pair:
    """What was seen of a model and its optimizer, read by name."""

    def __init__(self, e: Evidence):
        self.e, self.how = e, dict(e.inputs[0])
        self.rate, self.decay, self.dropout = self.how["lr"], self.how["weight_decay"], self.how["dropout"]
        self.share = self.rate * self.decay  # of a weight, that decay takes off in one step
        self.logit = _logit(self.how)

    def __getitem__(self, name: str) -> Any:
        return self.e[name]

    def plain_is(self, value: float, note: str = "plain") -> bool:
        """Whether all outputs in evaluation mode (or by default) are this."""
        return all(near(given, value, 1e-3) for given in self[note])

    @property
    def built_right(self) -> bool:
        return bool(self["shapes"] == _shapes(self.how))

    @property
    def matrices(self) -> int:
        return sum(len(shape) == 2 for shape in self["shapes"])

    @property
    def noisy(self) -> bool:
        """Whether the outputs take more values than there are products of two numbers of kept units, twice over."""
        return bool(self["values"] > (self.how["hidden"] + 1) * (self.how["hidden"] + 2))

    @property
    def constant(self) -> bool:
        """Whether, in training mode, all rows have the same logits though there should be dropout."""
        return self["spread"] < 1e-9 and self.dropout > 0 and self.built_right

    def every(self, note: str, fits: Callable[[float, float], bool], names: Iterable[str]) -> bool:
        """Whether there are such weights, and after a step every one stands to its start as ``fits``."""
        return all(self[note][name] and all(fits(value, START[name]) for value in self[note][name]) for name in names)

    def moved_by(self, note: str, way: float, tolerance: float, names: Iterable[str] = ("bias",)) -> bool:
        """Whether every weight of these went so far, in units of ``lr``."""
        return self.every(note, lambda v, start: abs(start - v - way * self.rate) < tolerance * self.rate, names)

    def decays_by(self, share: float, *names: str) -> bool:
        """Whether a step with gradients of zero takes this share off every weight."""
        return self.every("decayed", lambda v, start: near(v / start, 1 - share, 2e-6), names or _MATRICES)

    def default_decay(self, *names: str) -> float | None:
        """Return the default of AdamW by which the weights decay instead of by what was asked, or ``None``."""
        others = [default for default in _DEFAULT_DECAYS if default != self.decay]
        return next((default for default in others if self.decays_by(self.rate * default, *names)), None)

    @property
    def decaying(self) -> list[str]:
        """Which weight matrices decay by what was asked."""
        return [name for name in _MATRICES if self.decays_by(self.share, name)]

    @property
    def step(self) -> float:
        """How far one step on gradients of 2 moved the biases, if it moved them all alike."""
        moves = [START["bias"] - v for v in self["stepped"]["bias"]]
        return moves[0] if moves and max(moves) - min(moves) < 1e-5 else math.nan

    @property
    def bias_moves(self) -> tuple[float, float]:
        """How far the two steps moved a bias; not a number if there is none."""
        first, second = ([*self[note]["bias"], math.nan][0] for note in GRADIENTS)
        return START["bias"] - first, first - second


def _judge_layers(pair: _Pair) -> str | None:
    if not pair.built_right:
        return f"the weights should have the shapes {_shapes(pair.how)}; yours have {pair['shapes']}"
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


def _judge_dropout(pair: _Pair) -> str | None:
    if pair["columns_differ"]:
        return "with equal weights all logits of a row should be equal; in training mode they differ"
    if pair.noisy:
        return "what varies in training mode is not which units are dropped: hardly two rows have the same logit"
    right = _spread(pair.how)
    if not _like(pair["spread"], right) and not _like(pair["spread"], _spread_of_one_mask(pair.how)):
        return (
            f"in training mode the logits should vary with a relative variance of {right:.4f}; "
            f"they vary with {pair['spread']:.4f}"
        )
    if abs(pair["mean"] - 1) > 0.1:
        times = f"{pair['mean']:.2f} times as large"
        return f"dropout should leave the mean of the logits as it is; in training mode it is {times}"
    return None


def _judge_decay(pair: _Pair) -> str | None:
    if pair["penalty"] > 1e-6:
        return "the model adds a penalty to the loss, so the reported loss is no longer the cross-entropy"
    keep = 1 - pair.share
    for name in _MATRICES:
        if not pair.every("decayed", lambda v, start: near(v, start * keep, 2e-5), [name]):
            given = [*pair["decayed"][name], math.nan][0] / START[name]
            return (
                f"after a step with gradients of zero the {name} weights should be {keep:.6g} times what they were "
                f"(1 - lr * weight_decay); given: {given:.6g} times"
            )
    return None


def _judge_biases(pair: _Pair) -> str | None:
    if not pair["decayed"]["bias"]:
        return "the model has no biases that learn"
    if not pair.every("decayed", lambda v, start: near(v, start, 2e-5), ["bias"]):
        return "after a step with gradients of zero the biases should be what they were; they have changed"
    return None


def _judge_step(pair: _Pair) -> str | None:
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
                right = right * keep - _second_step() * pair.rate
            values = pair[note][name] or [math.nan]
            if not all(abs(v - right) <= tolerance * pair.rate for v in values):
                return f"{after}, {name} weights of {start:g} should be {right:.5g}; they are {values[0]:.5g}"
    return None


# --- what can go wrong -----------------------------------------------------------------------------------

_Sign = Callable[[_Pair], Any]
_Signs = tuple[tuple[str, _Sign], ...]


def _spread_is(layers: int, dropout: Callable[[float], float] = lambda p: p, at_inputs: bool = False) -> _Sign:
    return lambda pair: (
        not pair["columns_differ"]
        and _like(pair["spread"], _spread(pair.how, layers, dropout(pair.dropout), at_inputs))
    )


def _squeezed(pair: _Pair) -> bool:
    """Whether the outputs are those of three layers with one more ReLU, sigmoid or tanh at the end."""
    cut = pair.plain_is(pair.logit) and all(
        abs(given - max(right, 0.0)) <= 1e-3 for given, (_, right) in zip(pair["signs"], SIGNS, strict=True)
    )
    return pair.built_right and (cut or pair.plain_is(1.0))


def _not_scaled_up(pair: _Pair) -> bool:
    """Whether the logits shrink by what is dropped in one hidden layer, or in both."""
    shrunk = any(_like(pair["mean"], (1 - pair.dropout) ** layers, 0.05) for layers in (1, 2))
    return shrunk and pair.dropout > 0.05 and pair["spread"] > 1e-9


def _no_decay(pair: _Pair) -> bool:
    return bool(pair.decay > 0 and pair.decays_by(0.0))


def _decay_on_some(pair: _Pair) -> bool:
    others = [name for name in _MATRICES if name not in pair.decaying]
    return 0 < len(others) < len(_MATRICES) and pair.decays_by(0.0, *others)


def _not_adam(pair: _Pair) -> bool:
    first, second = pair.bias_moves
    return abs(first - pair.rate) > 0.02 * pair.rate or abs(second - _second_step() * pair.rate) > 0.05 * pair.rate


def _parameters_left_out(pair: _Pair) -> bool:
    return any(abs(v - start) < 0.1 * pair.rate for name, start in START.items() for v in pair["stepped"][name])


def _same_built(pair: _Pair) -> str:
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
    lambda pair: pair["frozen"] and sorted(pair["shapes"] + pair["frozen"]) == _shapes(pair.how),
)
_MISCOUNTED = ("layers_miscounted", lambda pair: pair.matrices != len(_MATRICES))
_NO_BIASES = ("biases_missing", lambda pair: all(len(shape) > 1 for shape in pair["shapes"] + pair["frozen"]))
_LAYERS: _Signs = (
    _FROZEN,
    ("log_softmax_at_the_end", lambda pair: pair.plain_is(-math.log(pair.how["classes"]))),
    ("activation_at_the_end", _squeezed),
    ("softmax_at_the_end", lambda pair: pair.plain_is(1 / pair.how["classes"])),
    _MISCOUNTED,
    _NO_BIASES,
    ("other_layers", lambda pair: len(pair["shapes"]) > 2 * len(_MATRICES) and pair.matrices == len(_MATRICES)),
    ("relu_missing", lambda pair: any(abs(given) > 1e-4 for given in pair["signs"][:2])),
    ("dropout_always_on", lambda p: p["spread"] > 1e-6 and p["plain"][1] - p["plain"][0] > 1e-3 * abs(p.logit)),
    ("dropout_on_by_default", lambda pair: not pair.plain_is(pair.logit, "by_default")),
)
_DROPOUT: _Signs = (
    *_LAYERS,
    ("dropout_on_output", lambda pair: pair["columns_differ"] and pair["zeros"] > 0.02),
    ("dropout_on_inputs/hidden_layers_only", _spread_is(2, at_inputs=True)),
    ("dropout_on_inputs/hidden_layers_only", _spread_is(1, at_inputs=True)),
    ("rows_dropped", lambda pair: not pair["columns_differ"] and pair["zeros"] > 0.02 and not pair["others"]),
    ("not_scaled_up", _not_scaled_up),
    ("same_units_for_all_rows", lambda pair: pair.constant and abs(pair["mean"] - 1) > 0.01),
    ("dropout_missing", lambda pair: pair.constant),
    ("dropout_once", _spread_is(1)),
    ("share_kept_taken_for_share_dropped", _spread_is(2, lambda p: 1 - p)),
    ("share_not_used", lambda pair: pair.dropout != 0.5 and _spread_is(2, lambda p: 0.5)(pair)),
    ("noise_instead_of_dropout", lambda pair: pair.noisy),
)
_OPTIMIZER: _Signs = (
    _FROZEN,
    _NO_BIASES,
    ("rate_not_used", lambda pair: pair.rate != _DEFAULT_RATE and _like(pair.step, _DEFAULT_RATE, 0.03)),
    ("penalty_in_the_loss", lambda pair: pair["penalty"] > 1e-6),
    # Every weight moved by lr, large or small: the penalty went through Adam's scaling.
    ("l2_through_adam", lambda pair: pair.moved_by("decayed", 1, 0.05, _MATRICES)),
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
    "moves_of_adam": lambda pair: f"{pair.rate:.4g} and {_second_step() * pair.rate:.4g}",
}
#: How each thing is judged, and what can be wrong with it. That the steps are none of Adam's is said last, after what
#: finds out why: biases that decay, say, move by more, too.
_JUDGED: dict[str, tuple[Callable[[_Pair], str | None], _Signs]] = {
    "layers": (_judge_layers, _LAYERS),
    "dropout": (_judge_dropout, _DROPOUT),
    "decay": (_judge_decay, _OPTIMIZER),
    "biases": (_judge_biases, _OPTIMIZER),
    "step": (_judge_step, (*_OPTIMIZER, ("not_adam", _not_adam))),
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
    judge, signs = _JUDGED[what]

    def judged(e: Evidence) -> str | None:
        if e.seen.get("no_pair") or e.seen.get("swapped") or e.seen.get("none"):
            return "the function should return the pair (model, optimizer)"
        if e.seen.get("built_once"):
            return f"a second call gave the same {_same_built(e.read_as(_Pair))}"
        return judge(e.read_as(_Pair))

    diagnoses = by_sign(signs, _FIELDS, read=_Pair)
    return Case(name, (settings,), None, hint, _observe(track), judged, run=run, weight=weight, diagnoses=diagnoses)


def add_regularisation(track: str) -> Exercise:
    """Return the exercise of one track."""
    cases = {
        "the layers, and no dropout in evaluation mode": "layers",
        "dropout in training mode": "dropout",
        "weights decay by themselves": "decay",
        "biases do not decay": "biases",
        "one step on a gradient": "step",
    }
    return Exercise(
        name="add_regularisation",
        points=3,
        cases=tuple(
            regularise_case(track, name, what, run="40 hidden units", weight=0.3 if what == "layers" else 1.0)
            for name, what in cases.items()
        ),
        diagnoses=by_sign(_ANYWHERE, _FIELDS, read=_Pair),
    )
