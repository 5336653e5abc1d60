"""Batches of `course_lib.pytorch`: arrays cut into batches, and loaders that bring their own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler, SequentialSampler, TensorDataset

from course_lib.training.batching import Batching, as_array, check_kind, check_pair, described
from course_lib.training.means import row_order

__all__ = ["GROUP", "NOT_ONE_ROW", "ArrayBatches", "LoaderBatches", "make_batches"]

GROUP = 64  # batches whose rows are gathered, and whose numbers are read off the device, together


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

    own_batches = False  # whether the data came in batches already
    brought = shuffles = None

    def __init__(self, x: Tensor, y: Tensor, batching: Batching) -> None:
        self.x, self.y = x, y
        self.batch_size, self.shuffle, self.seed, self.rows_at_once, _ = batching
        self.steps: int | None = math.ceil(len(y) / self.batch_size)
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
        """Return all rows in their own order, as many at a time as `rows_at_once` says, for measuring."""
        return zip(self.x.split(self.rows_at_once), self.y.split(self.rows_at_once), strict=True)


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
        self.first_check: Callable[[Tensor, Tensor], None] | None = None

    def of_epoch(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the batches of one pass; the first batch ever is checked before it is used."""
        for batch in self.loader:
            if not isinstance(batch, tuple | list) or len(batch) != 2:
                raise TypeError(f"a batch of the {self.name} loader is {described(batch)}; expected a pair (x, y)")
            x, y = batch
            if not (isinstance(x, Tensor) and isinstance(y, Tensor)):
                pair = f"a pair of {described(x)} and {described(y)}"
                raise TypeError(f"a batch of the {self.name} loader is {pair}; expected a pair of tensors (x, y)")
            y = _labels(y)
            if self.device.type != "cpu":
                x, y = x.to(self.device, non_blocking=True), y.to(self.device, non_blocking=True)
            if self.first_check is not None:
                check, self.first_check = self.first_check, None
                check(x, y)
            if self.needs_two_rows and len(y) == 1:
                raise ValueError(f"the {self.name} loader yields a batch of 1 row, {NOT_ONE_ROW}")
            yield x, y

    def in_order(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the batches of one pass, for measuring."""
        return self.of_epoch(0)


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
    if len(data) != 2:
        raise ValueError(f"{name} is {described(data)}; expected a pair (x, y)")
    dtype = next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.float32)
    x, y = _tensor(f"{name} x", data[0], dtype), _labels(_tensor(f"{name} y", data[1], dtype))
    check_pair(name, x, y)
    return ArrayBatches(x.to(device), y.to(device), batching)


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
        raise TypeError(f"{name} is {described(loader)}; expected a pair (x, y), a Dataset or a DataLoader")
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
