"""Lesson 01, the bug hunt: a first loss is measured on a model whose logits are known, and judged."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.diagnosis import Claim, Diagnosis
from course_lib.checks.mistakes import mistake
from course_lib.checks.plain import dict_of, number_of

__all__ = ["ONE_HOT", "as_probabilities", "first_loss_case", "first_loss_diagnosis"]

# Rows of logits and their right classes: a little better or worse than knowing nothing, as in a fresh model ...
FRESH = (
    np.array(
        [
            [0.8, -0.4, 0.1, 0.0],
            [-0.6, 0.5, 0.3, -0.2],
            [0.2, 0.9, -0.7, 0.4],
            [0.0, -0.5, 0.6, -0.9],
            [0.3, 0.1, -0.2, 0.7],
            [-0.3, 0.6, 0.2, 0.4],
        ],
        dtype=np.float32,
    ),
    np.array([1, 0, 1, 2, 3, 1]),
    4,
)
FRESH_LOSS = 1.2818966  # the mean cross-entropy of these rows
# ... very sure and mostly wrong ...
TOO_SURE = (
    np.array([[9.0, -4.0, 1.0], [-6.0, 8.0, 3.0], [2.0, 7.0, -7.0], [0.0, 5.0, 6.0]], dtype=np.float32),
    np.array([1, 0, 1, 2]),
    3,
)
# ... and right about everything.
KNOWS = (
    np.array(
        [[5.0, -1.0, 0.0], [-1.0, 4.0, 0.0], [0.0, -1.0, 6.0], [5.0, 0.0, 1.0], [0.0, 5.0, -2.0]], dtype=np.float32
    ),
    np.array([0, 1, 2, 0, 1]),
    3,
)

# Sure, and wrong by so much that single precision keeps nothing of the right class's probability.
HOPELESS = (
    np.array([[200.0, -200.0, 0.0], [-200.0, 0.0, 200.0], [0.0, 200.0, -200.0]], dtype=np.float32),
    np.array([1, 0, 1]),
    3,
)
HOPELESS_LOSS = 800 / 3


def _pytorch(answer: Any, record: dict[str, Any], logits: np.ndarray, targets: np.ndarray, n_classes: int) -> Any:
    import torch
    from torch import nn

    model = nn.Linear(n_classes, n_classes)
    with torch.no_grad():
        model.weight.copy_(torch.eye(n_classes))
        model.bias.zero_()
    result = answer(model, torch.tensor(logits), torch.tensor(targets, dtype=torch.long), n_classes)
    record["moved"] = not np.allclose(model.weight.detach().numpy(), np.eye(n_classes))
    return result


def _keras(answer: Any, record: dict[str, Any], logits: np.ndarray, targets: np.ndarray, n_classes: int) -> Any:
    import keras

    layer = keras.layers.Dense(n_classes, kernel_initializer="identity")
    model = keras.Sequential([keras.Input((n_classes,)), layer])
    result = answer(model, logits.copy(), targets.copy(), n_classes)
    record["moved"] = not np.allclose(layer.get_weights()[0], np.eye(n_classes))
    return result


def _loss_of(e: Evidence) -> float:
    """Return the first loss that was given; minus infinity if it was no number."""
    loss = number_of((dict_of(e.result) or {}).get("first_loss"))
    return -math.inf if loss is None else loss


def _infinite(e: Evidence) -> bool:
    loss = number_of((dict_of(e.result) or {}).get("first_loss"))
    return loss is not None and not math.isfinite(loss)


def _judge(e: Evidence) -> str | None:
    # A loss that Keras computes from probabilities is capped where it should be large; that is its own affair.
    if _infinite(e):
        return "the first loss is infinite or no number; that of this model is large, and finite"
    return "the model's weights have changed; measuring must not train" if e["moved"] else None


def first_loss_case(
    track: str,
    name: str,
    inputs: Any,
    expected: Any,
    *,
    hint: str = "",
    weight: float = 1.0,
    run: str = "",
    diagnoses: tuple[Diagnosis, ...] = (),
) -> Case:
    """Return a case of the bug hunt.

    Parameters
    ----------
    track, name, hint, run : str
    inputs : tuple, or callable that makes one
        The logits that the model gives, of shape (n, K), the right classes, of shape (n,), and K.
    expected : dict, or callable that makes one
        What the answer's dictionary must hold; keys that are left out are not looked at.
    weight : float, optional
    diagnoses : tuple of Diagnosis, optional
    """
    observe = _pytorch if track == "pytorch" else _keras
    return Case(name, inputs, expected, hint, observe, _judge, weight=weight, run=run, diagnoses=diagnoses)


def _softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))


def _costs(times: int) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Return what the rows cost after ``times`` applications of softmax."""

    def costs(z: np.ndarray, t: np.ndarray) -> np.ndarray:
        p = np.asarray(z, dtype=float)
        for _ in range(times):
            p = _softmax(p)
        return np.array([-math.log(row[k]) for row, k in zip(p, t, strict=True)])

    return costs


