"""The reference trainer in Keras: the loop of lesson 3, several steps to a call, every batch's true loss.

Stock ``model.fit`` returns to Python after every batch and hands out a running mean. Here a call
into the backend takes as many steps as fit into a tenth of a second and returns each one's loss.
What `fit` leans on is in `course_lib.training.keras_run`: a training step there is the one you know, loss,
gradients, ``optimizer.apply``. The twin in `course_lib.pytorch` has the same names, arguments and
results. Runs on Keras's TensorFlow backend and on its torch backend.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras

from course_lib.training.batching import check_batching, make_batching
from course_lib.training.history import History
from course_lib.training.keras_batches import make_batches
from course_lib.training.keras_checks import check_arguments, try_out
from course_lib.training.keras_engine import MEASURE_ONLY, make_engine, measure, on_device
from course_lib.training.keras_losses import describe_loss, make_loss, make_metrics, simplified
from course_lib.training.keras_run import KerasRun
from course_lib.training.keras_schedule import make_schedule
from course_lib.training.means import column_names, prefixed
from course_lib.training.resume import read_checkpoint, settings_of

__all__ = ["evaluate", "fit"]


def fit(
    model: keras.Model,
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
    callbacks: Iterable[Any] = (),
    class_weight: Sequence[float] | Mapping[int, float] | None = None,
    remeasure: bool = False,
    resume: str | os.PathLike[str] | None = None,
    device: str | None = None,
) -> History:
    """Train a model and record what happened.

    Parameters
    ----------
    model : keras.Model
        Trained in place, and compiled with this optimizer and loss.
    train, val : two or three arrays or tensors, tf.data.Dataset, DataLoader or keras.utils.PyDataset
        ``(x, y)``, or ``(x, y, weight)`` with a weight for each row, or what yields such batches. Without `val`
        nothing is validated.
    loss : str or callable
        ``"cross_entropy"`` (logits and whole-number labels), ``"binary_cross_entropy"`` (logits),
        ``"mse"``, ``"mae"``, a `keras.losses.Loss`, or a function ``loss(y_true, y_pred)`` that
        returns one number or one a sample. As in stock Keras, the layers' penalties are added.
    optimizer : str or keras.optimizers.Optimizer
        ``"sgd"``, ``"adam"`` or ``"adamw"`` with rate `lr`, or an optimizer. The names mean the same
        as in `course_lib.pytorch.fit`, Adam's epsilon of 1e-8 included.
    lr : float, optional
        Learning rate for an optimizer given by name; 0.01 for SGD, 0.001 otherwise.
    schedule : LearningRateSchedule, LearningRateScheduler or ReduceLROnPlateau, optional
        One of `keras.optimizers.schedules`, which takes the place of `lr` in an optimizer given by name, or is in
        the optimizer already; or one of those two callbacks, which need an optimizer with a number as its rate.
    schedule_unit : {"batch", "epoch"}, optional
        What the schedule's numbers count. Keras decides: ``"batch"`` for the first kind, ``"epoch"`` for callbacks;
        to say something else is an error.
    epochs : int
        Passes over the training rows, those of a resumed run included.
    batch_size : int, optional
        Rows in a batch, by default 32. Validation takes as many at a time where it is given, and
        1024 where it is not, since measuring needs less memory than training.
    shuffle, seed : bool, int
        Whether the rows are shuffled, and how: the order depends on `seed` and the epoch's number
        only, and is the same in both frameworks. A dataset brings its own.
    metrics : sequence or mapping
        ``"accuracy"``, ``"mae"``, ``"mse"``; ``"precision"``, ``"recall"``, ``"f1"``, ``"average_precision"``,
        ``"roc_auc"`` of two classes, from one logit a row; objects of `course_lib.training.metrics`; Keras's metric
        objects, which are given the outputs as they are (so for logits ``Precision(thresholds=0)`` and
        ``AUC(from_logits=True)``); or functions of ``(y_true, y_pred)`` made of Keras operations that return a mean.
        A function is called for each batch, and its values are averaged by rows: right for a mean, wrong for a
        precision, an F1 or the root of a mean. The others keep counts and give one result an epoch.
    callbacks : iterable of Callback or keras.callbacks.Callback
        See `course_lib.training.callbacks`. Keras's own are called as in ``model.fit``, but for
        their methods about testing and predicting; if one of them listens to batches, every batch
        returns to Python, as it does there.
    class_weight : sequence or mapping, optional
        Weight of each class in ``"cross_entropy"``; the mean is then over the sum of weights, in
        validation too, as in PyTorch and unlike in stock ``model.fit``. With sample weights a row counts the
        product of both; stock ``model.fit`` refuses to have both.
    remeasure : bool
        Whether to measure the training rows again at each epoch's final weights.
    resume : path, optional
        A file of `Checkpoint` to go on from. An argument that says something else than the first
        run's did is obeyed, with a `course_lib.training.resume.ResumeWarning` that names it, or refused.
    device : str, optional
        Where to train, such as ``"cpu"``; by default Keras chooses, which is a GPU if there is one.

    Returns
    -------
    History
        Also after an interrupt, with what was recorded so far; see ``history.stop_reason``.

    Raises
    ------
    ValueError, TypeError
        Before the first step, when model, data and loss do not fit together, or the schedule's numbers are those of
        the other unit: a ``decay_steps`` in epochs, say.

    Notes
    -----
    The history has the rate that each batch was used with, ``history.batch_lr``, also with a schedule inside
    the optimizer, of which ``model.fit`` records nothing.

    Sample weights are finite numbers, at least 0 and not all 0. The loss of a batch and of an epoch is the sum of
    weight times loss over all rows, divided by the sum of the weights, and metrics are weighted in the same way; so a
    weight of 2 counts like giving the row twice, and only the ratios of weights matter. Stock ``model.fit`` divides
    its loss by the number of rows instead: weights that are all 5 make it five times as large there.

    Examples
    --------
    >>> from course_lib.data import digits
    >>> data = digits()
    >>> model = keras.Sequential([keras.layers.Dense(32, "relu"), keras.layers.Dense(10)])
    >>> history = fit(model, data.train, data.val, loss="cross_entropy", epochs=2, metrics=["accuracy"])
    >>> history.epochs, history.steps
    (2, 90)

    With a cosine from 0.1 to 0 over all 90 batches:

    >>> cosine = keras.optimizers.schedules.CosineDecay(0.1, decay_steps=90)
    >>> history = fit(model, data.train, loss="cross_entropy", optimizer="sgd", epochs=2,
    ...               schedule=cosine, schedule_unit="batch")
    >>> [round(float(rate), 4) for rate in history.batch_lr[[0, 45, 89]]]
    [0.1, 0.05, 0.0]
    """
    check_arguments(model, epochs=epochs)
    batching = make_batching(batch_size, shuffle, seed)
    lr_given = lr is not None or not isinstance(optimizer, str)
    schedule = make_schedule(schedule, schedule_unit, optimizer, lr, callbacks)
    criterion = make_loss(loss, class_weight)
    measures = make_metrics(metrics, criterion)

    with on_device(device):
        batches = make_batches("train", train, batching)
        val_batches = None if val is None else make_batches("val", val, batching.for_measuring())
        check_batching(batching, batches, val_batches)
        criterion, measures = simplified(criterion, measures, batches, val_batches)
        try_out(model, criterion, measures, batches, val_batches)
        names = column_names(measures.names, val is not None, remeasure)
        schedule.check(epochs, batches.steps, names)
        engine = make_engine(model, criterion, measures, optimizer, lr, schedule.inside)
        run = KerasRun(model, engine.optimizer, batches, callbacks, epochs=epochs, names=names, schedule=schedule)
        settings = settings_of(batching, describe_loss(criterion), lr_given, schedule.settings())
        run.resume_from(read_checkpoint(resume), settings)

        with run:
            for epoch in run.epoch_numbers():
                measures.streams.begin()
                for some in batches.of_epoch(epoch):
                    while some and not run.should_stop:  # as many steps as a tenth of a second holds
                        numbers, rates = engine.train(some.take(run.steps_at_once()))
                        run.record(numbers, rates)
                    if run.should_stop:
                        break
                if run.should_stop:  # in the middle of an epoch: it does not count
                    break

                values = prefixed("train", measures.streams.results())
                if val_batches is not None:
                    values |= prefixed("val", measure(engine, val_batches, run))
                if remeasure:
                    values["train_loss_remeasured"] = measure(engine, batches, run)["loss"]
                run.end_epoch(**values)
    return run.history


def evaluate(
    model: keras.Model,
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
    data : two or three arrays or tensors, tf.data.Dataset, DataLoader or keras.utils.PyDataset
        As `fit` takes for `val`.
    batch_size : int, optional
        Rows at a time, by default 1024. The result does not depend on it, but for the values of a metric that is a
        function and no mean. A dataset brings its own.

    Returns
    -------
    dict of str to float
        ``"loss"`` and each metric, for all rows together, also when the last batch is smaller: means over samples
        (over the sum of their weights and class weights, where there are those), and one result of what keeps counts.

    Examples
    --------
    >>> import numpy as np
    >>> model = keras.Sequential([keras.layers.Dense(1, kernel_initializer="ones")])
    >>> evaluate(model, (np.ones((3, 1)), np.ones((3, 1))), loss="mse")
    {'loss': 0.0}
    """
    check_arguments(model)
    batching = make_batching(batch_size).for_measuring()
    criterion = make_loss(loss, class_weight)
    measures = make_metrics(metrics, criterion)
    with on_device(device):
        batches = make_batches("data", data, batching)
        check_batching(batching, batches, name="data")
        criterion, measures = simplified(criterion, measures, batches)
        try_out(model, criterion, measures, batches, names=["data"])
        return measure(make_engine(model, criterion, measures, MEASURE_ONLY), batches)
