"""What lesson 04 states, held against the libraries: shapes of curves, reported losses, dropout, weight decay."""

from __future__ import annotations

import importlib.util
import math
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_moons
from support import ROOT

from course_lib.lessons.l04_overfitting.figures import widths_measured
from course_lib.lessons.l04_overfitting.runs import SICK, Label, StoredRun, stored_runs, verdict

Pair = tuple[np.ndarray, np.ndarray]
SEEDS = (0, 1, 2, 3, 4)


def moons(seed: int = 1) -> tuple[Pair, Pair]:
    """The lesson's moons: 100 training and 400 validation rows, about a tenth of the labels flipped."""
    x, y = make_moons(500, noise=0.2, random_state=seed)
    flipped = np.random.default_rng(seed).random(500) < 0.1
    x, y = x.astype("float32"), np.where(flipped, 1 - y, y).astype("int64")
    return (x[:100], y[:100]), (x[100:], y[100:])


def mislabeled(rows: Any, count: int, share: float) -> Pair:
    rng = np.random.default_rng(0)
    y = rows.y[:count].copy()
    wrong = rng.permutation(count)[: round(share * count)]
    y[wrong] = (y[wrong] + rng.integers(1, 10, len(wrong))) % 10
    return rows.x[:count], y


def torch_model(sizes: tuple[int, ...], seed: int, dropout: float = 0.0) -> Any:
    import torch
    from torch import nn

    torch.manual_seed(seed)
    layers: list[Any] = []
    for n_in, n_out in pairwise(sizes[:-1]):
        layers += [nn.Linear(n_in, n_out), nn.ReLU(), nn.Dropout(dropout)]
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]))


def keras_model(sizes: tuple[int, ...], seed: int, dropout: float = 0.0) -> Any:
    import keras

    keras.utils.set_random_seed(seed)
    layers: list[Any] = [keras.Input((sizes[0],))]
    for n_out in sizes[1:-1]:
        layers += [keras.layers.Dense(n_out, activation="relu"), keras.layers.Dropout(dropout)]
    return keras.Sequential([*layers, keras.layers.Dense(sizes[-1])])