def _loss(name: str, of: Callable[[np.ndarray, np.ndarray, int], float]) -> Diagnosis:
    return mistake(name, faulty=lambda z, t, k: {"first_loss": float(of(z, t, k))})


_once, _twice = _costs(1), _costs(2)
TRAINED = mistake("trained", probe=lambda e: bool(e["moved"]))
CAPPED = mistake(
    "clipped/first_loss_diagnosis",
    probe=lambda e: 0 <= _loss_of(e) < 0.95 * float(_once(*e.inputs[:2]).mean()) and float(np.max(e.inputs[0])) > 100,
    denied=lambda e: float(np.max(e.inputs[0])) < 100 and "`first_loss`" in _wrong_numbers(e),
)
FIRST_LOSS = (
    TRAINED,
    CAPPED,
    _loss("double_softmax_summed", lambda z, t, k: _twice(z, t).sum()),
    _loss("double_softmax/first_loss_diagnosis", lambda z, t, k: _twice(z, t).mean()),
    _loss("not_divided/first_loss_diagnosis", lambda z, t, k: _once(z, t).sum()),
    _loss("divided_by_classes/first_loss_diagnosis", lambda z, t, k: _once(z, t).mean() / k),
    _loss("divided_by_rows", lambda z, t, k: _once(z, t).mean() / len(t)),
    _loss("logit/first_loss_diagnosis", lambda z, t, k: -np.mean(z[np.arange(len(t)), t])),
    _loss("sign/first_loss_diagnosis", lambda z, t, k: -_once(z, t).mean()),
    _loss("probabilities_expected/first_loss_diagnosis", lambda z, t, k: as_probabilities(z, t)),
    _loss("accuracy/first_loss_diagnosis", lambda z, t, k: float(np.mean(z.argmax(axis=1) == t))),
    _loss("error_rate/first_loss_diagnosis", lambda z, t, k: float(np.mean(z.argmax(axis=1) != t))),
)


def as_probabilities(z: np.ndarray, t: np.ndarray) -> float:
    """Return what Keras's loss for probabilities makes of logits: it clips them and scales rows to a sum of 1."""
    p = np.clip(np.asarray(z, dtype=float), 1e-7, 1 - 1e-7)
    p = p / p.sum(axis=1, keepdims=True)
    return float(np.mean([-math.log(row[k]) for row, k in zip(p, t, strict=True)]))


def _expected(name: str, of: Callable[[int], float]) -> Diagnosis:
    return mistake(name, faulty=lambda z, t, k: {"expected": of(k)})


EXPECTED = (
    TRAINED,
    _expected("chance_accuracy/accuracy_as_loss", lambda k: 1 / k),
    _expected("chance_error_rate/error_rate_as_loss", lambda k: 1 - 1 / k),
    _expected("sign/expected_sign", lambda k: -math.log(k)),
    _expected("log2/expected_log2", math.log2),
    _expected("log10/expected_log10", math.log10),
)


def _healthy(e: Evidence) -> Any:
    """Return the verdict that was given, 1.0 or 0.0, whatever kind of truth value it is."""
    item = (dict_of(e.result) or {}).get("healthy", {})
    return float(item["value"]) if item.get("kind") == "bool" else number_of(item)


def _wrong_numbers(e: Evidence) -> list[str]:
    """Return the names of those of the answer's two numbers that are wrong."""
    items = dict_of(e.result) or {}
    logits, targets, n_classes = e.inputs
    right = {"first_loss": float(_once(logits, targets).mean()), "expected": math.log(n_classes)}
    return [f"`{name}`" for name, value in right.items() if not near(number_of(items.get(name)), value, rel=1e-3)]


def _from_own_numbers(e: Evidence) -> bool:
    """Whether the wrong verdict is what the limits make of the answer's own two numbers, one of them wrong."""
    items = dict_of(e.result) or {}
    loss, expected = number_of(items.get("first_loss")), number_of(items.get("expected"))
    if loss is None or expected is None or _healthy(e) is None or not _wrong_numbers(e):
        return False
    return bool(_healthy(e)) == (abs(loss - expected) < 0.2 * expected)


FOLLOWS = mistake(
    "follows",
    says=lambda e: (
        f"this follows from your {' and '.join(_wrong_numbers(e))}: mend that first. The comparison itself may be "
        "right."
    ),
    probe=_from_own_numbers,
)


ONE_HOT = mistake(
    "one_hot_expected", probe=lambda e: e.error is not None and "must have the same rank" in e.error["message"]
)


