"""What lesson 10 states, held against runs and the libraries: baselines, batches, weights, calibration."""

from __future__ import annotations

import importlib
import math
import re
from typing import Any

import numpy as np
import pytest
from sklearn import metrics
from support import ROOT, TRACKS

from course_lib.data import Rows, digits
from course_lib.lessons.l10_beyond_loss.explorer import every_number, numbers
from course_lib.lessons.l10_beyond_loss.report_hunt import LINES, measured, misleads
from course_lib.lessons.l10_beyond_loss.shown import (
    best_f1,
    binned,
    f1_at,
    gap,
    noisy_label_run,
    scored_rows,
    softmax,
    temperature,
    true_table,
)

SEEDS = (0, 1, 2, 3, 4)


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-np.asarray(z, float)))


# --- baselines and rarity ----------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.5, 0.1, 0.02])
def test_what_a_constant_answer_scores(share: float) -> None:
    y = np.arange(20_000) < share * 20_000
    p = np.full(len(y), share)
    assert metrics.roc_auc_score(y, p) == 0.5
    assert metrics.average_precision_score(y, p) == pytest.approx(share)
    assert metrics.f1_score(y, np.ones(len(y))) == pytest.approx(2 * share / (1 + share))
    entropy = -share * math.log(share) - (1 - share) * math.log(1 - share)
    assert metrics.log_loss(y, p) == pytest.approx(entropy)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_answer_of_a_model_without_knowledge_does_clearly_better(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y, noise = rng.random(20_000) < 0.02, rng.random(20_000)
    assert metrics.roc_auc_score(y, noise) == pytest.approx(0.5, abs=0.05)
    assert metrics.average_precision_score(y, noise) == pytest.approx(0.02, abs=0.01)
    for share in (0.0, 0.01, 0.1, 0.5):
        assert metrics.f1_score(y, noise < share) < 0.05


@pytest.mark.parametrize("seed", SEEDS)
def test_rarity_leaves_the_roc_alone_and_takes_the_precision(seed: int) -> None:
    found = {}
    for share in (0.5, 0.1, 0.01):
        scores, y = scored_rows(100_000, share, seed=seed)
        threshold = np.quantile(scores[y == 1], 0.2)
        right = metrics.precision_score(y, scores >= threshold)
        found[share] = metrics.roc_auc_score(y, scores), metrics.average_precision_score(y, scores), right
    assert all(round(auc, 2) in (0.91, 0.92, 0.93) for auc, _, _ in found.values())
    assert 0.03 < found[0.01][2] < 0.09
    assert found[0.5][1] > found[0.1][1] > found[0.01][1]


@pytest.mark.parametrize("track", TRACKS)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_rare_digit_is_missed_where_accuracy_looks_fine(track: str, seed: int) -> None:
    data = digits(scale="unit", test_size=0.2, seed=0)
    logits, early = _trained_on_eights(track, seed, data)
    assert early["val_recall"] < 0.05
    assert 0.88 < early["val_accuracy"] < 0.92
    y = (data.val.y == 8).astype(int)
    accuracy = np.mean((logits > 0) == y)
    assert 0 < accuracy - (1 - y.mean()) < 0.1
    assert metrics.recall_score(y, logits > 0) < 0.85
    assert metrics.average_precision_score(y, logits) > 5 * y.mean()


def _trained_on_eights(track: str, seed: int, data: Any) -> tuple[np.ndarray, Any]:
    """Return the logits of the validation rows, and what was measured after epoch 2."""
    fit = importlib.import_module(f"course_lib.{track}").fit
    train, val = ((rows.x, (rows.y == 8).astype("float32")[:, None]) for rows in (data.train, data.val))
    how: dict[str, Any] = {"loss": "binary_cross_entropy", "lr": 0.01, "epochs": 15, "seed": seed}
    model = _linear(track, seed, 64, 1)
    history = fit(model, train, val, metrics=["accuracy", "recall"], **how)
    return _outputs(track, model, data.val.x).ravel(), history.to_frame().iloc[1]


def _linear(track: str, seed: int, features: int, outputs: int) -> Any:
    if track == "keras":
        import keras

        keras.utils.set_random_seed(seed)
        return keras.Sequential([keras.Input((features,)), keras.layers.Dense(outputs)])
    import torch

    torch.manual_seed(seed)
    return torch.nn.Linear(features, outputs)


def _outputs(track: str, model: Any, x: np.ndarray) -> np.ndarray:
    if track == "keras":
        return np.asarray(model(x))
    import torch

    with torch.no_grad():
        return model(torch.from_numpy(x)).numpy()


# --- means over batches ------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_f1_over_small_batches_is_half_or_less_and_depends_on_their_size(seed: int) -> None:
    scores, y = scored_rows(6400, 0.05, seed=seed)

    def over(size: int) -> float:
        cut = [slice(k, k + size) for k in range(0, 6400, size)]
        return float(np.mean([f1_at(0.0, scores[b], y[b]) for b in cut]))

    of_all = over(6400)
    assert of_all == pytest.approx(metrics.f1_score(y, scores > 0))
    assert 0.35 < over(16) / of_all < 0.52
    assert over(16) < over(32) < over(128)
    accuracy = [np.mean((scores[k : k + 16] > 0) == y[k : k + 16]) for k in range(0, 6400, 16)]
    assert np.mean(accuracy) == pytest.approx(np.mean((scores > 0) == y))
    assert sum(y[k : k + 16].sum() == 0 for k in range(0, 6400, 16)) > 100


@pytest.mark.parametrize("seed", SEEDS)
def test_a_chosen_threshold_is_optimistic_and_still_better_than_one_half(seed: int) -> None:
    rng, rows = np.random.default_rng(seed), []
    for _ in range(300):
        val, test = scored_rows(400, 0.05, seed=rng), scored_rows(4000, 0.05, seed=rng)
        threshold, reported = best_f1(*val)
        rows.append((sigmoid(threshold), reported, f1_at(threshold, *test), f1_at(0.0, *test)))
    thresholds, reported, on_test, at_half = np.array(rows).T
    assert reported.mean() > on_test.mean() + 0.05
    assert on_test.mean() > at_half.mean() + 0.02
    assert thresholds.max() - thresholds.min() > 0.4


@pytest.mark.slow
def test_the_best_threshold_is_scikit_learns() -> None:
    scores, y = scored_rows(500, 0.1, seed=3)
    threshold, f1 = best_f1(scores, y)
    assert f1 == pytest.approx(max(metrics.f1_score(y, scores >= t) for t in scores))
    assert f1_at(threshold, scores, y) == pytest.approx(f1)


# --- class weights -----------------------------------------------------------------------------------


def test_torch_divides_by_the_weights_that_it_meets() -> None:
    import torch
    from torch import nn

    logits, labels = torch.tensor([[1.0, 0.0], [0.5, 0.0], [0.2, 1.0], [1.5, 0.5]]), torch.tensor([0, 0, 1, 1])
    plain, weighted = nn.CrossEntropyLoss(), nn.CrossEntropyLoss(weight=torch.tensor([1.0, 19.0]))
    for rows in ([2], [2, 3], [0, 1]):
        assert float(plain(logits[rows], labels[rows])) == pytest.approx(float(weighted(logits[rows], labels[rows])))
    assert abs(float(plain(logits, labels)) - float(weighted(logits, labels))) > 0.1
    by_rows = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(19.0))
    one = torch.tensor([0.3]), torch.tensor([1.0])
    assert float(by_rows(*one)) == pytest.approx(19 * float(nn.BCEWithLogitsLoss()(*one)), rel=1e-5)


