"""Lesson 04, `add_regularisation`: a model and its optimizer, probed from outside, whatever they are built of.

All weights are set to known values, so that the output without dropout is known, and the spread of the output with
dropout tells how many layers drop how much. The optimizer is given gradients of zero, after which only decay can move
a weight. Then, made anew, it is given a gradient and a smaller one: the first step of Adam has the size of the learning
rate, like that of every optimizer that takes the gradient's sign, and only the second tells them apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from course_lib.checks.case import Evidence
from course_lib.checks.compare import near
from course_lib.checks.watch.pairs import PAIRS

__all__ = [
    "DEFAULT_RATE",
    "GRADIENTS",
    "MATRICES",
    "SIGNS",
    "START",
    "ProbedPair",
    "like",
    "observer",
    "second_step",
]

#: What the weights are set to: those from the inputs, between the hidden layers, to the logits, and the biases. (While
#: the outputs are probed, the biases are 0.)
START = {"input": 0.5, "hidden": 0.05, "output": 0.2, "bias": 0.3}
MATRICES = ("input", "hidden", "output")
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
DEFAULT_RATE, _DEFAULT_DECAYS = 0.001, (0.01, 0.004)


# --- how it is watched -----------------------------------------------------------------------------------


def _fill(kit: Any, how: dict[str, Any], signs: Iterable[int] = (1, 1, 1), bias: float = 0.0) -> dict[str, list[Any]]:
    """Set all weights to known values, the matrices with these signs, and return the parameters by what they are."""
    i, h, c = how["inputs"], how["hidden"], how["classes"]
    names = {(i, h): "input", (h, h): "hidden", (h, c): "output"}
    values = {name: sign * START[name] for name, sign in zip(MATRICES, signs, strict=True)} | {"bias": bias}
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


def observer(track: str) -> Callable[..., Any]:
    """Return an observer that calls the answer twice, and probes what it makes."""
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


def _logit(how: dict[str, Any]) -> float:
    """Return the output without dropout, all inputs being one."""
    return math.prod(START[name] for name in MATRICES) * how["inputs"] * how["hidden"] ** 2


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


def second_step() -> float:
    """Return the size of Adam's second step in units of ``lr``, for the gradients of `GRADIENTS`."""
    first, second = GRADIENTS.values()
    mean = (0.9 * 0.1 * first + 0.1 * second) / (1 - 0.9**2)
    square = (0.999 * 0.001 * first**2 + 0.001 * second**2) / (1 - 0.999**2)
    return mean / math.sqrt(square)


def like(given: float, right: float, tolerance: float = _TOLERANCE) -> bool:
    """Whether a measured number is this one."""
    return abs(given - right) <= tolerance * right + 1e-9


class ProbedPair:
    """What was seen of a model and its optimizer, read by name."""

    def __init__(self, e: Evidence):
        self.e, self.how = e, dict(e.inputs[0])
        self.rate, self.decay, self.dropout = self.how["lr"], self.how["weight_decay"], self.how["dropout"]
        self.share = self.rate * self.decay  # of a weight, that decay takes off in one step
        self.logit, self.right_spread = _logit(self.how), _spread(self.how)

    def __getitem__(self, name: str) -> Any:
        return self.e[name]

    def plain_is(self, value: float, note: str = "plain") -> bool:
        """Whether all outputs in evaluation mode (or by default) are this."""
        return all(near(given, value, 1e-3) for given in self[note])

    @property
    def right_shapes(self) -> list[list[int]]:
        """The shapes that all parameters should have."""
        i, h, c = self.how["inputs"], self.how["hidden"], self.how["classes"]
        return sorted([[i, h], [h], [h, h], [h], [h, c], [c]])

    @property
    def built_right(self) -> bool:
        """Whether they have them."""
        return bool(self["shapes"] == self.right_shapes)

    @property
    def matrices(self) -> int:
        """How many weight matrices there are."""
        return sum(len(shape) == 2 for shape in self["shapes"])

    @property
    def dropped_right(self) -> bool:
        """Whether the logits vary as they should, or as those of two layers do which drop the same units."""
        return any(like(self["spread"], right) for right in (self.right_spread, _spread_of_one_mask(self.how)))

    def drops_in(self, layers: int, dropout: float | None = None, at_inputs: bool = False) -> bool:
        """Whether so many layers drop, maybe another share than was asked, and the inputs maybe too."""
        return not self["columns_differ"] and like(self["spread"], _spread(self.how, layers, dropout, at_inputs))

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
        return self.every("decayed", lambda v, start: near(v / start, 1 - share, 2e-6), names or MATRICES)

    def default_decay(self, *names: str) -> float | None:
        """Return the default of AdamW by which the weights decay instead of by what was asked, or ``None``."""
        others = [default for default in _DEFAULT_DECAYS if default != self.decay]
        return next((default for default in others if self.decays_by(self.rate * default, *names)), None)

    @property
    def decaying(self) -> list[str]:
        """Which weight matrices decay by what was asked."""
        return [name for name in MATRICES if self.decays_by(self.share, name)]

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
