"""What `course_lib.keras` leans on: steps on either backend, losses, batches, checks, Keras's callbacks."""

from __future__ import annotations

import io
import json
import math
import random
import sys
import time
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import keras
import numpy as np
from keras import ops

from course_lib.training import resume
from course_lib.training.arguments import listed
from course_lib.training.batching import check_batching, make_batching
from course_lib.training.callbacks import GROUP_SECONDS, Callback
from course_lib.training.history import History
from course_lib.training.keras_adapter import KerasAdapter
from course_lib.training.keras_batches import ArrayBatches, LoaderBatches, Steps, make_batches
from course_lib.training.keras_checks import check_arguments, first_line, try_out
from course_lib.training.keras_losses import (
    describe_loss,
    make_loss,
    make_metrics,
    simplified,
)
from course_lib.training.keras_optimizer import ExactAdam
from course_lib.training.keras_schedule import Schedule
from course_lib.training.means import Numbers, column_names, prefixed
from course_lib.training.resume import settings_of
from course_lib.training.run import Run

__all__ = [
    "KerasRun",
    "Steps",
    "check_arguments",
    "check_batching",
    "column_names",
    "describe_loss",
    "make_batches",
    "make_batching",
    "make_loss",
    "make_metrics",
    "prefixed",
    "settings_of",
    "simplified",
    "try_out",
]


# ---------------------------------------------------------------------------- the engine


# ---------------------------------------------------------------------------- the run


