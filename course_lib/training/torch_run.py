"""What `course_lib.pytorch` leans on: batches, losses, checks, and reading numbers off the device."""

from __future__ import annotations

import copy
import io
import json
import math
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from course_lib.training import resume
from course_lib.training.batching import check_batching, make_batching
from course_lib.training.callbacks import GROUP_SECONDS, Callback
from course_lib.training.history import History
from course_lib.training.means import Numbers, column_names, means, prefixed, rate_names
from course_lib.training.resume import settings_of
from course_lib.training.run import Run, read_checkpoint
from course_lib.training.torch_batches import GROUP, ArrayBatches, LoaderBatches, make_batches
from course_lib.training.torch_checks import check_arguments, first_line, try_out
from course_lib.training.torch_device import make_optimizer, modes_restored, on_device
from course_lib.training.torch_losses import (
    LabelLoss,
    Metric,
    batch_weights,
    describe_loss,
    make_loss,
    make_metrics,
    mean_of,
    per_sample_losses,
    sums,
)
from course_lib.training.torch_schedule import Schedule, storable

__all__ = [
    "ArrayBatches",
    "LoaderBatches",
    "Tally",
    "TorchRun",
    "check_arguments",
    "check_batching",
    "column_names",
    "describe_loss",
    "is_weighted",
    "make_batches",
    "make_batching",
    "make_loss",
    "make_metrics",
    "make_optimizer",
    "means",
    "modes_restored",
    "on_device",
    "prefixed",
    "read_checkpoint",
    "settings_of",
    "try_out",
]


def is_weighted(criterion: Callable[..., Tensor], *every: ArrayBatches | LoaderBatches | None) -> bool:
    """Whether a batch's loss may count something else than its number of rows in the mean."""
    if not isinstance(criterion, LabelLoss) or criterion.reduction not in ("mean", "sum"):
        return False
    if criterion.weight is not None:
        return True
    arrays = [batches for batches in every if batches is not None]
    return not all(
        isinstance(b, ArrayBatches) and b.y.ndim == 1 and bool((b.y != criterion.ignore_index).all()) for b in arrays
    )


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
        self.rates: list[Sequence[Any]] = []  # one for each group of parameters

    def add(self, loss: Tensor, output: Tensor, target: Tensor, rates: Sequence[Any] = ()) -> None:
        """Keep what is needed of one batch, cut off from its graph; `rates` are those its step was taken with."""
        self.losses.append(loss.detach() if loss.is_cuda else loss.item())
        self.sizes.append(len(target))
        self.rates.append(rates)
        if self.metrics:
            self.outputs.append(output.detach())
        if self.metrics or self.weighted:
            self.targets.append(target)

    @property
    def full(self) -> bool:
        """Whether it is time to read the numbers."""
        return len(self.losses) >= GROUP

    def take(self) -> list[Numbers]:
        """Return the numbers of the batches kept, one `Numbers` if there are any, and start again."""
        if not self.losses:
            return []
        sizes, losses = self.sizes, self.losses
        if isinstance(losses[0], Tensor):
            losses = torch.stack(losses).tolist()
        weights = batch_weights(self.criterion, self.targets) if self.weighted else sizes
        losses = per_sample_losses(self.criterion, losses, weights)
        columns, counts = {}, {}
        alike = len({target.shape[1:] for target in self.targets}) == 1  # not so for sequences of several lengths
        joined = alike and any(metric.per_sample for metric in self.metrics.values())
        every = [(_joined(self.outputs), _joined(self.targets))] if joined else []
        each = list(zip(self.outputs, self.targets, strict=True)) if self.metrics else []
        for name, metric in self.metrics.items():
            if metric.of_labels is not None and self.weighted and not self.targets[0].is_floating_point():
                parts = zip(*(metric.of_labels(*pair) for pair in every or each), strict=True)
                right, counts[name] = (sums(_joined(part), sizes) for part in parts)
                pairs = zip(right, counts[name], strict=True)
                columns[name] = [some / count if count else math.nan for some, count in pairs]
            elif metric.per_sample and alike:
                totals = sums(metric.function(*every[0]), sizes)
                columns[name] = [total / size for total, size in zip(totals, sizes, strict=True)]
            else:
                columns[name] = [mean_of(metric.function(output, target)) for output, target in each]
        self._clear()
        return [Numbers(losses, sizes, weights, columns, counts)]


