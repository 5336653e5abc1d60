"""Lesson 04: how `add_regularisation` is watched, in both frameworks, and what can go wrong.

The model that comes back is probed from outside, whatever it is built of: all its weights are set to known
values, so that its output without dropout is known, and the spread of its output with dropout tells how many
layers drop how much. The optimizer is given gradients of zero, after which only decay can move a weight. Then, made
anew, it is given a gradient and a smaller one: the first step of Adam has the size of the learning rate, like that of
every optimizer that takes the gradient's sign, and only the second tells them apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.mistakes import mistake

__all__ = ["add_regularisation", "regularise_case"]

#: What every weight matrix is filled with: from the inputs, between the hidden layers, to the logits.
FILL = (0.5, 0.05, 0.2)
#: Rows that pass with dropout on. The spread is then known to about two per cent.
ROWS = 16000
_TOLERANCE = 0.1
_MATRICES = ("input", "hidden", "output")
#: What Adam and AdamW take in both libraries when no learning rate is given, and AdamW for the decay, in PyTorch and
#: in Keras.
_DEFAULT_RATE, _DEFAULT_DECAYS = 0.001, (0.01, 0.004)

#: Two steps that follow each other, and the gradient of each.
GRADIENTS = {"stepped": 2.0, "followed": 0.5}


class _Torch:
    """What the probes need of a PyTorch model and optimizer."""

    def __init__(self, model: Any, optimizer: Any, inputs: int):
        import torch

        self.torch, self.model, self.optimizer = torch, model, optimizer
        torch.manual_seed(0)

    def parameters(self) -> list[Any]:
        return [p for p in self.model.parameters() if p.requires_grad]

    def frozen(self) -> list[Any]:
        return [p for p in self.model.parameters() if not p.requires_grad]

    def shape(self, parameter: Any) -> tuple[int, ...]:
        shape = tuple(int(n) for n in parameter.shape)
        return shape[::-1]

    def assign(self, parameter: Any, value: float) -> None:
        with self.torch.no_grad():
            parameter.fill_(value)

    def values(self, parameter: Any) -> np.ndarray:
        return np.asarray(parameter.detach().cpu().numpy(), dtype=np.float64)

    def outputs(self, x: np.ndarray, training: bool) -> np.ndarray:
        self.model.train(training)
        with self.torch.no_grad():
            return np.asarray(self.model(self.torch.tensor(x, dtype=self.torch.float32)).numpy(), dtype=np.float64)

    def outputs_by_default(self, x: np.ndarray) -> np.ndarray | None:
        """Return the outputs of a call that names no mode; in PyTorch there is none."""
        return None

    def step(self, gradient: float) -> None:
        for parameter in self.parameters():
            parameter.grad = self.torch.full_like(parameter, gradient)
        self.optimizer.step()

    def penalty(self) -> float:
        return 0.0


class _Keras:
    """What the probes need of a Keras model and optimizer."""

    def __init__(self, model: Any, optimizer: Any, inputs: int):
        import keras

        self.keras, self.model, self.optimizer = keras, model, optimizer
        model(np.zeros((1, inputs), dtype="float32"))

    def parameters(self) -> list[Any]:
        return list(self.model.trainable_variables)

    def frozen(self) -> list[Any]:
        learning = {id(v) for v in self.model.trainable_variables}
        return [v for v in self.model.weights if id(v) not in learning]

    def shape(self, parameter: Any) -> tuple[int, ...]:
        return tuple(int(n) for n in parameter.shape)

    def assign(self, parameter: Any, value: float) -> None:
        parameter.assign(np.full(self.shape(parameter), value, dtype="float32"))

    def values(self, parameter: Any) -> np.ndarray:
        return np.asarray(self.keras.ops.convert_to_numpy(parameter), dtype=np.float64)

    def outputs(self, x: np.ndarray, training: bool) -> np.ndarray:
        out = self.model(x.astype("float32"), training=training)
        return np.asarray(self.keras.ops.convert_to_numpy(out), dtype=np.float64)

    def outputs_by_default(self, x: np.ndarray) -> np.ndarray | None:
        """Return the outputs of a call that does not name ``training``."""
        return np.asarray(self.keras.ops.convert_to_numpy(self.model(x.astype("float32"))), dtype=np.float64)

    def step(self, gradient: float) -> None:
        variables = self.parameters()
        gradients = [self.keras.ops.full(self.shape(v), gradient, dtype="float32") for v in variables]
        self.optimizer.apply(gradients, variables)

    def penalty(self) -> float:
        return float(sum(float(loss) for loss in self.model.losses))


def _fill(kit: Any, how: dict[str, Any]) -> dict[str, list[Any]]:
    """Set all weights to known values and return the parameters by what they are."""
    sizes = {
        "input": (how["inputs"], how["hidden"]),
        "hidden": (how["hidden"], how["hidden"]),
        "output": (how["hidden"], how["classes"]),
    }
    found: dict[str, list[Any]] = {name: [] for name in (*_MATRICES, "bias", "other")}
    for parameter in kit.parameters():
        shape = kit.shape(parameter)
        name = next((n for n, size in sizes.items() if shape == size), "bias" if len(shape) == 1 else "other")
        found[name].append(parameter)
        kit.assign(parameter, dict(zip(_MATRICES, FILL, strict=True)).get(name, 0.0))
    return found


def _probe_outputs(kit: Any, record: dict[str, Any], how: dict[str, Any]) -> None:
    found = _fill(kit, how)
    record["shapes"] = sorted([list(kit.shape(p)) for p in kit.parameters()])
    record["frozen"] = sorted([list(kit.shape(p)) for p in kit.frozen()])
    ones = np.ones((ROWS, how["inputs"]))
    plain = kit.outputs(ones[:50], training=False)
    record["plain"] = [float(plain.min()), float(plain.max())]
    by_default = kit.outputs_by_default(ones[:50])
    record["by_default"] = [] if by_default is None else [float(by_default.min()), float(by_default.max())]
    record["signs"] = _probe_signs(kit, found, how)
    _fill(kit, how)
    record["out_shape"] = list(plain.shape)
    noisy = kit.outputs(ones, training=True)
    record["columns_differ"] = bool(np.abs(noisy - noisy[:, :1]).max() > 1e-4 * abs(_logit(how)))
    column = noisy[:, 0] / _logit(how)
    record["mean"], record["spread"] = float(column.mean()), float(column.var())
    record["zeros"] = float(np.mean(noisy == 0.0))
    record["values"] = len(np.unique(np.round(column, 4)))
    record["parts"] = {name: len(parameters) for name, parameters in found.items()}
    record["penalty"] = kit.penalty()


#: Signs of the inputs and of the three weight matrices, and what the logits must then be, in units of `_logit`:
#: a ReLU lets nothing negative through, and there is none before the first or after the last layer.
SIGNS = (((1, -1, -1, 1), 0.0), ((1, 1, -1, 1), 0.0), ((-1, -1, 1, 1), 1.0), ((1, 1, 1, -1), -1.0))


def _probe_signs(kit: Any, found: dict[str, list[Any]], how: dict[str, Any]) -> list[float]:
    """Return the output, in units of `_logit`, with the signs of `SIGNS`."""
    outputs = []
    for (x, *signs), _ in SIGNS:
        for name, fill, sign in zip(_MATRICES, FILL, signs, strict=True):
            for parameter in found[name]:
                kit.assign(parameter, sign * fill)
        row = kit.outputs(np.full((2, how["inputs"]), float(x)), training=False)
        outputs.append(float(row[0, 0]) / _logit(how))
    return outputs


def _probe_optimizer(kit: Any, record: dict[str, Any], how: dict[str, Any], steps: dict[str, float]) -> None:
    """Take one step for each gradient of ``steps``, and note under its name where each one led."""
    found = _fill(kit, how)
    for parameter in found["bias"]:
        kit.assign(parameter, 0.3)
    for note, gradient in steps.items():
        kit.step(gradient)
        record[note] = {
            name: [[float(kit.values(p).min()), float(kit.values(p).max())] for p in parameters]
            for name, parameters in found.items()
        }


def _observe(track: str) -> Callable[..., Any]:
    def observe(answer: Any, record: dict[str, Any], how: dict[str, Any]) -> Any:
        kit_of = _Torch if track == "pytorch" else _Keras
        sizes = (how["inputs"], how["hidden"], how["classes"], how["dropout"], how["weight_decay"], how["lr"])
        if track == "keras":
            import keras

            keras.utils.set_random_seed(0)
        result = answer(*sizes)
        record["returned"] = type(result).__name__
        try:
            model, optimizer = result
        except TypeError:
            record["no_pair"] = True
            return None
        record["none"] = [n for n, given in (("model", model), ("optimizer", optimizer)) if given is None]
        if record["none"]:
            return None
        record["decay_set"] = track == "keras" and bool(getattr(optimizer, "weight_decay", None))
        record["swapped"] = not callable(model) and callable(optimizer)
        if record["swapped"]:
            return None
        _probe_outputs(kit_of(model, optimizer, how["inputs"]), record, how)
        _probe_optimizer(kit_of(model, optimizer, how["inputs"]), record, how, {"decayed": 0.0})
        # Anew: an optimizer remembers earlier gradients.
        first, (model, optimizer) = (model, optimizer), answer(*sizes)
        record["built_once"] = [
            name for name, a, b in zip(("model", "optimizer"), first, (model, optimizer), strict=True) if a is b
        ]
        _probe_optimizer(kit_of(model, optimizer, how["inputs"]), record, how, GRADIENTS)
        return "a model and an optimizer"

    return observe


# --- what must be seen -----------------------------------------------------------------------------------


def _logit(how: dict[str, Any]) -> float:
    """Return the output without dropout, all inputs being one."""
    first, second, third = FILL
    return how["inputs"] * first * how["hidden"] * second * how["hidden"] * third


def _spread(how: dict[str, Any], layers: int = 2, dropout: float | None = None, at_inputs: bool = False) -> float:
    """Return the relative variance of the output when so many hidden layers drop.

    A layer of n units that drops a share p and scales the rest by 1 / (1 - p) multiplies the sum over its
    units by a factor of mean 1 and variance p / ((1 - p) n); factors of different layers are independent.
    """
    p = how["dropout"] if dropout is None else dropout
    odds = p / (1 - p)
    factor = (1 + odds / how["hidden"]) ** layers * (1 + odds / how["inputs"] if at_inputs else 1.0)
    return factor - 1.0


def _spread_of_one_mask(how: dict[str, Any]) -> float:
    """Return the same where both layers drop the same units: two layers of one size and one seed."""
    n, p = how["hidden"], how["dropout"]
    kept = np.arange(n + 1)
    chances = np.array([math.comb(n, int(k)) * (1 - p) ** k * p ** (n - k) for k in kept])
    factors = (kept / (n * (1 - p))) ** 2
    return float(chances @ factors**2 - (chances @ factors) ** 2)


def _like(given: float, right: float, tolerance: float = _TOLERANCE) -> bool:
    return abs(given - right) <= tolerance * right + 1e-9


def _shapes(how: dict[str, Any]) -> list[list[int]]:
    i, h, c = how["inputs"], how["hidden"], how["classes"]
    return sorted([[i, h], [h], [h, h], [h], [h, c], [c]])


def _judge_layers(e: Evidence) -> str | None:
    how = e.inputs[0]
    if e["shapes"] != _shapes(how):
        return f"weights of the shapes {_shapes(how)} were expected, given {e['shapes']}"
    if not (near(e["plain"][0], _logit(how), 1e-3) and near(e["plain"][1], _logit(how), 1e-3)):
        return (
            f"with dropout off, all weights of a layer equal and all inputs 1, the logits should be {_logit(how):.4g}; "
            f"they are {e['plain'][0]:.4g} to {e['plain'][1]:.4g}"
        )
    if _on_by_default(e):
        return "called without `training`, the model should answer as in evaluation mode; it does not"
    if any(abs(given) > 1e-4 for given in e["signs"][:2]):
        return "a hidden layer lets negative values through; asked is a ReLU after each of the two"
    if any(abs(given - right) > 1e-3 for given, (_, right) in zip(e["signs"], SIGNS, strict=True)):
        return "negative inputs or negative logits do not get through; asked is a ReLU after the hidden layers only"
    return None


def _judge_dropout(e: Evidence) -> str | None:
    how = e.inputs[0]
    if e["columns_differ"]:
        return "with equal weights all logits of a row should be equal; in training mode they differ"
    if _no_units_dropped(e):
        return "what varies in training mode is not which units are dropped: hardly two rows have the same logit"
    right = _spread(how)
    if not _like(e["spread"], right) and not _like(e["spread"], _spread_of_one_mask(how)):
        return (
            f"in training mode the logits should vary with a relative variance of {right:.4f}; "
            f"they vary with {e['spread']:.4f}"
        )
    if abs(e["mean"] - 1) > 0.1:
        return (
            "dropout should leave the mean of the logits as it is; in training mode it is "
            f"{e['mean']:.2f} times as large"
        )
    return None


def _on_by_default(e: Evidence) -> bool:
    return bool(e["by_default"]) and not all(near(v, _logit(_how(e)), 1e-3) for v in e["by_default"])


def _no_units_dropped(e: Evidence) -> bool:
    """Whether the outputs take more values than there are products of two numbers of kept units, twice over."""
    n = _how(e)["hidden"]
    return bool(e["values"] > (n + 1) * (n + 2))


def _is_constant(e: Evidence) -> bool:
    """Whether, in training mode, all rows have the same logits though there should be dropout."""
    return bool(e["spread"] < 1e-9 and _how(e)["dropout"] > 0 and e["shapes"] == _shapes(_how(e)))


def _not_scaled_up(e: Evidence) -> bool:
    """Whether the logits shrink by what is dropped in one hidden layer, or in both."""
    p = _how(e)["dropout"]
    return bool(p > 0.05 and e["spread"] > 1e-9 and any(_like(e["mean"], (1 - p) ** k, 0.05) for k in (1, 2)))


def _biases_moved(e: Evidence) -> bool:
    return any(not near(v, 0.3, 2e-5) for v in _moved(e, "decayed", "bias"))


def _moved(e: Evidence, note: str, name: str) -> list[float]:
    return [v for pair in e[note].get(name, []) for v in pair]


def _judge_decay(e: Evidence) -> str | None:
    how = e.inputs[0]
    keep = 1 - how["lr"] * how["weight_decay"]
    if e["penalty"] > 1e-6:
        return "the model adds a penalty to the loss, so the reported loss is no cross-entropy any more"
    for name, fill in zip(_MATRICES, FILL, strict=True):
        values = _moved(e, "decayed", name)
        if not values or not all(near(v, fill * keep, 2e-5) for v in values):
            given = values[0] / fill if values else float("nan")
            return (
                f"after a step with gradients of zero the {name} weights should be {keep:.6g} times what they were "
                f"(1 - lr * weight_decay); given: {given:.6g} times"
            )
    return None


def _judge_biases(e: Evidence) -> str | None:
    values = _moved(e, "decayed", "bias")
    if not values:
        return "the model has no biases that learn"
    if not all(near(v, 0.3, 2e-5) for v in values):
        return "after a step with gradients of zero the biases should be what they were; they have changed"
    return None


def _judge_step(e: Evidence) -> str | None:
    how = e.inputs[0]
    keep = 1 - how["lr"] * how["weight_decay"]
    for name, fill in (*zip(_MATRICES, FILL, strict=True), ("bias", 0.3)):
        values = _moved(e, "stepped", name)
        right = fill * (1.0 if name == "bias" else keep) - how["lr"]
        # Adam's first step is lr in size, whatever the gradient's size.
        if not values or not all(abs(v - right) <= 0.02 * how["lr"] for v in values):
            given = values[0] if values else float("nan")
            return (
                f"after one step on gradients of 2, {name} weights of {fill:g} should be {right:.5g}; "
                f"they are {given:.5g}"
            )
    second = _second_step()
    for name, fill in (*zip(_MATRICES, FILL, strict=True), ("bias", 0.3)):
        kept = 1.0 if name == "bias" else keep
        right = (fill * kept - how["lr"]) * kept - second * how["lr"]
        # Wide enough for other betas: Adam it is with them, too.
        values = _moved(e, "followed", name)
        if not values or not all(abs(v - right) <= 0.05 * how["lr"] for v in values):
            given = values[0] if values else float("nan")
            return (
                f"after a step on gradients of 2 and another on gradients of 0.5, {name} weights of {fill:g} should be "
                f"{right:.5g}; they are {given:.5g}"
            )
    return None


def _second_step() -> float:
    """Return the size of Adam's second step in units of ``lr``, for the gradients of `GRADIENTS`."""
    first, second = GRADIENTS.values()
    mean = (0.9 * 0.1 * first + 0.1 * second) / (1 - 0.9**2)
    square = (0.999 * 0.001 * first**2 + 0.001 * second**2) / (1 - 0.999**2)
    return mean / math.sqrt(square)


