"""Early stopping as one rule that knows no framework: give it a number an epoch, it says when to stop.

What an improvement is, and when it stops, each of five libraries decides in its own way: the course's rule and those of
four others, with a table of their differences, are in `course_lib.training.stopping_conventions`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any

from course_lib.training.callbacks import Callback, Logs
from course_lib.training.direction import better_mode
from course_lib.training.stopping_conventions import STEPS

__all__ = ["CONVENTIONS", "EarlyStopping"]

CONVENTIONS = tuple(STEPS)


class EarlyStopping(Callback):
    """Stop when the monitored value has not improved for `patience` epochs; bring the best weights back.

    Step it by hand, or give it to ``fit(…, callbacks=[…])`` of either framework.

    Parameters
    ----------
    patience : int
        Stops after that many epochs without improvement; at least 1.
    min_delta : float, optional
        An epoch must be better than the best so far by *more* than this to count; at least 0. By
        default 0, for skorch 0.0001.
    mode : {"auto", "min", "max"}
        Whether lower or higher is better. By default the name of `monitor` tells: an accuracy should be
        high, a loss or an error low. A name that does not tell is refused.
    restore_best : bool
        Whether the model gets the best epoch's weights back when training ends, however it ends.
        Lightning's and ignite's rules never restore.
    start_from_epoch : int
        So many first epochs are not looked at.
    baseline : float, optional
        Improvements that do not reach beyond this do not reset the count.
    monitor : str
        The column of the epoch record.
    convention : {"course", "keras", "lightning", "ignite", "skorch"}
        Whose rule; see the table in `course_lib.training.stopping_conventions`.
    relative : bool, optional
        `min_delta` as a share of the best value; ignite and skorch only (skorch's default).
    cumulative : bool
        ignite only: whether the gain is counted since the last improvement (`True`), or since the
        best value seen (`False`, ignite's default).

    Attributes
    ----------
    best : float or None
        The best value so far.
    best_epoch : int or None
        Its epoch, from 1.
    wait : int
        Epochs since the last improvement.
    stopped_epoch : int or None
        The epoch after which it said stop.
    reason : str
        Why it said stop, as a sentence.
    improved : bool
        Whether the last value was an improvement.

    Examples
    --------
    >>> rule = EarlyStopping(patience=2)
    >>> [rule.step(value) for value in (1.0, 0.8, 0.9, 0.85)]
    [False, False, False, True]
    >>> rule.best_epoch, rule.stopped_epoch
    (2, 4)
    """

    grouped = True

    def __init__(
        self,
        patience: int = 5,
        min_delta: float | None = None,
        mode: str = "auto",
        *,
        restore_best: bool = True,
        start_from_epoch: int = 0,
        baseline: float | None = None,
        monitor: str = "val_loss",
        convention: str = "course",
        relative: bool | None = None,
        cumulative: bool = False,
    ) -> None:
        if convention not in CONVENTIONS:
            raise ValueError(f"convention is '{convention}'; expected one of {', '.join(CONVENTIONS)}")
        self.patience = patience
        self.relative = convention == "skorch" if relative is None else relative
        self.min_delta = (1e-4 if convention == "skorch" else 0.0) if min_delta is None else float(min_delta)
        self.mode = better_mode(monitor, mode)
        self.restore_best = restore_best
        self.start_from_epoch = start_from_epoch
        self.baseline = baseline
        self.monitor = monitor
        self.convention = convention
        self.cumulative = cumulative
        self._check()
        self.reset()

    def _check(self) -> None:
        for name in ("patience", "start_from_epoch"):
            value = getattr(self, name)
            if not isinstance(value, Integral) or isinstance(value, bool):
                raise TypeError(f"{name} is {value!r}; expected a whole number of epochs")
            setattr(self, name, int(value))
        if self.start_from_epoch < 0:
            raise ValueError(f"start_from_epoch is {self.start_from_epoch}; expected at least 0")
        if self.baseline is not None and not isinstance(self.baseline, Real):
            raise TypeError(f"baseline is {self.baseline!r}; expected a number")
        least = 1 if self.convention in ("course", "ignite") else 0
        if self.patience < least:
            raise ValueError(
                f"patience is {self.patience}; expected at least {least}"
                + (": a patience of 1 stops at the first epoch that does not improve" if least else "")
            )
        if self.convention in ("course", "ignite") and not self.min_delta >= 0:
            raise ValueError(f"min_delta is {self.min_delta}; expected at least 0")
        if self.relative and self.convention not in ("ignite", "skorch"):
            raise ValueError(f"relative=True is not part of the convention '{self.convention}'")
        if self.cumulative and self.convention != "ignite":
            raise ValueError(f"cumulative=True is not part of the convention '{self.convention}'")
        if (self.baseline is not None or self.start_from_epoch) and self.convention not in ("course", "keras"):
            raise ValueError(
                f"baseline and start_from_epoch are not part of the convention '{self.convention}'; "
                "only 'course' and 'keras' have them"
            )

    def reset(self) -> None:
        """Forget everything, as at the start of a run."""
        self.best: float | None = None
        self.best_epoch: int | None = None
        self.wait = 0
        self.epoch = 0
        self.stopped_epoch: int | None = None
        self.reason = ""
        self.improved = False
        self.best_weights: Any = None

    # ------------------------------------------------------------------ the rule

    def step(self, value: float, copy_weights: Callable[[Any], Any] | None = None) -> bool:
        """Take the value of the next epoch; return whether to stop.

        Parameters
        ----------
        value : float
            The monitored value after this epoch.
        copy_weights : callable, optional
            Called with the previous copy (or `None`) when this epoch is the best so far; must return
            a *copy* of the weights, which ends up in ``best_weights``.

        Returns
        -------
        bool
            `True` when training should stop after this epoch.

        Raises
        ------
        RuntimeError
            If it has already said stop; use `reset` or a new rule for another run.
        """
        if self.stopped_epoch is not None:
            raise RuntimeError(
                f"this rule already said stop after epoch {self.stopped_epoch}; call reset() or make a "
                "new EarlyStopping for another run"
            )
        value = float(value)
        self.epoch += 1
        if self.epoch <= self.start_from_epoch:
            self.improved = False
            return False
        best_epoch = self.best_epoch
        stop = STEPS[self.convention](self, value)
        self.improved = self.best_epoch == self.epoch
        if copy_weights is not None and self.best_epoch != best_epoch:
            self.best_weights = copy_weights(self.best_weights)
        if stop:
            self.stopped_epoch = self.epoch
            self.reason = self.reason or (
                f"{self.monitor} has not improved for {self.wait} epochs since epoch {self.best_epoch}"
            )
        return stop

    # ------------------------------------------------------------------ as a callback

    def on_train_begin(self, logs: Logs = None) -> None:
        """Start afresh; complain about a missing column before the first step."""
        self.reset()
        self._require(self.run.names)

    def _require(self, names: Any) -> None:
        if self.monitor not in names:
            hint = ""
            if self.monitor.startswith("val_"):
                hint = "; give fit that metric" if "val_loss" in names else "; give fit validation rows"
            raise ValueError(
                f"EarlyStopping watches '{self.monitor}', which this run does not measure{hint}. "
                f"It measures: {', '.join(names)}"
            )

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Step the rule."""
        logs = logs or {}
        self._require(logs)
        keeps = self.restore_best and self.convention not in ("lightning", "ignite")
        stop = self.step(logs[self.monitor], self.run.copy_weights if keeps else None)
        self.run.history.best_epoch = self.best_epoch
        if stop:
            self.run.stop("early_stopping", self.reason)

    def on_train_end(self, logs: Logs = None) -> None:
        """Bring the best weights back, whether or not the rule ended the run."""
        if self.best_weights is not None:
            self.run.restore_weights(self.best_weights)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Count as the run does: a rule that is new in a resumed run begins at its epoch."""
        self.epoch = epoch - 1

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        names = ("best", "best_epoch", "wait", "epoch", "stopped_epoch", "reason", "best_weights")
        return {name: getattr(self, name) for name in names} | {"settings": self._settings()}

    def _settings(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _SETTINGS}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Go on from there; a rule that had said stop says so again, unless it has other settings now."""
        state = dict(state)
        before = state.pop("settings", None)
        if before == self._settings():
            for name, value in state.items():
                setattr(self, name, value)
        else:
            self._replay(state)
        self.run.history.best_epoch = self.best_epoch
        if self.stopped_epoch is not None:
            self.run.stop("early_stopping", self.reason)

    def _replay(self, state: Mapping[str, Any]) -> None:
        """Go through the epochs of the run so far by the present settings, which are not those of the checkpoint."""
        history = self.run.history
        values = history[self.monitor] if self.monitor in history.names else [math.nan]
        for value in values if all(map(math.isfinite, values)) else []:  # NaN where it was not measured before
            if self.step(value):
                break
        keeps = self.restore_best and self.convention not in ("lightning", "ignite")
        if not keeps or self.best_epoch is None:
            return
        if self.best_epoch == state["best_epoch"] and state["best_weights"] is not None:
            self.best_weights = state["best_weights"]
        elif self.best_epoch == history.epochs:
            self.best_weights = self.run.copy_weights(None)
        else:
            raise ValueError(
                f"by these settings of EarlyStopping epoch {self.best_epoch} is the best one so far, and the "
                "checkpoint does not hold its weights; resume with the first run's settings, or restore_best=False"
            )


_SETTINGS = (
    "patience",
    "min_delta",
    "mode",
    "restore_best",
    "start_from_epoch",
    "baseline",
    "monitor",
    "convention",
    "relative",
    "cumulative",
)
