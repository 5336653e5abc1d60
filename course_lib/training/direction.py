"""Whether a higher or a lower value of a metric is the better one, told from its name.

Keras asks the metric object itself. A column of a training record has only its name, so the words of the
name decide: the last one that is known, as in English (an "accuracy loss" is a loss). Where no word is
known, or one of them may turn the meaning round, nothing is guessed.
"""

from __future__ import annotations

import re

__all__ = ["better_mode"]

#: Of these, more is better.
_HIGHER = (
    "accuracy acc auc auroc auprc roc precision recall sensitivity specificity fscore dice iou jaccard ndcg mrr "
    "rsquared kappa mcc bleu rouge meteor similarity psnr ssim"
)
#: Of these, less is better.
_LOWER = (
    "loss losses error errors err mse mae rmse mape msle rmsle crossentropy nll bce perplexity ppl divergence kld "
    "hinge poisson logcosh huber brier wer cer fid deviance misclassification"
)
#: With one of these in it, a name may mean the opposite of what its other words say.
_TURNING = "neg negative minus inverse inverted inv reciprocal complement non no not"
#: Names of one thing in several pieces, and the word that they become.
_JOINED = (
    (re.compile(r"cross_entropy"), "crossentropy"),
    (re.compile(r"(?<![a-z])f_?(?:\d+(?:_\d+)?|beta)(?![a-z0-9])"), "fscore"),
    (re.compile(r"(?<![a-z])r_?(?:2|squared)(?![a-z0-9])"), "rsquared"),
)
#: The counts of a confusion matrix: "true_positives", "false_negative_rate".
_OUTCOME = re.compile(r"(true|false)_(?:positive|negative)s?(?:_rate)?")


def _words(name: str) -> list[str]:
    """Split such a name as ``val_BinaryAccuracy_1`` into words: small letters, no numbers, without its side."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.replace("IoU", "Iou")).lower()
    for several, one in _JOINED:
        name = several.sub(one, name)
    words = re.findall(r"[a-z]+", name)
    return words[1:] if words[:1] in (["train"], ["val"], ["test"]) else words


def _told_by_name(name: str) -> str | None:
    words = _words(name)
    outcome = _OUTCOME.fullmatch("_".join(words))
    if outcome:
        return "max" if outcome[1] == "true" else "min"
    if set(words) & set(_TURNING.split()):
        return None
    higher, lower = set(_HIGHER.split()), set(_LOWER.split())
    known = [word for word in words if word in higher | lower]
    if not known:
        return None
    return "max" if known[-1] in higher else "min"


def better_mode(monitor: str, mode: str | None = None) -> str:
    """Return ``"min"`` or ``"max"`` for the column that a callback watches.

    Parameters
    ----------
    monitor : str
        The column, such as ``"val_loss"`` or ``"val_accuracy"``.
    mode : {"min", "max", "auto"}, optional
        What the caller asked for. `None` and ``"auto"`` mean: by the name.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If `mode` is something else, or the name does not tell.

    Examples
    --------
    >>> better_mode("val_loss"), better_mode("val_accuracy"), better_mode("val_loss", "max")
    ('min', 'max', 'max')
    """
    if mode not in ("min", "max", "auto", None):
        raise ValueError(f"mode is {mode!r}; expected 'min' (lower is better), 'max' (higher is better) or 'auto'")
    if mode in ("min", "max"):
        return mode
    if not isinstance(monitor, str):
        raise TypeError(f"monitor is {monitor!r}; expected the name of a column, such as 'val_loss'")
    told = _told_by_name(monitor)
    if told is None:
        raise ValueError(
            f"whether a higher or a lower '{monitor}' is better cannot be told from its name; "
            "pass mode='max' (higher is better) or mode='min' (lower is better)"
        )
    return told