# --- what can go wrong -----------------------------------------------------------------------------------


def _how(e: Evidence) -> dict[str, Any]:
    return dict(e.inputs[0])


def _spread_is(layers: int, dropout: Callable[[dict[str, Any]], float], at_inputs: bool = False) -> Callable[..., bool]:
    def probe(e: Evidence) -> bool:
        how = _how(e)
        return not e["columns_differ"] and _like(e["spread"], _spread(how, layers, dropout(how), at_inputs))

    return probe


def _always_on(e: Evidence) -> bool:
    low, high = e["plain"]
    return e["spread"] > 1e-6 and high - low > 1e-3 * abs(_logit(_how(e)))


def _coupled(e: Evidence) -> bool:
    """Whether zero gradients moved each weight by lr: the penalty went through Adam's scaling."""
    lr = _how(e)["lr"]
    given = [(_moved(e, "decayed", n), f) for n, f in zip(_MATRICES, FILL, strict=True)]
    return all(v and all(abs((f - x) - lr) < 0.05 * lr for x in v) for v, f in given)


def _no_decay(e: Evidence) -> bool:
    given = [(_moved(e, "decayed", n), f) for n, f in zip(_MATRICES, FILL, strict=True)]
    return all(v and all(near(x, f, 1e-6) for x in v) for v, f in given)


