"""Batches of `course_lib.pytorch`: arrays cut into batches, and loaders that bring their own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler, SequentialSampler, TensorDataset

from course_lib.training.batching import PARTS, Batching, as_array, check_kind, check_pair, described
from course_lib.training.means import row_order
from course_lib.training.sample_weights import check_some_count, check_weights, parts_of, weights_of

__all__ = ["GROUP", "NOT_ONE_ROW", "ArrayBatches", "LoaderBatches", "make_batches"]

GROUP = 64  # batches whose rows are gathered, and whose numbers are read off the device, together


class _Room(NamedTuple):
    """Memory for 64 batches, and the batches as views into it."""

    parts: list[Tensor]
    batches: list[tuple[Tensor, ...]]


class ArrayBatches:
    """Rows of x, y and perhaps weights, cut into batches; a new order every epoch, fixed by seed and epoch.

    Rows are gathered for 64 batches at a time, into memory that is cut into batches only once: that
    is what makes this faster than a DataLoader, which collates row by row.
    """

    own_batches = False  # whether the data came in batches already
    brought = shuffles = None

    def __init__(self, x: Tensor, y: Tensor, weight: Tensor | None, batching: Batching) -> None:
        self.x, self.y, self.weight = x, y, weight
        self.parts = [x, y] if weight is None else [x, y, weight]
        self.batch_size, self.shuffle, self.seed, self.rows_at_once, _ = batching
        self.steps: int | None = math.ceil(len(y) / self.batch_size)
        self._rooms: list[_Room] = []

    def of_epoch(self, epoch: int) -> Iterator[tuple[Tensor, ...]]:
        """Return the batches of one training epoch; a batch holds until 64 more were asked for."""
        if not self.shuffle:
            return self._cut(self.parts, self.batch_size)
        order = row_order(self.seed, epoch, len(self.y))
        rows = torch.from_numpy(order).to(self.y.device)
        return chain.from_iterable(map(self._gather, rows.split(self.batch_size * GROUP)))

    def _gather(self, rows: Tensor) -> list[tuple[Tensor, ...]]:
        """Copy these rows into one of two rooms, taken in turns; return its batches."""
        room = self._rooms.pop(0) if len(self._rooms) == 2 else None
        if room is None or len(room.parts[1]) != len(rows):
            parts = [part.index_select(0, rows) for part in self.parts]
            room = _Room(parts, list(self._cut(parts, self.batch_size)))
        else:
            for part, place in zip(self.parts, room.parts, strict=True):
                torch.index_select(part, 0, rows, out=place)
        self._rooms.append(room)
        return room.batches

    def in_order(self) -> Iterator[tuple[Tensor, ...]]:
        """Return all rows in their own order, as many at a time as `rows_at_once` says, for measuring."""
        return self._cut(self.parts, self.rows_at_once)

    @staticmethod
    def _cut(parts: Sequence[Tensor], size: int) -> Iterator[tuple[Tensor, ...]]:
        return zip(*(part.split(size) for part in parts), strict=True)


class LoaderBatches:
    """What a DataLoader yields, moved to the device.

    ``brought``, ``shuffles`` and ``last`` are its batch size, whether it shuffles and how many rows
    its last batch has, each `None` where it does not say.
    """

    def __init__(self, name: str, loader: Any, device: torch.device, own_batches: bool = True) -> None:
        self.name, self.loader, self.device, self.own_batches = name, loader, device, own_batches
        try:
            self.steps: int | None = len(loader)
        except TypeError:  # a DataLoader has the method even where its dataset has no length
            self.steps = None
        self.brought: int | None = getattr(loader, "batch_size", None)
        sampler = getattr(loader, "sampler", None)
        self.shuffles = {RandomSampler: True, SequentialSampler: False}.get(type(sampler))
        self.last: int | None = None
        if type(getattr(loader, "batch_sampler", None)) is BatchSampler and not loader.drop_last and self.steps:
            self.last = len(sampler) - (self.steps - 1) * loader.batch_size  # type: ignore[arg-type]
        self.needs_two_rows = False  # batch normalization does, in training
        self.first_check: Callable[..., None] | None = None

    def of_epoch(self, epoch: int) -> Iterator[tuple[Tensor, ...]]:
        """Yield the batches of one pass; the first batch ever is checked before it is used."""
        parts, total = 0, 0.0
        for batch in self.loader:
            x, y, *weight = batch = self._checked(batch, parts)
            parts = len(batch)
            if weight:
                total += float(weight[0].sum())
            if self.device.type != "cpu":
                x, y, *weight = (part.to(self.device, non_blocking=True) for part in batch)
            if self.first_check is not None:
                check, self.first_check = self.first_check, None
                check(x, y, *weight)
            if self.needs_two_rows and len(y) == 1:
                raise ValueError(f"the {self.name} loader yields a batch of 1 row, {NOT_ONE_ROW}")
            yield x, y, *weight
        if parts == 3:
            check_some_count(f"the {self.name} loader", total)

    def _checked(self, batch: Any, before: int) -> tuple[Tensor, ...]:
        """Return x, y and perhaps weights, as many parts as the batch before had, or say what is wrong."""
        if not isinstance(batch, tuple | list) or len(batch) not in (2, 3):
            raise TypeError(f"a batch of the {self.name} loader is {described(batch)}; expected {PARTS}")
        if before not in (0, len(batch)):
            raise TypeError(
                f"a batch of the {self.name} loader is {described(batch)}, the one before was one of {before}; "
                "expected weights in all batches or in none"
            )
        x, y, *weight = batch
        if not all(isinstance(part, Tensor) for part in batch):
            pair = f"a pair of {described(x)} and {described(y)}" if not weight else described(batch)
            raise TypeError(f"a batch of the {self.name} loader is {pair}; expected {PARTS_OF_TENSORS}")
        y = _labels(y)
        if not weight:
            return x, y
        check_weights(f"a batch of the {self.name} loader", weight[0].detach().cpu().numpy(), len(y))
        return x, y, weight[0] if weight[0].dtype == torch.float64 else weight[0].float()

    def in_order(self) -> Iterator[tuple[Tensor, ...]]:
        """Yield the batches of one pass, for measuring."""
        return self.of_epoch(0)


PARTS_OF_TENSORS = "a pair of tensors (x, y), or three (x, y, weight)"
NOT_ONE_ROW = (
    "and batch normalization cannot train on a single row; choose another batch_size, or leave the last batch out "
    "with drop_last=True of a DataLoader"
)


def make_batches(
    name: str, data: Any, device: torch.device, model: nn.Module, batching: Batching
) -> ArrayBatches | LoaderBatches:
    """Turn arrays, tensors, a Dataset or a DataLoader into batches, or say what is wrong with them."""
    if isinstance(data, TensorDataset):
        data = data.tensors
    if isinstance(data, Dataset) and not isinstance(data, torch.utils.data.IterableDataset):
        if len(data) == 0:  # type: ignore[arg-type]
            raise ValueError(f"{name} has no rows")
        generator = torch.Generator().manual_seed(batching.seed)
        loader = DataLoader(data, batching.batch_size, shuffle=batching.shuffle, generator=generator)
        return _loader_batches(name, loader, device, own_batches=False)
    if not isinstance(data, tuple | list):
        return _loader_batches(name, data, device)
    x, y, weight = parts_of(name, data)
    dtype = next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.float32)
    x, y = _tensor(f"{name} x", x, dtype), _labels(_tensor(f"{name} y", y, dtype))
    check_pair(name, x, y)
    if weight is not None:
        kind = "float64" if dtype == torch.float64 else "float32"
        weight = torch.from_numpy(weights_of(name, weight, len(y), kind)).to(device)
    return ArrayBatches(x.to(device), y.to(device), weight, batching)


def _tensor(name: str, values: Any, dtype: torch.dtype) -> Tensor:
    """Return a tensor; arrays of float64 become the model's dtype, as everywhere in NumPy's world."""
    if not isinstance(values, Tensor):
        array = as_array(name, values)
        if array.dtype.kind == "f" and array.dtype.itemsize > 8:  # torch has nothing longer than float64
            array = array.astype(np.float64)
        plain = array.flags.writeable and array.dtype.isnative and min(array.strides, default=0) >= 0
        tensor = torch.as_tensor(array if plain else array.astype(array.dtype.newbyteorder("="), order="C"))
        return tensor.to(dtype) if tensor.is_floating_point() else tensor
    if values.is_complex() or values.layout is not torch.strided:
        raise TypeError(f"{name} is a tensor of {values.dtype} and {values.layout}; expected real numbers, not sparse")
    if values.ndim == 0:
        raise ValueError(f"{name} is a single number; expected one row a sample")
    return values.detach()


def _labels(y: Tensor) -> Tensor:
    """Return whole numbers as int64, the one kind that losses take as labels."""
    return y if y.dtype == torch.int64 or y.is_floating_point() or y.is_complex() else y.long()


def _loader_batches(name: str, loader: Any, device: torch.device, own_batches: bool = True) -> LoaderBatches:
    check_kind(name, loader)
    if not hasattr(loader, "__iter__"):
        raise TypeError(f"{name} is {described(loader)}; expected {PARTS}, a Dataset or a DataLoader")
    if hasattr(loader, "__next__"):  # asking for iter(loader) would use up random numbers
        raise TypeError(f"{name} is an iterator, which is used up after one epoch; give the DataLoader itself")
    try:
        length = len(loader)
    except TypeError:
        return LoaderBatches(name, loader, device, own_batches)
    if length == 0:
        rows = len(loader.dataset) if hasattr(getattr(loader, "dataset", None), "__len__") else 0
        hint = f": drop_last=True drops the only {rows} rows" if rows else ": its dataset has no rows"
        raise ValueError(f"the {name} loader yields no batches{hint}")
    return LoaderBatches(name, loader, device, own_batches)