@pytest.mark.slow
def test_keras_weighs_the_loss_alone_and_divides_by_rows() -> None:
    import keras

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(400, 5)).astype("float32"), (rng.random(400) < 0.05).astype("int64")
    model = _linear("keras", 0, 5, 2)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss=loss)

    def seen(**how: Any) -> tuple[float, float]:
        history = model.fit(x, y, validation_data=(x, y), verbose=0, **how).history
        return history["loss"][0], history["val_loss"][0]

    plain, val_plain = seen()
    assert plain == pytest.approx(val_plain, rel=1e-4)
    weighted, val_weighted = seen(class_weight={0: 1.0, 1: 19.0})
    assert val_weighted == pytest.approx(val_plain, rel=1e-5)
    assert abs(weighted - plain) > 0.1
    five, _ = seen(sample_weight=np.full(400, 5.0))
    assert five == pytest.approx(5 * plain, rel=1e-4)


@pytest.mark.parametrize("track", TRACKS)
def test_the_course_divides_by_the_weights_and_keeps_counts_whatever_the_batches(track: str) -> None:
    evaluate = importlib.import_module(f"course_lib.{track}").evaluate
    rows = make_rows(400, 0)
    weight = np.where(rows.y == 1, 19.0, 1.0).astype("float32")
    model = _linear(track, 0, 5, 2)
    z = _outputs(track, model, rows.x)
    loss = np.logaddexp(z[:, 0], z[:, 1]) - z[np.arange(400), rows.y]
    one = _linear(track, 0, 5, 1)
    f1 = metrics.f1_score(rows.y, _outputs(track, one, rows.x).ravel() > 0)
    for size in (16, 150, 400):
        found = evaluate(model, (rows.x, rows.y, weight), loss="cross_entropy", batch_size=size)
        assert found["loss"] == pytest.approx(np.average(loss, weights=weight), rel=1e-4)
        found = evaluate(model, (rows.x, rows.y), loss="cross_entropy", class_weight=[1.0, 19.0], batch_size=size)
        assert found["loss"] == pytest.approx(np.average(loss, weights=weight), rel=1e-4)
        labels = rows.y.astype("float32")[:, None]
        found = evaluate(one, (rows.x, labels), loss="binary_cross_entropy", metrics=["f1"], batch_size=size)
        assert found["f1"] == pytest.approx(f1)


