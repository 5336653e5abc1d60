"""Whether a metric should be high or low, told from its name; Keras's own metrics say it themselves."""

from __future__ import annotations

import pytest

from course_lib.training.direction import better_mode

HIGHER = [
    "val_accuracy",
    "accuracy",
    "train_acc",
    "val_binary_accuracy",
    "val_top_5_accuracy",
    "val_sparse_top_k_categorical_accuracy_3",
    "val_BinaryAccuracy",
    "val_auc_1",
    "AUC",
    "val_roc_auc",
    "val_precision",
    "val_recall",
    "val_precision_at_recall",
    "val_f1",
    "val_f1_score",
    "F1Score",
    "val_fbeta_score",
    "val_r2",
    "val_R2Score",
    "val_MeanIoU",
    "val_cosine_similarity",
    "val_true_positives",
    "val_loss_accuracy",
]
LOWER = [
    "val_loss",
    "train_loss",
    "loss",
    "train_loss_remeasured",
    "val_mse",
    "val_mae",
    "val_rmse",
    "val_mean_squared_error",
    "val_RootMeanSquaredError",
    "val_error_rate",
    "val_top1_error",
    "val_accuracy_error",
    "val_accuracy_loss",
    "val_sparse_categorical_crossentropy",
    "val_binary_cross_entropy",
    "val_kl_divergence",
    "val_perplexity",
    "val_hinge",
    "val_false_positives",
    "val_false_negative_rate",
]
UNCLEAR = ["val_mine", "lr", "seconds", "samples", "val_neg_mean_squared_error", "val_one_minus_accuracy", "val_", ""]


@pytest.mark.parametrize(("names", "mode"), [(HIGHER, "max"), (LOWER, "min")])
def test_the_name_tells_the_direction(names, mode):
    told = {name: better_mode(name) for name in names}
    assert told == dict.fromkeys(names, mode)
    assert {better_mode(name, "auto") for name in names} == {mode}


@pytest.mark.parametrize("name", UNCLEAR)
def test_a_name_that_does_not_tell_is_refused_and_an_answer_is_taken(name):
    with pytest.raises(ValueError, match=r"cannot be told from its name; pass mode='max'"):
        better_mode(name)
    assert better_mode(name, "min") == "min"
    assert better_mode(name, "max") == "max"


@pytest.mark.parametrize(("monitor", "mode"), [("val_loss", "best"), ("val_loss", ""), ("val_loss", 1)])
def test_another_mode_is_refused(monitor, mode):
    with pytest.raises(ValueError, match=r"mode is .*; expected 'min'"):
        better_mode(monitor, mode)


@pytest.mark.slow
def test_where_both_know_keras_says_the_same():
    keras = pytest.importorskip("keras")
    needs = {
        "PrecisionAtRecall": (0.5,),
        "RecallAtPrecision": (0.5,),
        "SensitivityAtSpecificity": (0.5,),
        "SpecificityAtSensitivity": (0.5,),
        "MeanIoU": (2,),
        "IoU": (2, [0]),
        "BinaryIoU": (),
        "OneHotIoU": (2, [0]),
        "OneHotMeanIoU": (2,),
    }
    agreed = 0
    for kind in vars(keras.metrics).values():
        if not isinstance(kind, type) or not issubclass(kind, keras.metrics.Metric):
            continue
        try:
            metric = kind(*needs.get(kind.__name__, ()))
        except TypeError:  # the bases, which are made of a function
            continue
        theirs = {"up": "max", "down": "min"}.get(getattr(metric, "_direction", None))
        try:
            ours = better_mode(metric.name)
        except ValueError:
            continue
        if theirs is not None:
            assert (metric.name, ours) == (metric.name, theirs)
            agreed += 1
    assert agreed >= 20