def _swapped(track: str) -> Diagnosis:
    """Return the diagnosis of targets and predictions in each other's place, told by what the library says."""
    order = "predictions first, targets second" if track == "pytorch" else "targets first, predictions second"
    words = r"not implemented for 'Long'" if track == "pytorch" else r"(output|logits)\.shape=\(\d+,\)"
    return mistake(
        "swapped_loss_arguments/first_loss_diagnosis",
        says=f"the loss got its two arguments in each other's place: {order}.",
        probe=lambda e: e.error is not None and re.search(words, e.error["message"]) is not None,
    )


_BAND = "what is compared, and whether both directions are"
ONE_SIDED = mistake("one_sided", probe=lambda e: _healthy(e) == 1.0)
ONLY_BELOW = mistake("called_healthy", probe=lambda e: _healthy(e) == 1.0)
NEVER = mistake("called_ill", probe=lambda e: _healthy(e) == 0.0)


INFINITE = mistake("log_of_zero/first_loss_diagnosis", probe=_infinite)


def _verdict_by(of: Callable[[float, float], bool]) -> Callable[[Evidence], Claim | None]:
    """Return the claim of another limit: what it makes of the right numbers."""

    def claim(e: Evidence) -> Claim | None:
        logits, targets, n_classes = e.inputs
        loss, expected = float(_once(logits, targets).mean()), math.log(n_classes)
        if _healthy(e) is None or _wrong_numbers(e):
            return None
        return Claim(bool(_healthy(e)), of(loss, expected), abs(loss - expected) < 0.2 * expected)

    return claim


def _share(share: float) -> Callable[[float, float], bool]:
    return lambda loss, expected: abs(loss - expected) < share * expected


def _fixed(limit: float) -> Callable[[float, float], bool]:
    return lambda loss, expected: abs(loss - expected) < limit


LIMITS = tuple(
    mistake("other_limit", claim=_verdict_by(of))
    for of in (
        lambda loss, expected: abs(loss - expected) < 0.2 * loss,
        *map(_fixed, (0.1, 0.2, 0.3, 0.5, 1.0)),
        *map(_share, (0.02, 0.05, 0.1, 0.25, 0.3, 0.5)),
    )
)


def _away(k: int, times: float) -> tuple[np.ndarray, np.ndarray, int]:
    """Return logits of ``k`` classes whose first loss is ``times`` what is expected; not every class is a target."""
    targets = np.array([1, 0, 2, 1, 0, 1])
    logits = np.zeros((len(targets), k))
    logits[np.arange(len(targets)), targets] = -math.log((k**times - 1) / (k - 1))
    return logits.astype(np.float32), targets, k


def first_loss_diagnosis(track: str) -> Exercise:
    """Return the bug hunt of one track."""
    return Exercise(
        name="first_loss_diagnosis",
        points=1,
        cases=(
            first_loss_case(
                track,
                "the first loss of a fresh model",
                FRESH,
                {"first_loss": FRESH_LOSS},
                run="fresh",
                diagnoses=FIRST_LOSS,
            ),
            first_loss_case(
                track,
                "what is expected with four classes",
                FRESH,
                {"expected": 1.3862944},
                run="fresh",
                diagnoses=EXPECTED,
            ),
            first_loss_case(
                track,
                "a fresh model is healthy",
                FRESH,
                {"healthy": True},
                run="fresh",
                weight=0.5,
                diagnoses=(TRAINED, FOLLOWS, *LIMITS, NEVER),
            ),
            first_loss_case(
                track,
                "a model that is very sure and mostly wrong is not",
                TOO_SURE,
                {"healthy": False},
                weight=0.5,
                diagnoses=(TRAINED, FOLLOWS, *LIMITS, ONLY_BELOW),
            ),
            first_loss_case(
                track,
                "a model that knows the answers is not",
                KNOWS,
                {"healthy": False},
                diagnoses=(TRAINED, FOLLOWS, *LIMITS, ONE_SIDED),
            ),
            first_loss_case(
                track,
                "15 % above what is expected with ten classes is healthy",
                _away(10, 1.15),
                {"expected": 2.3025851, "healthy": True},
                weight=0.5,
                diagnoses=(TRAINED, FOLLOWS, *LIMITS),
            ),
            first_loss_case(
                track,
                "22 % above what is expected with five classes is not",
                _away(5, 1.22),
                {"healthy": False},
                weight=0.5,
                diagnoses=(TRAINED, FOLLOWS, *LIMITS),
            ),
            first_loss_case(
                track,
                "a model that is sure and wrong by a wide margin",
                HOPELESS,
                {"healthy": False, **({"first_loss": HOPELESS_LOSS} if track == "pytorch" else {})},
                weight=0.5,
                diagnoses=(TRAINED, INFINITE, CAPPED, ONLY_BELOW),
            ),
        ),
        diagnoses=(_swapped(track), ONE_HOT),
    )
