"""What both trainers share: keeping the record, calling the callbacks, ending well.

`Run` is used as a context manager around the loop. Whatever happens inside, the callbacks'
``on_train_end`` is called and the history says why training ended:

* Ctrl-C, or JupyterLab's stop button: the batch under way is finished, then training ends and the
  history so far is returned. A second Ctrl-C interrupts at once.
* A loss that is NaN or infinite: training ends with a warning that names the batch.
* Any other error is raised, after ``on_train_end``.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import Any

from course_lib.training.arguments import listed
from course_lib.training.callbacks import Callback, check_callback
from course_lib.training.history import History
from course_lib.training.interrupts import Interrupts
from course_lib.training.means import Numbers, sumprod

__all__ = ["NonFiniteLossWarning", "Run"]


class NonFiniteLossWarning(RuntimeWarning):
    """Training was stopped because the loss was NaN or infinite."""


class Run:
    """One call of ``fit``: its model, its history, its callbacks.

    The trainers of both frameworks derive from it and add how weights are copied, put back, written
    and read.

    Attributes
    ----------
    model : object
        The model in training.
    history : History
        The record so far.
    epochs : int
        How many epochs were asked for.
    steps : int or None
        Batches in an epoch; `None` when the data does not say.
    names : tuple of str
        Columns that each epoch record will have.
    """

    framework = ""

    def __init__(
        self,
        model: Any,
        *,
        epochs: int,
        steps: int | None,
        callbacks: Iterable[Callback],
        names: Sequence[str],
    ) -> None:
        self.model = model
        self.epochs = int(epochs)
        self.steps = steps
        self.names = tuple(names)
        self.history = History(self.framework)
        self.history.steps_per_epoch = steps
        adapted = [self.adapted(callback) for callback in listed(callbacks)]
        self.callbacks = sorted(adapted, key=lambda callback: getattr(callback, "order", 0))
        self._batch_listeners = [c for c in self.callbacks if _overrides(c, "on_train_batch_end")]
        self.grouped = all(getattr(c, "grouped", False) for c in self._batch_listeners)
        self._reason: tuple[str, str] | None = None
        self._interrupts = Interrupts()
        self._begun: list[Callback] = []
        self._resume: bytes | None = None
        self.settings: dict[str, Any] = {}  # what a checkpoint remembers of this call of `fit`
        self._batch = 0
        self._label_means: dict[str, tuple[float, float]] = {}  # sum and count of each metric over labels, this epoch
        self._epoch_began = 0.0

    # ------------------------------------------------------------------ for callbacks

    def stop(self, reason: str = "callback", message: str = "a callback asked to stop") -> None:
        """End training after the batch or epoch under way; the first reason given is kept."""
        if self._reason is None:
            self._reason = (reason, message)

    @property
    def should_stop(self) -> bool:
        """Whether training is about to end."""
        return self._reason is not None or self._interrupts.seen

    def copy_weights(self, into: Any = None) -> Any:
        """Return a copy of all weights and buffers, in `into`'s memory where that is given."""
        raise NotImplementedError

    def restore_weights(self, weights: Any) -> None:
        """Put a copy that `copy_weights` made back into the model."""
        raise NotImplementedError

    def dump(self) -> bytes:
        """Return all that a checkpoint file holds."""
        raise NotImplementedError

    def load(self, content: bytes) -> None:
        """Take over what `dump` returned."""
        raise NotImplementedError

    # ------------------------------------------------------------------ for the trainers

    def adapted(self, callback: Any) -> Callback:
        """Return what is called in the callback's place: the callback itself, once it is known to be one."""
        check_callback(callback)
        return callback  # type: ignore[no-any-return]

    def __enter__(self) -> Run:
        self._interrupts.catch()
        try:
            for callback in self.callbacks:
                callback.run = self
                self._begun.append(callback)
                callback.on_train_begin({})
            if self._resume is not None:
                self.load(self._resume)
        except BaseException as error:
            self.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(error, KeyboardInterrupt):
            self._interrupts.seen = True
        elif error is not None:
            self._reason = ("error", f"{type(error).__name__}: {error}")
        self.history.stop_reason, self.history.stop_message = self._why()
        failed = self._end_callbacks()
        self._interrupts.release()
        if failed is not None and error is None:
            raise failed
        if self._reason is not None and self._reason[0] == "non_finite":
            warnings.warn(self.history.stop_message, NonFiniteLossWarning, stacklevel=3)
        return isinstance(error, KeyboardInterrupt)

    def _why(self) -> tuple[str, str]:
        if self._reason is not None:
            return self._reason
        done = self.history.epochs
        if self._interrupts.seen and done < self.epochs:
            return "interrupted", f"interrupted by hand in epoch {done + 1}"
        return "finished", f"all {max(done, self.epochs)} epochs ran"

    def _end_callbacks(self) -> BaseException | None:
        """Call every ``on_train_end``, also when one of them fails; return the first failure."""
        failed: BaseException | None = None
        for callback in self._begun:
            try:
                callback.on_train_end(self.history.last())
            except (Exception, KeyboardInterrupt) as error:
                failed = failed or error
        return failed

    def epoch_numbers(self) -> Iterator[int]:
        """Yield the epochs to run, from 1 or from where the checkpoint ended, until it is time to stop."""
        while self.history.epochs < self.epochs and not self.should_stop:
            epoch = self.history.epochs + 1
            self._batch = 0
            self._label_means.clear()
            self._epoch_began = time.perf_counter()
            for callback in self.callbacks:
                callback.on_epoch_begin(epoch, {})
            if not self.should_stop:
                yield epoch

    def record(
        self, numbers: Numbers, rates: Sequence[float], further: Mapping[str, Sequence[float]] = MappingProxyType({})
    ) -> None:
        """Record some batches and tell the callbacks; stop at the first loss that is not finite.

        `rates` are those that the steps were taken with, `further` the same of further groups of parameters.
        """
        bad = None
        if not math.isfinite(sum(numbers.loss)):
            counted = zip(numbers.loss, numbers.weight, strict=True)  # a batch in which no label counts has no loss
            bad = next((i for i, (loss, weight) in enumerate(counted) if weight and not math.isfinite(loss)), None)
            if bad is not None:
                numbers, rates = numbers.upto(bad + 1), rates[: bad + 1]
                further = {name: column[: bad + 1] for name, column in further.items()}
        self.history.batches(*numbers[:3], lr=rates, metrics=numbers.metrics, rates=further)
        for name, counts in numbers.counts.items():
            total, count = self._label_means.get(name, (0.0, 0.0))
            self._label_means[name] = total + sumprod(numbers.metrics[name], counts), count + sum(counts)
        if self._batch_listeners:
            self._tell(numbers, {"lr": rates, **further})
        self._batch += len(numbers.loss)
        if bad is not None:
            self.stop("non_finite", self._non_finite_message(numbers.loss[bad]))

    def _tell(self, numbers: Numbers, rates: Mapping[str, Sequence[float]]) -> None:
        """Call ``on_train_batch_end`` for each batch."""
        columns = {
            "loss": numbers.loss,
            "size": numbers.size,
            "weight": numbers.weight,
            **rates,
            **numbers.metrics,
        }
        for batch, row in enumerate(zip(*columns.values(), strict=True), self._batch + 1):
            logs = dict(zip(columns, row, strict=True))
            for callback in self._batch_listeners:
                callback.on_train_batch_end(batch, logs)

    def _non_finite_message(self, loss: float) -> str:
        return (
            f"the loss became {loss} in batch {self._batch} of epoch {self.history.epochs + 1} "
            f"(step {self.history.steps}), so training stopped there. Likely causes: a learning rate that is too "
            "high, NaN or infinite values among the inputs or targets, a logarithm or division of zero in the "
            "loss or the model"
        )

    def end_epoch(self, **values: float | None) -> None:
        """Record the epoch and tell the callbacks."""
        if self._batch == 0:
            again = "" if self.history.epochs == 0 else "; can it be gone through more than once?"
            raise ValueError(f"the train loader yielded no batches in epoch {self.history.epochs + 1}{again}")
        for name, (total, count) in self._label_means.items():
            values[f"train_{name}"] = total / count if count else math.nan
        seconds = time.perf_counter() - self._epoch_began
        self.history.epoch(seconds=seconds, **values)  # type: ignore[arg-type]
        logs = self.history.last()
        for callback in self.callbacks:
            callback.on_epoch_end(self.history.epochs, logs)

    def raise_if_interrupted(self) -> None:
        """Raise KeyboardInterrupt when Ctrl-C was pressed; for long work between batches."""
        if self._interrupts.seen:
            raise KeyboardInterrupt

    # ------------------------------------------------------------------ checkpoints

    def resume_from(self, content: bytes | None, settings: dict[str, Any]) -> None:
        """Remember this call's settings and a checkpoint's content; it is loaded once the callbacks have begun."""
        self.settings = {**settings, "optimizer": self.optimizer_settings()}
        self._resume = content

    def optimizer_settings(self) -> dict[str, Any]:
        """Return the optimizer's kind and its settings, as JSON keeps them."""
        raise NotImplementedError

    def take_over(self, history: str) -> None:
        """Go on with the history of a checkpoint, as `History.to_json` wrote it.

        Why the run before ended, and which epoch its early stopping chose, is over; a rule that is resumed
        says its choice again.
        """
        self.history = History.from_json(history)
        self.history.stop_reason, self.history.stop_message = None, ""
        self.history.best_epoch = None
        self.history.steps_per_epoch = self.steps

    def callback_states(self) -> list[dict[str, Any]]:
        """Return the states of the callbacks that keep one, each under its class's name."""
        states = [(type(c).__name__, c.state()) for c in self.callbacks if getattr(c, "state", None)]
        return [{"class": name, "state": state} for name, state in states if state]

    def load_callback_states(self, states: Sequence[Mapping[str, Any]]) -> None:
        """Hand the states back to callbacks of the same classes, in order."""
        waiting = list(states)
        for callback in self.callbacks:
            for saved in waiting:
                if saved["class"] == type(callback).__name__:
                    callback.load_state(saved["state"])
                    waiting.remove(saved)
                    break


def _overrides(callback: Any, name: str) -> bool:
    """Whether the callback does anything there; calling empty methods for every batch costs time."""
    method: Callable[..., Any] | None = getattr(type(callback), name, None)
    return name in vars(callback) or (method is not None and method is not getattr(Callback, name))