def _biases_decayed(e: Evidence) -> bool:
    how = _how(e)
    values = _moved(e, "decayed", "bias")
    if not how["weight_decay"]:
        return False
    return bool(values) and any(near(v, 0.3 * (1 - how["lr"] * how["weight_decay"]), 2e-5) for v in values)


def _decay_without_rate(e: Evidence) -> bool:
    return _how(e)["weight_decay"] > 0 and all(
        near(v, FILL[0] * (1 - _how(e)["weight_decay"]), 1e-3) for v in _moved(e, "decayed", "input") or [np.nan]
    )


def _plain_sgd(e: Evidence) -> bool:
    values = _moved(e, "stepped", "bias")
    return bool(values) and all(abs(0.3 - v - 2.0 * _how(e)["lr"]) < 0.02 * _how(e)["lr"] for v in values)


def _sign_alone(e: Evidence) -> bool:
    """Whether the second step was as large as the first, on gradients a quarter as large."""
    lr = _how(e)["lr"]
    pairs = list(zip(_moved(e, "stepped", "bias"), _moved(e, "followed", "bias"), strict=True))
    return bool(pairs) and all(abs(0.3 - v - lr) < 0.02 * lr and abs(v - w - lr) < 0.02 * lr for v, w in pairs)


def _bias_moves(e: Evidence) -> tuple[float, float]:
    """Return how far the two steps moved a bias; not a number if there is none."""
    first, second = [*_moved(e, "stepped", "bias"), np.nan][0], [*_moved(e, "followed", "bias"), np.nan][0]
    return 0.3 - first, first - second


