"""Lesson 01, `first_loss_diagnosis`: a first loss is measured on a model whose logits are known, and judged."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.diagnosis import Claim, Diagnosis
from course_lib.checks.mistakes import by_value, mistake
from course_lib.checks.plain import dict_of, number_of
from course_lib.lessons.l01_loss_basics import losses

__all__ = ["first_loss_case", "first_loss_diagnosis"]


def _outputs(logits: list[list[float]], targets: list[int]) -> tuple[np.ndarray, np.ndarray, int]:
    return np.array(logits, dtype=np.float32), np.array(targets), len(logits[0])


# Rows of logits and their right classes: a little better or worse than knowing nothing, as in a fresh model ...
FRESH = _outputs(
    [
        *([0.8, -0.4, 0.1, 0], [-0.6, 0.5, 0.3, -0.2], [0.2, 0.9, -0.7, 0.4]),
        *([0, -0.5, 0.6, -0.9], [0.3, 0.1, -0.2, 0.7], [-0.3, 0.6, 0.2, 0.4]),
    ],
    [1, 0, 1, 2, 3, 1],
)
FRESH_LOSS = 1.2818966  # the mean cross-entropy of these rows
# ... very sure and mostly wrong ...
TOO_SURE = _outputs([[9, -4, 1], [-6, 8, 3], [2, 7, -7], [0, 5, 6]], [1, 0, 1, 2])
# ... and right about everything.
KNOWS = _outputs([[5, -1, 0], [-1, 4, 0], [0, -1, 6], [5, 0, 1], [0, 5, -2]], [0, 1, 2, 0, 1])
# Sure, and wrong by so much that single precision keeps nothing of the right class's probability.
HOPELESS = _outputs([[200, -200, 0], [-200, 0, 200], [0, 200, -200]], [1, 0, 1])
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


# --- what was given ------------------------------------------------------------------------------------------


def _number(e: Evidence, name: str) -> float | None:
    return number_of((dict_of(e.result) or {}).get(name))


def _healthy(e: Evidence) -> Any:
    """Return the verdict that was given, 1.0 or 0.0, whatever kind of truth value it is."""
    item = (dict_of(e.result) or {}).get("healthy", {})
    return float(item["value"]) if item.get("kind") == "bool" else number_of(item)


def _infinite(e: Evidence) -> bool:
    loss = _number(e, "first_loss")
    return loss is not None and not math.isfinite(loss)


def _judge(e: Evidence) -> str | None:
    # A loss that Keras computes from probabilities is capped where it should be large; that is its own affair.
    if _infinite(e):
        return "the first loss is infinite or not a number; this model's is large but finite"
    return "the model's weights have changed; measuring a loss must not train the model" if e["moved"] else None


def _right(e: Evidence) -> tuple[float, float]:
    """Return what is right: the first loss, and what is expected of knowing nothing."""
    logits, targets, n_classes = e.inputs
    return float(losses.row_costs(logits, targets).mean()), math.log(n_classes)


def _within(loss: float, expected: float) -> bool:
    return abs(loss - expected) < 0.2 * expected


def _wrong_numbers(e: Evidence) -> list[str]:
    """Return the names of those of the answer's two numbers that are wrong."""
    right = zip(("first_loss", "expected"), _right(e), strict=True)
    return [f"`{name}`" for name, value in right if not near(_number(e, name), value, rel=1e-3)]


# --- what can go wrong ---------------------------------------------------------------------------------------


#: What mistakes give for logits, targets and K: under `first_loss`, and under `expected`.
_LOSSES = (
    ("double_softmax_summed", lambda z, t, k: losses.row_costs(np.exp(-losses.costs(z)), t).sum()),
    ("double_softmax", lambda z, t, k: losses.row_costs(np.exp(-losses.costs(z)), t).mean()),
    ("not_divided/rows", lambda z, t, k: losses.row_costs(z, t).sum()),
    ("divided_by_classes", lambda z, t, k: losses.row_costs(z, t).mean() / k),
    ("divided_by_rows", lambda z, t, k: losses.row_costs(z, t).mean() / len(t)),
    ("logit", lambda z, t, k: -losses.of_right(z, t).mean()),
    ("sign", lambda z, t, k: -losses.row_costs(z, t).mean()),
    ("probabilities_expected", lambda z, t, k: losses.as_probabilities(z, t)),
    ("accuracy", lambda z, t, k: losses.accuracy(z, t)),
)
_BASELINES = tuple((name, lambda z, t, k, of=of: of(k)) for name, of in losses.OF_CLASSES)
#: Told where not every class is among the targets.
_COUNTED = (("classes_of_the_labels/expected", lambda z, t, k: math.log(len(np.unique(t)))),)


def _from_own_numbers(e: Evidence) -> bool:
    """Whether the wrong verdict is what the limits make of the answer's own two numbers, one of them wrong."""
    loss, expected = _number(e, "first_loss"), _number(e, "expected")
    if loss is None or expected is None or _healthy(e) is None or not _wrong_numbers(e):
        return False
    return bool(_healthy(e)) == _within(loss, expected)