class KerasRun(Run):
    """A run of `course_lib.keras.fit`."""

    framework = "keras"

    def __init__(
        self,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        batches: ArrayBatches | LoaderBatches,
        callbacks: Iterable[Any],
        *,
        epochs: int,
        names: Sequence[str],
        schedule: Schedule | None = None,
    ) -> None:
        self.schedule = schedule or Schedule()
        own = [] if self.schedule.callback is None else [self.schedule.callback]
        every = [*own, *listed(callbacks)]  # what cuts the rate comes first, as a scheduler's step does in PyTorch
        super().__init__(model, epochs=epochs, steps=batches.steps, callbacks=every, names=names)
        self.optimizer = optimizer
        self.batches = batches
        self._step_seconds = math.inf
        self._asked = (0, 0.0)

    def adapted(self, callback: Any) -> Callback:
        """Return the callback, or what calls it as Keras would."""
        return KerasAdapter(callback) if isinstance(callback, keras.callbacks.Callback) else super().adapted(callback)

    def steps_at_once(self) -> int:
        """Return how many steps to take before coming back to Python; learns from the steps before."""
        if not self.grouped:
            return 1
        count = 4 if math.isinf(self._step_seconds) else max(1, int(GROUP_SECONDS / self._step_seconds))
        self._asked = (count, time.perf_counter())
        return count

    def record(
        self, numbers: Numbers, rates: Sequence[float], further: Mapping[str, Sequence[float]] = MappingProxyType({})
    ) -> None:
        """Record the steps, and how long they took."""
        if self._asked[0]:
            self._step_seconds = min(self._step_seconds, (time.perf_counter() - self._asked[1]) / len(numbers.loss))
            self._asked = (0, 0.0)
        super().record(numbers, rates, further)

    def copy_weights(self, into: Any = None) -> list[np.ndarray]:
        """Return copies of all weights, those that are not trained included."""
        return self.model.get_weights()

    def restore_weights(self, weights: list[np.ndarray]) -> None:
        """Put the copies back."""
        self.model.set_weights(weights)

    def optimizer_settings(self) -> dict[str, Any]:
        """Return the optimizer's kind and its settings."""
        optimizer = getattr(self.optimizer, "inner_optimizer", self.optimizer)
        config = {name: value for name, value in optimizer.get_config().items() if name != "name"}
        if isinstance(config["learning_rate"], float):
            config["learning_rate"] = float(str(np.float32(config["learning_rate"])))  # 0.001, as it was given
        kind = type(optimizer).__name__
        if isinstance(optimizer, ExactAdam):
            kind = "AdamW" if optimizer.weight_decay else "Adam"
        return {"kind": kind, "config": resume.plain(config)}

    def dump(self) -> bytes:
        """Return weights, optimizer, history, callbacks and random states as a file's content."""
        version, numbers, gauss = random.getstate()
        return pack(
            {
                "model": [ops.convert_to_numpy(v) for v in self.model.variables],
                "optimizer": [ops.convert_to_numpy(v) for v in self.optimizer.variables],
                "history": self.history.to_json(),
                "settings": self.settings,
                "callbacks": self.callback_states(),
                "python": [version, list(numbers), gauss],
                "numpy": np.random.get_state(legacy=False),  # noqa: NPY002
                "torch": [state.numpy() for state in self._torch_states()],
                "passes": getattr(self.batches, "passes", 0),
            }
        )

    def _torch_states(self) -> list[Any]:
        """Return the states of torch's generators that a DataLoader draws from."""
        if "torch" not in sys.modules:
            return []
        import torch

        own = getattr(self.batches, "generator", None)
        return [torch.get_rng_state(), *([own.get_state()] if own is not None else [])]

    def load(self, content: bytes) -> None:
        """Take over a checkpoint file's content."""
        state = unpack(content)
        if not isinstance(state, dict) or not {"model", "optimizer", "history"} <= state.keys():
            raise ValueError("this file is no checkpoint of course_lib.keras.fit")
        every = {"model": self.model.variables, "optimizer": self.optimizer.variables}
        for name, variables in every.items():
            if name == "optimizer":
                resume.check_optimizer(state.get("settings"), self.settings["optimizer"]["kind"])
            if [v.shape for v in state[name]] != [tuple(v.shape) for v in variables]:
                raise ValueError(f"the checkpoint's {name} does not have the shapes of this {name}")
        if "schedule" in (state.get("settings") or {}):  # older files say nothing of it
            resume.check_schedule(state["settings"], self.settings)
        resume.tell_epochs(self.epochs, History.from_json(state["history"]).epochs)
        for name, variables in every.items():
            for variable, value in zip(variables, state[name], strict=True):
                variable.assign(value)
        self._set_optimizer(state.get("settings"))
        self.take_over(state["history"])
        self.load_callback_states(state["callbacks"])
        version, numbers, gauss = state["python"]
        random.setstate((version, tuple(numbers), gauss))
        np.random.set_state(state["numpy"])  # noqa: NPY002
        self._set_torch_states(state.get("torch", []))
        if isinstance(self.batches, LoaderBatches):
            self.batches.skip_to(state.get("passes", 0))

    def _set_optimizer(self, saved: Mapping[str, Any] | None) -> None:
        """Bring back the rate where this call says another one; its other settings hold already."""
        now, given = self.settings["optimizer"]["config"], self.settings["lr_given"]
        rate = float(ops.convert_to_numpy(self.optimizer.learning_rate))
        old = saved["optimizer"]["config"] if saved else {"learning_rate": float(str(np.float32(rate)))}
        changes = resume.changed_settings(old, now, given)
        if "learning_rate" in changes and isinstance(now["learning_rate"], float):
            self.optimizer.learning_rate = now["learning_rate"]
        if not given:
            now["learning_rate"] = old["learning_rate"]  # still the rate that this run began with
        resume.tell(saved or {}, self.settings, changes)

    def _set_torch_states(self, states: Sequence[np.ndarray]) -> None:
        if not states or "torch" not in sys.modules:
            return
        import torch

        torch.set_rng_state(torch.from_numpy(states[0]))
        own = getattr(self.batches, "generator", None)
        if own is not None and len(states) > 1:
            own.set_state(torch.from_numpy(states[1]))


# ---------------------------------------------------------------------------- checkpoint files


def pack(tree: Any) -> bytes:
    """Write nested dictionaries and lists with arrays in them as one ``.npz`` file's content."""
    arrays: list[np.ndarray] = []

    def plain(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            arrays.append(value)
            return {"__array__": len(arrays) - 1}
        if isinstance(value, np.generic):
            return value.item()
        if isinstance(value, Mapping):
            return {key: plain(item) for key, item in value.items()}
        return [plain(item) for item in value] if isinstance(value, list | tuple) else value

    text = json.dumps(plain(tree))
    file = io.BytesIO()
    named: dict[str, Any] = {f"a{number}": array for number, array in enumerate(arrays)}
    np.savez(file, tree=np.array(text), **named)
    return file.getvalue()


def unpack(content: bytes) -> Any:
    """Read what `pack` wrote; nothing in the file is executed."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        tree = json.loads(str(arrays.pop("tree")))
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"the checkpoint cannot be read; was it cut short, or is it no checkpoint? ({first_line(error)})"
        ) from error

    def rich(value: Any) -> Any:
        if isinstance(value, dict):
            if value.keys() == {"__array__"}:
                return arrays[f"a{value['__array__']}"]
            return {key: rich(item) for key, item in value.items()}
        return [rich(item) for item in value] if isinstance(value, list) else value

    return rich(tree)