def _like_adam(e: Evidence) -> bool:
    lr = _how(e)["lr"]
    first, second = _bias_moves(e)
    return not (abs(first - lr) > 0.02 * lr or abs(second - _second_step() * lr) > 0.05 * lr)


def _not_moved(e: Evidence) -> bool:
    """Whether some parameters stay where they are although they have a gradient."""
    values = [(v, f) for n, f in (*zip(_MATRICES, FILL, strict=True), ("bias", 0.3)) for v in _moved(e, "stepped", n)]
    return any(abs(v - f) < 0.1 * _how(e)["lr"] for v, f in values)


def _step_size(e: Evidence) -> float | None:
    """Return how far one step on gradients of 2 moved the biases, if it moved them all alike."""
    moves = [0.3 - v for v in _moved(e, "stepped", "bias")]
    return moves[0] if moves and max(moves) - min(moves) < 1e-5 else None


def _another_rate(e: Evidence) -> bool:
    """Whether the step has the size of Adam's own default, 0.001, and not that of ``lr``."""
    step = _step_size(e)
    return step is not None and _how(e)["lr"] != _DEFAULT_RATE and abs(step - _DEFAULT_RATE) < 0.03 * _DEFAULT_RATE


def _decays_by(values: list[float], fill: float, share: float) -> bool:
    return bool(values) and all(near(v / fill, 1 - share, 2e-6) for v in values)


