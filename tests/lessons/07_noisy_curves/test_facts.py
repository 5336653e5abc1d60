"""What lesson 07 states, held against runs: smoothers, standard errors, paired seeds, where noise comes from."""

from __future__ import annotations

import math
import re
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support import ROOT

from course_lib.data import Rows, digits
from course_lib.lessons.l07_noisy_curves.explorer import _average as average
from course_lib.lessons.l07_noisy_curves.explorer import _lag, smoothing
from course_lib.lessons.l07_noisy_curves.figures import epoch_profile, scatter
from course_lib.lessons.l07_noisy_curves.smoother_hunt import SMOOTHERS, measured, misleads

SEEDS = (0, 1, 2, 3, 4)
SGD: dict[str, Any] = {"loss": "cross_entropy", "optimizer": "sgd", "lr": 0.1}


def model(width: int = 64, dropout: float = 0.0, seed: int = 0) -> Any:
    import torch
    from torch import nn

    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Dropout(dropout), nn.Linear(width, 10))


def row_losses(fitted: Any, rows: Rows) -> np.ndarray:
    import torch
    from torch.nn import functional

    fitted.eval()
    with torch.no_grad():
        logits = fitted(torch.from_numpy(rows.x))
        return functional.cross_entropy(logits, torch.from_numpy(rows.y), reduction="none").numpy()


def fitted(train: Any, epochs: int, batch_size: int = 32, seed: int = 0, dropout: float = 0.0) -> tuple[Any, Any]:
    from course_lib.pytorch import fit

    network = model(dropout=dropout, seed=seed)
    return network, fit(network, train, epochs=epochs, batch_size=batch_size, seed=seed, **SGD)


@cache
def few() -> Any:
    return digits(val_size=1397, scale="unit", seed=0)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_batch_16_times_larger_leaves_far_more_scatter_than_a_quarter(seed: int) -> None:
    train = digits(scale="unit", seed=0).train
    small, large = (scatter(fitted(train, 20, size, seed)[1]) for size in (8, 128))
    assert 1 / 3 < large / small < 1


def test_at_fixed_weights_it_is_the_square_root() -> None:
    rng, losses = np.random.default_rng(0), row_losses(model(), few().train)
    for size in (4, 16, 64):
        batches = [losses[rng.choice(len(losses), size, replace=False)].mean() for _ in range(4000)]
        expected = losses.std() / math.sqrt(size) * math.sqrt((len(losses) - size) / (len(losses) - 1))
        assert np.std(batches) == pytest.approx(expected, rel=0.06)


@pytest.mark.parametrize("beta", [0.6, 0.9, 0.98])
def test_an_average_and_the_window_that_is_as_calm_are_equally_late(beta: float) -> None:
    ramp, window = pd.Series(np.arange(3000.0)), round((1 + beta) / (1 - beta))
    late = [float((ramp - shown).iloc[-1]) for shown in (ramp.ewm(alpha=1 - beta).mean(), ramp.rolling(window).mean())]
    assert late == pytest.approx([beta / (1 - beta)] * 2, rel=1e-3)
    noise = pd.Series(np.random.default_rng(0).normal(size=200_000))
    left = [noise.ewm(alpha=1 - beta).mean().std(), noise.rolling(window).mean().std()]
    assert left == pytest.approx([math.sqrt((1 - beta) / (1 + beta))] * 2, rel=0.05)


def test_logged_every_tenth_step_it_is_ten_times_as_late_in_steps() -> None:
    ramp = pd.Series(np.arange(0.0, 30_000.0, 10))
    assert float((ramp - ramp.ewm(alpha=0.1).mean()).iloc[-1]) == pytest.approx(90)


def test_pandas_adjust_is_the_bias_correction() -> None:
    values, beta = np.random.default_rng(0).normal(size=40), 0.9
    weights = [beta ** np.arange(n)[::-1] for n in range(1, 41)]
    corrected = [np.average(values[: len(w)], weights=w) for w in weights]
    np.testing.assert_allclose(pd.Series(values).ewm(alpha=1 - beta, adjust=True).mean(), corrected)