def make_rows(n: int, seed: int) -> Rows:
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.05).astype("int64")
    return Rows(rng.normal(0.8 * y[:, None], 1, (n, 5)).astype("float32"), y)


@pytest.mark.parametrize("track", TRACKS)
@pytest.mark.parametrize("seed", SEEDS)
def test_weights_shift_the_probabilities_and_hardly_the_ranking(track: str, seed: int) -> None:
    fit = importlib.import_module(f"course_lib.{track}").fit
    train, val, test = make_rows(2000, 10 * seed), make_rows(2000, 10 * seed + 1), make_rows(20_000, 10 * seed + 2)

    def log_odds(weight: float) -> list[np.ndarray]:
        model = _linear(track, seed, 5, 2)
        rows = train.x, train.y, np.where(train.y == 1, weight, 1.0).astype("float32")
        fit(model, rows, loss="cross_entropy", lr=0.03, epochs=20, batch_size=100)
        return [np.diff(_outputs(track, model, rows.x)).ravel() for rows in (val, test)]

    plain, weighted = log_odds(1.0), log_odds(19.0)
    undone = [z - math.log(19) for z in weighted]
    p = [sigmoid(z[1]) for z in (plain, weighted, undone)]
    auc = [metrics.roc_auc_score(test.y, z[1]) for z in (plain, weighted)]
    assert auc[0] == pytest.approx(auc[1], abs=0.02)
    assert p[1].mean() > 3 * test.y.mean()
    assert p[0].mean() == pytest.approx(test.y.mean(), abs=0.02)
    losses = [metrics.log_loss(test.y, one) for one in p]
    assert losses[1] > 1.5 * losses[0]
    assert losses[2] == pytest.approx(losses[0], rel=0.15)
    chosen = [f1_at(best_f1(z[0], val.y)[0], z[1], test.y) for z in (plain, weighted)]
    at_half = [f1_at(0.0, z[1], test.y) for z in (plain, weighted)]
    assert abs(chosen[0] - chosen[1]) < 0.06
    assert max(abs(a - b) for a, b in zip(at_half, chosen, strict=True)) > 0.05


# --- calibration -------------------------------------------------------------------------------------


def test_the_error_of_a_perfect_model_falls_with_the_rows() -> None:
    def measured_error(rows: int, seed: int) -> float:
        p, y = true_table(rows, seed)
        return gap(p.max(axis=1), p.argmax(axis=1) == y, bins=15)

    errors = [np.mean([measured_error(rows, seed) for seed in range(50)]) for rows in (50, 100, 400, 1000, 10_000)]
    assert errors == sorted(errors, reverse=True)
    assert 0.07 < errors[1] < 0.15
    assert 0.06 < np.mean([measured_error(300, seed) for seed in range(50)]) < 0.08
    assert errors[-1] < 0.02


def test_a_constant_answer_is_calibrated() -> None:
    y = np.random.default_rng(0).random(10_000) < 0.3
    assert gap(np.full(10_000, 0.3), y) < 0.02


@pytest.mark.parametrize("seed", SEEDS)
def test_temperature_scaling_lowers_the_log_loss_and_raises_the_error(seed: int) -> None:
    run = noisy_label_run(seed)
    z, y = run.test

    def error(t: float) -> float:
        p = softmax(z / t)
        return gap(p.max(axis=1), p.argmax(axis=1) == y)

    t = temperature(*run.val)
    assert t > 1.1
    assert metrics.log_loss(y, softmax(z / t)) < metrics.log_loss(y, softmax(z)) - 0.02
    assert error(t) > error(1.0)
    assert (softmax(z / t).argmax(axis=1) == z.argmax(axis=1)).all()
    from_training = temperature(*run.train)
    assert from_training < 1
    assert metrics.log_loss(y, softmax(z / from_training)) > metrics.log_loss(y, softmax(z))
    assert run.val_loss[-1] > min(run.val_loss) + 0.1
    assert run.val_accuracy[-1] > run.val_accuracy[int(np.argmin(run.val_loss))] - 0.15