def _default_decay(values: list[float], fill: float, e: Evidence) -> float | None:
    """Return the default of AdamW by which the values decayed instead of by what was asked, or ``None``."""
    how = _how(e)
    others = [default for default in _DEFAULT_DECAYS if default != how["weight_decay"]]
    return next((default for default in others if _decays_by(values, fill, how["lr"] * default)), None)


def _default_decay_of_weights(e: Evidence) -> float | None:
    found = {_default_decay(_moved(e, "decayed", name), fill, e) for name, fill in zip(_MATRICES, FILL, strict=True)}
    return found.pop() if len(found) == 1 else None


def _rate_twice(e: Evidence) -> bool:
    share = _how(e)["lr"] ** 2 * _how(e)["weight_decay"]
    given = [(_moved(e, "decayed", n), f) for n, f in zip(_MATRICES, FILL, strict=True)]
    return share > 0 and all(_decays_by(v, f, share) for v, f in given)


def _matrices(e: Evidence) -> int:
    return sum(len(shape) == 2 for shape in e["shapes"])


def _softmax(e: Evidence) -> bool:
    return all(near(v, 1 / _how(e)["classes"], 1e-3) for v in e["plain"])


def _squeezed(e: Evidence) -> bool:
    """Whether the outputs are those of three layers with one more ReLU, sigmoid or tanh at the end."""
    if e["shapes"] != _shapes(_how(e)):
        return False
    cut = all(near(v, _logit(_how(e)), 1e-3) for v in e["plain"]) and all(
        abs(given - max(right, 0.0)) <= 1e-3 for given, (_, right) in zip(e["signs"], SIGNS, strict=True)
    )
    return cut or all(near(v, 1.0, 1e-3) for v in e["plain"])


