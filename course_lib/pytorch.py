"""The reference trainer in PyTorch: the loop of lesson 3, kept honest and kept fast.

`fit` and `evaluate` below are the whole idea; what they lean on (cutting arrays into batches,
checking arguments, reading losses off the device) is in `course_lib.training.torch_run`. The twin in
`course_lib.keras` has the same names, arguments and results.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import nn

from course_lib.training.batching import check_batching, make_batching
from course_lib.training.callbacks import Callback
from course_lib.training.history import History
from course_lib.training.means import column_names, means, prefixed
from course_lib.training.resume import read_checkpoint, settings_of
from course_lib.training.torch_batches import make_batches
from course_lib.training.torch_checks import check_arguments, try_out
from course_lib.training.torch_device import make_optimizer, modes_restored, on_device
from course_lib.training.torch_losses import describe_loss, make_loss, make_metrics
from course_lib.training.torch_run import Tally, TorchRun
from course_lib.training.torch_schedule import make_schedule, rates_of

__all__ = ["evaluate", "fit"]


def fit(
    model: nn.Module,
    train: Any,
    val: Any = None,
    *,
    loss: Any,
    optimizer: Any = "adam",
    lr: float | None = None,
    schedule: Any = None,
    schedule_unit: str | None = None,
    epochs: int = 10,
    batch_size: int | None = None,
    shuffle: bool = True,
    seed: int = 0,
    metrics: Sequence[Any] | Mapping[str, Any] = (),
    callbacks: Iterable[Callback] = (),
    class_weight: Sequence[float] | Mapping[int, float] | None = None,
    remeasure: bool = False,
    resume: str | os.PathLike[str] | None = None,
    device: str | None = None,
) -> History:
    """Train a model and record what happened.

    Parameters
    ----------
    model : torch.nn.Module
        Trained in place. Its training or evaluation modes are afterwards as they were before.
    train, val : two or three arrays or tensors, Dataset or DataLoader
        ``(x, y)``, or ``(x, y, weight)`` with a weight for each row, or what yields such batches. Without `val`
        nothing is validated.
    loss : str or callable
        ``"cross_entropy"`` (logits and whole-number labels), ``"binary_cross_entropy"`` (logits),
        ``"mse"``, ``"mae"``, or anything called as ``loss(output, target)`` that returns one number.
    optimizer : str or torch.optim.Optimizer
        ``"sgd"``, ``"adam"`` or ``"adamw"`` with rate `lr`, or an optimizer of this model's parameters.
    lr : float, optional
        Learning rate for an optimizer given by name; 0.01 for SGD, 0.001 otherwise.
    schedule : torch.optim.lr_scheduler.LRScheduler or callable, optional
        A scheduler of this very optimizer, or a function of the optimizer that returns one, which goes with an
        optimizer given by name. A `ReduceLROnPlateau` is shown each epoch's ``val_loss``.
    schedule_unit : {"batch", "epoch"}, optional
        When the scheduler is stepped: after each batch or after each epoch, and so what its numbers count. It
        has to be said with every scheduler but `ReduceLROnPlateau`.
    epochs : int
        Passes over the training rows, those of a resumed run included.
    batch_size : int, optional
        Rows in a batch, by default 32. Validation takes as many at a time where it is given, and
        1024 where it is not, since measuring needs less memory than training.
    shuffle, seed : bool, int
        Whether the rows are shuffled, and how: the order depends on `seed` and the epoch's number
        only, and is the same in both frameworks. A DataLoader brings its own.
    metrics : sequence or mapping
        ``"accuracy"``, ``"mae"``, ``"mse"``; ``"precision"``, ``"recall"``, ``"f1"``, ``"average_precision"``,
        ``"roc_auc"`` of two classes, from one logit a row; objects of `course_lib.training.metrics`, or with the
        ``update``, ``compute`` and ``reset`` of torchmetrics; or functions of ``(output, target)`` that return a mean.
        A function is called for each batch, and its values are averaged by rows: right for a mean, wrong for a
        precision, an F1 or the root of a mean. The others keep counts and give one result an epoch.
    callbacks : iterable of Callback
        See `course_lib.training.callbacks`.
    class_weight : sequence or mapping, optional
        Weight of each class in ``"cross_entropy"``; the mean is then over the sum of weights. With sample weights
        a row counts the product of both.
    remeasure : bool
        Whether to measure the training rows again at each epoch's final weights.
    resume : path, optional
        A file of `Checkpoint` to go on from. An argument that says something else than the first
        run's did is obeyed, with a `course_lib.training.resume.ResumeWarning` that names it, or refused.
    device : str, optional
        Where to train, such as ``"cpu"``. By default on a CUDA GPU if there is one, otherwise where
        the model is. The model is moved back afterwards.

    Returns
    -------
    History
        Also after an interrupt, with what was recorded so far; see ``history.stop_reason``.

    Raises
    ------
    ValueError, TypeError
        Before the first step, when model, data and loss do not fit together, or the schedule's numbers are those of
        the other unit: a ``T_max`` in epochs, say, stepped after each batch.

    Notes
    -----
    The history has the rate that each batch was used with, ``history.batch_lr``; where the optimizer has several
    groups of parameters, ``history.batch_rates`` has those of each.

    Sample weights are finite numbers, at least 0 and not all 0. The loss of a batch and of an epoch is the sum of
    weight times loss over all rows, divided by the sum of the weights, and metrics are weighted in the same way; so a
    weight of 2 counts like giving the row twice, and only the ratios of weights matter. That is also how torch's
    ``CrossEntropyLoss(weight=…)`` takes the mean of one batch; ``BCEWithLogitsLoss(weight=…)`` divides by the rows.

    Examples
    --------
    >>> from course_lib.data import digits
    >>> data = digits()
    >>> model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    >>> history = fit(model, data.train, data.val, loss="cross_entropy", epochs=2, metrics=["accuracy"])
    >>> history.epochs, history.steps
    (2, 90)

    With a cosine from 0.1 to 0 over all 90 batches:

    >>> from torch.optim.lr_scheduler import CosineAnnealingLR
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> cosine = CosineAnnealingLR(optimizer, T_max=90)
    >>> history = fit(model, data.train, loss="cross_entropy", optimizer=optimizer, epochs=2,
    ...               schedule=cosine, schedule_unit="batch")
    >>> [round(float(rate), 4) for rate in history.batch_lr[[0, 45, 89]]]
    [0.1, 0.05, 0.0]
    """
    check_arguments(model, epochs=epochs)
    batching = make_batching(batch_size, shuffle, seed)
    lr_given = lr is not None or not isinstance(optimizer, str)
    criterion = make_loss(loss, class_weight)
    measures = make_metrics(metrics, criterion)
    named, optimizer = isinstance(optimizer, str), make_optimizer(optimizer, model, lr)
    schedule = make_schedule(schedule, schedule_unit, optimizer, named)

    with on_device(model, optimizer, criterion, device) as place, modes_restored(model):
        batches = make_batches("train", train, place, model, batching)
        val_batches = None if val is None else make_batches("val", val, place, model, batching.for_measuring())
        check_batching(batching, batches, val_batches)
        try_out(model, criterion, measures, batches, val_batches)
        names = column_names(measures.names, val is not None, remeasure, groups=len(optimizer.param_groups))
        schedule.check(epochs, batches.steps, names, resumes=resume is not None)
        run = TorchRun(model, optimizer, batches, callbacks, epochs=epochs, names=names, schedule=schedule)
        settings = settings_of(batching, describe_loss(criterion), lr_given, schedule.settings())
        run.resume_from(read_checkpoint(resume), settings)
        tally = Tally(criterion, measures, batches, val_batches)

        with run:
            for epoch in run.epoch_numbers():
                model.train()
                tally.begin()
                for x, y, *weight in batches.of_epoch(epoch):  # a weight for each row, where they have one
                    optimizer.zero_grad()
                    output = model(x)
                    batch_loss = tally.loss(output, y, *weight)  # the criterion, by weight where there is one
                    batch_loss.backward()
                    optimizer.step()

                    tally.add(batch_loss, output, y, *weight, rates=rates_of(optimizer))  # of this step, not the next
                    schedule.after_batch()  # scheduler.step(), where it counts batches
                    if run.due(tally):  # every few batches, or about ten times a second
                        run.record_all(tally)
                    if run.should_stop:
                        break
                run.record_all(tally)
                if run.should_stop:  # in the middle of an epoch: it does not count
                    break

                values = prefixed("train", tally.results())
                if val_batches is not None:
                    values |= prefixed("val", measure(model, val_batches, tally, run))
                if remeasure:
                    values["train_loss_remeasured"] = measure(model, batches, tally, run)["loss"]
                schedule.after_epoch(values)  # scheduler.step(), where it counts epochs
                run.end_epoch(**values)
    return run.history


def evaluate(
    model: nn.Module,
    data: Any,
    *,
    loss: Any,
    metrics: Sequence[Any] | Mapping[str, Any] = (),
    batch_size: int | None = None,
    class_weight: Sequence[float] | Mapping[int, float] | None = None,
    device: str | None = None,
) -> dict[str, float]:
    """Measure loss and metrics on data, without changing anything about the model.

    Parameters
    ----------
    model, loss, metrics, class_weight, device
        As in `fit`.
    data : two or three arrays or tensors, Dataset or DataLoader
        As `fit` takes for `val`.
    batch_size : int, optional
        Rows at a time, by default 1024. The result does not depend on it, but for the values of a metric that is a
        function and no mean. A DataLoader brings its own.

    Returns
    -------
    dict of str to float
        ``"loss"`` and each metric, for all rows together, also when the last batch is smaller: means over samples
        (over the sum of their weights and class weights, where there are those), and one result of what keeps counts.

    Examples
    --------
    >>> import numpy as np
    >>> model = nn.Linear(1, 1, bias=False)
    >>> x = np.arange(3.0)[:, None]
    >>> evaluate(model, (x, model.weight.item() * x), loss="mse")
    {'loss': 0.0}
    """
    check_arguments(model)
    batching = make_batching(batch_size).for_measuring()
    criterion = make_loss(loss, class_weight)
    measures = make_metrics(metrics, criterion)
    with on_device(model, None, criterion, device) as place, modes_restored(model):
        batches = make_batches("data", data, place, model, batching)
        check_batching(batching, batches, name="data")
        try_out(model, criterion, measures, batches, names=["data"])
        return measure(model, batches, Tally(criterion, measures, batches))


@torch.no_grad()
def measure(model: nn.Module, batches: Any, tally: Tally, run: TorchRun | None = None) -> dict[str, float]:
    """Return the loss and the metrics of all rows at the model's present state, in evaluation mode."""
    model.eval()
    tally.begin()
    rows = []
    for x, y, *weight in batches.in_order():
        output = model(x)
        tally.add(tally.loss(output, y, *weight), output, y, *weight)
        if tally.full:
            rows += tally.take()
        if run is not None:
            run.raise_if_interrupted()
    values = means(rows + tally.take())
    return tally.measures.ordered(values | tally.results())