def _joined(tensors: Sequence[Tensor]) -> Tensor:
    return tensors[0] if len(tensors) == 1 else torch.cat(list(tensors))


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
        schedule: Schedule | None = None,
    ) -> None:
        super().__init__(model, epochs=epochs, steps=batches.steps, callbacks=callbacks, names=names)
        self.optimizer = optimizer
        self.schedule = schedule or Schedule()
        self.batches = batches
        self._read_at = time.perf_counter()

    def due(self, tally: Tally) -> bool:
        """Whether the tally's numbers should be read now."""
        return not self.grouped or len(tally.losses) >= GROUP or time.perf_counter() - self._read_at > GROUP_SECONDS

    def record_all(self, tally: Tally) -> None:
        """Record the batches in the tally, up to one whose loss is not finite."""
        columns = [list(map(float, column)) for column in zip_longest(*tally.rates, fillvalue=math.nan)]
        rates = dict(zip(rate_names(len(columns)), columns, strict=False))  # no columns where nothing was kept
        for numbers in tally.take():
            self.record(numbers, rates.pop("lr"), rates)
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

    def optimizer_settings(self) -> dict[str, Any]:
        """Return the optimizer's kind and the settings of its groups of parameters."""
        groups = list(map(resume.plain, _without_params(self.optimizer.param_groups)))
        return {"kind": type(self.optimizer).__name__, "groups": groups}

    def dump(self) -> bytes:
        """Return weights, optimizer, history, callbacks and random states as a file's content."""
        file = io.BytesIO()
        version, numbers, gauss = random.getstate()
        generators = [getattr(getattr(self.batches, "loader", None), "generator", None)]
        content = {
            "model": self.model.state_dict(),
            "optimizer": storable(self.optimizer.state_dict()),
            "schedule": self.schedule.state(),
            "history": self.history.to_json(),
            "settings": json.dumps(self.settings),
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
            reason = first_line(error).partition(". ")[0]
            raise ValueError(
                f"the checkpoint cannot be read; was it cut short, or is it no checkpoint? ({reason})"
            ) from error
        if not isinstance(state, dict) or not {"model", "optimizer", "history"} <= state.keys():
            raise ValueError("this file is no checkpoint of course_lib.pytorch.fit")
        self._check_fit(state)
        self.model.load_state_dict(state["model"])
        self._load_optimizer(state)
        self.schedule.load(state.get("schedule"))
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

    def _load_optimizer(self, state: Mapping[str, Any]) -> None:
        """Take over the optimizer's state, but for the settings that this call changes."""
        saved = json.loads(state["settings"]) if "settings" in state else None
        given = [dict(group) for group in self.optimizer.param_groups]
        self.optimizer.load_state_dict(state["optimizer"])
        groups = self.optimizer.param_groups
        before = saved["optimizer"]["groups"] if saved else list(map(resume.plain, _without_params(groups)))
        changes: dict[str, tuple[Any, Any]] = {}
        for group, now, old, new in zip(groups, given, before, self.settings["optimizer"]["groups"], strict=True):
            own = {name: value for name, value in new.items() if name not in self.schedule.drives}
            changed = resume.changed_settings(old, own, self.settings["lr_given"])
            group.update({name: now[name] for name in changed})
            changes |= changed
            if not self.settings["lr_given"]:
                new["lr"] = old["lr"]  # still the rate that this run began with
        resume.tell(saved or {}, self.settings, changes)

    def _check_fit(self, state: Mapping[str, Any]) -> None:
        """Raise when the checkpoint is of another model, optimizer or kind of data, before anything is changed."""
        shapes = [
            {name: v.shape for name, v in weights.items() if isinstance(v, Tensor)}
            for weights in (state["model"], self.model.state_dict())
        ]
        if shapes[0] != shapes[1]:
            raise ValueError("the checkpoint's model does not have the shapes of this model")
        resume.check_optimizer(
            json.loads(state["settings"]) if "settings" in state else None, type(self.optimizer).__name__
        )
        resume.check_schedule(json.loads(state["settings"]) if "settings" in state else {}, self.settings)
        resume.tell_epochs(self.epochs, History.from_json(state["history"]).epochs)
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


def _without_params(groups: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in group.items() if name != "params"} for group in groups]


def _clone(value: Any) -> Any:
    return value.detach().clone() if isinstance(value, Tensor) else copy.deepcopy(value)


def _plain(value: Any) -> Any:
    """Turn a NumPy random state into lists and numbers."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value
