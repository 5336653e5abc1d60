"""Lesson 05: what a validation pass holds in memory, read off after each batch.

PyTorch can be asked, since autograd calls a function for every tensor that it keeps. TensorFlow cannot, so there the
memory of the whole process is read.
"""

from __future__ import annotations

import weakref
from typing import Any

__all__ = ["GraphMemory", "ProcessMemory"]


class _Kept:
    """Holds the numbers of one tensor that autograd keeps; gone as soon as autograd lets go of it."""

    def __init__(self, tensor: Any):
        self.tensor = tensor.detach()  # without its own graph, which would keep itself alive


class GraphMemory:
    """A ``with`` block in which all that autograd keeps for a backward pass is counted.

    Attributes
    ----------
    kilobytes : list of float
        What all graphs held together, one number for each call of `note`.

    Examples
    --------
    >>> import torch
    >>> weight = torch.ones(1000, requires_grad=True)
    >>> with GraphMemory() as held:
    ...     squares = weight**2
    ...     held.note()
    >>> held.kilobytes
    [4.0]
    """

    def __init__(self) -> None:
        self.kilobytes: list[float] = []
        self._alive: weakref.WeakSet[_Kept] = weakref.WeakSet()

    def __enter__(self) -> GraphMemory:
        from torch.autograd.graph import saved_tensors_hooks

        self._hooks = saved_tensors_hooks(self._keep, lambda kept: kept.tensor)
        self._hooks.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._hooks.__exit__(*error)

    def _keep(self, tensor: Any) -> _Kept:
        kept = _Kept(tensor)
        self._alive.add(kept)
        return kept

    def note(self) -> None:
        """Note what is held now; several tensors that share their numbers count once."""
        storages = [kept.tensor.untyped_storage() for kept in self._alive]
        self.kilobytes.append(sum({s.data_ptr(): s.nbytes() for s in storages}.values()) / 1000)


class ProcessMemory:
    """By how much the memory of this process has grown since the object was made.

    Attributes
    ----------
    megabytes : list of float
        One number for each call of `note`.

    Examples
    --------
    >>> grown = ProcessMemory()
    >>> grown.note()
    >>> len(grown.megabytes)
    1
    """

    def __init__(self) -> None:
        import psutil

        self.megabytes: list[float] = []
        self._read = psutil.Process().memory_info
        self._start = self._read().rss

    def note(self) -> None:
        """Note the growth so far."""
        self.megabytes.append((self._read().rss - self._start) / 1e6)
