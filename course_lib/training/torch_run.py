"""What `course_lib.pytorch` leans on: batches, losses, checks, and reading numbers off the device."""

from __future__ import annotations

import copy
import io
import json
import math
import random
import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from course_lib.training import resume
from course_lib.training.batching import check_batching, make_batching
from course_lib.training.callbacks import GROUP_SECONDS, Callback
from course_lib.training.history import History
from course_lib.training.means import column_names, means, prefixed, rate_names
from course_lib.training.resume import settings_of
from course_lib.training.run import Run
from course_lib.training.torch_batches import GROUP, ArrayBatches, LoaderBatches, make_batches
from course_lib.training.torch_checks import check_arguments, first_line, try_out
from course_lib.training.torch_device import make_optimizer, modes_restored, on_device
from course_lib.training.torch_losses import describe_loss, make_loss, make_metrics
from course_lib.training.torch_schedule import Schedule, storable
from course_lib.training.torch_tally import Tally, is_weighted

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
    "settings_of",
    "try_out",
]


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