def test_temperature_is_where_the_loss_is_lowest() -> None:
    from scipy.optimize import minimize_scalar

    z, y = noisy_label_run(0).val
    exact = minimize_scalar(lambda log_t: metrics.log_loss(y, softmax(z / math.exp(log_t)))).x
    assert temperature(z, y) == pytest.approx(math.exp(exact), rel=0.01)


def test_bins_hold_every_row() -> None:
    p, y = true_table(500, 1)
    rows, sure, share = binned(p.max(axis=1), p.argmax(axis=1) == y, 10)
    assert rows.sum() == 500
    assert np.nansum(rows * sure) == pytest.approx(p.max(axis=1).sum())
    assert np.nansum(rows * share) == pytest.approx((p.argmax(axis=1) == y).sum())


# --- the explorer and the hunt -----------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.5, 0.1, 0.02])
def test_the_explorer_s_numbers_are_scikit_learns(share: float) -> None:
    found = numbers(1.5, share, 2000, 0.3, weight=2.0, soft=1.5)
    alarms = found.p >= 0.3
    assert found.auc == pytest.approx(metrics.roc_auc_score(found.y, found.p))
    assert found.average_precision == pytest.approx(metrics.average_precision_score(found.y, found.p))
    assert found.precision == pytest.approx(metrics.precision_score(found.y, alarms))
    assert found.found == pytest.approx(metrics.recall_score(found.y, alarms))
    assert found.f1 == pytest.approx(metrics.f1_score(found.y, alarms))
    assert found.log_loss == pytest.approx(metrics.log_loss(found.y, found.p))


def test_the_explorer_shows_what_the_text_says_of_it() -> None:
    usual = numbers(2.0, 0.1, 5000, 0.5)
    rarer = [numbers(2.0, share, 5000, 0.5) for share in (0.5, 0.2, 0.1, 0.05, 0.02, 0.01)]
    assert all(abs(one.auc - 0.92) < 0.015 for one in rarer)
    for name in ("average_precision", "f1", "found"):
        values = [getattr(one, name) for one in rarer]
        assert values == sorted(values, reverse=True), name
    accuracies = [one.accuracy for one in rarer]
    assert accuracies == sorted(accuracies)
    assert [round(accuracies[k], 2) for k in (0, -1)] == [0.85, 0.99]
    assert abs(accuracies[-1] - (1 - rarer[-1].share)) < 0.01
    thresholds = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
    assert max(thresholds, key=lambda t: numbers(2.0, 0.1, 5000, t).f1) == 0.3
    weighted = numbers(2.0, 0.1, 5000, 0.5, weight=9.0)
    assert (weighted.auc, weighted.average_precision) == (usual.auc, usual.average_precision)
    assert [round(one.found, 2) for one in (usual, weighted)] == [0.46, 0.84]
    assert [round(one.log_loss, 2) for one in (usual, weighted)] == [0.19, 0.36]
    assert weighted.log_loss > metrics.log_loss(usual.y, np.full(5000, usual.share))
    for soft, steeper in ((4.0, True), (0.25, False)):
        found = numbers(2.0, 0.1, 5000, 0.5, soft=soft)
        assert found.auc == usual.auc
        rows, sure, share = binned(found.p, found.y, 10)
        there = rows > 30
        slope = np.polyfit(sure[there], share[there], 1, w=np.sqrt(rows[there]))[0]
        assert (slope > 1.1) == steeper
        assert steeper or slope < 0.9
    small = numbers(2.0, 0.1, 100, 0.5)
    assert small.gap > 3 * usual.gap
    rows = dict(every_number().answer({"rows": 100}).rows)
    calibrated = float(re.search(r"\((0\.\d+) if", rows["calibration error"])[1])  # type: ignore[index]
    assert calibrated > 3 * usual.gap


def test_the_lines_in_the_text_are_those_that_are_judged() -> None:
    text = (ROOT / "solutions" / "10_beyond_loss.md").read_text(encoding="utf-8")
    exercise = text.split("### Exercise `report_hunt`")[1].split("The lines are judged in pairs")[0]
    shown = re.findall(r"^\*\*([A-F])\.\*\* (.*?)\n\n```python\n(.*?)\n```", exercise, re.DOTALL | re.MULTILINE)
    assert {letter: (label, code) for letter, label, code in shown} == LINES


def test_each_pair_has_a_line_that_misleads() -> None:
    assert [sum(misleads(letter) for letter in pair) for pair in ("AB", "CD", "EF")] == [1, 1, 1]
    assert "where its label promises" in measured("A")
    assert "as its label promises" in measured("B")