@pytest.fixture(params=["pytorch", pytest.param("keras", marks=pytest.mark.slow)])
def kit(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    """The maker of models and the trainer of one framework."""
    if request.param == "keras":
        from course_lib.keras import fit as keras_fit

        return keras_model, keras_fit
    import torch

    from course_lib.pytorch import fit

    torch.set_num_threads(1)
    return torch_model, fit


def overfit_moons(kit: tuple[Any, Any], seed: int, data_seed: int = 1) -> Any:
    make, fit = kit
    train, val = moons(data_seed)
    model = make((2, 128, 128, 2), seed)
    how: dict[str, Any] = {"loss": "cross_entropy", "lr": 2e-3, "epochs": 120, "batch_size": 16, "seed": seed}
    return fit(model, train, val, metrics=["accuracy"], **how)


@pytest.mark.slow
def test_moons_validation_loss_rises_far_while_accuracy_holds_under_five_seeds(kit: tuple[Any, Any]) -> None:
    for seed in SEEDS:
        history = overfit_moons(kit, seed)
        accuracy = history["val_accuracy"]
        assert history.best_epoch <= history.epochs / 3
        assert history.val_loss[-1] > 1.5 * history.val_loss.min()
        assert abs(accuracy[-1] - accuracy[history.best_epoch - 1]) < 0.05


@pytest.mark.slow
def test_wrong_answers_grow_confident_and_right_ones_cheaper() -> None:
    import torch

    from course_lib.pytorch import fit

    torch.set_num_threads(1)
    train, (x, y) = moons()
    how: dict[str, Any] = {"loss": "cross_entropy", "lr": 2e-3, "batch_size": 16}
    wrong_costs, right_costs = [], []
    for epochs in (17, 120):
        model = torch_model((2, 128, 128, 2), 0)
        fit(model, train, None, epochs=epochs, **how)
        with torch.no_grad():
            logits = model.eval()(torch.from_numpy(x))
        losses = torch.nn.functional.cross_entropy(logits, torch.from_numpy(y), reduction="none").numpy()
        right = logits.argmax(1).numpy() == y
        wrong_costs.append(losses[~right].mean())
        right_costs.append(losses[right].mean())
    assert wrong_costs[1] > 2 * wrong_costs[0]
    assert right_costs[1] < right_costs[0]


@pytest.mark.slow
def test_other_draws_of_the_moons_turn_too() -> None:
    import torch

    from course_lib.pytorch import fit

    torch.set_num_threads(1)
    for data_seed in (2, 3, 6, 8):
        history = overfit_moons((torch_model, fit), 0, data_seed)
        assert history.val_loss[-1] > 1.2 * history.val_loss.min()


def digits_runs(kit: tuple[Any, Any], seed: int) -> dict[str, Any]:
    from course_lib.data import digits

    make, fit = kit
    data = digits(seed=0)
    few, more = mislabeled(data.train, 400, 0.2), mislabeled(data.train, len(data.train.y), 0.2)
    how: dict[str, Any] = {"loss": "cross_entropy", "epochs": 60, "metrics": ["accuracy"], "seed": seed}
    decayed = make((64, 128, 10), seed)
    if kit[0] is torch_model:
        import torch

        optimizer: Any = torch.optim.AdamW(decayed.parameters(), lr=2e-3, weight_decay=1.0)
    else:
        import keras

        optimizer = keras.optimizers.AdamW(2e-3, weight_decay=1.0)
    return {
        "as it was": fit(make((64, 128, 10), seed), few, data.val, lr=2e-3, **how),
        "clean labels": fit(make((64, 128, 10), seed), mislabeled(data.train, 400, 0), data.val, lr=2e-3, **how),
        "more rows": fit(make((64, 128, 10), seed), more, data.val, lr=2e-3, **how),
        "smaller": fit(make((64, 8, 10), seed), few, data.val, lr=2e-3, **how),
        "dropout": fit(make((64, 128, 10), seed, 0.5), few, data.val, lr=2e-3, remeasure=True, **how),
        "weight decay": fit(decayed, few, data.val, optimizer=optimizer, **how),
    }


@pytest.mark.slow
def test_what_the_remedies_do_on_mislabeled_digits_under_five_seeds(kit: tuple[Any, Any]) -> None:
    for seed in SEEDS if kit[0] is torch_model else SEEDS[:2]:
        runs = digits_runs(kit, seed)
        plain = runs["as it was"]
        lowest = {name: run.val_loss.min() for name, run in runs.items()}
        assert plain.val_loss[-1] > 1.2 * lowest["as it was"]
        assert plain["val_accuracy"][-1] < plain["val_accuracy"][plain.best_epoch - 1] - 0.04
        assert sorted(lowest, key=lambda name: lowest[name])[:2] == ["clean labels", "more rows"]
        clean = runs["clean labels"]
        assert clean.val_loss[-1] < 1.05 * lowest["clean labels"], "it does not turn"
        assert clean.train_loss[-1] < 0.02 < 0.1 < clean.val_loss[-1], "it has a gap"
        assert max(lowest, key=lambda name: lowest[name]) == "smaller"
        assert runs["more rows"].val_loss[-1] > 1.2 * lowest["more rows"], "it turns there, too"
        assert runs["more rows"]["train_accuracy"][-1] > 0.96, (
            "of its labels a fifth is wrong: most of those are memorized"
        )
        there = {name: run["val_accuracy"][run.best_epoch - 1] for name, run in runs.items()}
        assert min(there, key=lambda name: there[name]) == "smaller"
        assert runs["smaller"].val_loss[-1] < 1.1 * lowest["smaller"], "the small network turns hardly"
        assert runs["smaller"].train_loss[-1] > lowest["smaller"] - 0.02, "wrong labels are in the training rows alone"
        for name in ("dropout", "weight decay"):
            assert runs[name].val_loss[-1] < plain.val_loss[-1]
            assert runs[name].val_loss[-1] / lowest[name] < plain.val_loss[-1] / lowest["as it was"]
            assert 0.8 < lowest["as it was"] / lowest[name] < 1.25, "stopped in time it is about level"
            change = abs(lowest["as it was"] - lowest[name])
            assert plain.val_loss[-1] - runs[name].val_loss[-1] > change, "the last loss changes more than the lowest"


@pytest.mark.slow
def test_the_true_digit_comes_before_the_wrong_label_under_three_seeds(kit: tuple[Any, Any]) -> None:
    from course_lib.callbacks import Callback
    from course_lib.data import digits

    make, fit = kit
    data = digits(seed=0)
    few, truth = mislabeled(data.train, 400, 0.2), data.train.y[:400]
    wrong = few[1] != truth
    assert wrong.sum() == 80

    class Answers(Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            self.by_epoch: list[np.ndarray] = []

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            model = self.run.model
            if kit[0] is torch_model:
                import torch

                with torch.no_grad():
                    out = model.eval()(torch.from_numpy(few[0])).numpy()
            else:
                out = np.asarray(model(few[0], training=False))
            self.by_epoch.append(out.argmax(axis=1))

    for seed in SEEDS[:3]:
        answers = Answers()
        how: dict[str, Any] = {"loss": "cross_entropy", "lr": 2e-3, "epochs": 60, "seed": seed, "callbacks": [answers]}
        history = fit(make((64, 128, 10), seed), few, data.val, **how)
        said, best = np.array(answers.by_epoch), history.best_epoch - 1
        true_digit, label = (said == truth)[:, wrong].mean(axis=1), (said == few[1])[:, wrong].mean(axis=1)
        assert true_digit[best] > 0.5 > label[best]
        assert true_digit[-1] < 0.05
        assert label[-1] > 0.95
        assert label[29] > true_digit[29]
        assert (said == few[1])[:, ~wrong].mean(axis=1)[best] > 0.95


def test_wrong_training_labels_lift_the_training_loss_above_the_validation_loss() -> None:
    import torch

    from course_lib.data import digits
    from course_lib.pytorch import fit

    torch.set_num_threads(1)
    data = digits(seed=0)
    few = mislabeled(data.train, 400, 0.2)
    how: dict[str, Any] = {"loss": "cross_entropy", "epochs": 6, "lr": 2e-3}
    history = fit(torch_model((64, 128, 10), 0), few, data.val, remeasure=True, **how)
    assert (history.train_loss > history.val_loss).all()
    assert (history.train_loss_remeasured > history.val_loss).all(), "not only because of when it is measured"


def test_dropout_makes_the_reported_training_loss_that_of_a_noisier_network() -> None:
    import torch

    from course_lib.pytorch import fit

    torch.set_num_threads(1)
    train, _ = moons()
    model = torch_model((2, 64, 2), 0, dropout=0.5)
    history = fit(model, train, None, loss="cross_entropy", lr=2e-3, epochs=40, remeasure=True)
    assert history.train_loss[-5:].mean() > 1.05 * history.train_loss_remeasured[-5:].mean()


def test_weight_decay_of_torch_never_enters_the_reported_loss_and_decays_biases_too() -> None:
    import torch

    from course_lib.pytorch import fit

    train, _ = moons()

    def run(weight_decay: float) -> tuple[Any, Any]:
        model = torch_model((2, 8, 2), 0)
        with torch.no_grad():
            model[0].bias.fill_(1.0)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=weight_decay)
        history = fit(model, train, loss="cross_entropy", optimizer=optimizer, epochs=1, batch_size=100)
        return history.batch_loss[0], model[0].bias.detach().numpy().copy()

    (plain, bias), (decayed, smaller) = run(0.0), run(0.5)
    assert plain == decayed
    np.testing.assert_allclose(bias - smaller, 0.1 * 0.5 * 1.0, rtol=1e-4)


@pytest.mark.slow
def test_l2_of_keras_is_inside_loss_and_val_loss() -> None:
    import keras

    keras.utils.set_random_seed(0)
    penalty = keras.regularizers.L2(0.1)
    model = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(2, kernel_regularizer=penalty)]
    )
    entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss=entropy)
    train, val = moons()
    record = model.fit(*train, validation_data=val, epochs=1, verbose=0).history
    extra = 0.1 * float(np.sum(np.square(model.layers[-1].kernel.numpy())))
    for name, (x, y) in (("loss", train), ("val_loss", val)):
        assert record[name][0] == pytest.approx(float(entropy(y, model(x))) + extra, rel=1e-4)


