"""Step both libraries' ReduceLROnPlateau through the curves of lesson 09's explorer, and keep the epochs of their cuts.

Run it where both frameworks are installed::

    python scripts/precompute_plateaus.py
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from types import SimpleNamespace

from course_lib.lessons.l09_schedules.explorer import KERAS, PLATEAUS, TORCH, plateau_losses

TARGET = Path(__file__).parent.parent / "course_lib" / "lessons" / "l09_schedules" / "material" / "plateaus.json"
#: So high that no number of cuts reaches torch's smallest change of 1e-8, from which on it cuts no more.
START = 1e30


def torch_cuts(losses: Sequence[float], patience: int, cooldown: int, threshold: float = 1e-4) -> list[int]:
    """Return the epochs after which torch's rule cuts."""
    import torch

    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=START)
    rule = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, patience=patience, cooldown=cooldown, threshold=threshold
    )
    cuts = []
    for epoch, loss in enumerate(losses, start=1):
        before = optimizer.param_groups[0]["lr"]
        rule.step(loss)
        if optimizer.param_groups[0]["lr"] < before:
            cuts.append(epoch)
    return cuts


def keras_cuts(losses: Sequence[float], patience: int, cooldown: int, threshold: float = 1e-4) -> list[int]:
    """Return the epochs after which Keras's callback cuts."""
    import keras

    rule = keras.callbacks.ReduceLROnPlateau(
        monitor="val_loss", patience=patience, cooldown=cooldown, min_delta=threshold, mode="min"
    )
    optimizer = SimpleNamespace(learning_rate=START)
    rule.set_model(SimpleNamespace(optimizer=optimizer))
    rule.on_train_begin()
    cuts = []
    for epoch, loss in enumerate(losses, start=1):
        before = optimizer.learning_rate
        rule.on_epoch_end(epoch - 1, {"val_loss": loss})
        if optimizer.learning_rate < before:
            cuts.append(epoch)
    return cuts


def all_cuts() -> dict[str, list[int]]:
    """Return the cuts of both libraries for every state of the explorer's plateau view."""
    found = {}
    for curve, level, patience, cooldown in product(PLATEAUS, (0.01, 1.0, 100.0), range(5), range(4)):
        losses = plateau_losses(curve, level)
        for library, cuts in ((TORCH, torch_cuts), (KERAS, keras_cuts)):
            found[f"{library} {curve} {level:g} {patience} {cooldown}"] = cuts(losses, patience, cooldown)
    return found


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(all_cuts(), indent=0) + "\n", encoding="utf-8")
