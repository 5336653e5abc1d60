"""What lesson 02 says about splits, leaks and the two libraries, held against the installed versions."""

from __future__ import annotations

import ast
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from course_lib.checks.watch.splits import MANY
from course_lib.data import grouped_rows, noisy_sine
from course_lib.lessons.l02_train_val_split.group_split import fewest_choices
from course_lib.lessons.l02_train_val_split.leak_hunt import PIPELINES, share_changed

SEEDS = range(5)
LESSON = Path(__file__).parents[3] / "solutions" / "02_train_val_split.md"


@pytest.fixture(scope="module")
def keras() -> Any:
    return pytest.importorskip("keras")


@pytest.mark.parametrize(("people", "drawn"), [(6, 2), (7, 3)])
def test_a_fair_draw_of_people_practically_never_shows_too_few_choices(people: int, drawn: int) -> None:
    """The chance that all draws fall on one choice fewer than asked for, summed over all ways to pick those."""
    possible = math.comb(people, drawn)
    too_few = fewest_choices(possible) - 1
    assert math.comb(possible, too_few) * (too_few / possible) ** (MANY + 1) < 1e-14


# ---------------------------------------------------------------- stories under five seeds


def torch_model(inputs: int, outputs: int, seed: int) -> Any:
    import torch
    from torch import nn

    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(inputs, 64), nn.ReLU(), nn.Linear(64, outputs))