@cache
def last_losses(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the losses of 1,397 rows after each of the last ten of 40 epochs, and which 100 rows validate."""
    from course_lib.callbacks import Callback
    from course_lib.pytorch import fit

    kept: list[np.ndarray] = []

    class Keep(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch > 30:
                kept.append(row_losses(self.run.model, few().val))

    fit(model(seed=seed), few().train, epochs=40, batch_size=32, seed=seed, callbacks=[Keep()], **SGD)
    return np.array(kept), np.random.default_rng(seed).choice(1397, 100, replace=False)


@pytest.mark.parametrize("seed", SEEDS)
def test_other_rows_move_a_validation_loss_far_more_than_epochs_do(seed: int) -> None:
    losses, rows = last_losses(seed)
    wiggle = np.abs(np.diff(losses[:, rows].mean(axis=1))).mean()
    rng = np.random.default_rng(seed)
    samples = [rng.choice(1397, 100, replace=False) for _ in range(500)]
    spread = np.std([losses[-1, other].mean() for other in samples])
    assert spread > 2.5 * wiggle
    errors = [losses[-1, other].std(ddof=1) / 10 for other in samples]
    assert np.mean(errors) == pytest.approx(spread, rel=0.2)
    assert np.max(errors) > 2 * np.min(errors)  # one sample's standard error may be off by far


@pytest.mark.parametrize("seed", SEEDS)
def test_an_average_that_starts_at_the_first_value_stays_too_high_while_the_loss_falls(seed: int) -> None:
    first = pd.Series(fitted(few().train, 3, 16, seed)[1].batch_loss[:60])
    started, corrected = (first.ewm(alpha=0.02, adjust=adjust).mean().iloc[-1] for adjust in (False, True))
    assert started > corrected + 0.03


@pytest.mark.parametrize("seed", SEEDS)
def test_a_few_rows_make_most_of_the_loss(seed: int) -> None:
    last = np.sort(last_losses(seed)[0][-1])[::-1]
    assert last[:69].sum() > 0.4 * last.sum()
    assert np.median(last) < 0.35 * last.mean()


@pytest.mark.slow
def test_pairing_by_seed_takes_away_most_of_the_spread() -> None:
    final = {
        share: np.array([row_losses(fitted(few().train, 15, 32, s, share)[0], few().val).mean() for s in range(8)])
        for share in (0.0, 0.05)
    }
    paired = (final[0.05] - final[0.0]).std(ddof=1)
    unpaired = math.hypot(*(losses.std(ddof=1) for losses in final.values()))
    assert paired < unpaired / 4


@cache
def by_seed(dropout: float) -> np.ndarray:
    """Return the losses of 1,397 rows at the end of 15 epochs, for each of ten seeds."""
    return np.array([row_losses(fitted(few().train, 15, 32, s, dropout)[0], few().val) for s in range(10)], float)


@pytest.mark.parametrize("seed", SEEDS)
def test_two_standard_errors_cover_95_percent_only_with_hundreds_of_rows(seed: int) -> None:
    last, rng, covered = last_losses(seed)[0][-1], np.random.default_rng(seed), []
    for size in (25, 100, 400):
        drawn = last[rng.integers(0, len(last), (4000, size))]
        error = drawn.std(axis=1, ddof=1) / math.sqrt(size)
        covered.append((np.abs(drawn.mean(axis=1) - last.mean()) <= 2 * error).mean())
        assert np.corrcoef(drawn.mean(axis=1), error)[0, 1] > 0.5  # too low a loss comes with too small an error
    assert covered[0] < 0.86 < covered[1] < 0.92 < covered[2] < 0.96


@pytest.mark.slow
def test_with_different_seeds_the_worse_set_up_often_looks_better() -> None:
    plain, dropped = by_seed(0.0).mean(axis=1), by_seed(0.05).mean(axis=1)
    better = (dropped[None, :] < plain[:, None])[~np.eye(10, dtype=bool)].mean()
    assert (dropped > plain).all()
    assert better > 0.2


@pytest.mark.parametrize("seed", SEEDS)
def test_pairing_by_rows_takes_away_most_of_the_spread(seed: int) -> None:
    rows = np.random.default_rng(seed).choice(1397, 200, replace=False)
    plain, dropped = by_seed(0.0)[seed, rows], by_seed(0.05)[seed, rows]
    assert (dropped - plain).std(ddof=1) < math.hypot(plain.std(ddof=1), dropped.std(ddof=1)) / 5


def test_runs_that_share_their_rows_share_their_luck() -> None:
    losses, rng, too_low = by_seed(0.0), np.random.default_rng(0), {"own": 0.0, "same": 0.0}
    for _ in range(2000):
        own = rng.integers(0, losses.shape[1], (10, 50))
        for name, rows in (("own", own), ("same", np.tile(own[0], (10, 1)))):
            reading = np.take_along_axis(losses, rows, axis=1).mean(axis=1)
            too_low[name] += (losses[reading.argmin()].mean() - reading.min()) / 2000
    assert 0.005 < too_low["same"] < too_low["own"] / 3


@pytest.mark.parametrize("ratio", [0.62, 0.8, 1.0, 1.3, 2.0, 4.0])
def test_below_20_seeds_the_formula_needs_two_more(ratio: float) -> None:
    from scipy import stats

    def power(n: int) -> float:
        return float(1 - stats.nct.cdf(stats.t.ppf(0.975, n - 1), n - 1, ratio * math.sqrt(n)))

    n = max(2, math.ceil((2.8 / ratio) ** 2))
    assert power(n) < 0.78
    assert power(n + 2) > 0.74


def test_the_best_of_many_equally_good_readings_is_too_low_and_more_so_with_more() -> None:
    losses, rng = last_losses(0)[0][-1], np.random.default_rng(0)
    readings = np.array([losses[rng.choice(1397, 50, replace=False)].mean() for _ in range(10_000)])
    best = [readings.reshape(-1, k).min(axis=1).mean() for k in (1, 2, 5, 20, 100)]
    assert best[0] == pytest.approx(losses.mean(), rel=0.02)
    assert all(later < earlier for earlier, later in pairwise(best))


@pytest.mark.parametrize("seed", SEEDS)
def test_while_memorizing_the_batch_loss_rises_within_an_epoch_and_drops_at_its_end(seed: int) -> None:
    from course_lib.pytorch import fit

    train = few().train
    labels = np.random.default_rng(seed).integers(0, 10, len(train.y))
    history = fit(
        model(1024, seed=seed),
        Rows(train.x, labels),
        loss="cross_entropy",
        lr=3e-3,
        epochs=40,
        batch_size=16,
        seed=seed,
    )
    profile, jump, _ = epoch_profile(history, 10, 25)
    assert profile[-5:].mean() > profile[:5].mean() + 0.03
    assert jump < -0.05


def test_the_ways_in_the_text_are_those_that_the_check_runs() -> None:
    text = (ROOT / "solutions" / "07_noisy_curves.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\*\*([A-F])\.\*\*.*?^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert dict(shown) == SMOOTHERS


def test_the_six_ways_do_what_the_lesson_says_of_them() -> None:
    assert [letter for letter in SMOOTHERS if misleads(letter)] == ["B", "C", "E"]
    assert "as low as 0.56" in measured("C")
    assert "89% of a sudden fall" in measured("E")


def test_the_explorer_s_words_follow_from_its_series() -> None:
    explorer = smoothing()
    hidden = explorer.answer({"series": "one spike", "beta": 0.98}).words
    assert "step 150; the smoothed one never does" in hidden
    assert "the smoothed one at 150" in explorer.answer({"beta": 0.95}).words  # the next smaller beta
    assert "Neither curve" in explorer.answer({"every": 10}).words  # the spike's step is not logged
    for beta, step in ((0.5, 163), (0.98, 194)):
        words = explorer.answer({"series": "a slow divergence", "beta": beta, "every": 1}).words
        assert f"the smoothed one at {step}." in words
    assert "by 1 point, here 1 step." in explorer.answer({"beta": 0.5}).words
    late = explorer.answer({"series": "a slow divergence", "beta": 0.98, "every": 10}).words
    assert "the smoothed one at 231" in late
    assert "crosses the alarm line at step 171" in late
    assert "after the 30 points here, by 13 (130 steps)" in late
    valley = explorer.answer({"series": "a valley", "beta": 0.95, "every": 1}).words
    lowest, later = (int(found) for found in re.findall(r"(?:loss is|one) at (?:step )?(\d+)", valley)[-2:])
    assert 0 < later - lowest < 19


@pytest.mark.parametrize("start", ["bias-corrected", "starts at the first value", "starts at 0"])
def test_the_lag_that_the_explorer_states_is_that_of_a_trend(start: str) -> None:
    for points, beta in ((300, 0.9), (30, 0.98), (30, 0.99), (60, 0.5)):
        trend = np.arange(points, dtype=float)
        shown = average(trend, beta, start)
        assert _lag(points, beta, start) == pytest.approx(trend[-1] - shown[-1])
        mass = beta ** np.arange(points)
        mean_age = float((np.arange(points) * mass).sum() / mass.sum())
        if start == "bias-corrected":
            assert _lag(points, beta, start) == pytest.approx(mean_age)


def test_in_keras_a_dropout_layer_without_a_seed_of_its_own_unpairs_two_models() -> None:
    import keras

    def last_kernel(share: float, own: int | None) -> np.ndarray:
        keras.utils.set_random_seed(0)
        layers = [
            keras.Input((4,)),
            keras.layers.Dense(8),
            keras.layers.Dropout(share, seed=own),
            keras.layers.Dense(2),
        ]
        return np.asarray(keras.Sequential(layers).layers[-1].kernel)

    assert not np.array_equal(last_kernel(0.0, None), last_kernel(0.05, None))
    assert np.array_equal(last_kernel(0.0, 0), last_kernel(0.05, 0))
