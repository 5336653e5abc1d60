"""What `course_lib.pytorch` leans on: batches, losses, checks, and reading numbers off the device."""

from __future__ import annotations

import copy
import io
import math
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from course_lib.callbacks import Callback
from course_lib.run import (
    Numbers,
    Run,
    check_counts,
    check_seed,
    class_weights,
    column_names,
    learning_rate,
    means,
    named_metrics,
    prefixed,
    read_checkpoint,
    row_order,
)

__all__ = [
    "ArrayBatches",
    "LoaderBatches",
    "Tally",
    "TorchRun",
    "check_arguments",
    "column_names",
    "is_weighted",
    "make_batches",
    "make_loss",
    "make_metrics",
    "make_optimizer",
    "means",
    "modes_restored",
    "on_device",
    "prefixed",
    "read_checkpoint",
    "try_out",
]

GROUP = 64  # batches whose numbers are read off the device together
SECONDS = 0.1  # … or sooner, so that a live plot moves ten times a second

# ---------------------------------------------------------------------------- losses and metrics

LOSSES: dict[str, Callable[[], nn.Module]] = {
    "cross_entropy": nn.CrossEntropyLoss,
    "binary_cross_entropy": nn.BCEWithLogitsLoss,
    "mse": nn.MSELoss,
    "mae": nn.L1Loss,
}


def make_loss(loss: Any, class_weight: Sequence[float] | Mapping[int, float] | None) -> Callable[..., Tensor]:
    """Return what is called as ``loss(output, target)``."""
    if class_weight is not None:
        return nn.CrossEntropyLoss(weight=torch.tensor(class_weights(class_weight, loss)))
    if isinstance(loss, str):
        if loss not in LOSSES:
            raise ValueError(f"loss is '{loss}'; expected one of {', '.join(LOSSES)}, or a function")
        return LOSSES[loss]()
    if isinstance(loss, type) or not callable(loss):
        hint = f"; write {loss.__name__}() with brackets" if isinstance(loss, type) else ""
        raise TypeError(f"loss is {loss!r}; expected a name or something called as loss(output, target){hint}")
    if getattr(loss, "reduction", "mean") == "none":
        raise ValueError("the loss has reduction='none' and gives one number a sample; use reduction='mean'")
    return loss


def batch_weights(criterion: Any, targets: Sequence[Tensor]) -> list[float]:
    """Return what each batch counts in the loss's mean, from its labels.

    PyTorch's weighted cross-entropy divides by the sum of the weights of the batch's labels, and
    those that are `ignore_index` count nothing.
    """
    labels = torch.cat([target.flatten() for target in targets])
    counted = labels != criterion.ignore_index
    if criterion.weight is None:
        weights = counted.double()
    else:
        weights = criterion.weight.double()[labels.where(counted, 0)] * counted
    return _sums(weights, [target.numel() for target in targets])


def is_weighted(criterion: Callable[..., Tensor], *every: ArrayBatches | LoaderBatches | None) -> bool:
    """Whether a batch's loss may count something else than its number of rows in the mean."""
    if not isinstance(criterion, nn.CrossEntropyLoss | nn.NLLLoss) or criterion.reduction != "mean":
        return False
    if criterion.weight is not None:
        return True
    arrays = [batches for batches in every if batches is not None]
    return not all(isinstance(b, ArrayBatches) and bool((b.y != criterion.ignore_index).all()) for b in arrays)


def accuracy(output: Tensor, target: Tensor, threshold: float = 0.0) -> Tensor:
    """Return for each sample whether the likeliest class is the right one, as 0 or 1; shape ``(n,)``."""
    if output.ndim > 1 and output.shape[1] > 1 and output.ndim == target.ndim + 1:
        right = output.argmax(1) == target
    elif output.ndim > 1 and output.shape[1] > 1 and target.is_floating_point():
        right = output.argmax(1) == target.argmax(1)  # targets are probabilities
    else:
        right = (output > threshold).flatten() == (target > 0.5).flatten()
    return right if right.ndim == 1 else right.reshape(len(output), -1).double().mean(1)


