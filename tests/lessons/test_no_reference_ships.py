"""No function in the half that learners get returns an exercise's right results.

Every function that lies at the level of a module, public or private, is called with random inputs of the exercise, as
is what a visible case expects; none may give what the reference solution gives. Lessons are switched on in `INPUTS`.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import pkgutil
import signal
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import course_lib
from course_lib.checks.compare import Matches
from course_lib.checks.plain import describe
from course_lib.instructor.proof.bank import bank_root, entries, load_answer
from course_lib.lessons import load

#: Of the course's package, what learners do not get.
HELD_BACK = ("instructor", "bench", "__main__")
#: Seconds for one call; what takes longer is no answer to inputs as small as these.
LONGEST = 5


# --- random inputs, as a learner's function gets them ------------------------------------------------


def curves(rng: np.random.Generator) -> tuple[Any, ...]:
    epochs = int(rng.integers(3, 8))
    return rng.uniform(1, 4, epochs).tolist(), rng.uniform(1, 4, epochs).tolist()


def rows(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    return rng.normal(size=(n, 2)).astype("float32"), rng.normal(size=n).astype("float32")


def torch_model(rng: np.random.Generator) -> tuple[Any, Any]:
    """Return a linear model and a loss."""
    import torch
    from torch import nn

    model = nn.Sequential(nn.Linear(2, 1), nn.Flatten(0))
    weights = torch.tensor(rng.normal(size=(1, 2)), dtype=torch.float32)
    model.load_state_dict({"0.weight": weights, "0.bias": torch.zeros(1)})
    return model, lambda outputs, targets: ((outputs - targets) ** 2).mean() + 0.1 * outputs.mean()


def torch_loader(rng: np.random.Generator, n: int) -> Any:
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    return DataLoader(TensorDataset(*(torch.tensor(part) for part in rows(rng, n))), batch_size=4)


def measured_pytorch(rng: np.random.Generator) -> tuple[Any, ...]:
    model, loss = torch_model(rng)
    return model, torch_loader(rng, 11), loss


def trained_pytorch(rng: np.random.Generator) -> tuple[Any, ...]:
    import torch

    model, loader, loss = measured_pytorch(rng)
    return model, loader, loss, torch.optim.SGD(model.parameters(), lr=0.05)


def epochs_pytorch(rng: np.random.Generator) -> tuple[Any, ...]:
    model, loader, loss, optimizer = trained_pytorch(rng)
    return model, loader, torch_loader(rng, 7), loss, optimizer, 2


#: By lesson, exercise and track: what makes the arguments, anew for each call.
INPUTS: dict[tuple[str, str, str], Callable[[np.random.Generator], tuple[Any, ...]]] = {
    ("05_no_grad_validation", "shift_aligned_curves", "pytorch"): curves,
    ("05_no_grad_validation", "shift_aligned_curves", "keras"): curves,
    ("05_no_grad_validation", "evaluate", "pytorch"): measured_pytorch,
    ("05_no_grad_validation", "same_weights_train_loss", "pytorch"): trained_pytorch,
    ("05_no_grad_validation", "bug_hunt", "pytorch"): epochs_pytorch,
}


# --- what learners get -------------------------------------------------------------------------------


def modules() -> Iterator[types.ModuleType]:
    for found in pkgutil.walk_packages(course_lib.__path__, "course_lib."):
        if found.name.split(".")[1] not in HELD_BACK:
            yield importlib.import_module(found.name)


def functions(lesson: str, track: str, exercise: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield all callables by name; a class is none that answers, and what is imported stands in its own module."""
    for module in modules():
        for name, value in list(vars(module).items()):
            own = getattr(value, "__module__", module.__name__) == module.__name__
            if callable(value) and not isinstance(value, type) and own:
                yield f"{module.__name__}.{name}", value
    for case in load(lesson, track)[exercise].cases:
        if callable(case.expected):
            yield f"what {case.name!r} expects", case.expected


def takes(function: Callable[..., Any], inputs: tuple[Any, ...]) -> bool:
    try:
        inspect.signature(function).bind(*inputs)
    except (TypeError, ValueError):
        return False
    return True


@contextlib.contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """End what takes longer, or reads and prints; where there is no alarm, nothing is ended."""

    def end(*_: Any) -> None:
        raise TimeoutError

    alarm = hasattr(signal, "SIGALRM")
    before = signal.signal(signal.SIGALRM, end) if alarm else None
    if alarm:
        signal.alarm(seconds)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        if alarm:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)


def answers(function: Callable[..., Any], right: Callable[..., Any], make: Callable[..., tuple[Any, ...]]) -> bool:
    """Whether a function gives what the reference solution gives, on two random inputs."""
    for seed in (1, 2):
        wanted = right(*make(np.random.default_rng(seed)))
        try:
            with at_most(LONGEST):
                found = describe(function(*make(np.random.default_rng(seed))))
        except (Exception, SystemExit):
            return False
        if Matches(rel=1e-3)(found, wanted) is not None:
            return False
    return True


def that_answer(lesson: str, exercise: str, track: str) -> list[str]:
    make = INPUTS[lesson, exercise, track]
    solution = next(e for e in entries(bank_root(), lesson, track, exercise) if e.name == "reference solution")
    right, inputs = load_answer(solution), make(np.random.default_rng(1))
    return [
        name
        for name, function in functions(lesson, track, exercise)
        if takes(function, inputs) and answers(function, right, make)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("lesson", "exercise", "track"), INPUTS)
def test_nothing_that_ships_answers(
    lesson: str, exercise: str, track: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert that_answer(lesson, exercise, track) == []


def test_a_reference_that_shipped_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from course_lib.instructor.hidden.l05_no_grad_validation import aligned

    module = types.ModuleType("course_lib.lessons.shipped")
    module.__dict__["_aligned"] = types.FunctionType(aligned.__code__, aligned.__globals__, "_aligned")
    module.__dict__["_aligned"].__module__ = module.__name__
    monkeypatch.setattr(sys.modules[__name__], "modules", lambda: iter([module]))
    found = that_answer("05_no_grad_validation", "shift_aligned_curves", "pytorch")
    assert found == ["course_lib.lessons.shipped._aligned"]