@pytest.mark.slow
def test_sgd_weight_decay_of_torch_is_twice_lambda_of_a_keras_l2_and_for_adam_they_differ() -> None:
    import keras
    import torch

    def torch_weight(optimizer: Any, decay: float) -> float:
        weight = torch.nn.Parameter(torch.tensor([3.0]))
        step = optimizer([weight], lr=0.1, weight_decay=decay)
        (2.0 * weight).sum().backward()
        step.step()
        return float(weight.detach())

    def keras_weight(optimizer: Any, l2: float) -> float:
        layer = keras.layers.Dense(1, use_bias=False, kernel_initializer=keras.initializers.Constant(3.0))
        layer.kernel_regularizer = keras.regularizers.L2(l2)
        model = keras.Sequential([keras.Input((1,)), layer])
        model.compile(optimizer=optimizer, loss=lambda y, out: 2.0 * out)
        model.fit(np.ones((1, 1)), np.ones((1, 1)), verbose=0)
        return float(layer.kernel.numpy()[0, 0])

    assert torch_weight(torch.optim.SGD, 0.4) == pytest.approx(keras_weight(keras.optimizers.SGD(0.1), 0.2), rel=1e-5)
    decoupled = torch_weight(torch.optim.AdamW, 0.4)
    assert decoupled == pytest.approx(3.0 * (1 - 0.1 * 0.4) - 0.1, rel=1e-4)
    assert keras_weight(keras.optimizers.Adam(0.1), 0.2) == pytest.approx(3.0 - 0.1, rel=1e-4)