def _decaying(e: Evidence) -> list[str]:
    """Return which weight matrices decay by what was asked."""
    share = _how(e)["lr"] * _how(e)["weight_decay"]
    return [n for n, f in zip(_MATRICES, FILL, strict=True) if _decays_by(_moved(e, "decayed", n), f, share)]


#: What can be wrong whatever is judged.
_ANYWHERE = (
    mistake(
        "built_once",
        says=lambda e: (
            f"a second call gave back the same {' and the same '.join(e['built_once'])} as the first. Each call has to "
            "build its own, or two runs train one and the same network."
        ),
        probe=lambda e: bool(e.seen.get("built_once")),
    ),
    mistake("no_pair", probe=lambda e: bool(e.seen.get("no_pair"))),
    mistake("pair_swapped/add_regularisation", probe=lambda e: bool(e.seen.get("swapped"))),
    mistake(
        "part_is_none",
        says=lambda e: (
            f"the {e['none'][0]} is None. A method that changes an object in place usually returns nothing, so its "
            "result is not the object."
        ),
        probe=lambda e: bool(e.seen.get("none")),
    ),
)

_FROZEN = mistake(
    "parameters_frozen/add_regularisation",
    says=lambda e: (
        f"{len(e['frozen'])} of the parameters are frozen, those of the shapes {e['frozen']}, so they never learn. A "
        "parameter that does not decay still follows its gradient."
    ),
    probe=lambda e: bool(e["frozen"]) and sorted(e["shapes"] + e["frozen"]) == _shapes(_how(e)),
)

