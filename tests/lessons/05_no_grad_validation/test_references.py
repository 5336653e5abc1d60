"""Lesson 05: what the checks hold right is what a second implementation finds, over every input that is allowed.

The measuring and training exercises are held against a linear model written out by hand, in float64; the curves
against the docstring's own words, one epoch at a time.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.checks import linear
from course_lib.checks.case import Evidence
from course_lib.checks.linear import GAIN, LR, START
from course_lib.instructor.hidden import graded_exercises
from course_lib.instructor.hidden.l05_no_grad_validation import aligned
from course_lib.instructor.proof.bank import bank_root, entries, load_answer
from course_lib.lessons.l05_no_grad_validation.bug_hunt import Epochs, epochs_case

LESSON = "05_no_grad_validation"


# --- shift_aligned_curves ----------------------------------------------------------------------------

NUMBERS = st.one_of(
    st.integers(-50, 50),
    st.fractions(-50, 50, max_denominator=64).map(float),
    st.integers(-50, 50).map(np.int8),
    st.integers(-50, 50).map(lambda k: np.float32(k / 8)),
)


def placed(train: Any, val: Any) -> dict[str, list[Fraction]]:
    """Return places and gaps in exact fractions, by the straight line through two points."""
    t, v = ([Fraction(float(x)) for x in values] for values in (train, val))
    half, gaps = Fraction(1, 2), []
    for end in range(1, len(v)):
        slope = (t[end] - t[end - 1]) / (end + half - (end - half))
        gaps.append(v[end - 1] - (t[end - 1] + slope * (end - (end - half))))
    ends = [Fraction(k) for k in range(1, len(v) + 1)]
    return {"train_at": [end - half for end in ends], "val_at": ends, "gap": gaps}


@pytest.mark.slow
@given(
    rows=st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=12),
    kind=st.sampled_from([list, tuple, lambda values: np.array([float(x) for x in values])]),
)
def test_places_and_gaps_are_those_of_the_straight_line(rows: list[tuple[Any, Any]], kind: Any) -> None:
    train, val = kind([t for t, _ in rows]), kind([v for _, v in rows])
    found, right = aligned(train, val), placed(train, val)
    for key, values in right.items():
        assert found[key] == pytest.approx([float(x) for x in values], abs=1e-9)


def test_the_curves_cases_expect_what_the_straight_line_gives() -> None:
    for case in graded_exercises(LESSON, "pytorch")["shift_aligned_curves"].cases:
        inputs = case.make_inputs(3)
        for key, values in placed(*inputs).items():
            assert case.right(inputs)[key] == pytest.approx([float(x) for x in values], abs=1e-9), case.name


# --- the truth about batches -------------------------------------------------------------------------


def measured_by_hand(p: dict[str, np.ndarray], batches: Any) -> float:
    """Return the mean loss over all samples, one row at a time."""
    losses = []
    for x, y in batches:
        for row, target in zip(np.asarray(x, dtype=np.float64), y, strict=True):
            hidden = [
                (row[k] - p["mean"][k]) / (float(p["variance"][k]) + 1e-3) ** 0.5 * p["gamma"][k] + p["beta"][k]
                for k in range(2)
            ]
            out = [
                sum(hidden[k] * float(p["kernel"][k, c]) for k in range(2)) + float(p["bias"][c])
                for c in range(p["kernel"].shape[1])
            ]
            kind = np.asarray(y).dtype.kind
            if kind == "u":
                losses.append(float(out.index(max(out)) != target))
            elif kind == "i":
                losses.append(float(np.log(sum(np.exp(np.array(out) - out[target])))))
            else:
                wanted = np.atleast_1d(target)
                losses.append(sum((o - t) ** 2 + 0.1 * o for o, t in zip(out, wanted, strict=True)) / len(out))
    return float(np.mean(losses))


@pytest.mark.parametrize("track", ["pytorch", "keras"])
@pytest.mark.parametrize("seed", range(4))
def test_evaluate_expects_what_a_mean_over_rows_gives(track: str, seed: int) -> None:
    """A mean of weighted batch means is a mean over rows, for every loss, size and kind of target in the cases."""
    if track == "keras":
        pytest.importorskip("keras")
    judged = 0
    for case in graded_exercises(LESSON, track)["evaluate"].cases:
        if callable(case.expected):
            inputs = case.make_inputs(seed)
            assert case.right(inputs) == pytest.approx(measured_by_hand(*inputs[:2]), rel=1e-6, nan_ok=True), case.name
            judged += 1
    assert judged >= 8


@given(
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    epochs=st.integers(1, 3),
    momentum=st.sampled_from([0.0, 0.5, 0.9]),
    gain=st.sampled_from([1.0, GAIN]),
    seed=st.integers(0, 99),
)
def test_training_by_hand_gives_the_linear_truth(
    sizes: list[int], epochs: int, momentum: float, gain: float, seed: int
) -> None:
    """The gradient is taken by differences, the update written out, and the velocity carried over the epochs."""
    batches = linear.make_problem(np.random.default_rng(seed), sizes)

    def loss(w: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
        rows = [gain * (w[0] * a + w[1] * b + w[2]) for a, b in x.astype(np.float64)]
        return sum((o - float(t)) ** 2 + 0.1 * o for o, t in zip(rows, y, strict=True)) / len(y)

    weights, velocity, carried = np.array(START), np.zeros(3), np.zeros(3)
    truth = np.array(START)
    for _ in range(epochs):
        reported = []
        for x, y in batches:
            reported.append(loss(weights, x, y))
            step = np.eye(3) * 1e-4
            gradient = np.array([(loss(weights + s, x, y) - loss(weights - s, x, y)) / 2e-4 for s in step])
            velocity = momentum * velocity + gradient
            weights = weights - LR * velocity
        run = linear.train(truth, batches, LR, gain, momentum, carried)
        truth = run.weights
        assert run.losses == pytest.approx(reported, rel=1e-4, abs=1e-6)
    assert truth == pytest.approx(weights, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_the_solution_of_the_hunt_gives_the_truth_with_any_momentum(momentum: float) -> None:
    found = entries(bank_root(), LESSON, "pytorch", "bug_hunt")
    answer = load_answer(next(entry for entry in found if entry.name == "reference solution"))
    case = epochs_case("pytorch", "any", "loss", sizes=(7, 5), epochs=3, momentum=momentum)
    inputs, record = case.make_inputs(1), {}
    assert case.observe is not None
    result = case.observe(answer, record, *inputs)
    truth = Epochs(Evidence(inputs, record))
    assert result["loss"] == pytest.approx(truth.right("loss"), rel=1e-4)
    assert result["val_loss"] == pytest.approx(truth.right("val_loss"), rel=1e-4)
    assert record["weights_after_the_run"] == pytest.approx(truth.runs[-1].weights.tolist(), rel=1e-4)
