"""What lesson 01 says about losses and about the two libraries, held against the installed versions."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from course_lib.data import digits

SEEDS = range(5)
ROW = [[2.0, 0.0, 1.0]]


@pytest.fixture(scope="module")
def keras() -> Any:
    return pytest.importorskip("keras")


def torch_model(seed: int) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


# ---------------------------------------------------------------- baselines


@pytest.mark.parametrize("classes", [2, 10, 1000])
def test_knowing_nothing_costs_ln_k(classes: int) -> None:
    loss = nn.CrossEntropyLoss()(torch.full((3, classes), 0.7), torch.tensor([0, 1, 1]))
    assert loss.item() == pytest.approx(math.log(classes), rel=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_untrained_network_starts_near_ln_10_in_pytorch(seed: int) -> None:
    data = digits(scale="unit", seed=0)
    with torch.no_grad():
        first = nn.CrossEntropyLoss()(
            torch_model(seed)(torch.from_numpy(data.train.x[:64])), torch.from_numpy(data.train.y[:64])
        ).item()
    assert first == pytest.approx(math.log(10), rel=0.15)


def test_one_class_in_the_batch_or_all_no_fresh_network_comes_near_zero() -> None:
    rows = digits(scale="unit", seed=0).train
    losses = []
    for seed in SEEDS:
        with torch.no_grad():
            outputs = torch_model(seed)(torch.from_numpy(rows.x))
        each = nn.CrossEntropyLoss(reduction="none")(outputs, torch.from_numpy(rows.y)).numpy()
        losses += [each[rows.y == k].mean() for k in range(10)]
    assert 1.9 < min(losses) < math.log(10) < max(losses) < 2.8


def judge_raw_pixels(first_losses: Any, confidences: Any, least: float, most: float) -> None:
    """Hold the rise of the loss, seeds averaged as in the lesson, and its cause, confidence, in each of them."""
    (divided, raw), (even, sure) = np.transpose(first_losses), np.transpose(confidences)
    assert np.all(raw > 1.3 * divided)
    assert least < raw.mean() / divided.mean() < most
    assert np.all(sure > 2 * even)


def test_raw_pixels_raise_the_first_loss_in_pytorch() -> None:
    data = digits(scale="unit", seed=0)
    raw = digits(scale="none", seed=0)
    assert np.array_equal(16 * data.train.x, raw.train.x)
    y = torch.from_numpy(data.train.y[:64])
    losses, confidences = [], []
    for seed in SEEDS:
        with torch.no_grad():
            outputs = [torch_model(seed)(torch.from_numpy(rows.train.x[:64])) for rows in (data, raw)]
        losses.append([nn.CrossEntropyLoss()(z, y).item() for z in outputs])
        confidences.append([z.softmax(dim=1).amax(dim=1).mean().item() for z in outputs])
    judge_raw_pixels(losses, confidences, 1.3, 2.3)


def test_predicting_the_mean_costs_the_variance_and_nothing_costs_less() -> None:
    targets = np.random.default_rng(0).normal(3, 2, 50)
    at = {guess: np.mean((targets - guess) ** 2) for guess in (targets.mean() + np.linspace(-1, 1, 21))}
    assert min(at.values()) == pytest.approx(targets.var())


# ---------------------------------------------------------------- loss against accuracy


@pytest.mark.parametrize("seed", SEEDS)
def test_ten_times_the_logits_keep_the_accuracy_and_raise_the_loss(seed: int) -> None:
    from course_lib.pytorch import fit

    data = digits(scale="unit", seed=0)
    model = torch_model(seed)
    fit(model, data.train, data.val, loss="cross_entropy", optimizer="sgd", lr=0.1, epochs=15, seed=seed)
    x, y = torch.from_numpy(data.val.x), torch.from_numpy(data.val.y)
    with torch.no_grad():
        logits = model(x)
    a, b = (nn.CrossEntropyLoss(reduction="none")(scale * logits, y) for scale in (1, 10))
    right = logits.argmax(dim=1) == y
    assert torch.equal(logits.argmax(dim=1), (10 * logits).argmax(dim=1))
    assert b.mean() > 3 * a.mean()
    assert b[right].mean() < a[right].mean()
    assert b[~right].mean() > a[~right].mean()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_typical_digit_gets_more_than_the_geometric_mean(seed: int) -> None:
    from course_lib.pytorch import fit

    data = digits(scale="unit", seed=0)
    model = torch_model(seed)
    history = fit(model, data.train, data.val, loss="cross_entropy", optimizer="sgd", lr=0.1, epochs=15)
    with torch.no_grad():
        given = softmax(model(torch.from_numpy(data.val.x)).numpy())[np.arange(len(data.val.y)), data.val.y]
    geometric_mean = np.exp(-history.val_loss[-1])
    assert np.exp(np.log(given).mean()) == pytest.approx(geometric_mean, rel=1e-4)
    assert np.median(given) > geometric_mean + 0.1


def test_the_gradient_by_the_logits_is_given_minus_wanted() -> None:
    z = torch.tensor(ROW, requires_grad=True)
    nn.CrossEntropyLoss()(z, torch.tensor([0])).backward()
    assert z.grad is not None
    assert z.grad.numpy() == pytest.approx(softmax(np.array(ROW)) - [[1, 0, 0]], abs=1e-6)


# ---------------------------------------------------------------- three slips


def test_mse_loss_broadcasts_and_warns_in_pytorch() -> None:
    column, row = torch.tensor([[1.0], [2.0], [4.0]]), torch.tensor([1.0, 4.0, 1.0])
    with pytest.warns(UserWarning, match="broadcasting"):
        assert nn.MSELoss()(column, row).item() == pytest.approx(11 / 3)
    assert nn.MSELoss()(column[:, 0], row).item() == pytest.approx(13 / 3)


def test_the_broadcast_loss_teaches_the_mean_of_the_targets() -> None:
    targets = torch.tensor([1.0, 4.0, 10.0])
    predictions = torch.zeros(3, 1, requires_grad=True)
    for _ in range(200):
        (gradient,) = torch.autograd.grad(((predictions - targets) ** 2).mean(), predictions)
        predictions = (predictions - gradient).detach().requires_grad_()
    assert predictions.detach().numpy() == pytest.approx(np.full((3, 1), 5.0), abs=1e-3)


def test_the_gradient_of_a_sum_over_64_rows_is_64_times_as_long() -> None:
    torch.manual_seed(0)
    weights = torch.randn(5, 3, requires_grad=True)
    x, y = torch.randn(64, 5), torch.randint(0, 3, (64,))
    mean, total = (
        torch.autograd.grad(nn.CrossEntropyLoss(reduction=r)(x @ weights, y), weights)[0] for r in ("mean", "sum")
    )
    assert torch.allclose(total, 64 * mean, rtol=1e-4, atol=1e-5)


def test_softmax_twice_has_a_floor_in_pytorch_and_no_warning() -> None:
    sure = torch.zeros(1, 10)
    sure[0, 3] = 1e4
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loss = nn.CrossEntropyLoss()(torch.softmax(sure, dim=1), torch.tensor([3])).item()
    assert loss == pytest.approx(math.log(math.e + 9) - 1, rel=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_softmax_twice_still_trains_only_badly(seed: int) -> None:
    from course_lib.pytorch import fit

    def softmax_twice(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return nn.functional.cross_entropy(torch.softmax(outputs, dim=1), targets)

    data = digits(scale="unit", seed=0)
    once, twice = (
        fit(torch_model(seed), data.train, data.val, loss=loss, optimizer="sgd", lr=0.1, epochs=15,
            metrics=["accuracy"], seed=seed)
        for loss in ("cross_entropy", softmax_twice)
    )  # fmt: skip
    assert twice.val_loss[-1] < twice.val_loss[0]  # it trains ...
    assert twice.val_loss[-1] > math.log(math.e + 9) - 1 > once.val_loss[-1]  # ... above its floor ...
    accuracies = [history.to_frame()["val_accuracy"].iloc[-1] for history in (once, twice)]
    assert 0.3 < accuracies[1] < accuracies[0]  # ... and more slowly


def test_a_perfect_model_reports_about_one_and_a_half_after_a_second_softmax() -> None:
    assert nn.CrossEntropyLoss()(torch.eye(10), torch.arange(10)).item() == pytest.approx(1.46, abs=0.005)
    assert softmax(np.eye(10))[0, 0] == pytest.approx(0.23, abs=0.005)


def test_small_whole_numbers_wrap_and_large_exponentials_overflow() -> None:
    assert np.array([3], dtype=np.uint8) - np.uint8(10) == [249]
    with np.errstate(over="ignore"):
        assert np.exp(np.array([1000.0, -1000.0])).tolist() == [math.inf, 0.0]


def test_subtracting_a_number_from_a_row_leaves_softmax_as_it_is() -> None:
    z = np.array(ROW)
    assert np.exp(z - 7) / np.exp(z - 7).sum() == pytest.approx(np.exp(z) / np.exp(z).sum())


def test_a_threshold_on_forty_tumors_leaves_the_accuracy_the_same_in_nine_moves_of_ten() -> None:
    from sklearn.datasets import load_breast_cancer

    x, benign = load_breast_cancer(return_X_y=True)
    above = x[:40, 0] > np.linspace(8, 22, 400)[:, None]
    accuracies = (above == (1 - benign[:40])).mean(axis=1)
    assert (np.diff(accuracies) == 0).mean() == pytest.approx(0.9, abs=0.02)


def test_from_probabilities_the_loss_saturates_at_100_in_pytorch() -> None:
    logit, yes = torch.tensor([-200.0]), torch.tensor([1.0])
    assert nn.BCELoss()(torch.sigmoid(logit), yes).item() == 100.0
    assert nn.BCEWithLogitsLoss()(logit, yes).item() == 200.0
    assert nn.CrossEntropyLoss()(torch.tensor([[0.0, 200.0]]), torch.tensor([0])).item() == 200.0


# ---------------------------------------------------------------- the checks


@pytest.mark.parametrize("result", [0.0, 1.0, 27.6, math.inf, math.nan, None, [1.0]])
def test_naming_a_mistake_writes_nothing_to_standard_error(result: Any, capfd: pytest.CaptureFixture[str]) -> None:
    """Text on standard error would cost a submission its points, and the faulty values take logarithms of 0."""
    from course_lib.checks.run import run_exercise
    from course_lib.lessons import load

    for exercise in load("01_loss_basics", "pytorch").values():
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            found = run_exercise(exercise, lambda *_: result, lesson="01_loss_basics", track="pytorch")
        assert found.score < exercise.points
    assert capfd.readouterr().err == ""


def _of_the_bank(exercise: str, name: str) -> Any:
    from course_lib.checks import lesson_checks
    from course_lib.instructor.proof.bank import bank_root, entries, load_answer

    entry = next(e for e in entries(bank_root(), "01_loss_basics", "pytorch", exercise) if e.name == name)
    return lesson_checks("01_loss_basics", "pytorch").run(exercise, load_answer(entry))


KEYS: list[tuple[str, str, dict[str, str | None]]] = [
    (
        "cross_entropy_from_logits",
        "divided_by_entries",
        {
            "the docstring's example": "divided_by_classes",
            "four equal logits: knowing nothing": "divided_by_classes",
            "a logit of 1000": "divided_by_classes",
            "a logit of 20000": "divided_by_classes",
            "logits of 1000 and -1000 in one row": "divided_by_classes",
            "a probability too small to be stored": "divided_by_classes",
            "three rows, two classes": "divided_by_classes",
            "two rows that lie far apart": "divided_by_classes",
            "two rows far apart, and your own computation": "divided_by_classes",
        },
    ),
    (
        "cross_entropy_from_logits",
        "no_softmax",
        {
            "the docstring's example": "no_softmax",
            "four equal logits: knowing nothing": "no_softmax",
            "a logit of 1000": "no_softmax",
            "a logit of 20000": "no_softmax",
            "logits of 1000 and -1000 in one row": "no_softmax",
            "a probability too small to be stored": None,
            "three rows, two classes": "no_softmax",
            "two rows that lie far apart": None,
            "two rows far apart, and your own computation": None,
        },
    ),
    (
        "cross_entropy_from_logits",
        "overflow",
        {
            "a logit of 1000": "overflow",
            "a logit of 20000": "overflow",
            "logits of 1000 and -1000 in one row": "overflow",
            "a probability too small to be stored": "log_of_zero",
            "two rows that lie far apart": "overflow",
            "two rows far apart, and your own computation": "overflow",
        },
    ),
    (
        "cross_entropy_from_logits",
        "shift_by_min",
        {"logits of 1000 and -1000 in one row": "shift", "a probability too small to be stored": "shift"},
    ),
    (
        "cross_entropy_from_logits",
        "three_classes_fixed",
        {
            "four equal logits: knowing nothing": "raised_ValueError",
            "a logit of 1000": "raised_ValueError",
            "a logit of 20000": "raised_ValueError",
            "logits of 1000 and -1000 in one row": "raised_IndexError",
            "a probability too small to be stored": "raised_ValueError",
            "three rows, two classes": "raised_ValueError",
        },
    ),
    (
        "baseline_losses",
        "rows_for_classes",
        {
            "the cross-entropy for ten classes": "rows_for_classes",
            "the cross-entropy for two classes": "rows_for_classes",
        },
    ),
    (
        "first_loss_diagnosis",
        "double_softmax_pytorch",
        {
            "the first loss of a fresh model": "double_softmax",
            "a model that is very sure and mostly wrong is not": "follows",
            "22 % above what is expected with five classes is not": "follows",
            "a model that is sure and wrong by a wide margin": "called_healthy",
        },
    ),
    (
        "first_loss_diagnosis",
        "sum_pytorch",
        {
            "the first loss of a fresh model": "not_divided",
            "a fresh model is healthy": "follows",
            "15 % above what is expected with ten classes is healthy": "follows",
            "a model that is sure and wrong by a wide margin": None,
        },
    ),
    (
        "first_loss_diagnosis",
        "error_rate_expected_pytorch",
        {
            "what is expected with four classes": "chance_error_rate",
            "a fresh model is healthy": "follows",
            "15 % above what is expected with ten classes is healthy": "follows",
        },
    ),
    (
        "first_loss_diagnosis",
        "turned_pytorch",
        {
            "a fresh model is healthy": "called_ill",
            "a model that is very sure and mostly wrong is not": "called_healthy",
            "a model that knows the answers is not": "one_sided",
            "15 % above what is expected with ten classes is healthy": None,
            "22 % above what is expected with five classes is not": None,
            "a model that is sure and wrong by a wide margin": "called_healthy",
        },
    ),
    (
        "first_loss_diagnosis",
        "swapped_pytorch",
        {
            "the first loss of a fresh model": "swapped_loss_arguments",
            "what is expected with four classes": "swapped_loss_arguments",
            "a fresh model is healthy": "swapped_loss_arguments",
            "a model that is very sure and mostly wrong is not": "swapped_loss_arguments",
            "a model that knows the answers is not": "swapped_loss_arguments",
            "15 % above what is expected with ten classes is healthy": "swapped_loss_arguments",
            "22 % above what is expected with five classes is not": "swapped_loss_arguments",
            "a model that is sure and wrong by a wide margin": "swapped_loss_arguments",
        },
    ),
]


@pytest.mark.parametrize(("exercise", "name", "keys"), KEYS)
def test_every_case_of_a_wrong_answer_says_what_is_true_of_it(
    exercise: str, name: str, keys: dict[str, str | None]
) -> None:
    """A case that is not listed is right."""
    assert {case.name: case.diagnosis for case in _of_the_bank(exercise, name).cases if not case.passed} == keys


# ---------------------------------------------------------------- Keras


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_an_untrained_network_starts_near_ln_10_in_keras(keras: Any, seed: int) -> None:
    data = digits(scale="unit", seed=0)
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    assert float(loss(data.train.y[:64], model(data.train.x[:64]))) == pytest.approx(math.log(10), rel=0.15)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_without_from_logits_the_first_loss_is_far_from_ln_10_in_keras(keras: Any, seed: int) -> None:
    data = digits(scale="unit", seed=0)
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10)])
    forgotten = keras.losses.SparseCategoricalCrossentropy()
    assert float(forgotten(data.train.y[:64], model(data.train.x[:64]))) > 2 * math.log(10)


@pytest.mark.slow
def test_raw_pixels_raise_the_first_loss_even_more_in_keras(keras: Any) -> None:
    x, y = digits(scale="unit", seed=0).train
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    losses, confidences, largest_weights = [], [], []
    for seed in SEEDS:
        keras.utils.set_random_seed(seed)
        layers = [keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10)]
        model = keras.Sequential([keras.Input((64,)), *layers])
        outputs = [np.asarray(model(scale * x)) for scale in (1, 16)]
        losses.append([float(loss(y[:64], z[:64])) for z in outputs])
        confidences.append([softmax(z[:64]).max(axis=1).mean() for z in outputs])
        each = np.asarray(loss.call(y, outputs[0]))
        assert min(each[y == k].mean() for k in range(10)) > 1.2  # of one class: no better than knowing nothing by much
        assert outputs[1] == pytest.approx(16 * outputs[0], rel=1e-3, abs=1e-3)
        largest_weights.append([np.abs(layer.get_weights()[0]).max() for layer in layers])
    judge_raw_pixels(losses, confidences, 3, 6)
    assert np.min(largest_weights) > 1 / 8  # PyTorch draws from -1/8 to 1/8 where 64 inputs come in


@pytest.mark.slow
def test_keras_clips_logits_that_it_takes_for_probabilities(keras: Any) -> None:
    forgotten = keras.losses.SparseCategoricalCrossentropy(reduction="none")
    costs = np.asarray(forgotten(np.arange(3), np.array(ROW * 3, dtype="float32")))
    assert costs[[0, 2]] == pytest.approx([math.log(2)] * 2, abs=1e-3)  # 2 counts as 1, and 1 and 1 as a half each
    assert costs[1] > 16  # 0 counts as almost 0


@pytest.mark.slow
def test_keras_loss_classes_bring_shapes_together_and_operations_do_not(keras: Any) -> None:
    column, row = np.array([[1.0], [2.0], [4.0]]), np.array([1.0, 4.0, 1.0])
    assert float(keras.losses.MeanSquaredError()(row, column)) == pytest.approx(13 / 3)
    assert float(keras.ops.mean(keras.ops.square(column - row))) == pytest.approx(11 / 3)


@pytest.mark.slow
def test_keras_takes_the_mean_by_default_and_expects_probabilities(keras: Any) -> None:
    z, y = np.array(ROW * 4, dtype="float32"), np.zeros(4, dtype=int)
    kind = keras.losses.SparseCategoricalCrossentropy
    right = -math.log(softmax(z)[0, 0])
    assert kind().reduction == "sum_over_batch_size"
    assert float(kind(from_logits=True)(y, z)) == pytest.approx(right, rel=1e-5)
    assert float(kind(from_logits=True, reduction="sum")(y, z)) == pytest.approx(4 * right, rel=1e-5)
    assert float(kind()(y, softmax(z))) == pytest.approx(right, rel=1e-5)
    assert float(kind()(y, z)) != pytest.approx(right, rel=0.05)


@pytest.mark.slow
def test_from_probabilities_the_loss_saturates_at_16_in_keras(keras: Any) -> None:
    kind = keras.losses.SparseCategoricalCrossentropy
    assert float(kind()(np.array([1]), np.array([[1.0, 0.0]], dtype="float32"))) == pytest.approx(16.118, abs=1e-3)
    assert float(kind(from_logits=True)(np.array([1]), np.array([[200.0, 0.0]]))) == pytest.approx(200.0)


@pytest.mark.slow
def test_keras_looks_behind_a_softmax_that_it_knows(keras: Any) -> None:
    tf = pytest.importorskip("tensorflow")
    z, y = tf.constant(ROW), np.array([0])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    once = -math.log(softmax(np.array(ROW))[0, 0])
    twice = -math.log(softmax(softmax(np.array(ROW)))[0, 0])
    with pytest.warns(UserWarning, match="produced by a Softmax"):
        assert float(loss(y, keras.ops.softmax(z))) == pytest.approx(once, rel=1e-5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert float(loss(y, tf.nn.softmax(z))) == pytest.approx(twice, rel=1e-5)
        direct = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[0], logits=tf.nn.softmax(z))
        assert float(direct[0]) == pytest.approx(twice, rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_stories_of_the_lesson_hold_in_keras(keras: Any, seed: int) -> None:
    tf = pytest.importorskip("tensorflow")
    from course_lib.keras import fit

    def softmax_twice(targets: Any, outputs: Any) -> Any:
        targets = tf.cast(tf.reshape(targets, [-1]), "int32")
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=tf.nn.softmax(outputs))

    data = digits(scale="unit", seed=0)
    accuracies, histories = [], []
    for loss in ("cross_entropy", softmax_twice):
        keras.utils.set_random_seed(seed)
        layers = [keras.Input((64,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10)]
        model = keras.Sequential(layers)
        history = fit(model, data.train, data.val, loss=loss, optimizer="sgd", lr=0.1, epochs=15, seed=seed)
        logits = model(data.val.x).numpy()
        accuracies.append((logits.argmax(axis=1) == data.val.y).mean())
        histories.append(history)
        if loss == "cross_entropy":
            kind = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
            assert float(kind(data.val.y, 10 * logits)) > 3 * float(kind(data.val.y, logits))
    once, twice = histories
    assert twice.val_loss[-1] > math.log(math.e + 9) - 1 > once.val_loss[-1]
    assert 0.3 < accuracies[1] < accuracies[0]
