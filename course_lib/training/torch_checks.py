"""What `course_lib.pytorch` checks before the first step, so that a mistake shows as one clear error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from course_lib.training.arguments import check_counts
from course_lib.training.batching import described
from course_lib.training.measures import Measures
from course_lib.training.torch_batches import NOT_ONE_ROW, ArrayBatches, LoaderBatches
from course_lib.training.torch_device import modes_restored
from course_lib.training.torch_losses import ElementwiseLoss, LabelLoss
from course_lib.training.torch_tally import Tally
from course_lib.training.torch_weights import RowWeighted

__all__ = ["check_arguments", "first_line", "try_out"]


def check_arguments(model: Any, **counts: Any) -> None:
    """Raise when the model is no torch model, or counts are no counts."""
    if isinstance(model, type) or not isinstance(model, nn.Module):
        what = f"the class {model.__name__}" if isinstance(model, type) else f"a {type(model).__name__}"
        raise TypeError(f"model is {what}; expected a torch.nn.Module object (for Keras use course_lib.keras)")
    check_counts(**counts)


def try_out(
    model: nn.Module,
    criterion: Callable[..., Tensor],
    measures: Measures,
    *every: ArrayBatches | LoaderBatches | None,
    names: Sequence[str] = ("train", "val"),
) -> None:
    """Try model and loss on a few rows, in evaluation mode, so that a mistake shows before any step.

    Loaders are tried on their first batch when it comes, since asking for it earlier would use up
    random numbers.
    """
    for batches, name in zip(every, names, strict=False):
        if isinstance(batches, ArrayBatches):
            few = batches.x[: min(2, batches.batch_size)]
            single = _try_rows(name, model, criterion, measures, few, batches.y, batches.weight, whole=True)
            size = batches.batch_size if name == "train" else batches.rows_at_once
            if single and (len(batches.y) - 1) % size == 0:
                raise ValueError(_single_row(name, len(batches.y), size))
        elif isinstance(batches, LoaderBatches):
            batches.first_check = _first_check(batches, model, criterion, measures)


def _single_row(name: str, rows: int, size: int) -> str:
    """Say that the last batch has one row, and name a batch size with which it has not."""
    other = next((n for n in (*range(size - 1, 1, -1), *range(size + 1, rows + 1)) if (rows - 1) % n), None)
    cure = "give more rows" if other is None else f"choose another batch_size, such as {other}, or leave a row out"
    return (
        f"the last batch of {name} would be a single row ({rows} rows, batch_size={size}), on which batch "
        f"normalization has nothing to average over; {cure}"
    )


def _first_check(batches: LoaderBatches, model: nn.Module, criterion: Any, measures: Measures) -> Callable[..., None]:
    name = batches.name

    def check(x: Tensor, y: Tensor, weight: Tensor | None = None) -> None:
        if x.ndim == 0 or y.ndim == 0 or len(x) != len(y):
            raise ValueError(
                f"the {name} loader yields x of shape {tuple(x.shape)} and y of shape {tuple(y.shape)}; expected "
                "batches with as many rows in both, such as those of a DataLoader with a batch_size"
            )
        batches.needs_two_rows = _try_rows(name, model, criterion, measures, x, y, weight)
        if batches.needs_two_rows and batches.last == 1:
            raise ValueError(f"the last batch of the {name} loader has 1 row, {NOT_ONE_ROW}")

    return check


def _try_rows(
    name: str,
    model: nn.Module,
    criterion: Any,
    measures: Measures,
    x: Tensor,
    y: Tensor,
    weight: Tensor | None,
    whole: bool = False,
) -> bool:
    """Check all of `y`, and run model and loss on `x`, which may be the first rows only.

    `whole` says that `y` holds all there is, not one batch of a loader. Return whether a batch of a
    single row would fail.
    """
    with torch.set_grad_enabled(name == "train"):
        output, single = _try_model(name, model, x)
        if isinstance(output, Tensor):
            _check_target(name, criterion, output, y)
            _check_labels(name, criterion, output, y, whole)
        if measures.streams:
            measures.streams.check_targets(name, y.cpu().numpy())
        weights = () if weight is None else (weight[: len(x)],)
        y = y[: len(x)]
        _try_loss(name, criterion, output, y, *weights)
    if measures.names and not isinstance(output, Tensor):
        raise ValueError(f"metrics need a model that returns one tensor; this one returns {described(output)}")
    for metric_name in measures.names:
        try:
            tally = Tally(criterion, measures.only(metric_name))
            tally.begin()
            tally.add(torch.zeros(()), output, y, *weights)
            tally.take()
            tally.begin()  # these rows will come again
        except (RuntimeError, IndexError, TypeError, ValueError) as error:
            raise ValueError(
                f"metric '{metric_name}' fails on outputs {_shape(output)} and {name} y {_shape(y)}: "
                f"{first_line(error)}"
            ) from error
    return single


def _try_model(name: str, model: nn.Module, x: Tensor) -> tuple[Any, bool]:
    """Return the outputs, and whether a batch norm would get one value a channel from a single row."""
    parameter = next((p for p in model.parameters() if p.is_floating_point()), None)
    if parameter is not None and x.is_floating_point() and x.dtype != parameter.dtype:
        raise TypeError(
            f"{name} x has dtype {x.dtype}, the model's weights have {parameter.dtype}; "
            f"convert with x.to({parameter.dtype})"
        )
    single = []

    def note(module: nn.Module, inputs: tuple[Tensor]) -> None:
        single.append(inputs[0].ndim > 1 and inputs[0].numel() <= inputs[0].shape[1] * len(x))

    with modes_restored(model):
        model.train(name == "train")
        norms = [m for m in model.modules() if isinstance(m, _BatchNorm) and (m.training or m.running_mean is None)]
        hooks = [norm.register_forward_pre_hook(note) for norm in norms]
        model.eval()
        try:
            return model(x), any(single)
        except (RuntimeError, IndexError, TypeError, ValueError) as error:
            if len(x) == 1 and any(single):
                raise ValueError(f"{name} has a batch of 1 row, {NOT_ONE_ROW}") from error
            hint = "" if x.is_floating_point() else "; do its layers expect decimal numbers, as x.astype('float32')?"
            raise ValueError(
                f"the model cannot take {name} x of shape {tuple(x.shape)} and dtype {x.dtype}: "
                f"{first_line(error)}{hint}"
            ) from error
        finally:
            for hook in hooks:
                hook.remove()


def _try_loss(name: str, criterion: Any, output: Any, y: Tensor, *weight: Tensor) -> None:
    try:
        value = criterion(output, y)
    except (RuntimeError, IndexError, TypeError, ValueError) as error:
        raise ValueError(
            f"the loss cannot compare outputs {_shape(output)} with {name} y {_shape(y)}: {first_line(error)}"
        ) from error
    if not isinstance(value, Tensor) or value.numel() != 1:
        raise ValueError(f"the loss returned {_shape(value)}; expected one number, the mean over the batch")
    if weight:
        RowWeighted(criterion)(output, y, *weight)
    if name == "train" and not value.requires_grad:
        raise ValueError(
            "no gradient leads from the loss back to the model: does the model or the loss use .detach(), .item(), "
            "argmax or NumPy on the way?"
        )


def _check_target(name: str, criterion: Any, output: Tensor, y: Tensor) -> None:
    """Raise for targets that torch would broadcast, or complain about in its own words."""
    if isinstance(criterion, LabelLoss):
        if y.is_floating_point() and y.ndim == output.ndim - 1:
            raise TypeError(f"{name} y has dtype {y.dtype}; cross-entropy expects labels as whole numbers (int64)")
        if not y.is_floating_point() and y.ndim != output.ndim - 1:
            raise ValueError(
                f"{name} y has shape (rows, {', '.join(map(str, y.shape[1:]))}) and the outputs {_shape(output)}; "
                "cross-entropy expects one label a row, shape (rows,), and one output a class"
            )
    elif isinstance(criterion, ElementwiseLoss):
        if output.shape[1:] != y.shape[1:]:
            raise ValueError(
                f"the model's outputs have shape {_rows(output)} but {name} y has {_rows(y)}: subtracting them would "
                "pair every row with every other; expected equal shapes, so try y.reshape(-1, 1) or output.squeeze(1)"
            )
        if not y.is_floating_point():
            raise TypeError(f"{name} y has dtype {y.dtype}; this loss expects decimal numbers, try y.float()")


def _check_labels(name: str, criterion: Any, output: Any, y: Tensor, whole: bool) -> None:
    if isinstance(criterion, LabelLoss) and not y.is_floating_point():
        y = y[y != criterion.ignore_index]
        if not y.numel() and whole:
            raise ValueError(
                f"every label of {name} y is {criterion.ignore_index}, which the loss ignores, so nothing is left to "
                "compute it from"
            )
        classes = output.shape[1]
        if y.numel() and (int(y.min()) < 0 or int(y.max()) >= classes):
            raise ValueError(
                f"{name} y has labels from {int(y.min())} to {int(y.max())}, but the model has {classes} outputs: "
                f"labels must lie in 0 … {classes - 1}"
            )
        if criterion.weight is not None and len(criterion.weight) != classes:
            raise ValueError(f"there are {len(criterion.weight)} class weights for {classes} outputs; expected as many")
    elif isinstance(criterion, nn.BCEWithLogitsLoss | nn.BCELoss) and (float(y.min()) < 0 or float(y.max()) > 1):
        raise ValueError(f"{name} y reaches from {float(y.min())} to {float(y.max())}; expected labels 0 and 1")


def first_line(error: BaseException) -> str:
    """Return an error's first line, or its kind where it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _shape(value: Any) -> str:
    return f"of shape {tuple(value.shape)}" if isinstance(value, Tensor) else f"of type {type(value).__name__}"


def _rows(value: Tensor) -> str:
    return f"(rows{''.join(f', {n}' for n in value.shape[1:])}{')' if value.ndim > 1 else ',)'}"
