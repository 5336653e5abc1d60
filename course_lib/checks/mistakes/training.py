"""What can go wrong in any PyTorch training loop, told by what the optimizer and the loss saw.

The notes are those of `course_lib.checks.watch.spies_pytorch`.
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from course_lib.checks.mistakes import Fields, by_sign
from course_lib.checks.reading import Event, Reading, floats

__all__ = ["LOOP", "Loop", "loss_not_called", "same"]


def same(a: Any, b: Any) -> bool:
    """Whether two lists of weights or gradients are the same, to three digits."""
    return a is not None and b is not None and np.allclose(floats(a), floats(b), rtol=1e-3, atol=1e-5)


class Loop(Reading):
    """One call of a training loop on a spied model; the first of its inputs are the weights at the start."""

    @cached_property
    def steps(self) -> list[dict[str, Any]]:
        """For each step the "grad" it was given, the "fresh" gradients of the batches so far, what came "since"."""
        steps: list[dict[str, Any]] = []
        fresh: list[Any] = []
        since: list[str] = []
        for event in self.events:
            if event["what"] == "loss" and event.get("fresh") is not None:
                fresh.append(event["fresh"])
            if event["what"] == "step":
                steps.append({"grad": event["grad"], "fresh": list(fresh), "since": since})
                since = []
            else:
                since = [*since, event["what"]]
        return steps

    @property
    def moved(self) -> bool:
        """Whether the weights are others than at the start."""
        after = self.noted("weights_after_the_epoch") or self.noted("weights_after_the_run")
        return after is not None and not same(after, self.inputs[0])

    def order(self, *what: str) -> list[str]:
        """Return in which order these kinds of notes were made."""
        return [event["what"] for event in self.of(*what)]

    @property
    def scales(self) -> set[float]:
        """By what the gradients that steps were given differ from those of their batch's mean loss."""
        found: set[float] = set()
        loss: Event | None = None
        for event in self.of("loss", "step"):
            if event["what"] == "loss":
                loss = event
            elif loss is not None and loss.get("fresh") is not None and event["grad"] is not None and loss["rows"] > 1:
                fresh, rows = floats(loss["fresh"]), loss["rows"]
                found |= {scale for scale in (rows, 1 / rows) if same(event["grad"], scale * fresh)}
        return found


def loss_not_called(loop: Loop) -> bool:
    """Whether batches went through the model and steps were taken, without the loss function handed over."""
    first = [step["since"] for step in loop.steps[:2]]
    return loop.e.error is None and bool(first) and all("forward" in w and "loss" not in w for w in first)


def _zeroed_before_step(loop: Loop) -> bool:
    """Whether the gradients were cleared between the backward pass and the step."""
    for step in loop.steps:
        since = step["since"]
        since = since[len(since) - since[::-1].index("loss") :] if "loss" in since else since
        empty = step["grad"] is None or not np.any(floats(step["grad"]))
        if empty and "backward" in since and "zero_grad" in since[since.index("backward") :]:
            return True
    return False


def _backward_again(loop: Loop) -> bool:
    """Whether a step was given a whole multiple of its batch's gradients: ``backward`` ran several times."""
    for step in loop.steps:
        times = step["since"].count("backward")
        if step["grad"] is None or not step["fresh"] or times < 2 or step["since"].count("loss") != 1:
            continue
        if same(step["grad"], times * floats(step["fresh"][-1])):
            return True
    return False


def _piled_up(loop: Loop) -> bool:
    """Whether some step was given the sum of all gradients so far instead of the last batch's."""
    for step in loop.steps:
        fresh = step["fresh"]
        if step["grad"] is None or len(fresh) < 2 or same(step["grad"], fresh[-1]):
            continue
        if any(same(step["grad"], sum(floats(f) for f in fresh[first:])) for first in range(len(fresh) - 1)):
            return True
    return False


def _how_often_cleared(loop: Loop) -> str:
    cleared = len(loop.of("zero_grad"))
    return "never" if not cleared else "only once" if cleared == 1 else f"only {cleared} times"


def _step_first(loop: Loop) -> bool:
    order = loop.order("step", "backward")
    return "backward" in order and order[0] == "step"


def _two_steps(loop: Loop) -> bool:
    return any(a == b == "step" for a, b in pairwise(loop.order("step", "forward", "loss")))


#: What an error may be about.
_OF_ERRORS = (
    ("gradients_off", lambda loop: loop.raised("", "does not require grad")),
    ("graph_used_twice", lambda loop: loop.raised("", "backward through the graph a second time")),
    ("swapped_loss_arguments", lambda loop: any(event["swapped"] for event in loop.of("loss"))),
)
#: From the most specific to the least.
_OF_NOTES = (
    ("other_loss", loss_not_called),
    ("zero_grad_before_step", _zeroed_before_step),
    ("step_before_backward", _step_first),
    ("backward_twice", _backward_again),
    ("step_outside_loop", lambda loop: 0 < len(loop.of("step")) < len(loop.of("backward"))),
    ("missing_zero_grad", _piled_up),
    ("no_backward", lambda loop: bool(loop.of("loss")) and not loop.of("backward")),
    ("no_step", lambda loop: bool(loop.of("backward")) and not loop.of("step") and not loop.moved),
    ("optimizer_not_used", lambda loop: not loop.of("step") and loop.moved),
    ("several_steps_a_batch", _two_steps),
    ("scaled_loss_differentiated", lambda loop: bool(loop.scales)),
)
_FIELDS: Fields = {
    "cleared": _how_often_cleared,
    "steps": lambda loop: len(loop.of("step")),
    "scaled": lambda loop: "multiplied" if max(loop.scales) > 1 else "divided",
}
LOOP = (*by_sign(_OF_ERRORS, read=Loop), *by_sign(_OF_NOTES, _FIELDS, read=Loop, of_errors=False))
