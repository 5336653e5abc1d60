"""Learning-rate schedules of `course_lib.keras`: an object that counts batches, or a callback that counts epochs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

import keras
from keras.callbacks import LearningRateScheduler, ReduceLROnPlateau
from keras.optimizers import schedules

from course_lib.training.arguments import listed
from course_lib.training.schedule_units import Count, Length, check_lengths, check_unit

__all__ = ["Schedule", "lengths_of", "make_schedule", "schedule_in"]


class Schedule(NamedTuple):
    """What sets the rate: an object inside the optimizer, asked at each step, or a callback, asked at each epoch."""

    inside: schedules.LearningRateSchedule | None = None
    callback: keras.callbacks.Callback | None = None

    def __bool__(self) -> bool:
        return self.inside is not None or self.callback is not None

    def check(self, epochs: int, steps: int | None, names: Iterable[str]) -> None:
        """Raise, before the first step, where the schedule's numbers do not fit its unit or this run."""
        if self.inside is not None:
            count = Count("batch", epochs, steps, free=False)
            check_lengths(type(self.inside).__name__, lengths_of(self.inside), count)
        if isinstance(self.callback, ReduceLROnPlateau):
            watched = self.callback.monitor
            ours = watched if watched.startswith("val_") else f"train_{watched}"
            if ours not in names:
                known = ", ".join(name.removeprefix("train_") for name in names if name.startswith(("train_", "val_")))
                raise ValueError(
                    f"ReduceLROnPlateau watches {watched}, which this run does not measure; it has {known}"
                )

    def settings(self) -> dict[str, Any] | None:
        """Return what it was made with, as JSON keeps it, without how far it has come."""
        if self.inside is not None:
            made_with, unit = self.inside.get_config(), "batch"
        elif self.callback is not None:
            names = ("monitor", "factor", "patience", "mode", "min_delta", "cooldown", "min_lr")
            made_with, unit = {n: getattr(self.callback, n) for n in names if hasattr(self.callback, n)}, "epoch"
        else:
            return None
        kind = type(self.inside or self.callback).__name__
        return {"kind": kind, "unit": unit, "made_with": json.loads(json.dumps(made_with, default=str))}


def schedule_in(optimizer: Any) -> schedules.LearningRateSchedule | None:
    """Return the schedule that an optimizer was made with."""
    rate = getattr(getattr(optimizer, "inner_optimizer", optimizer), "_learning_rate", None)
    return rate if isinstance(rate, schedules.LearningRateSchedule) else None


def make_schedule(schedule: Any, unit: str | None, optimizer: Any, lr: Any, callbacks: Any) -> Schedule:
    """Return the schedule of this run, or say what is wrong with it."""
    if unit is not None:
        check_unit(unit)
    inside = schedule_in(optimizer)
    setters = [c for c in listed(callbacks) if isinstance(c, LearningRateScheduler | ReduceLROnPlateau)]
    if isinstance(schedule, LearningRateScheduler | ReduceLROnPlateau):
        setters.append(schedule)
        made = Schedule(callback=schedule)
    elif isinstance(schedule, schedules.LearningRateSchedule):
        _check_place(schedule, optimizer, lr)
        inside, made = schedule, Schedule(schedule)
    elif schedule is None:
        made = Schedule(inside)
    else:
        raise TypeError(_not_a_schedule(schedule))
    if inside is not None and setters:
        raise ValueError(
            f"{type(setters[0]).__name__} sets the rate at each epoch, but the optimizer has a {type(inside).__name__} "
            "that sets it at each batch, and only one can; make the optimizer with a number, or leave the callback out"
        )
    _check_unit(made, unit)
    return made


def _check_place(schedule: Any, optimizer: Any, lr: Any) -> None:
    """Raise unless the schedule can be the optimizer's rate."""
    kind = type(schedule).__name__
    if lr is not None:
        raise ValueError(f"lr={lr} would have no effect beside a {kind}, which brings its own rates; leave lr out")
    if not isinstance(optimizer, str) and schedule_in(optimizer) is not schedule:
        name = type(getattr(optimizer, "inner_optimizer", optimizer)).__name__
        raise ValueError(
            f"the {kind} is not the rate of the {name} that was given, which it would leave alone; make the optimizer "
            f"with it, as in {name}({kind}(…)), or name the optimizer"
        )


def _check_unit(made: Schedule, unit: str | None) -> None:
    """Raise where the unit that was said is not what this kind of schedule counts."""
    if unit is None:
        return
    if not made:
        raise ValueError(f"schedule_unit={unit!r} has no effect without a schedule; give schedule too")
    kind = type(made.inside or made.callback).__name__
    if made.inside is not None and unit != "batch":
        raise ValueError(
            f"{kind} counts the optimizer's steps, so batches, whatever is said; use schedule_unit='batch' and its "
            "numbers in batches, or keras.callbacks.LearningRateScheduler for a rate by epoch"
        )
    if made.callback is not None and unit != "epoch":
        raise ValueError(f"{kind} is a callback that Keras asks once an epoch; use schedule_unit='epoch'")


def _not_a_schedule(schedule: Any) -> str:
    expected = (
        "expected one of keras.optimizers.schedules (counts batches), or a keras.callbacks.LearningRateScheduler or "
        "ReduceLROnPlateau (counts epochs)"
    )
    if isinstance(schedule, type):
        return f"schedule is the class {schedule.__name__}; {expected}, made with its numbers"
    hint = ""
    if hasattr(schedule, "get_last_lr"):
        hint = "; torch's schedulers go with course_lib.pytorch"
    elif isinstance(schedule, keras.callbacks.Callback):
        hint = "; other callbacks go into callbacks"
    return f"schedule is a {type(schedule).__name__}; {expected}{hint}"


# ---------------------------------------------------------------------------- what a schedule was made with


def lengths_of(schedule: Any) -> list[Length]:
    """Return the numbers of steps that a schedule was made with; none of a kind that is not known."""
    if isinstance(schedule, schedules.CosineDecay):
        whole = [Length("decay_steps", schedule.decay_steps)]
        if schedule.warmup_steps:
            whole.append(Length("warmup_steps + decay_steps", schedule.warmup_steps + schedule.decay_steps))
        return whole
    if isinstance(schedule, schedules.ExponentialDecay):
        return [Length("decay_steps", schedule.decay_steps, "decay", schedule.decay_rate)]
    if isinstance(schedule, schedules.PiecewiseConstantDecay):
        return [Length("boundaries[-1]", schedule.boundaries[-1], "cut", first=schedule.boundaries[0])]
    if isinstance(schedule, schedules.CosineDecayRestarts):
        return [Length("first_decay_steps", schedule.first_decay_steps)]
    if isinstance(schedule, schedules.PolynomialDecay | schedules.InverseTimeDecay):
        return [Length("decay_steps", schedule.decay_steps)]
    return []