@pytest.mark.parametrize(("name", "alike"), [("SGD", True), ("Adam", True), ("AdamW", False)])
def test_weight_decay_of_torch_is_an_l2_penalty_of_half_that_number_but_for_adamw(name: str, alike: bool) -> None:
    import torch

    def trained(decay: float, penalty: float) -> float:
        weight = torch.nn.Parameter(torch.tensor([3.0], dtype=torch.float64))
        optimizer = getattr(torch.optim, name)([weight], lr=0.05, weight_decay=decay)
        for k in range(40):
            optimizer.zero_grad()
            loss = (1 + k % 5) * (weight - 1).square().sum() + penalty * weight.square().sum()
            loss.backward()
            optimizer.step()
        return float(weight.detach())

    assert (trained(0.4, 0.0) == pytest.approx(trained(0.0, 0.2), rel=1e-9)) is alike
    assert trained(0.4, 0.0) != pytest.approx(trained(0.0, 0.4), rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW"])
def test_weight_decay_of_keras_takes_a_share_off_the_weights_in_every_optimizer(name: str) -> None:
    import keras

    weight = keras.Variable(np.array([3.0], dtype="float32"))
    optimizer = getattr(keras.optimizers, name)(0.01, weight_decay=0.1)
    for _ in range(50):
        optimizer.apply([np.zeros(1, dtype="float32")], [weight])
    assert float(np.asarray(weight)[0]) == pytest.approx(3.0 * (1 - 0.01 * 0.1) ** 50, rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("texts", "decayed"), [(["bias"], [True, False]), (["out"], [False, False]), ([], [True, True])]
)
def test_keras_looks_for_excluded_texts_in_the_paths_of_variables(texts: list[str], decayed: list[bool]) -> None:
    import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, name="out")], name="example")
    variables = model.trainable_variables
    assert [variable.path for variable in variables] == ["example/out/kernel", "example/out/bias"]
    for variable in variables:
        variable.assign(np.ones(variable.shape))
    optimizer = keras.optimizers.AdamW(0.1, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=texts)
    optimizer.apply([np.zeros(variable.shape, dtype="float32") for variable in variables], variables)
    assert [bool(np.allclose(variable.numpy(), 0.95)) for variable in variables] == decayed


