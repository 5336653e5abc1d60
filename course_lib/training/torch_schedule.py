"""Learning-rate schedules of `course_lib.pytorch`: a torch scheduler, and when it is stepped."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import Tensor
from torch.optim import Optimizer
from torch.optim import lr_scheduler as schedulers

from course_lib.training.schedule_units import Count, Length, check_lengths, check_unit

__all__ = ["Schedule", "lengths_of", "make_schedule", "rates_of", "storable"]


class Schedule:
    """A scheduler that is stepped after each batch or after each epoch; without one nothing is done.

    Attributes
    ----------
    scheduler : torch.optim.lr_scheduler.LRScheduler or None
    unit : {"batch", "epoch"} or None
    """

    def __init__(self, scheduler: schedulers.LRScheduler | None = None, unit: str | None = None) -> None:
        self.scheduler, self.unit = scheduler, unit
        self._every_batch = unit == "batch"

    def __bool__(self) -> bool:
        return self.scheduler is not None

    def check(self, epochs: int, steps: int | None, names: list[str], resumes: bool) -> None:
        """Raise, before the first step, where the scheduler's numbers do not fit its unit or this run."""
        if self.scheduler is None or self.unit is None:
            return
        kind = type(self.scheduler).__name__
        if isinstance(self.scheduler, schedulers.ReduceLROnPlateau):
            if "val_loss" not in names:
                raise ValueError(
                    f"{kind} waits for val_loss to fall, but there is no val; give val, or another schedule"
                )
            return
        done = 0 if resumes else self.scheduler.last_epoch
        check_lengths(kind, lengths_of(self.scheduler), Count(self.unit, epochs, steps, done=done))

    def after_batch(self) -> None:
        """Step a scheduler that counts batches, so that the next one has its rate."""
        if self._every_batch:
            self.scheduler.step()  # type: ignore[union-attr]

    def after_epoch(self, values: Mapping[str, float]) -> None:
        """Step a scheduler that counts epochs; one that waits for a plateau looks at the validation loss."""
        if isinstance(self.scheduler, schedulers.ReduceLROnPlateau):
            self.scheduler.step(values["val_loss"])
        elif self.unit == "epoch":
            self.scheduler.step()  # type: ignore[union-attr]

    # ------------------------------------------------------------------ checkpoints

    def state(self) -> Any:
        """Return what a checkpoint keeps of it."""
        return None if self.scheduler is None else storable(self.scheduler.state_dict())

    def load(self, state: Any) -> None:
        """Go on where a checkpoint was; the optimizer's own state holds the rate."""
        if self.scheduler is not None and state is not None:
            self.scheduler.load_state_dict(state)

    def settings(self) -> dict[str, Any] | None:
        """Return what it was made with, as JSON keeps it, without how far it has come."""
        if self.scheduler is None:
            return None
        made_with: dict[str, Any] = json.loads(json.dumps(_made_with(self.scheduler.state_dict()), default=str))
        return {"kind": type(self.scheduler).__name__, "unit": self.unit, "made_with": made_with}

    @property
    def drives(self) -> tuple[str, ...]:
        """The settings of the optimizer that it changes as it goes, which are therefore no settings of a run."""
        cyclic = isinstance(self.scheduler, schedulers.OneCycleLR | schedulers.CyclicLR)
        return () if self.scheduler is None else ("lr", "momentum", "betas") if cyclic else ("lr",)


def make_schedule(schedule: Any, unit: str | None, optimizer: Optimizer, named: bool) -> Schedule:
    """Return the schedule of this optimizer, or say what is wrong; `named` says that `fit` has just made it."""
    if schedule is None:
        if unit is not None:
            raise ValueError(f"schedule_unit={unit!r} has no effect without a schedule; give schedule too")
        return Schedule()
    if unit is not None:
        check_unit(unit)
    if isinstance(schedule, type):
        raise TypeError(
            f"schedule is the class {schedule.__name__}; expected a scheduler made with this optimizer, as in "
            f"{schedule.__name__}(optimizer, …)"
        )
    if callable(schedule) and not isinstance(schedule, schedulers.LRScheduler):
        schedule = schedule(optimizer)
    if not isinstance(schedule, schedulers.LRScheduler):
        raise TypeError(
            f"schedule is a {type(schedule).__name__}; expected a scheduler of torch.optim.lr_scheduler, or a function "
            "of the optimizer that returns one"
        )
    kind = type(schedule).__name__
    if schedule.optimizer is not optimizer:
        made = "fit makes one from optimizer's name" if named else "fit was given another one"
        raise ValueError(
            f"the {kind} sets the rates of an optimizer of its own, but {made}, which it would leave alone; give both "
            f"of them the same, or let schedule be a function: lambda optimizer: {kind}(optimizer, …)"
        )
    return Schedule(schedule, _unit_of(schedule, unit))


