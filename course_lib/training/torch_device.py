"""Where `course_lib.pytorch` trains and with what: devices, modes and optimizers."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from course_lib.training.arguments import learning_rate

__all__ = ["make_optimizer", "modes_restored", "on_device"]


def make_optimizer(optimizer: Any, model: nn.Module, lr: float | None) -> torch.optim.Optimizer:
    """Return an optimizer of the model's parameters."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    _check_parameters(model, parameters)
    if isinstance(optimizer, torch.optim.Optimizer):
        if lr is not None:
            raise ValueError("lr goes with an optimizer given by name; this optimizer has its own learning rate")
        _check_optimizer(optimizer, parameters)
        return optimizer
    classes = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
    if not isinstance(optimizer, str) or optimizer.lower() not in classes:
        raise ValueError(f"optimizer is {optimizer!r}; expected one of {', '.join(classes)}, or a torch optimizer")
    name = optimizer.lower()
    rate = learning_rate(name, lr)
    return classes[name](parameters, lr=rate, fused=all(p.is_floating_point() for p in parameters))


def _check_parameters(model: nn.Module, parameters: Sequence[nn.Parameter]) -> None:
    """Raise unless there is something that can be trained."""
    if any(isinstance(p, nn.parameter.UninitializedParameter) for p in parameters):
        raise ValueError("the model has lazy layers that do not know their sizes yet; call it on a few rows first")
    if not parameters:
        raise ValueError(
            f"the model {type(model).__name__} has no parameters that can be trained; are its layers "
            "attributes of the module (nn.ModuleList instead of a list), and do they have requires_grad=True?"
        )
    place = parameters[0].device.type
    if torch.is_autocast_enabled(place) and torch.get_autocast_dtype(place) == torch.float16:
        raise ValueError(
            "fit runs inside torch.autocast with float16, where small gradients vanish unless the loss is scaled, "
            "which fit does not do; use dtype=torch.bfloat16"
        )


def _check_optimizer(optimizer: torch.optim.Optimizer, parameters: Sequence[nn.Parameter]) -> None:
    """Raise for an optimizer of other parameters, or one that the loop cannot step."""
    closure = inspect.signature(type(optimizer).step).parameters.get("closure")
    if closure is not None and closure.default is inspect.Parameter.empty:
        raise ValueError(
            f"{type(optimizer).__name__} computes the loss several times in a step and needs a closure for that, "
            "which this loop does not have; use another optimizer, or write a loop of your own"
        )
    ours = set(map(id, parameters))
    if not any(id(p) in ours for group in optimizer.param_groups for p in group["params"]):
        raise ValueError(
            "the optimizer was made for another model: none of its parameters belongs to this one; "
            "make it with the parameters of the model you train"
        )
    _check_half(optimizer)


def _check_half(optimizer: torch.optim.Optimizer) -> None:
    """Raise where a step in float16 would divide zero by zero."""
    for group in optimizer.param_groups:
        half = any(p.dtype == torch.float16 and p.requires_grad for p in group["params"])
        if half and not group.get("fused") and torch.tensor(group.get("eps", 1.0)).half() == 0:
            raise ValueError(
                f"the model has weights in float16, where the eps={group['eps']} of {type(optimizer).__name__} is 0 "
                "and its steps become NaN; use bfloat16 or float32 weights, or an eps of at least 1e-7"
            )


@contextmanager
def on_device(
    model: nn.Module, optimizer: torch.optim.Optimizer | None, criterion: Any, device: str | None
) -> Iterator[torch.device]:
    """Move model, optimizer and loss to the GPU, if there is one or `device` says so, and back at the end."""
    home = next((p.device for p in model.parameters()), torch.device("cpu"))
    if device is not None:
        place = _device(device)
    else:
        place = torch.device("cuda") if home.type == "cpu" and torch.cuda.is_available() else home
    if place == home:
        with _fresh_casts():
            yield place
        return
    moved = [thing for thing in (model, criterion) if isinstance(thing, nn.Module)]
    try:
        for module in moved:
            module.to(place)
        _move_state(optimizer)
        with _fresh_casts():
            yield place
    finally:
        for module in moved:
            module.to(home)
        _move_state(optimizer)


@contextmanager
def _fresh_casts() -> Iterator[None]:
    """Inside `torch.autocast`, cast the weights at every step; else it goes on with copies of the first ones."""
    cached = torch.is_autocast_cache_enabled()
    torch.set_autocast_cache_enabled(False)
    try:
        yield
    finally:
        torch.set_autocast_cache_enabled(cached)


def _device(device: Any) -> torch.device:
    """Return the device of this name, once it is known that something can be put there."""
    try:
        place = torch.device(device)
        torch.empty(1, device=place)
    except (RuntimeError, AssertionError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"device is {device!r}, which torch cannot use here ({reason}); try device='cpu'") from error
    return place


def _move_state(optimizer: torch.optim.Optimizer | None) -> None:
    """Bring an optimizer's state to where its parameters are."""
    if optimizer is not None and optimizer.state:
        optimizer.load_state_dict(optimizer.state_dict())


@contextmanager
def modes_restored(model: nn.Module) -> Iterator[None]:
    """Remember for every part of the model whether it is in training mode, and restore that."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