def test_the_twelve_runs_show_what_the_lesson_says_of_gap_and_trend() -> None:
    runs = stored_runs()
    labels = [verdict(run) for run in runs.values()]
    sick = [Label.OSCILLATES, Label.NEVER, Label.NO_NUMBER, Label.EXPLODES]
    assert labels == [
        Label.UNFINISHED,
        Label.HOLDS,
        Label.GOOD,
        Label.UNDERFIT,
        Label.FALLS,
        Label.GOOD,
        Label.HOLDS,
        Label.UNFINISHED,
        *sick,
    ]
    gap = {letter: run.gap for letter, run in runs.items()}
    assert gap["C"] > 2 * gap["D"], "a sound run with a gap, a bad one with a smaller one"
    assert gap["C"] == max(gap[letter] for letter in "ACDFH")
    assert max(runs["J"].val_accuracy[5:]) < 0.12, "guessing among ten classes"
    assert runs["D"].val_loss[-1] > 4 * runs["C"].val_loss[-1]
    assert (np.diff(runs["D"].train_loss) > 0).any(), "training loss is not monotone"
    for run in runs.values():
        assert run.guessing == pytest.approx(math.log(2 if run.data in ("moons", "breast cancer") else 10), abs=1e-4)


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("letter", ["B", "C", "E"])
def test_the_script_makes_the_runs_that_are_stored(letter: str) -> None:
    import torch

    torch.set_num_threads(1)
    script, stored = _script("precompute_curves"), stored_runs()[letter]
    again = script.train(script.RECIPES[letter])
    np.testing.assert_allclose(again["val_loss"], stored.val_loss, rtol=0.1, atol=0.02)


def _rerun(letter: str, **changes: Any) -> StoredRun:
    """Train a recipe anew, changed."""
    script = _script("precompute_curves")
    run = script.train(script.RECIPES[letter]._replace(**changes))
    columns = (np.array(run[name], dtype=float) for name in ("train_loss", "val_loss", "val_accuracy"))
    return StoredRun(letter, run["data"], run["rows"], run["guessing"], *columns)


@pytest.mark.slow
def test_more_rows_improve_a_good_run_too() -> None:
    assert _rerun("C", rows=1000).val_loss[-1] < 0.6 * stored_runs()["C"].val_loss[-1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("letter", "change"),
    [("I", {"rate": 0.003}), ("J", {"rate": 0.2}), ("K", {"naive_loss": False}), ("L", {"rate": 0.02})],
)
def test_the_first_thing_to_try_cures_each_sick_run(letter: str, change: dict[str, Any]) -> None:
    assert verdict(stored_runs()[letter]) in SICK
    assert verdict(_rerun(letter, **change)) not in SICK


@pytest.mark.slow
def test_a_rate_far_too_low_looks_like_one_far_too_high() -> None:
    assert verdict(_rerun("J", rate=1e-6)) == Label.NEVER == verdict(stored_runs()["J"])


def test_the_capacity_curve_is_a_u_and_the_test_rows_agree() -> None:
    widths, val = widths_measured("val")
    test, train = widths_measured("test")[1], widths_measured("train")[1]
    twelve = widths.index(12)
    assert val.mean(axis=1).argmin() == test.mean(axis=1).argmin() == twelve
    assert (np.diff(train.mean(axis=1)) < 0).all()
    assert (val[twelve] < val[0]).all(), "the left side stands in every split"
    assert (val[twelve] < val[-1]).sum() == 4, "the right side in all but one"
    near = val[twelve : widths.index(32) + 1]
    assert np.ptp(near.mean(axis=1)) < near.std(axis=1, ddof=1).min()
    assert len(set(val.argmin(axis=0))) > 1, "the splits choose several widths"


def test_after_200_epochs_the_test_error_falls_twice() -> None:
    widths, error = widths_measured("test", "error", epochs=200)
    mean, fitted = error.mean(axis=1), widths_measured("train", "error", epochs=200)[1].mean(axis=1)
    dip, peak = widths.index(8), int(mean[3:].argmax()) + 3
    assert mean[dip] == mean[: peak + 1].min()
    assert widths[peak] in (16, 24)
    assert mean[peak] > mean[dip] + 0.02
    assert mean[-1] < mean[dip] - 0.03
    assert fitted[peak] < 0.05 < fitted[peak - 1], "there, nearly all training labels are fitted"
    assert widths_measured("test", "error")[1].mean(axis=1)[widths.index(12)] < mean.min()