def _unit_of(scheduler: schedulers.LRScheduler, unit: str | None) -> str:
    """Return the unit; only a plateau has one by itself."""
    kind = type(scheduler).__name__
    if not isinstance(scheduler, schedulers.ReduceLROnPlateau):
        if unit is None:
            raise ValueError(
                f"{kind} counts the calls of step(), whatever those are; say schedule_unit='batch' for a step after "
                "each batch, or schedule_unit='epoch' for one after each epoch"
            )
        return unit
    if unit == "batch":
        raise ValueError(
            f"{kind} looks at the validation loss, which there is once an epoch; use schedule_unit='epoch'"
        )
    if scheduler.mode != "min":
        raise ValueError(f"{kind} has mode={scheduler.mode!r}, but it is shown val_loss, of which less is better")
    return "epoch"


def rates_of(optimizer: Optimizer) -> list[Any]:
    """Return each parameter group's learning rate as it is now; one that is a tensor is copied, for it will change."""
    rates = (group["lr"] for group in optimizer.param_groups)
    return [rate.clone() if isinstance(rate, Tensor) else rate for rate in rates]


# ---------------------------------------------------------------------------- what a scheduler was made with


def lengths_of(scheduler: Any) -> list[Length]:
    """Return the numbers of calls that a scheduler was made with; none of a kind that has none, or is not known."""
    if isinstance(scheduler, schedulers.SequentialLR):
        return _lengths_of_sequence(scheduler)
    if isinstance(scheduler, schedulers.ChainedScheduler):
        return [length for part in scheduler._schedulers for length in lengths_of(part)]
    if isinstance(scheduler, schedulers.OneCycleLR):
        return [Length("total_steps", scheduler.total_steps, "limit")]
    if isinstance(scheduler, schedulers.MultiStepLR) and scheduler.milestones:
        cuts = sorted(scheduler.milestones)
        return [Length("milestones[-1]", cuts[-1], "cut", first=cuts[0])]
    if isinstance(scheduler, schedulers.StepLR):
        return [Length("step_size", scheduler.step_size, "decay", scheduler.gamma)]
    if isinstance(scheduler, schedulers.ExponentialLR):
        return [Length("gamma", 1, "decay", scheduler.gamma)]
    if isinstance(scheduler, schedulers.LinearLR):  # one that rises is a warm-up, which may be of any length
        return [Length("total_iters", scheduler.total_iters)] if scheduler.end_factor < scheduler.start_factor else []
    names = {
        schedulers.CosineAnnealingLR: "T_max",
        schedulers.CosineAnnealingWarmRestarts: "T_0",
        schedulers.PolynomialLR: "total_iters",
    }
    return [Length(name, getattr(scheduler, name)) for kind, name in names.items() if isinstance(scheduler, kind)]


def _lengths_of_sequence(sequence: schedulers.SequentialLR) -> list[Length]:
    """Return the lengths of the parts, and of the whole: a warm-up of 5 and a cosine of 45 are 50."""
    parts = [length for part in sequence._schedulers for length in lengths_of(part) if length.kind == "end"]
    last = [length for length in lengths_of(sequence._schedulers[-1]) if length.kind == "end"]
    start = sequence._milestones[-1]
    return parts + [Length(f"milestones[-1] + {length.name}", start + length.value) for length in last]


#: How far a scheduler has come, as opposed to what it was made with.
_RUNNING = {
    *("last_epoch", "_step_count", "_last_lr", "_is_initial", "_get_lr_called_within_step", "T_cur", "T_i"),
    *("best", "num_bad_epochs", "cooldown_counter"),
}


def _made_with(state: Any) -> Any:
    if isinstance(state, Mapping):
        return {str(name): _made_with(value) for name, value in state.items() if name not in _RUNNING}
    return [_made_with(value) for value in state] if isinstance(state, list | tuple) else state


def storable(value: Any) -> Any:
    """Return a state without NumPy's numbers, which a checkpoint file could not give back."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Counter):
        return Counter({storable(key): count for key, count in value.items()})
    if isinstance(value, Mapping):
        return {key: storable(item) for key, item in value.items()}
    return type(value)(map(storable, value)) if type(value) in (list, tuple) else value