def _per_sample(error: Callable[[Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    def measure(output: Tensor, target: Tensor) -> Tensor:
        difference = output - target.reshape(output.shape)
        return error(difference).reshape(len(output), -1).double().mean(1)

    return measure


METRICS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "accuracy": accuracy,
    "mae": _per_sample(torch.abs),
    "mse": _per_sample(torch.square),
}


class Metric(NamedTuple):
    """A metric; ``per_sample`` ones return one number a sample, the others a mean."""

    function: Callable[[Tensor, Tensor], Any]
    per_sample: bool


def make_metrics(metrics: Sequence[Any] | Mapping[str, Any], criterion: Any) -> dict[str, Metric]:
    """Return the metrics by name."""
    made: dict[str, Metric] = {}
    for name, metric in named_metrics(metrics).items():
        if isinstance(metric, str) and metric in METRICS:
            function = METRICS[metric]
            if metric == "accuracy" and isinstance(criterion, nn.BCELoss):
                function = _accuracy_of_probabilities
            made[name] = Metric(function, True)
        elif callable(metric) and not isinstance(metric, type):
            made[name] = Metric(metric, False)
        else:
            raise ValueError(
                f"metric {metric!r} is not known; expected one of {', '.join(METRICS)}, or a function of "
                "(output, target)"
            )
    return made


def _accuracy_of_probabilities(output: Tensor, target: Tensor) -> Tensor:
    return accuracy(output, target, threshold=0.5)


class Tally:
    """Holds the losses and outputs of some batches until their numbers are read all together.

    Reading one number makes a GPU wait, and a metric on 2,048 rows costs as much as one on 32.
    """

    def __init__(self, criterion: Callable[..., Tensor], metrics: Mapping[str, Metric], weighted: bool = True) -> None:
        self.criterion = criterion
        self.metrics = metrics
        self.weighted = weighted
        self._clear()

    def _clear(self) -> None:
        self.losses: list[Any] = []  # numbers on the CPU, tensors on a GPU
        self.sizes: list[int] = []
        self.outputs: list[Tensor] = []
        self.targets: list[Tensor] = []
        self.rates: list[Any] = []

    def add(self, loss: Tensor, output: Tensor, target: Tensor) -> None:
        """Keep what is needed of one batch, cut off from its graph."""
        self.losses.append(loss.detach() if loss.is_cuda else loss.item())
        self.sizes.append(len(target))
        if self.metrics:
            self.outputs.append(output.detach())
        if self.metrics or self.weighted:
            self.targets.append(target)

    @property
    def full(self) -> bool:
        """Whether it is time to read the numbers."""
        return len(self.losses) >= GROUP

    def take(self) -> list[Numbers]:
        """Return the numbers of the batches kept, one `Numbers` if there are any, and start anew."""
        if not self.losses:
            return []
        sizes, losses = self.sizes, self.losses
        if isinstance(losses[0], Tensor):
            losses = torch.stack(losses).tolist()
        if getattr(self.criterion, "reduction", "mean") == "sum":
            losses = [loss / size for loss, size in zip(losses, sizes, strict=True)]
        weights: Sequence[float] = sizes
        if self.weighted and not self.targets[0].is_floating_point():
            weights = batch_weights(self.criterion, self.targets)
        alike = len({target.shape[1:] for target in self.targets}) == 1  # not so for sequences of several lengths
        if alike and any(metric.per_sample for metric in self.metrics.values()):
            every_output, every_target = _joined(self.outputs), _joined(self.targets)
        columns = {}
        for name, metric in self.metrics.items():
            if metric.per_sample and alike:
                sums = _sums(metric.function(every_output, every_target), sizes)
                columns[name] = [total / size for total, size in zip(sums, sizes, strict=True)]
            else:
                pairs = zip(self.outputs, self.targets, strict=True)
                columns[name] = [_mean(metric.function(output, target)) for output, target in pairs]
        self._clear()
        return [Numbers(losses, sizes, weights, columns)]


def _joined(tensors: Sequence[Tensor]) -> Tensor:
    return tensors[0] if len(tensors) == 1 else torch.cat(list(tensors))


def _sums(values: Tensor, sizes: Sequence[int]) -> list[float]:
    """Add up consecutive stretches of a vector."""
    *most, last = sizes
    if len(set(most)) <= 1:  # equal batches and perhaps a ragged last one
        cut = len(values) - last
        ragged = values[cut:].sum(dtype=torch.float64)
        if not most:
            return [ragged.item()]
        return [*values[:cut].view(len(most), -1).sum(1, dtype=torch.float64).tolist(), ragged.item()]
    return [part.sum(dtype=torch.float64).item() for part in values.split(list(sizes))]


def _mean(value: Any) -> float:
    return float(value.double().mean()) if isinstance(value, Tensor) else float(np.mean(value))


# ---------------------------------------------------------------------------- optimizers and devices


def make_optimizer(optimizer: Any, model: nn.Module, lr: float | None) -> torch.optim.Optimizer:
    """Return an optimizer of the model's parameters."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    if not parameters:
        raise ValueError(
            f"the model {type(model).__name__} has no parameters that can be trained; are its layers "
            "attributes of the module (nn.ModuleList instead of a list), and do they have requires_grad=True?"
        )
    if isinstance(optimizer, torch.optim.Optimizer):
        if lr is not None:
            raise ValueError("lr goes with an optimizer given by name; this optimizer has its own learning rate")
        ours = set(map(id, parameters))
        if not any(id(p) in ours for group in optimizer.param_groups for p in group["params"]):
            raise ValueError(
                "the optimizer was made for another model: none of its parameters belongs to this one; "
                "make it with the parameters of the model you train"
            )
        return optimizer
    classes = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
    if not isinstance(optimizer, str) or optimizer.lower() not in classes:
        raise ValueError(f"optimizer is {optimizer!r}; expected one of {', '.join(classes)}, or a torch optimizer")
    name = optimizer.lower()
    rate = learning_rate(name, lr)
    return classes[name](parameters, lr=rate, fused=all(p.is_floating_point() for p in parameters))


@contextmanager
def on_device(
    model: nn.Module, optimizer: torch.optim.Optimizer | None, criterion: Any, device: str | None
) -> Iterator[torch.device]:
    """Move model, optimizer and loss to the GPU, if there is one or `device` says so, and back at the end."""
    home = next((p.device for p in model.parameters()), torch.device("cpu"))
    if device is not None:
        place = torch.device(device)
    else:
        place = torch.device("cuda") if home.type == "cpu" and torch.cuda.is_available() else home
    if place == home:
        yield place
        return
    moved = [thing for thing in (model, criterion) if isinstance(thing, nn.Module)]
    try:
        for module in moved:
            module.to(place)
        _move_state(optimizer)
        yield place
    finally:
        for module in moved:
            module.to(home)
        _move_state(optimizer)


def _move_state(optimizer: torch.optim.Optimizer | None) -> None:
    """Bring an optimizer's state to where its parameters are."""
    if optimizer is not None and optimizer.state:
        optimizer.load_state_dict(optimizer.state_dict())


@contextmanager
def modes_restored(model: nn.Module) -> Iterator[None]:
    """Remember for every part of the model whether it is in training mode, and restore that."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


# ---------------------------------------------------------------------------- batches


class _Room(NamedTuple):
    """Memory for 64 batches, and the batches as views into it."""

    x: Tensor
    y: Tensor
    batches: list[tuple[Tensor, Tensor]]


class ArrayBatches:
    """Rows of two tensors, cut into batches; a new order every epoch, fixed by seed and epoch.

    Rows are gathered for 64 batches at a time, into memory that is cut into batches only once: that
    is what makes this faster than a DataLoader, which collates row by row.
    """

    def __init__(self, x: Tensor, y: Tensor, batch_size: int, shuffle: bool, seed: int) -> None:
        self.x, self.y = x, y
        self.batch_size, self.shuffle, self.seed = batch_size, shuffle, seed
        self.steps: int | None = math.ceil(len(y) / batch_size)
        self._rooms: list[_Room] = []

    def of_epoch(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Return the batches of one training epoch; a batch holds until 64 more were asked for."""
        if not self.shuffle:
            return zip(self.x.split(self.batch_size), self.y.split(self.batch_size), strict=True)
        order = row_order(self.seed, epoch, len(self.y))
        rows = torch.from_numpy(order).to(self.y.device)
        return chain.from_iterable(map(self._gather, rows.split(self.batch_size * GROUP)))

    def _gather(self, rows: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Copy these rows into one of two rooms, taken in turns; return its batches."""
        room = self._rooms.pop(0) if len(self._rooms) == 2 else None
        if room is None or len(room.y) != len(rows):
            x, y = self.x.index_select(0, rows), self.y.index_select(0, rows)
            room = _Room(x, y, list(zip(x.split(self.batch_size), y.split(self.batch_size), strict=True)))
        else:
            torch.index_select(self.x, 0, rows, out=room.x)
            torch.index_select(self.y, 0, rows, out=room.y)
        self._rooms.append(room)
        return room.batches

    def in_order(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Return all rows in their own order, many at a time, for measuring."""
        size = max(self.batch_size, 1024)
        return zip(self.x.split(size), self.y.split(size), strict=True)


class LoaderBatches:
    """What a DataLoader yields, moved to the device."""

    def __init__(self, name: str, loader: Any, device: torch.device) -> None:
        self.name, self.loader, self.device = name, loader, device
        try:
            self.steps: int | None = len(loader)
        except TypeError:  # a DataLoader has the method even where its dataset has no length
            self.steps = None
        self.first_check: Callable[[Tensor, Tensor], None] | None = None

    def of_epoch(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the batches of one pass; the first batch ever is checked before it is used."""
        for batch in self.loader:
            if not isinstance(batch, tuple | list) or len(batch) != 2:
                raise TypeError(f"a batch of the {self.name} loader is {_describe(batch)}; expected a pair (x, y)")
            x, y = batch
            if self.device.type != "cpu":
                x, y = x.to(self.device, non_blocking=True), y.to(self.device, non_blocking=True)
            if self.first_check is not None:
                check, self.first_check = self.first_check, None
                check(x, y)
            yield x, y

    def in_order(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the batches of one pass, for measuring."""
        return self.of_epoch(0)


def _describe(batch: Any) -> str:
    if isinstance(batch, tuple | list):
        return f"a {type(batch).__name__} of {len(batch)}"
    return f"a {type(batch).__name__}"


def make_batches(
    name: str,
    data: Any,
    device: torch.device,
    model: nn.Module,
    batch_size: int,
    shuffle: bool = False,
    seed: int = 0,
) -> ArrayBatches | LoaderBatches:
    """Turn arrays, tensors, a Dataset or a DataLoader into batches, or say what is wrong with them."""
    check_seed(seed)
    batch_size = int(batch_size)
    if isinstance(data, TensorDataset):
        data = data.tensors
    if isinstance(data, Dataset) and not isinstance(data, torch.utils.data.IterableDataset):
        if len(data) == 0:  # type: ignore[arg-type]
            raise ValueError(f"{name} has no rows")
        generator = torch.Generator().manual_seed(seed)
        data = DataLoader(data, batch_size, shuffle=shuffle, generator=generator)
    if isinstance(data, DataLoader) or not isinstance(data, tuple | list):
        return _loader_batches(name, data, device)
    if len(data) != 2:
        raise ValueError(f"{name} is {_describe(data)}; expected a pair (x, y)")
    dtype = next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.float32)
    x, y = _tensor(f"{name} x", data[0], dtype), _tensor(f"{name} y", data[1], dtype)
    if len(x) != len(y):
        raise ValueError(f"{name} has {len(x)} rows in x but {len(y)} in y; expected as many")
    if len(y) == 0:
        raise ValueError(f"{name} has no rows (x has shape {tuple(x.shape)}); expected at least one")
    return ArrayBatches(x.to(device), y.to(device), batch_size, shuffle, seed)


def _tensor(name: str, values: Any, dtype: torch.dtype) -> Tensor:
    """Return a tensor; arrays of float64 become the model's dtype, as everywhere in NumPy's world."""
    if isinstance(values, Tensor):
        tensor = values.detach()
    else:
        array = np.asarray(values)
        if array.dtype.kind not in "fiub":
            raise TypeError(f"{name} has dtype {array.dtype}; expected numbers")
        plain = array.flags.writeable and array.dtype.isnative and min(array.strides, default=0) >= 0
        tensor = torch.as_tensor(array if plain else array.astype(array.dtype.newbyteorder("="), order="C"))
        tensor = tensor.to(dtype) if tensor.is_floating_point() else tensor
    if tensor.ndim == 0:
        raise ValueError(f"{name} is a single number; expected one row a sample")
    if tensor.dtype in (torch.int8, torch.int16, torch.int32, torch.uint8) and name.endswith("y"):
        tensor = tensor.long()
    return tensor


def _loader_batches(name: str, loader: Any, device: torch.device) -> LoaderBatches:
    if not hasattr(loader, "__iter__"):
        raise TypeError(f"{name} is {_describe(loader)}; expected a pair (x, y), a Dataset or a DataLoader")
    if hasattr(loader, "__next__"):  # asking for iter(loader) would use up random numbers
        raise TypeError(f"{name} is an iterator, which is used up after one epoch; give the DataLoader itself")
    try:
        length = len(loader)
    except TypeError:
        return LoaderBatches(name, loader, device)
    if length == 0:
        rows = len(loader.dataset) if hasattr(getattr(loader, "dataset", None), "__len__") else 0
        hint = f": drop_last=True drops the only {rows} rows" if rows else ": its dataset has no rows"
        raise ValueError(f"the {name} loader yields no batches{hint}")
    return LoaderBatches(name, loader, device)


# ---------------------------------------------------------------------------- checks before the first step


def check_arguments(model: Any, **counts: Any) -> None:
    """Raise when the model is no torch model, or counts are no counts."""
    if isinstance(model, type) or not isinstance(model, nn.Module):
        what = f"the class {model.__name__}" if isinstance(model, type) else f"a {type(model).__name__}"
        raise TypeError(f"model is {what}; expected a torch.nn.Module object (for Keras use course_lib.keras)")
    check_counts(**counts)


def try_out(
    model: nn.Module,
    criterion: Callable[..., Tensor],
    metrics: Mapping[str, Metric],
    *every: ArrayBatches | LoaderBatches | None,
    names: Sequence[str] = ("train", "val"),
) -> None:
    """Try model and loss on a few rows, in evaluation mode, so that a mistake shows before any step.

    Loaders are tried on their first batch when it comes, since asking for it earlier would use up
    random numbers.
    """
    for batches, name in zip(every, names, strict=False):
        if isinstance(batches, ArrayBatches):
            _try_rows(name, model, criterion, metrics, batches.x[:2], batches.y)
        elif isinstance(batches, LoaderBatches):
            batches.first_check = _first_check(name, model, criterion, metrics)


def _first_check(
    name: str, model: nn.Module, criterion: Any, metrics: Mapping[str, Metric]
) -> Callable[[Tensor, Tensor], None]:
    def check(x: Tensor, y: Tensor) -> None:
        if not (isinstance(x, Tensor) and isinstance(y, Tensor)):
            raise TypeError(f"a batch of the {name} loader holds no tensors; expected a pair of tensors (x, y)")
        if x.ndim == 0 or y.ndim == 0 or len(x) != len(y):
            raise ValueError(
                f"the {name} loader yields x of shape {tuple(x.shape)} and y of shape {tuple(y.shape)}; expected "
                "batches with as many rows in both, such as those of a DataLoader with a batch_size"
            )
        _try_rows(name, model, criterion, metrics, x, y)

    return check


@torch.no_grad()
def _try_rows(name: str, model: nn.Module, criterion: Any, metrics: Any, x: Tensor, y: Tensor) -> None:
    """Check all of `y`, and run model and loss on `x`, which may be the first rows only."""
    parameter = next((p for p in model.parameters() if p.is_floating_point()), None)
    if parameter is not None and x.is_floating_point() and x.dtype != parameter.dtype:
        raise TypeError(
            f"{name} x has dtype {x.dtype}, the model's weights have {parameter.dtype}; "
            f"convert with x.to({parameter.dtype})"
        )
    with modes_restored(model):
        model.eval()
        try:
            output = model(x)
        except (RuntimeError, IndexError, TypeError, ValueError) as error:
            raise ValueError(
                f"the model cannot take {name} x of shape {tuple(x.shape)} and dtype {x.dtype}: {_first_line(error)}"
            ) from error
    if isinstance(output, Tensor):
        _check_target(name, criterion, output, y)
        _check_labels(name, criterion, output, y)
    y = y[: len(x)]
    try:
        value = criterion(output, y)
    except (RuntimeError, IndexError, TypeError, ValueError) as error:
        raise ValueError(
            f"the loss cannot compare outputs {_shape(output)} with {name} y {_shape(y)}: {_first_line(error)}"
        ) from error
    if not isinstance(value, Tensor) or value.numel() != 1:
        raise ValueError(f"the loss returned {_shape(value)}; expected one number, the mean over the batch")
    if metrics and not isinstance(output, Tensor):
        raise ValueError(f"metrics need a model that returns one tensor; this one returns {_describe(output)}")
    for metric_name, metric in metrics.items():
        try:
            _mean(metric.function(output, y))
        except (RuntimeError, IndexError, TypeError, ValueError) as error:
            raise ValueError(
                f"metric '{metric_name}' fails on outputs {_shape(output)} and {name} y {_shape(y)}: "
                f"{_first_line(error)}"
            ) from error


def _check_target(name: str, criterion: Any, output: Tensor, y: Tensor) -> None:
    """Raise for targets that torch would broadcast, or complain about in its own words."""
    if isinstance(criterion, nn.CrossEntropyLoss | nn.NLLLoss):
        if y.is_floating_point() and y.ndim == output.ndim - 1:
            raise TypeError(f"{name} y has dtype {y.dtype}; cross-entropy expects labels as whole numbers (int64)")
        if not y.is_floating_point() and y.ndim != output.ndim - 1:
            raise ValueError(
                f"{name} y has shape (rows, {', '.join(map(str, y.shape[1:]))}) and the outputs {_shape(output)}; "
                "cross-entropy expects one label a row, shape (rows,), and one output a class"
            )
    elif isinstance(criterion, nn.MSELoss | nn.L1Loss | nn.BCEWithLogitsLoss | nn.BCELoss | nn.HuberLoss):
        if output.shape[1:] != y.shape[1:]:
            raise ValueError(
                f"the model's outputs have shape {_rows(output)} but {name} y has {_rows(y)}: subtracting them would "
                "pair every row with every other; expected equal shapes, so try y.reshape(-1, 1) or output.squeeze(1)"
            )
        if not y.is_floating_point():
            raise TypeError(f"{name} y has dtype {y.dtype}; this loss expects decimal numbers, try y.float()")


def _check_labels(name: str, criterion: Any, output: Any, y: Tensor) -> None:
    if isinstance(criterion, nn.CrossEntropyLoss | nn.NLLLoss) and not y.is_floating_point():
        y = y[y != criterion.ignore_index]
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


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _shape(value: Any) -> str:
    return f"of shape {tuple(value.shape)}" if isinstance(value, Tensor) else f"of type {type(value).__name__}"


def _rows(value: Tensor) -> str:
    return f"(rows{''.join(f', {n}' for n in value.shape[1:])}{')' if value.ndim > 1 else ',)'}"


# ---------------------------------------------------------------------------- the run


class TorchRun(Run):
    """A run of `course_lib.pytorch.fit`."""

    framework = "pytorch"

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        batches: ArrayBatches | LoaderBatches,
        callbacks: Iterable[Callback],
        *,
        epochs: int,
        names: Sequence[str],
    ) -> None:
        super().__init__(model, epochs=epochs, steps=batches.steps, callbacks=callbacks, names=names)
        self.optimizer = optimizer
        self.batches = batches
        self._read_at = time.perf_counter()

    def due(self, tally: Tally) -> bool:
        """Whether the tally's numbers should be read now."""
        tally.rates.append(self.optimizer.param_groups[0]["lr"])
        return not self.grouped or len(tally.losses) >= GROUP or time.perf_counter() - self._read_at > SECONDS

    def record_all(self, tally: Tally) -> None:
        """Record the batches in the tally, up to one whose loss is not finite."""
        rates = list(map(float, tally.rates))
        for numbers in tally.take():
            self.record(numbers, rates)
        self._read_at = time.perf_counter()

    def copy_weights(self, into: dict[str, Any] | None = None) -> dict[str, Any]:
        """Clone the state; a clone does not change when training goes on, ``state_dict()`` would."""
        state = self.model.state_dict()
        if into is None or into.keys() != state.keys():
            return {name: _clone(value) for name, value in state.items()}
        for name, value in state.items():
            if isinstance(value, Tensor):
                into[name].copy_(value)
            else:
                into[name] = copy.deepcopy(value)
        return into

    def restore_weights(self, weights: dict[str, Any]) -> None:
        """Put the clones back."""
        self.model.load_state_dict(weights)

    def dump(self) -> bytes:
        """Return weights, optimizer, history, callbacks and random states as a file's content."""
        file = io.BytesIO()
        version, numbers, gauss = random.getstate()
        generators = [getattr(getattr(self.batches, "loader", None), "generator", None)]
        content = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "history": self.history.to_json(),
            "callbacks": self.callback_states(),
            "python": (version, list(numbers), gauss),
            "numpy": _plain(np.random.get_state(legacy=False)),  # noqa: NPY002
            "torch": torch.get_rng_state(),
            "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
            "loader": [g.get_state() for g in generators if g is not None],
        }
        torch.save(content, file)
        return file.getvalue()

    def load(self, content: bytes) -> None:
        """Take over a checkpoint file's content."""
        try:
            state = torch.load(io.BytesIO(content), weights_only=True, map_location="cpu")
        except Exception as error:  # torch raises many kinds for files that are none of its own
            reason = _first_line(error).partition(". ")[0]
            raise ValueError(
                f"the checkpoint cannot be read; was it cut short, or is it no checkpoint? ({reason})"
            ) from error
        if not isinstance(state, dict) or not {"model", "optimizer", "history"} <= state.keys():
            raise ValueError("this file is no checkpoint of course_lib.pytorch.fit")
        self._check_fit(state)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.take_over(state["history"])
        self.load_callback_states(state["callbacks"])
        version, numbers, gauss = state["python"]
        random.setstate((version, tuple(numbers), gauss))
        numpy_state = state["numpy"]
        numpy_state["state"]["key"] = np.array(numpy_state["state"]["key"], dtype=np.uint32)
        np.random.set_state(numpy_state)  # noqa: NPY002
        torch.set_rng_state(state["torch"])
        if state["cuda"] and torch.cuda.is_available():
            torch.cuda.set_rng_state_all(state["cuda"])
        for generator_state in state["loader"]:
            self.batches.loader.generator.set_state(generator_state)  # type: ignore[union-attr]

    def _check_fit(self, state: Mapping[str, Any]) -> None:
        """Raise when the checkpoint is of another model, optimizer or kind of data, before anything is changed."""
        shapes = [
            {name: v.shape for name, v in weights.items() if isinstance(v, Tensor)}
            for weights in (state["model"], self.model.state_dict())
        ]
        if shapes[0] != shapes[1]:
            raise ValueError("the checkpoint's model does not have the shapes of this model")
        settings = [
            [(len(group["params"]), set(group)) for group in groups]
            for groups in (state["optimizer"]["param_groups"], self.optimizer.state_dict()["param_groups"])
        ]
        if settings[0] != settings[1]:
            raise ValueError(
                f"the checkpoint's optimizer is another kind than this {type(self.optimizer).__name__}, or has other "
                "parameters; resume with the optimizer of the first run"
            )
        if state["loader"] and getattr(getattr(self.batches, "loader", None), "generator", None) is None:
            raise ValueError(
                "the checkpoint is of a run on a DataLoader with a generator, which this run's training data does not "
                "have; resume with the same kind of data"
            )


def _clone(value: Any) -> Any:
    return value.detach().clone() if isinstance(value, Tensor) else copy.deepcopy(value)


def _plain(value: Any) -> Any:
    """Turn a NumPy random state into lists and numbers."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value