@pytest.mark.slow
def test_the_script_makes_the_networks_that_are_stored() -> None:
    import torch

    torch.set_num_threads(1)
    script = _script("precompute_widths")
    for width in (12, 64):
        (again,) = script.train(width, 1, [60])
        place = script.WIDTHS.index(width)
        for of, rows in enumerate(script.SETS):
            assert again[of][0] == pytest.approx(widths_measured(rows)[1][place, 1], rel=0.12, abs=0.03)


@pytest.mark.slow
def test_clean_labels_bring_the_right_side_of_the_u_down(monkeypatch: Any) -> None:
    import torch

    torch.set_num_threads(1)
    script = _script("precompute_widths")
    monkeypatch.setattr(script, "WRONG", 0.0)
    (wide,) = script.train(512, 0, [60])
    (narrow,) = script.train(12, 0, [60])
    widths, val = widths_measured("val")
    assert wide[1][0] < 0.5 * val[-1, 0]
    assert wide[1][0] < narrow[1][0] < val[widths.index(12), 0], "the right side is then the lower one"


@pytest.mark.slow
@pytest.mark.parametrize("track", ["pytorch", "keras"])
def test_a_sweep_over_four_widths_chooses_what_the_test_rows_would(track: str) -> None:
    from course_lib.data import digits

    if track == "keras":
        from course_lib.keras import evaluate, fit

        make: Any = keras_model
    else:
        from course_lib.pytorch import evaluate, fit

        make = torch_model
    data = digits(test_size=0.4, seed=0)
    noisy = mislabeled(data.train, 400, 0.3)
    losses = []
    for width in (4, 12, 64, 256):
        model = make((64, width, 10), 0)
        fit(model, noisy, loss="cross_entropy", lr=2e-3, epochs=60)
        losses.append([evaluate(model, rows, loss="cross_entropy")["loss"] for rows in (noisy, data.val, data.test)])
    train, val, test = np.array(losses).T
    assert val.argmin() == test.argmin() == 1
    assert train.argmin() == 3


@pytest.mark.parametrize("name", ["Adam", "AdamW"])
def test_a_first_step_of_adam_has_the_size_of_the_rate_whatever_the_penalty(name: str) -> None:
    import torch

    def stepped(penalty: float, decay: float) -> list[float]:
        weights = torch.nn.Parameter(torch.tensor([1.0, 0.01]))
        optimizer = getattr(torch.optim, name)([weights], lr=0.1, weight_decay=decay)
        (penalty * (weights**2).sum()).backward()
        optimizer.step()
        return [round(value, 4) for value in weights.tolist()]

    assert stepped(0.25, 0.0) == stepped(0.025, 0.0) == [0.9, -0.09]
    assert stepped(0.0, 0.5) == ([0.9, -0.09] if name == "Adam" else [0.95, 0.0095])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Adam", "AdamW"])
def test_in_keras_decay_stays_apart_from_the_gradient(name: str) -> None:
    import keras

    def stepped(penalty: float, decay: float) -> list[float]:
        weights = keras.Variable(np.array([1.0, 0.01], dtype="float32"))
        optimizer = getattr(keras.optimizers, name)(0.1, weight_decay=decay)
        optimizer.apply([2 * penalty * weights], [weights])
        return [float(value) for value in np.asarray(weights)]

    assert stepped(0.25, 0.0) == pytest.approx([0.9, -0.09], abs=2e-4)
    assert stepped(0.0, 0.5) == pytest.approx([0.95, 0.0095], rel=1e-4)


@pytest.mark.slow
def test_the_explorers_script_makes_the_runs_that_are_stored() -> None:
    import torch

    torch.set_num_threads(1)
    script = _script("precompute_capacity")
    with np.load(script.TARGET) as data:
        for name, values in (("hidden", script.HIDDEN), ("rows", script.ROWS), ("noise", script.NOISE)):
            assert data[name].tolist() == values
        assert data["runs"].shape == (4, 4, 4, 3, script.EPOCHS)
        stored = data["runs"][2, 0, 1].astype(float)
    again = script.train(script.HIDDEN[2], script.ROWS[0], script.NOISE[1])
    np.testing.assert_allclose(again[:2], stored[:2], rtol=0.1, atol=0.02)
    np.testing.assert_allclose(again[2], stored[2], atol=0.02)