_MISCOUNTED = mistake(
    "layers_miscounted",
    says=lambda e: (
        f"the model has {_matrices(e)} weight {'matrix' if _matrices(e) == 1 else 'matrices'}; two hidden layers "
        "and a last one make three."
    ),
    probe=lambda e: _matrices(e) != len(_MATRICES),
)

_NO_BIASES = mistake("biases_missing", probe=lambda e: all(len(shape) > 1 for shape in e["shapes"] + e["frozen"]))

#: What the cases about the model can tell, and, below, those about the optimizer.
_LAYERS = (
    _FROZEN,
    mistake(
        "log_softmax_at_the_end", probe=lambda e: all(near(v, -math.log(_how(e)["classes"]), 1e-3) for v in e["plain"])
    ),
    mistake("activation_at_the_end", probe=_squeezed),
    mistake("softmax_at_the_end", probe=_softmax),
    _MISCOUNTED,
    _NO_BIASES,
    mistake(
        "other_layers", probe=lambda e: len(e["shapes"]) > len(_shapes(_how(e))) and _matrices(e) == len(_MATRICES)
    ),
    mistake("relu_missing", probe=lambda e: any(abs(given) > 1e-4 for given in e["signs"][:2])),
    mistake("dropout_always_on", probe=_always_on),
    mistake("dropout_on_by_default", probe=_on_by_default),
)

_DROPOUT = (
    mistake("dropout_on_output", probe=lambda e: bool(e["columns_differ"]) and e["zeros"] > 0.02),
    mistake("dropout_on_inputs/add_regularisation", probe=_spread_is(2, lambda how: how["dropout"], at_inputs=True)),
    mistake("dropout_on_inputs/add_regularisation_2", probe=_spread_is(1, lambda how: how["dropout"], at_inputs=True)),
    mistake("rows_dropped", probe=lambda e: not e["columns_differ"] and e["zeros"] > 0.02 and not e["parts"]["other"]),
    mistake(
        "not_scaled_up",
        says=lambda e: (
            f"in training mode the logits are only {e['mean']:.2f} times as large as in evaluation mode: what is kept "
            "is not scaled up by 1 / (1 - dropout)."
        ),
        probe=_not_scaled_up,
    ),
    mistake("same_units_for_all_rows", probe=lambda e: _is_constant(e) and abs(e["mean"] - 1) > 0.01),
    mistake("dropout_missing", probe=lambda e: _is_constant(e) and abs(e["mean"] - 1) <= 0.01),
    mistake("dropout_once", probe=_spread_is(1, lambda how: how["dropout"])),
    mistake("share_kept_taken_for_share_dropped", probe=_spread_is(2, lambda how: 1 - how["dropout"])),
    mistake("share_not_used", probe=lambda e: _how(e)["dropout"] != 0.5 and _spread_is(2, lambda how: 0.5)(e)),
    mistake("noise_instead_of_dropout", probe=_no_units_dropped),
)

_STEPS = (
    mistake(
        "rate_not_used",
        says=lambda e: f"the step is {_step_size(e):.3g}, asked {_how(e)['lr']:g}: where does lr go?",
        probe=_another_rate,
    ),
    mistake("penalty_in_the_loss", probe=lambda e: e["penalty"] > 1e-6),
    mistake("l2_through_adam", probe=_coupled),
    mistake(
        "exclusion_too_wide",
        probe=lambda e: bool(e.seen.get("decay_set")) and _how(e)["weight_decay"] > 0 and _no_decay(e),
    ),
    mistake("decay_on_biases_alone", probe=lambda e: _how(e)["weight_decay"] > 0 and _no_decay(e) and _biases_moved(e)),
    mistake("no_decay", probe=lambda e: _how(e)["weight_decay"] > 0 and _no_decay(e)),
    mistake(
        "decay_on_some",
        says=lambda e: (
            f"only some weight matrices decay ({', '.join(_decaying(e))}), and the others stay as they are: asked was "
            "every one of the three."
        ),
        probe=lambda e: (
            0 < len(_decaying(e)) < len(_MATRICES)
            and all(
                name in _decaying(e) or _decays_by(_moved(e, "decayed", name), fill, 0.0)
                for name, fill in zip(_MATRICES, FILL, strict=True)
            )
        ),
    ),
    mistake("rate_twice", probe=_rate_twice),
    mistake("decay_without_rate", probe=_decay_without_rate),
    mistake("not_adam/add_regularisation_2", probe=_plain_sgd),
    mistake("sign_alone", probe=_sign_alone),
    mistake("parameters_left_out", probe=_not_moved),
)

