"""Lesson 08, `plain_and_reported`, in both tracks: four losses of one network, with and without what regularizes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.mistakes import by_claim, by_sign
from course_lib.checks.plain import dict_of, number_of
from course_lib.lessons.l08_regularisation.plain_and_reported_stage import (
    CLASSES,
    MASK,
    OBSERVE,
    SIZES,
    Parameters,
    Part,
    inputs_of,
)

__all__ = ["four_losses", "plain_and_reported", "reported_case"]

#: What is added to a loss, from the parameters and the strength that was asked for.
Penalty = Callable[[Parameters, float], float]
#: The parameters that the right penalty is of.
WEIGHTS = ("first", "last")
KEYS = ("train_reported", "train_plain", "val_reported", "val_plain")


# --- the truth -----------------------------------------------------------------------------------------


def _logits(p: Parameters, x: np.ndarray, training: bool) -> np.ndarray:
    x = x.astype(np.float64) * (MASK if training else 1.0)
    return np.maximum(x @ p["first"] + p["first_bias"], 0.0) @ p["last"] + p["last_bias"]


def _cross_entropy(p: Parameters, part: Part, training: bool, eps: float) -> float:
    z, y = _logits(p, part[0], training), part[1]
    logs = z - z.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    targets = (1 - eps) * np.eye(CLASSES)[y] + eps / CLASSES
    return float(-(targets * logs).sum(axis=1).mean())


def _squares(values: np.ndarray) -> float:
    return float((values.astype(np.float64) ** 2).sum())


def _penalty(p: Parameters) -> float:
    return sum(_squares(p[name]) for name in WEIGHTS)


def four_losses(p: Parameters, train: Part, val: Part, how: dict[str, Any]) -> dict[str, float]:
    """Return what is right, from a case's inputs."""
    penalty = how["lam"] * _penalty(p)
    return {
        "train_reported": _cross_entropy(p, train, True, how["eps"]) + penalty,
        "train_plain": _cross_entropy(p, train, False, 0.0),
        "val_reported": _cross_entropy(p, val, False, how["eps"]) + penalty,
        "val_plain": _cross_entropy(p, val, False, 0.0),
    }


# --- how it is judged ----------------------------------------------------------------------------------


def _left(e: Evidence) -> str | None:
    moved = e.seen.get("touched") or []
    if moved:
        return f"after the call these are not what they were: {', '.join(moved)}"
    arrived = e.inputs[-1]["training"]
    if "training_mode_afterwards" in e.seen and e["training_mode_afterwards"] != arrived:
        return f"the model arrived in {'training' if arrived else 'evaluation'} mode and is left in the other"
    if not e.seen.get("inner_mode_kept", True):
        return "a module inside the model arrived in evaluation mode and is left in training mode"
    return None


def _given(e: Evidence, key: str) -> float | None:
    return number_of((dict_of(e.given) or {}).get(key))


def _values(e: Evidence, key: str, penalty: Penalty, **changed: Any) -> float:
    """Return the loss under a key with some settings changed, and a penalty of its own making."""
    p, train, val, how = e.inputs
    reported = key.endswith("reported")
    settings: dict[str, Any] = {
        "part": key.partition("_")[0],
        "training": key == KEYS[0],
        "eps": how["eps"] if reported else 0.0,
        **changed,
    }
    part = train if settings["part"] == "train" else val
    return _cross_entropy(p, part, settings["training"], settings["eps"]) + penalty(p, how["lam"])


def _none(p: Parameters, lam: float) -> float:
    return 0.0


def _right(p: Parameters, lam: float) -> float:
    return lam * _penalty(p)


def _of(what: Callable[[np.ndarray], Any], *names: str) -> Penalty:
    """Return the penalty that adds up something else of the weights, or of the parameters with these names."""
    return lambda p, lam: lam * float(sum(what(p[name]) for name in names or WEIGHTS))


#: A name, the penalty that goes with it, and what else is changed in a loss that should be reported.
_REPORTED: tuple[tuple[str, Penalty, dict[str, Any]], ...] = (
    ("penalty_left_out", _none, {}),
    ("smoothing_left_out", _right, {"eps": 0.0}),
    ("biases_penalized", _of(_squares, *SIZES), {}),
    ("penalty_halved", lambda p, lam: _right(p, lam) / 2, {}),
    ("penalty_of_norms", _of(np.linalg.norm), {}),
    ("penalty_of_absolute_values", _of(lambda values: np.abs(values).sum()), {}),
    ("penalty_of_means", _of(lambda values: (values.astype(np.float64) ** 2).mean()), {}),
    ("penalty_of_one_layer", _of(_squares, "first"), {}),
    ("penalty_of_one_layer", _of(_squares, "last"), {}),
    ("penalty_without_lam", lambda p, lam: _penalty(p), {}),
    ("plain_for_reported", _none, {"eps": 0.0}),
)
_PLAIN: tuple[tuple[str, Penalty, dict[str, Any]], ...] = (
    ("penalty_in_plain", _right, {}),
    ("smoothing_in_plain", _none, {"eps": "eps"}),
    ("reported_for_plain", _right, {"eps": "eps"}),
)