def _other_limit(fixed: float = 0.0, of_expected: float = 0.0, of_loss: float = 0.0) -> Diagnosis:
    def claim(e: Evidence) -> Claim | None:
        if _healthy(e) is None or _wrong_numbers(e):
            return None
        loss, expected = _right(e)
        verdict = abs(loss - expected) < fixed + of_expected * expected + of_loss * loss
        return Claim(bool(_healthy(e)), verdict, _within(loss, expected))

    return mistake("other_limit", claim=claim)


def _capped(e: Evidence) -> bool:
    loss = _number(e, "first_loss")
    return loss is not None and 0 <= loss < 0.95 * _right(e)[0] and float(np.max(e.inputs[0])) > 100


_TRAINED = mistake("trained", probe=lambda e: bool(e["moved"]))
_CAPPED = mistake(
    "clipped/first_loss",
    probe=_capped,
    denied=lambda e: float(np.max(e.inputs[0])) < 100 and "`first_loss`" in _wrong_numbers(e),
)
_HEALTHY = mistake("called_healthy", probe=lambda e: _healthy(e) == 1.0)
_ONE_SIDED = mistake("one_sided", probe=lambda e: _healthy(e) == 1.0)
_NOT_MEASURED = (mistake("log_of_zero/first_loss", probe=_infinite), _CAPPED, _HEALTHY)
_ILL = mistake("called_ill", probe=lambda e: _healthy(e) == 0.0)
#: Of a verdict: it follows from wrong numbers, or from another limit than 20 % of what is expected.
_LIMITS = (
    mistake("follows", probe=_from_own_numbers, fields={"wrong": lambda e: " and ".join(_wrong_numbers(e))}),
    _other_limit(of_loss=0.2),
    *(_other_limit(fixed=by) for by in (0.1, 0.2, 0.3, 0.5, 1.0)),
    *(_other_limit(of_expected=by) for by in (0.02, 0.05, 0.1, 0.25, 0.3, 0.5)),
)


# --- cases ---------------------------------------------------------------------------------------------------


def first_loss_case(
    track: str, name: str, inputs: Any, expected: Any, *mistakes: Diagnosis, hint: str = "", **how: Any
) -> Case:
    """Return a case of the bug hunt.

    Parameters
    ----------
    track, name, hint : str
    inputs : tuple, or callable that makes one
        The logits that the model gives, of shape (n, K), the right classes, of shape (n,), and K.
    expected : dict, or callable that makes one
        What the answer's dictionary must hold; keys that are left out are not looked at.
    *mistakes : Diagnosis
    **how
        Arguments of `Case`.
    """
    observe = {"pytorch": _pytorch, "keras": _keras}[track]
    return Case(name, inputs, expected, hint, observe, _judge, diagnoses=mistakes, **how)


def _away(k: int, times: float) -> tuple[np.ndarray, np.ndarray, int]:
    """Return logits of ``k`` classes whose first loss is ``times`` what is expected; not every class is a target."""
    targets = np.array([1, 0, 2, 1, 0, 1])
    logits = np.zeros((len(targets), k))
    logits[np.arange(len(targets)), targets] = -math.log((k**times - 1) / (k - 1))
    return logits.astype(np.float32), targets, k


def first_loss_diagnosis(track: str) -> Exercise:
    """Return the bug hunt of one track."""

    def case(name: str, inputs: Any, expected: dict[str, Any], *mistakes: Diagnosis, **how: Any) -> Case:
        return first_loss_case(track, name, inputs, expected, _TRAINED, *mistakes, **how)

    of_losses = (_CAPPED, *by_value(_LOSSES, entry="first_loss"))
    baselines, counted = (by_value(table, entry="expected") for table in (_BASELINES, _COUNTED))
    hopeless = {"first_loss": HOPELESS_LOSS} if track == "pytorch" else {}
    # A function that calls every model ill gets some of these right, the faulty one too: they weigh little.
    ill, little, fresh = {"healthy": False}, {"weight": 0.2}, {"run": "fresh"}
    four, ten = {"expected": 1.3862944}, {"expected": 2.3025851, "healthy": True}
    return Exercise(
        name="first_loss_diagnosis",
        points=3,
        cases=(
            case("the first loss of a fresh model", FRESH, {"first_loss": FRESH_LOSS}, *of_losses, **fresh),
            case("what is expected with four classes", FRESH, four, *baselines, **fresh),
            case("a fresh model is healthy", FRESH, {"healthy": True}, *_LIMITS, _ILL, **fresh),
            case("a model that is very sure and mostly wrong is not", TOO_SURE, ill, *_LIMITS, _HEALTHY, **little),
            case("a model that knows the answers is not", KNOWS, ill, *_LIMITS, _ONE_SIDED, weight=0.5),
            case("15 % above what is expected with ten classes is healthy", _away(10, 1.15), ten, *counted, *_LIMITS),
            case("22 % above what is expected with five classes is not", _away(5, 1.22), ill, *_LIMITS, **little),
            case("a model that is sure and wrong by a wide margin", HOPELESS, ill | hopeless, *_NOT_MEASURED, **little),
        ),
        diagnoses=(losses.SWAPPED_ARGUMENTS, losses.ONE_HOT),
    )