def keras_model(inputs: int, outputs: int, seed: int) -> Any:
    import keras

    keras.utils.set_random_seed(seed)
    layers = [keras.Input((inputs,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(outputs)]
    return keras.Sequential(layers)


def sine_losses(fit: Any, make: Any, seed: int) -> dict[str, Any]:
    """Train on the wave with either split, as the lesson does."""
    runs: dict[str, Any] = {}
    for kind in ("random", "time"):
        data, model = noisy_sine(kind=kind, val_size=0.3, seed=seed), make(1, 1, seed)
        runs |= {"last_model": model, "edge": float(data.val.x.min())}
        runs[kind] = fit(
            model, data.train, data.val,
            loss="mse", optimizer="adam", lr=0.02, epochs=40, batch_size=16, seed=seed,
        )  # fmt: skip
    return runs


def judge_network(predict: Any, edge: float) -> None:
    """Hold the network that was never shown x above ``edge`` to what the lesson says of its picture."""
    grid = np.linspace(-1, 1, 401, dtype=np.float32)[:, None]
    said, shown = predict(grid)[:, 0], grid[:, 0] < edge
    beyond = grid[~shown, 0]
    error = np.abs(said - np.sin(4 * grid[:, 0]))
    assert np.mean(error[shown] < 0.25) > 0.7  # "fits most of what it was shown"
    assert np.abs(np.polyval(np.polyfit(beyond, said[~shown], 1), beyond) - said[~shown]).max() < 0.1  # straight on
    assert said[-1] > said[~shown][0]  # while the wave comes down
    assert error[np.abs(grid[:, 0] - edge) < 0.1].max() > 0.2  # "leaves the wave near its edge"


def judge_sine(runs: dict[str, Any]) -> None:
    assert max(runs[kind].train_loss[-1] for kind in ("time", "random")) < 0.05  # both fit what they were shown
    assert runs["time"].val_loss[-1] > 20 * runs["random"].val_loss[-1]
    assert runs["time"].val_loss.max() > 1.5 * runs["time"].val_loss[0]  # "climbs while the training loss falls"
    assert runs["time"].val_loss[-1] > 50 * runs["time"].train_loss[-1]  # "ends far above the training loss"
    assert runs["random"].val_loss[-1] < 0.05


def study_accuracies(fit: Any, make: Any, seed: int) -> dict[str, float]:
    """Train on people whose labels are coin flips, with either split, as the lesson does."""
    found = {}
    for kind in ("random", "group"):
        data = grouped_rows(groups=100, rows_each=6, kind=kind, val_size=0.3, seed=seed)
        history = fit(
            make(10, 2, seed), data.train, data.val, loss="cross_entropy", lr=0.02, epochs=15, metrics=["accuracy"],
            seed=seed,
        )  # fmt: skip
        found[kind] = float(history.to_frame()["val_accuracy"].iloc[-1])
    return found


def writer_accuracies(fit: Any, make: Any, seed: int) -> dict[str, Any]:
    """Cross-validate on digits with random rows and with whole writers, as the lesson does."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import GroupKFold, KFold

    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype(np.float32)
    starts = ast.literal_eval(re.search(r"^starts = (\[.*\])$", LESSON.read_text(), re.MULTILINE)[1])  # type: ignore[index]
    writers = np.searchsorted(starts, np.arange(len(y)), side="right") - 1
    folds = {
        "rows": KFold(5, shuffle=True, random_state=seed).split(x),
        "writers": GroupKFold(5, shuffle=True, random_state=seed).split(x, y, writers),
    }
    found: dict[str, Any] = {}
    for kind, of_kind in folds.items():
        found[kind] = []
        for train, val in of_kind:
            history = fit(
                make(64, 10, seed), (x[train], y[train]), (x[val], y[val]), seed=seed,
                loss="cross_entropy", lr=0.01, epochs=10, batch_size=64, metrics=["accuracy"],
            )  # fmt: skip
            found[kind].append(history.to_frame()["val_accuracy"].iloc[-1])
    return {kind: np.array(values) for kind, values in found.items()}


def judge_writers(found: dict[str, Any]) -> None:
    assert 0.02 < found["rows"].mean() - found["writers"].mean() < 0.09  # the right option
    assert (1 - found["writers"].mean()) > 2 * (1 - found["rows"].mean())  # "errors more than doubles"
    assert found["writers"].std() > found["rows"].std()  # "the folds also differ more"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_random_folds_of_digits_leak_the_writer_in_pytorch(seed: int) -> None:
    from course_lib.pytorch import fit

    judge_writers(writer_accuracies(fit, torch_model, seed))


@pytest.mark.slow
def test_random_folds_of_digits_leak_the_writer_in_keras(keras: Any) -> None:
    from course_lib.keras import fit

    judge_writers(writer_accuracies(fit, keras_model, 0))


def test_what_training_has_more_of_validation_has_less_of() -> None:
    """Half of the people are sick, so a guess by the training rows is below 50 % on average."""
    accuracies = []
    for seed in range(60):
        data = grouped_rows(groups=100, rows_each=6, kind="group", val_size=0.3, seed=seed)
        assert data.train.y.sum() + data.val.y.sum() == 300
        usual = int(data.train.y.mean() > 0.5)
        accuracies.append(np.mean(data.val.y == usual) if data.train.y.mean() != 0.5 else 0.5)
    assert max(accuracies) <= 0.5
    assert np.mean(accuracies) < 0.48


@pytest.mark.parametrize("seed", SEEDS)
def test_the_last_rows_ask_for_extrapolation_in_pytorch(seed: int) -> None:
    import torch

    from course_lib.pytorch import fit

    runs = sine_losses(fit, torch_model, seed)
    judge_sine(runs)
    with torch.no_grad():
        judge_network(lambda x: runs["last_model"](torch.from_numpy(x)).numpy(), runs["edge"])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_split_recognises_people_in_pytorch(seed: int) -> None:
    from course_lib.pytorch import fit

    found = study_accuracies(fit, torch_model, seed)
    assert found["random"] > 0.9
    assert found["group"] < 0.7


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_stories_of_the_lesson_hold_in_keras(keras: Any, seed: int) -> None:
    from course_lib.keras import fit

    runs = sine_losses(fit, keras_model, seed)
    judge_sine(runs)
    judge_network(lambda x: np.asarray(runs["last_model"](x)), runs["edge"])
    found = study_accuracies(fit, keras_model, seed)
    assert found["random"] > 0.9
    assert found["group"] < 0.7


# ---------------------------------------------------------------- how the libraries split


@pytest.mark.slow
def test_keras_validates_on_the_last_rows_before_any_shuffle(keras: Any) -> None:
    x = np.arange(10.0)[:, None]
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")])
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss="mae")
    record = model.fit(x, np.zeros(10), validation_split=0.3, shuffle=True, verbose=0).history
    assert record["val_loss"] == [pytest.approx(8.0)]  # the mean of 7, 8 and 9
    assert record["loss"] == [pytest.approx(3.0)]  # of 0 to 6


@pytest.mark.slow
def test_keras_normalization_learns_from_what_it_is_adapted_to(keras: Any) -> None:
    layer = keras.layers.Normalization()
    layer.adapt(np.array([[1.0], [3.0]]))
    assert np.asarray(layer(np.array([[5.0]]))).item() == pytest.approx(3.0, rel=1e-4)


def test_random_split_repeats_with_the_same_generator_and_only_then() -> None:
    import torch
    from torch.utils.data import random_split

    def split(seed: int | None) -> list[int]:
        how = {} if seed is None else {"generator": torch.Generator().manual_seed(seed)}
        return list(random_split(range(100), [70, 30], **how)[1].indices)  # type: ignore[arg-type]

    assert split(0) == split(0)
    assert split(0) != split(1)
    assert split(None) != split(None)


# ---------------------------------------------------------------- leaks


def test_choosing_columns_on_all_rows_finds_something_in_noise() -> None:
    from sklearn.feature_selection import SelectKBest
    from sklearn.linear_model import LogisticRegression

    def accuracy(seed: int, on_all: bool) -> float:
        rng = np.random.default_rng(seed)
        x, y = rng.normal(size=(100, 2000)), rng.permutation(np.arange(100) % 2)
        train, val = np.split(rng.permutation(100), [70])
        known = np.arange(100) if on_all else train
        best = SelectKBest(k=20).fit(x[known], y[known])
        return float(LogisticRegression().fit(best.transform(x[train]), y[train]).score(best.transform(x[val]), y[val]))

    seeds = range(100, 115)
    assert np.mean([accuracy(seed, True) for seed in seeds]) > 0.75
    assert np.mean([accuracy(seed, False) for seed in seeds]) == pytest.approx(0.5, abs=0.08)


def test_the_pipelines_in_the_text_are_those_that_the_check_runs() -> None:
    shown = re.findall(r"^\*\*([A-F])\.\*\*.*?^```python\n(.*?)^```", LESSON.read_text(), re.DOTALL | re.MULTILINE)
    assert dict(shown) == PIPELINES


@pytest.mark.parametrize("library", ["stand-ins", "scikit-learn"])
def test_changing_the_validation_rows_tells_which_pipelines_leak(library: str) -> None:
    from sklearn.feature_selection import SelectKBest
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    real = {"SelectKBest": SelectKBest, "StandardScaler": StandardScaler, "train_test_split": train_test_split}
    changed = {letter: share_changed(letter, real if library == "scikit-learn" else None) for letter in PIPELINES}
    assert {letter for letter, share in changed.items() if share > 0} == set("BCF")
    assert min(changed[letter] for letter in "BCF") > 0.1


def test_without_the_gap_the_windows_of_both_parts_share_days() -> None:
    """Pipeline E leaves seven rows out: so no day that training uses is in a validation row."""
    train, val, days = np.arange(293)[:-67], np.arange(293)[-60:], np.arange(8)
    assert not np.intersect1d(train[:, None] + days, val[:, None] + days).size
    assert np.intersect1d(np.arange(293)[:-66][:, None] + days, val[:, None] + days).size


# ---------------------------------------------------------------- how large


def test_twenty_rows_have_a_standard_error_of_nine_points() -> None:
    accuracies = np.random.default_rng(1).binomial(20, 0.8, 20_000) / 20
    assert accuracies.std() == pytest.approx(0.09, abs=0.003)
    assert math.sqrt(0.8 * 0.2 / 20) == pytest.approx(0.09, abs=0.001)


def test_thirty_people_have_a_standard_error_of_nine_points() -> None:
    assert math.sqrt(0.5 * 0.5 / 30) == pytest.approx(0.09, abs=0.002)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_best_of_a_hundred_coin_flippers_scores_077(seed: int) -> None:
    accuracies = np.random.default_rng(seed).binomial(20, 0.5, size=(1000, 100)) / 20
    assert accuracies.max(axis=1).mean() == pytest.approx(0.77, abs=0.01)


def test_more_models_or_fewer_rows_make_the_best_one_luckier() -> None:
    def best(models: int, rows: int) -> float:
        flips = np.random.default_rng(0).binomial(rows, 0.5, size=(1000, models)) / rows
        return float(flips.max(axis=1).mean())

    assert best(10, 20) + 0.03 < best(100, 20) < best(1000, 20) - 0.03
    assert best(100, 100) + 0.1 < best(100, 20) < best(100, 10) - 0.1


def test_a_third_of_random_splits_miss_a_class_of_two_in_a_hundred() -> None:
    rng = np.random.default_rng(0)
    none = [not (rng.permutation(500)[:50] < 10).any() for _ in range(4000)]
    assert np.mean(none) == pytest.approx(1 / 3, abs=0.04)
