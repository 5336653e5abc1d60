"""Streaming metrics: one result from counts, the same as scikit-learn's from all rows at once."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as peer

from course_lib.training.direction import better_mode
from course_lib.training.metrics import F1, STREAMING, AveragePrecision, Precision, Recall, RocAuc

PEERS = {
    "precision": lambda y, z, w: peer.precision_score(y, z > 0, sample_weight=w, zero_division=0.0),
    "recall": lambda y, z, w: peer.recall_score(y, z > 0, sample_weight=w, zero_division=0.0),
    "f1": lambda y, z, w: peer.f1_score(y, z > 0, sample_weight=w, zero_division=0.0),
    "average_precision": lambda y, z, w: peer.average_precision_score(y, z, sample_weight=w) if y.any() else math.nan,
    "roc_auc": lambda y, z, w: peer.roc_auc_score(y, z, sample_weight=w) if 0 < (y * w).sum() < w.sum() else math.nan,
}


def streamed(metric, logits, targets, weights=None, size: int = 1000) -> float:
    metric.reset()
    for start in range(0, len(targets), size):
        rows = slice(start, start + size)
        metric.update(logits[rows], targets[rows], None if weights is None else weights[rows])
    return metric.result()


#: Rows as (logit, target, weight): few different logits, so that many are equal, and weights that add up exactly.
ROWS = st.lists(
    st.tuples(st.integers(-3, 3).map(float), st.integers(0, 1), st.integers(1, 16).map(lambda n: n / 8)), min_size=1
)


def columns(rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    logits, targets, weights = map(np.array, zip(*rows, strict=True))
    return logits, targets, weights


@pytest.mark.slow
@settings(deadline=None)
@given(rows=ROWS, size=st.integers(1, 20))
@pytest.mark.parametrize("name", STREAMING)
def test_the_same_as_scikit_learn_whatever_the_batch_size(name, rows, size):
    logits, targets, weights = columns(rows)
    for given_weights in (None, weights):
        used = np.ones(len(rows)) if given_weights is None else given_weights
        result = streamed(STREAMING[name](), logits, targets, given_weights, size)
        assert result == pytest.approx(PEERS[name](targets, logits, used), rel=1e-9, nan_ok=True)


@settings(deadline=None)
@given(rows=ROWS)
@pytest.mark.parametrize("name", STREAMING)
def test_what_a_weight_means(name, rows):
    logits, targets, weights = columns(rows)
    metric = STREAMING[name]()

    def result(*columns):
        return pytest.approx(streamed(metric, *columns), rel=1e-9, nan_ok=True)

    plain = streamed(metric, logits, targets)
    assert plain == result(logits, targets, np.ones(len(rows)))  # weights of 1 are none
    assert plain == result(logits, targets, np.full(len(rows), 5.0))  # nor do others that are all equal change a thing
    twice = np.where(weights > 1, 2, 1)
    assert streamed(metric, logits, targets, twice) == result(logits.repeat(twice), targets.repeat(twice))
    some = (weights > 1).astype(float)
    assert streamed(metric, logits, targets, some) == result(logits[some > 0], targets[some > 0])


@pytest.mark.parametrize("name", STREAMING)
def test_equal_outputs_in_another_order_give_the_same(name):
    rng = np.random.default_rng(0)
    logits, targets = rng.integers(-2, 3, 200).astype(float), rng.integers(0, 2, 200)
    order = rng.permutation(200)
    metric = STREAMING[name]()
    assert streamed(metric, logits, targets) == pytest.approx(streamed(metric, logits[order], targets[order]))


@pytest.mark.parametrize(
    ("metric", "logits", "targets", "expected"),
    [
        (Precision(), [-1.0, -2.0], [0, 1], 0.0),  # nothing predicted positive
        (Precision(undefined=math.nan), [-1.0, -2.0], [0, 1], math.nan),
        (Recall(), [1.0, -2.0], [0, 0], 0.0),  # nothing positive
        (Recall(undefined=1.0), [1.0, -2.0], [0, 0], 1.0),
        (F1(), [-1.0, -2.0], [0, 0], 0.0),
        (F1(undefined=math.nan), [-1.0, -2.0], [0, 1], 0.0),  # defined: one positive row was missed
        (AveragePrecision(), [1.0, 2.0], [0, 0], math.nan),
        (AveragePrecision(), [1.0, 2.0], [1, 1], 1.0),
        (RocAuc(), [1.0, 2.0], [0, 0], math.nan),
        (RocAuc(), [1.0, 2.0], [1, 1], math.nan),
    ],
)
def test_what_is_not_defined_is_a_documented_value(metric, logits, targets, expected):
    assert streamed(metric, logits, targets) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("name", STREAMING)
def test_no_rows_rows_of_weight_0_and_outputs_that_are_nan(name):
    metric = STREAMING[name]()
    nothing = 0.0 if name in ("precision", "recall", "f1") else math.nan
    assert metric.result() == pytest.approx(nothing, nan_ok=True)
    metric.update([1.0, -1.0], [1, 0], [0.0, 0.0])
    assert metric.result() == pytest.approx(nothing, nan_ok=True)
    assert streamed(metric, [1.0, math.nan, -1.0], [1, 0, 0], [1, 0, 1]) == 1.0
    assert math.isnan(streamed(metric, [1.0, math.nan, -1.0], [1, 0, 0]))


def test_the_threshold_is_one_of_logits_and_belongs_to_the_negatives():
    assert streamed(Precision(), [0.0, 1.0], [1, 0]) == 0.0
    logits, targets = [2.0, 1.0, 0.5], [1, 0, 0]
    assert [round(streamed(Precision(at), logits, targets), 3) for at in (0.0, 0.5, 1.0)] == [0.333, 0.5, 1.0]
    probabilities = [0.9, 0.6, 0.4]
    assert streamed(Precision(threshold=0.5), probabilities, targets) == 0.5


@pytest.mark.parametrize("name", STREAMING)
@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (([[1.0, 2.0]], [1]), r"one output a row, shape \(1,\) or \(1, 1\), but .* shape \(1, 2\)"),
        ((1.0, 1), "one output a row"),
        (([1.0, 2.0], [1]), r"2 outputs but targets of shape \(1,\)"),
        (([1.0], [2]), "a target is 2; .* expects targets 0 and 1"),
        (([1.0], [0.5]), "a target is 0.5"),
        (([1.0, 2.0], [1, 0], [1.0]), "2 outputs but 1 weights"),
    ],
)
def test_rows_that_do_not_fit_are_one_clear_error(name, rows, words):
    with pytest.raises(ValueError, match=words):
        STREAMING[name]().update(*rows)


def test_tensors_of_both_frameworks_will_do():
    torch = pytest.importorskip("torch")
    logits, targets = [2.0, 1.0, -1.0, -2.0], [1, 0, 0, 1]
    rows = torch.tensor(logits, requires_grad=True)[:, None].bfloat16(), torch.tensor(targets)
    assert streamed(Precision(), *rows) == streamed(Precision(), logits, targets) == 0.5


def test_every_name_says_that_higher_is_better():
    assert {better_mode(f"val_{name}") for name in STREAMING} == {"max"}


def test_no_framework_is_loaded():
    code = "import sys, course_lib.training.metrics; print({'torch', 'keras', 'tensorflow'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert result.stdout.strip() == "set()", result.stderr
