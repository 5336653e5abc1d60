"""Batches of `course_lib.keras`: arrays cut into batches, and datasets that bring their own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from course_lib.training.batching import PARTS, Batching, as_array, check_kind, check_pair, described
from course_lib.training.means import row_order
from course_lib.training.sample_weights import check_some_count, check_weights, parts_of, weights_of

__all__ = ["ArrayBatches", "LoaderBatches", "Piece", "Steps", "make_batches"]


class Piece(NamedTuple):
    """What one call of the engine works on: some rows of x and y, cut into batches."""

    x: Any
    y: Any
    weight: Any  # of each row, or None
    rows: Any  # which rows, in order; None for all of them as one batch
    batch_size: int

    def taken(self, part: Any) -> np.ndarray | None:
        """Return the piece's rows of x, y or weight as an array, `None` for none."""
        if part is None:
            return None
        return ops.convert_to_numpy(part if self.rows is None else ops.take(part, self.rows, axis=0))


class Steps:
    """The steps of a stretch of training that are still to be taken."""

    def __init__(self, x: Any, y: Any, weight: Any, rows: Any, batch_size: int) -> None:
        self.x, self.y, self.weight, self.rows, self.batch_size = x, y, weight, rows, batch_size
        self.left = 1 if rows is None else math.ceil(len(rows) / batch_size)

    def __bool__(self) -> bool:
        return self.left > 0

    def take(self, count: int) -> Piece:
        """Return the next so many steps."""
        if self.rows is None:
            self.left = 0
            return Piece(self.x, self.y, self.weight, None, len(self.y))
        now, self.rows = self.rows[: count * self.batch_size], self.rows[count * self.batch_size :]
        self.left = math.ceil(len(self.rows) / self.batch_size)
        return Piece(self.x, self.y, self.weight, now, self.batch_size)


class ArrayBatches:
    """Rows of x, y and perhaps weights; a new order every epoch, fixed by seed and epoch."""

    own_batches = False  # whether the data came in batches already
    brought = shuffles = None

    def __init__(self, x: Any, y: Any, weight: np.ndarray | None, batching: Batching) -> None:
        self.x, self.y = ops.convert_to_tensor(x), ops.convert_to_tensor(y)
        self.weight = None if weight is None else ops.convert_to_tensor(weight)
        self.host = x, y, weight
        self.batch_size, self.shuffle, self.seed, self.rows_at_once, _ = batching
        self.size = len(y)
        self.steps: int | None = math.ceil(self.size / self.batch_size)

    def of_epoch(self, epoch: int) -> list[Steps]:
        """Return the steps of one training epoch."""
        order = np.arange(self.size)
        if self.shuffle:
            order = row_order(self.seed, epoch, self.size)
        return [Steps(self.x, self.y, self.weight, order, self.batch_size)]

    def in_order(self) -> list[Piece]:
        """Return all rows in their own order, as many at a time as `rows_at_once` says, for measuring."""
        size, w = self.rows_at_once, self.weight
        every = [slice(start, start + size) for start in range(0, self.size, size)]
        return [Piece(self.x[rows], self.y[rows], None if w is None else w[rows], None, size) for rows in every]