def test_explorer_runs_turn_with_more_units_fewer_rows_and_wrong_labels() -> None:
    with np.load(ROOT / "course_lib" / "lessons" / "l04_overfitting" / "material" / "capacity.npz") as data:
        runs, noise = data["runs"].astype(float), data["noise"]
    train, val = runs[:, :, :, 0, :], runs[:, :, :, 1, :]
    rise = val[..., -1] - val.min(axis=-1)  # hidden units, rows, share of flipped labels
    gap = val[..., -1] - train[..., -1]
    assert rise[3, 1, 1] > rise[2, 1, 1] > rise[0, 1, 1]
    assert rise[3, 0, 1] > rise[3, 1, 1] > rise[3, 2, 1] > rise[3, 3, 1]
    assert gap[3, 0, 1] > gap[3, 1, 1] > gap[3, 2, 1] > gap[3, 3, 1]
    assert (rise[3, :, 1:] > rise[3, :, :1]).all(), "any flipped labels raise it in nats"
    assert not (np.diff(rise[3], axis=-1) > 0).all(), "but not more of them ever more"
    assert rise[3, 0, 0] > 0.1
    assert rise[1, 0, 1] < 0.02 < 0.06 < rise[2, 0, 1], "with 50 rows the turn comes at 32 units"
    assert abs(gap[0, 2, 3]) < 0.03
    assert val[0, 2, 3, -1] > math.log(2) - 0.04
    floor = np.array([-(n * np.log(n) + (1 - n) * np.log(1 - n)) if n else 0.0 for n in noise])
    assert (val.min(axis=-1) > floor).all(), "no validation loss comes below what the flipped labels cost"


@pytest.mark.parametrize(
    ("hidden", "rows", "noise", "word"),
    [
        (2, 200, 0.3, "Underfitting"),
        (2, 50, 0.3, "Settled, but not low"),
        (32, 50, 0.0, "Settled, but not low"),
        (128, 200, 0.3, "Overfitting"),
        (128, 50, 0.0, "Overfitting"),
        (2, 50, 0.0, "Still improving"),
        (32, 200, 0.0, "A good fit"),
    ],
)
def test_explorer_reads_trend_and_height_as_the_lesson_does(hidden: int, rows: int, noise: float, word: str) -> None:
    from course_lib.explorers import capacity

    words = capacity().answer({"hidden": hidden, "rows": rows, "noise": noise}).words
    assert f"{word}:" in words or f"{word}." in words


@pytest.mark.slow
def test_explorer_calls_no_network_of_two_units_a_good_fit() -> None:
    from course_lib.explorers import capacity

    for rows in (50, 100, 200, 400):
        for noise in (0.0, 0.1, 0.2, 0.3):
            assert "good fit" not in capacity().answer({"hidden": 2, "rows": rows, "noise": noise}).words


def test_each_figure_of_the_diagnosis_marks_what_is_special_about_a_run() -> None:
    import matplotlib.pyplot as plt

    from course_lib.lessons.l04_overfitting.runs import draw_runs
    from course_lib.plots.stories import story

    axes = draw_runs("GHIJKL")
    named = {ax.get_title("left")[:1]: ax for ax in axes.ravel() if ax.get_title("left")}
    scales = {letter: ax.get_yscale() for letter, ax in named.items()}
    assert scales == dict.fromkeys("GHIJK", "linear") | {"L": "log"}
    ends = {letter for letter, ax in named.items() for line in ax.lines if line.get_marker() == "x"}
    assert ends == {"K"}, "only there do the curves end early"
    assert all(run.describe() in story(axes) for run in list(stored_runs().values())[6:])
    plt.close("all")


def test_the_tables_say_what_the_figures_draw() -> None:
    from course_lib.lessons.l04_overfitting.figures import table_of_errors, table_of_widths

    widths, test = widths_measured("test")
    rows = [line.split() for line in table_of_widths().splitlines()[1:-1]]
    assert [int(row[0]) for row in rows] == widths
    assert [float(row[5]) for row in rows] == pytest.approx(test.mean(axis=1), abs=0.006)
    errors = [line.split() for line in table_of_errors().splitlines()[1:]]
    again = widths_measured("test", "error", epochs=200)[1].mean(axis=1)
    assert [float(row[2]) for row in errors] == pytest.approx(again, abs=0.006)