_BIASES = (
    mistake(
        "default_decay/add_regularisation",
        says=lambda e: (
            f"the biases decay by lr * {_default_decay(_moved(e, 'decayed', 'bias'), 0.3, e):g} in each step. That is "
            "the default of AdamW, which a group of parameters takes when it names no weight_decay of its own."
        ),
        probe=lambda e: _default_decay(_moved(e, "decayed", "bias"), 0.3, e) is not None,
    ),
    mistake(
        "default_decay/add_regularisation_2",
        says=lambda e: (
            f"the weights decay by lr * {_default_decay_of_weights(e):g} in each step, AdamW's default, and not by "
            "lr * weight_decay."
        ),
        probe=lambda e: _default_decay_of_weights(e) is not None,
    ),
    mistake("biases_decayed", probe=_biases_decayed),
)

#: After the ones that find why: biases that decay, say, move by more, too.
_OTHER_STEPS = mistake(
    "not_adam/add_regularisation",
    says=lambda e: (
        f"on a gradient of 2 and then one of 0.5 the biases move by {_bias_moves(e)[0]:.4g} and "
        f"{_bias_moves(e)[1]:.4g}; Adam with lr = {_how(e)['lr']:g} moves them by {_how(e)['lr']:.4g} and "
        f"{_second_step() * _how(e)['lr']:.4g}."
    ),
    probe=lambda e: not _like_adam(e),
)

_DIAGNOSES: dict[str, tuple[Diagnosis, ...]] = {
    "layers": _LAYERS,
    "dropout": (*_LAYERS, *_DROPOUT),
    "decay": (_FROZEN, *_STEPS, *_BIASES, _MISCOUNTED),
    "biases": (_FROZEN, _NO_BIASES, *_BIASES, *_STEPS),
    "step": (_FROZEN, _NO_BIASES, *_STEPS, *_BIASES, _OTHER_STEPS, _MISCOUNTED),
}

_JUDGES: dict[str, Callable[[Evidence], str | None]] = {
    "layers": _judge_layers,
    "dropout": _judge_dropout,
    "decay": _judge_decay,
    "biases": _judge_biases,
    "step": _judge_step,
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
    **how
        Arguments of the answer: ``inputs``, ``hidden``, ``classes``, ``dropout``, ``weight_decay``, ``lr``.
    """
    settings = {"inputs": 3, "hidden": 40, "classes": 4, "dropout": 0.3, "weight_decay": 0.2, "lr": 0.01, **how}
    return Case(
        name,
        (settings,),
        None,
        hint,
        _observe(track),
        _judge_with(_JUDGES[what]),
        run=run,
        weight=weight,
        diagnoses=_DIAGNOSES[what],
    )


def _judge_with(judge: Callable[[Evidence], str | None]) -> Callable[[Evidence], str | None]:
    def judged(e: Evidence) -> str | None:
        if e.seen.get("no_pair") or e.seen.get("swapped") or e.seen.get("none"):
            return "asked is the pair (model, optimizer)"
        if e.seen.get("built_once"):
            return f"a second call gave the same {' and the same '.join(e['built_once'])}"
        return judge(e)

    return judged


def add_regularisation(track: str) -> Exercise:
    """Return the exercise of one track."""
    run = "40 hidden units"
    return Exercise(
        name="add_regularisation",
        points=3,
        cases=(
            regularise_case(track, "the layers, and no dropout in evaluation mode", "layers", run=run),
            regularise_case(track, "dropout in training mode", "dropout", run=run),
            regularise_case(track, "weights decay by themselves", "decay", run=run),
            regularise_case(track, "biases do not decay", "biases", run=run),
            regularise_case(track, "one step on a gradient", "step", run=run),
        ),
        diagnoses=_ANYWHERE,
    )