class LoaderBatches:
    """What a tf.data.Dataset, a DataLoader or a PyDataset yields.

    ``brought`` and ``shuffles`` are its batch size and whether it shuffles, `None` where it does not say.
    """

    own_batches = True
    shuffles = None

    def __init__(self, name: str, loader: Any) -> None:
        self.name, self.loader = name, loader
        self.brought: int | None = getattr(loader, "batch_size", None)
        self.first_check: Callable[..., None] | None = None
        self.passes = 0
        try:
            self.steps: int | None = len(loader)
        except TypeError:
            self.steps = None
        endless = hasattr(loader, "cardinality") and int(loader.cardinality()) == -1  # tf.data.INFINITE_CARDINALITY
        if endless or (self.steps is None and isinstance(loader, keras.utils.PyDataset)):
            raise ValueError(
                f"the {name} dataset repeats without end, so an epoch would never be over: leave out .repeat(), for "
                "an epoch is one pass (cutting it off with take(n) would show the same n batches in every epoch; a "
                "keras.utils.PyDataset can take the next ones)"
            )

    @property
    def generator(self) -> Any:
        """The random generator of a DataLoader that has one of its own."""
        return getattr(self.loader, "generator", None) if hasattr(self.loader, "sampler") else None

    def skip_to(self, passes: int) -> None:
        """Let a tf.data.Dataset draw the orders of passes that a resumed run has made before."""
        while self.passes < passes:
            self.passes += 1
            if hasattr(self.loader, "element_spec"):
                iter(self.loader)

    def _batches(self) -> Iterator[Any]:
        self.passes += 1
        if isinstance(self.loader, keras.utils.PyDataset):
            yield from (self.loader[i] for i in range(len(self.loader)))
            self.loader.on_epoch_end()
        else:
            yield from self.loader

    def in_order(self) -> Iterator[Piece]:
        """Yield the batches of one pass; the first batch ever is checked before it is used."""
        parts, total = 0, 0.0
        for batch in self._batches():
            x, y, weight = self._checked(batch, parts)
            parts = len(batch)
            if weight is not None:
                total += float(ops.convert_to_numpy(ops.sum(weight)))
            if self.first_check is not None:
                check, self.first_check = self.first_check, None
                check(x, y, weight)
            yield Piece(x, y, weight, None, len(y))
        if parts == 3:
            check_some_count(f"the {self.name} loader", total)

    def _checked(self, batch: Any, before: int) -> tuple[Any, Any, Any]:
        """Return x, y and weights or `None`, as many parts as the batch before had, or say what is wrong."""
        if not isinstance(batch, tuple | list) or len(batch) not in (2, 3):
            raise TypeError(f"a batch of the {self.name} loader is {described(batch)}; expected {PARTS}")
        if before not in (0, len(batch)):
            raise TypeError(
                f"a batch of the {self.name} loader is {described(batch)}, the one before was one of {before}; "
                "expected weights in all batches or in none"
            )
        names = ("x", "y", "weight")
        x, y, *weight = (
            _to_tensor(f"{part} of a batch of the {self.name} loader", values)
            for part, values in zip(names, batch, strict=False)
        )
        if not weight:
            return x, y, None
        check_weights(f"a batch of the {self.name} loader", ops.convert_to_numpy(weight[0]), len(y))
        return x, y, ops.cast(weight[0], "float32")

    def of_epoch(self, epoch: int) -> Iterator[Steps]:
        """Yield the batches of one pass as steps."""
        for piece in self.in_order():
            yield Steps(piece.x, piece.y, piece.weight, None, piece.batch_size)


def _to_tensor(name: str, values: Any) -> Any:
    """Return a tensor of the backend; torch's tensors go through NumPy where the backend is another."""
    if isinstance(values, Mapping | tuple | list):
        parts = f" with {', '.join(map(repr, values))}" if isinstance(values, Mapping) else ""
        raise TypeError(
            f"{name} is {described(values)}{parts}; expected one array: pick or join the parts, as with "
            "dataset.map(lambda x, y: (keras.ops.concatenate([x['a'], x['b']], axis=-1), y))"
        )
    if keras.backend.backend() != "torch" and hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    try:
        tensor = ops.convert_to_tensor(values)
        kind = keras.backend.standardize_dtype(tensor.dtype)
    except (TypeError, ValueError) as error:  # ragged, sparse or made of strings
        raise TypeError(f"{name} is {described(values)}, which cannot be made into an array of numbers") from error
    if kind == "string":
        raise TypeError(f"{name} has dtype string; expected numbers")
    whole = kind == "bool" or ("int" in kind and kind not in ("int32", "int64"))
    return ops.cast(tensor, "int64") if whole and name.startswith("y") else tensor


def make_batches(name: str, data: Any, batching: Batching) -> ArrayBatches | LoaderBatches:
    """Turn arrays, tensors or a loader into batches, or say what is wrong with them."""
    if not isinstance(data, tuple | list):
        return _loader_batches(name, data)
    x, y, weight = parts_of(name, data)
    x, y = _array(f"{name} x", x), _array(f"{name} y", y)
    check_pair(name, x, y)
    return ArrayBatches(x, y, None if weight is None else weights_of(name, weight, len(y)), batching)


def _array(name: str, values: Any) -> np.ndarray:
    if hasattr(values, "detach"):
        values = values.detach().cpu()
    array = as_array(name, values)
    return array.astype(keras.config.floatx()) if array.dtype.kind == "f" else array


def _loader_batches(name: str, loader: Any) -> LoaderBatches:
    check_kind(name, loader)
    if not hasattr(loader, "__iter__") and not isinstance(loader, keras.utils.PyDataset):
        raise TypeError(f"{name} is {described(loader)}; expected {PARTS}, a tf.data.Dataset or a DataLoader")
    if hasattr(loader, "__next__"):  # asking for iter(loader) would use up random numbers
        raise TypeError(f"{name} is an iterator, which is used up after one epoch; give the dataset itself")
    batches = LoaderBatches(name, loader)
    if batches.steps == 0:
        rows = len(loader.dataset) if hasattr(getattr(loader, "dataset", None), "__len__") else 0
        hint = f": drop_last=True drops the only {rows} rows" if rows else ": its dataset has no rows"
        raise ValueError(f"the {name} loader yields no batches{hint}")
    return batches