def _rows() -> list[tuple[str, str, Penalty, dict[str, Any]]]:
    """Return each mistake with the key under which it shows; those with a mode of their own come after the others."""
    found: list[tuple[str, str, Penalty, dict[str, Any]]] = []
    for key in KEYS:
        table = _REPORTED if key.endswith("reported") else _PLAIN
        found += [(name, key, penalty, changed) for name, penalty, changed in table]
        other = key != KEYS[0]
        name = "no_eval/part_of_four" if other else "reported_in_eval/dropout"
        right = _right if key.endswith("reported") else _none
        found.append((name, key, right, {"training": other}))
        found.append(("other_rows", key, right, {"part": "val" if key.startswith("train") else "train"}))
        found += [(name, key, penalty, {**changed, "training": other}) for _, penalty, changed in table]
    return found


def _claims(key: str) -> Any:
    def value(penalty: Penalty, changed: dict[str, Any]) -> Callable[[Evidence], Any]:
        def made(e: Evidence) -> float | None:
            settings = {k: e.inputs[-1]["eps"] if v == "eps" else v for k, v in changed.items()}
            found = _values(e, key, penalty, **settings)
            return None if near(found, e.expected[key]) else found

        return made

    rows = [(name, value(penalty, changed)) for name, of, penalty, changed in _rows() if of == key]
    return by_claim(rows, lambda e: _given(e, key), lambda e: e.expected[key], {"key": f"`{key}`"})


def _left_in(training: bool) -> Callable[[Evidence], bool]:
    return lambda e: e.inputs[-1]["training"] != training and e.seen.get("training_mode_afterwards") is training


_SIGNS: tuple[tuple[str, Callable[[Evidence], bool]], ...] = (
    ("updates_on_validation_rows/measured_rows", lambda e: "weights" in (e.seen.get("touched") or [])),
    ("backward_on_validation_rows/backward_called", lambda e: "gradients" in (e.seen.get("touched") or [])),
    ("flags_changed", lambda e: "requires_grad" in (e.seen.get("touched") or [])),
    ("settings_changed", lambda e: "settings" in (e.seen.get("touched") or [])),
    ("mode_left_in_eval/dropout", _left_in(training=False)),
    ("mode_forced_to_training", _left_in(training=True)),
    ("inner_modes_overwritten", lambda e: e.seen.get("inner_mode_kept") is False),
)


def reported_case(
    track: str, name: str, hint: str = "", keys: tuple[str, ...] = KEYS, run: str = "", **how: Any
) -> Case:
    """Return a case of ``plain_and_reported``.

    Parameters
    ----------
    track, name, hint, run : str
    keys : tuple of str
        Which of the four losses are judged; of none, how the model is left.
    **how
        ``lam``, ``eps``, ``train_rows``, ``val_rows``, ``training``, the mode in which the model arrives, and
        ``inner``, whether its last layer arrives in the other mode.
    """
    settings = {"lam": 0.05, "eps": 0.2, "train_rows": 6, "val_rows": 4, "training": True, "inner": False, **how}

    def expected(*inputs: Any) -> dict[str, float]:
        return {key: value for key, value in four_losses(*inputs).items() if key in keys}

    return Case(
        name,
        lambda rng: inputs_of(rng, settings),
        expected if keys else None,
        hint,
        OBSERVE[track],
        None if keys else _left,
        run=run,
        # Plain losses, which lesson 05 taught to measure, are worth little here.
        weight=2.0 if (settings["lam"] or settings["eps"]) and {KEYS[0], KEYS[2]} & set(keys) else 0.5,
        # Weights that changed along the way explain the numbers as well.
        diagnoses=(*by_sign(_SIGNS[:1]), *(found for key in keys for found in _claims(key)))
        if keys
        else by_sign(_SIGNS),
    )


def plain_and_reported(track: str) -> Exercise:
    """Return the exercise in one track."""
    modes = (
        reported_case(track, "a model that arrives in evaluation mode is left in it", keys=(), training=False),
        reported_case(track, "a layer in evaluation mode stays there while the rest trains", keys=(), inner=True),
    )
    return Exercise(
        name="plain_and_reported",
        points=3,
        cases=(
            *(reported_case(track, key, keys=(key,), run="six rows and four") for key in KEYS),
            reported_case(track, "the model is left as it was", keys=(), run="six rows and four"),
            reported_case(track, "neither penalty nor smoothing", lam=0.0, eps=0.0),
            *(modes if track == "pytorch" else ()),  # a Keras model has no mode to arrive in
        ),
    )
