"""Going on from a checkpoint: what this call of ``fit`` says holds, and where it says nothing the file does.

A checkpoint remembers how its run was set up. When a run is resumed, each argument that says
something else is obeyed and named in a `ResumeWarning`, or refused; none is dropped. An argument
that says the same leaves the state as it is: after a schedule has lowered the rate, resuming with
the first run's own ``lr`` goes on at the lowered one.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from course_lib.training.batching import Batching

__all__ = [
    "ResumeWarning",
    "changed_settings",
    "check_optimizer",
    "check_schedule",
    "plain",
    "read_checkpoint",
    "settings_of",
    "tell",
    "tell_epochs",
]


class ResumeWarning(UserWarning):
    """A resumed run goes on with other settings than the checkpoint's run had."""


def read_checkpoint(path: str | os.PathLike[str] | None) -> bytes | None:
    """Return a checkpoint file's content, `None` for no path."""
    if path is None:
        return None
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"resume is a {type(path).__name__}; expected a file, such as Checkpoint(folder).last")
    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no checkpoint {os.fspath(path)}; Checkpoint(folder).last names the file")
    return Path(path).read_bytes()


def settings_of(
    batching: Batching, loss: str, lr_given: bool, schedule: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return what a checkpoint remembers of the arguments of ``fit``; the run adds its optimizer."""
    return {
        "loss": loss,
        "batch_size": batching.batch_size,
        "shuffle": batching.shuffle,
        "seed": batching.seed,
        "lr_given": lr_given,
        "schedule": schedule,
    }


def plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as JSON keeps them, so that those from a file can be compared with them."""
    copy: dict[str, Any] = json.loads(json.dumps(dict(settings), default=str))
    return copy


def tell_epochs(asked: int, done: int) -> None:
    """Warn where the checkpoint has more epochs than were asked for, so that none is trained."""
    if asked < done:
        warnings.warn(
            f"epochs is {asked}, but the checkpoint has {done} epochs already, and epochs counts those too: nothing "
            f"is trained; for {asked} more give epochs={done + asked}",
            ResumeWarning,
            stacklevel=5,
        )


def check_optimizer(saved: Mapping[str, Any] | None, now: str) -> None:
    """Raise when the checkpoint's run had an optimizer of another kind."""
    if saved is not None and saved["optimizer"]["kind"] != now:
        raise ValueError(
            f"the checkpoint's optimizer is {saved['optimizer']['kind']}, this one is {now}; resume with the optimizer "
            "of the first run"
        )


def check_schedule(saved: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Raise where the checkpoint's run had another schedule: half of one and half of another is neither."""
    old, new = saved.get("schedule"), now.get("schedule")
    again = "resume with the schedule of the first run"
    if old is None and new is not None:
        raise ValueError(f"the checkpoint's run had no schedule, but this one has a {new['kind']}; leave schedule out")
    if old is not None and new is None:
        raise ValueError(f"the checkpoint's run had a {old['kind']} as its schedule, but this one has none; {again}")
    if old is None or new is None:
        return
    if (old["kind"], old["unit"]) != (new["kind"], new["unit"]):
        kinds = [f"a {one['kind']} with schedule_unit='{one['unit']}'" for one in (old, new)]
        raise ValueError(f"the checkpoint's run had {kinds[0]}, this one has {kinds[1]}; {again}")
    different = _first_difference(old["made_with"], new["made_with"])
    if different is not None:
        name, was, is_now = different
        raise ValueError(
            f"the checkpoint's {old['kind']} had {name}={was}, this one has {name}={is_now}; {again}, or train anew"
        )


def _first_difference(old: Any, new: Any, name: str = "") -> tuple[str, Any, Any] | None:
    """Return the name of the first setting that differs, and both its values."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys: Any = list(dict.fromkeys([*old, *new]))
        pairs = [(old.get(key), new.get(key), key) for key in keys]
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new) and any(map(_nested, old)):
        pairs = [(a, b, name) for a, b in zip(old, new, strict=True)]
    else:
        return None if old == new else (name, old, new)
    return next((found for a, b, key in pairs if (found := _first_difference(a, b, key)) is not None), None)


def _nested(value: Any) -> bool:
    return isinstance(value, dict | list)


def changed_settings(saved: Mapping[str, Any], now: Mapping[str, Any], lr_given: bool) -> dict[str, tuple[Any, Any]]:
    """Return the settings of an optimizer that this call changes: name, then what it was and what it is.

    A rate that nobody gave is no change.
    """
    return {
        name: (saved[name], value)
        for name, value in now.items()
        if name in saved and saved[name] != value and (lr_given or name not in ("lr", "learning_rate"))
    }


def tell(saved: Mapping[str, Any], now: Mapping[str, Any], optimizer: Mapping[str, tuple[Any, Any]]) -> None:
    """Warn of everything that this call changes."""
    changes = dict(optimizer)
    for name in ("loss", "batch_size", "shuffle", "seed"):
        if name in saved and saved[name] != now[name]:
            changes[name] = saved[name], now[name]
    if changes:
        text = ", ".join(f"{name} {new} (was {old})" for name, (old, new) in changes.items())
        warnings.warn(f"the resumed run goes on with other settings: {text}", ResumeWarning, stacklevel=5)
