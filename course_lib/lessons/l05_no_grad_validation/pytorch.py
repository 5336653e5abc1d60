"""Lesson 05 in PyTorch: how its three functions are watched, and what can go wrong."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import Matches
from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.linear import GAIN, LR, START
from course_lib.checks.mistakes import mistake
from course_lib.checks.mistakes.training import LOOP
from course_lib.lessons.l05_no_grad_validation.evaluate import (
    EPSILON,
    REMEMBERS,
    Notes,
    Once,
    evaluate_exercise,
    events,
    twice,
    without_errors,
)
from course_lib.lessons.l05_no_grad_validation.run_epochs import (
    Truth,
    hunt_case,
    pair_diagnoses,
)

__all__ = ["BUG_HUNT", "EVALUATE", "SAME_WEIGHTS", "epochs_case", "observe_evaluate", "same_weights_case"]


def _tilted(outputs: Any, targets: Any) -> Any:
    return ((outputs - targets) ** 2).mean() + linear.TILT * outputs.mean()


# --- evaluate ----------------------------------------------------------------------------------------


def _model(p: dict[str, np.ndarray], noted: list[dict[str, Any]]) -> Any:
    """Return a model of batch norm, dropout and a dense layer that notes each pass.

    The parts with a mode lie in a part of their own, and the last layer's bias arrives frozen.
    """
    import torch
    from torch import nn

    class Watched(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.BatchNorm1d(2, eps=EPSILON), nn.Dropout(0.5))
            self.head = nn.Linear(*p["kernel"].shape)
            self.head.bias.requires_grad_(False)
            self.notes = Notes(noted)

        def forward(self, inputs: Any) -> Any:
            outputs = self.head(self.body(inputs))
            outputs = outputs.squeeze(-1) if outputs.shape[-1] == 1 else outputs
            with contextlib.suppress(Exception):
                self.notes.add(
                    {
                        "what": "forward",
                        "rows": [float(v) for v in inputs.detach()[:, 0]],
                        "training": bool(self.training),
                        "norm": bool(self.body[0].training),
                        "drop": bool(self.body[1].training),
                        "grad": bool(outputs.requires_grad),
                    }
                )
            return outputs

    model = Watched()
    values = {
        "body.0.weight": p["gamma"],
        "body.0.bias": p["beta"],
        "body.0.running_mean": p["mean"],
        "body.0.running_var": p["variance"],
        "body.0.num_batches_tracked": np.array(20),
        "head.weight": p["kernel"].T,
        "head.bias": p["bias"],
    }
    model.load_state_dict({name: torch.tensor(np.ascontiguousarray(value)) for name, value in values.items()})
    return model


#: Of the layers that have a mode.
_SETTINGS = "p", "momentum", "eps", "track_running_stats"


def _state(model: Any) -> dict[str, list[list[float]]]:
    def read(tensors: Any) -> list[list[float]]:
        return [t.detach().reshape(-1).tolist() for t in tensors]

    return {
        "weights": read(model.parameters()),
        "statistics": read(model.buffers()),
        "gradients": read(p.grad for p in model.parameters() if p.grad is not None),
        "requires_grad": [[float(p.requires_grad)] for p in model.parameters()],
        "settings": [[float(getattr(m, name)) for m in model.body for name in _SETTINGS if hasattr(m, name)]],
    }


def observe_evaluate(answer: Any, record: dict[str, Any], p: Any, batches: Any, how: dict[str, Any]) -> Any:
    """Let ``evaluate`` measure a watched model once, and note what it was like before and after."""
    import torch

    from course_lib.checks.watch.spies_pytorch import Batches

    noted = record["events"] = []
    model = _model(p, noted)
    model.train(how["training"])
    for parameter in model.parameters():  # as a training step leaves it
        if parameter.requires_grad:
            parameter.grad = torch.full_like(parameter, 0.25)
    before, recording = _state(model), how.get("grad", True)
    loss = _losses()[batches[0][1].dtype.kind]
    with torch.set_grad_enabled(recording):
        try:
            return answer(model, Once(Batches(batches, how.get("as_list", False)), record), loss)
        finally:
            after = _state(model)
            record["moved"] = [name for name in before if before[name] != after[name]]
            record["gradients_cleared"] = not any(value for values in after["gradients"] for value in values)
            record["unfrozen"] = any(
                a > b for a, b in zip(after["requires_grad"], before["requires_grad"], strict=True)
            )
            modes = [bool(module.training) for module in model.modules()]  # its layers have modes, too
            record["training_mode_afterwards"] = all(modes) if how["training"] else any(modes)
            record["gradients_left_off"] = recording and not torch.is_grad_enabled()
            record["gradients_left_on"] = not recording and torch.is_grad_enabled()


def _losses() -> dict[str, Callable[[Any, Any], Any]]:
    """Return the loss functions by the kind of the targets' dtype."""
    from torch import nn

    def errors(outputs: Any, targets: Any) -> Any:
        return (outputs.argmax(-1) != targets).float().mean()

    return {"f": _tilted, "i": nn.CrossEntropyLoss(), "u": errors}


def _mode_is(left: bool) -> Callable[[Evidence], bool]:
    return lambda e: e.compares == "training_mode_afterwards" and e.seen.get("training_mode_afterwards") is left


EVALUATE = evaluate_exercise(
    observe_evaluate,
    changes=(
        mistake(
            "gradients_cleared",
            probe=lambda e: "gradients" in (e.seen.get("moved") or []) and bool(e.seen.get("gradients_cleared")),
        ),
        mistake(
            "backward_on_validation_rows/backward_called", probe=lambda e: "gradients" in (e.seen.get("moved") or [])
        ),
        mistake("flags_changed/pytorch_3", probe=lambda e: bool(e.seen.get("unfrozen"))),
        mistake("flags_changed/pytorch_4", probe=lambda e: "requires_grad" in (e.seen.get("moved") or [])),
    ),
    gradients=(
        mistake("gradients_left_off/pytorch_2", probe=lambda e: bool(e.seen.get("gradients_left_off"))),
        mistake("gradients_left_on", probe=lambda e: bool(e.seen.get("gradients_left_on"))),
        mistake("gradients_on/pytorch_3", probe=lambda e: any(event["grad"] for event in events(e, "forward"))),
    ),
    mode=(
        mistake("mode_left_in_eval/pytorch_2", probe=lambda e: _mode_is(False)(e) and e.inputs[2]["training"]),
        mistake("mode_forced_to_training/pytorch", probe=lambda e: _mode_is(True)(e) and not e.inputs[2]["training"]),
    ),
)


# --- same_weights_train_loss -------------------------------------------------------------------------


def observe_same_weights(answer: Any, record: dict[str, Any], start: Any, train: Any, how: dict[str, Any]) -> Any:
    """Run ``same_weights_train_loss`` on a spied model and note what happened and the weights after it."""
    from course_lib.checks.watch.spies_pytorch import SpyModel, loaders, spy_loss, spy_optimizer, weights_of

    noted = record["events"] = []
    model = SpyModel(start, GAIN, noted)
    model.train(how["training"])
    loss, optimizer = spy_loss(_tilted, model, noted), spy_optimizer(model, noted, LR, how.get("momentum", 0.0))
    try:
        return answer(model, loaders(train[0], train[1], how["batch_size"]), loss, optimizer)
    finally:
        record["weights_after_the_epoch"] = weights_of(model)


def _truth(e: Evidence) -> Truth:
    start, train, how = e.inputs
    batches = linear.batches_of(train[0], train[1], how["batch_size"])
    run = linear.train(start, batches, LR, GAIN, how.get("momentum", 0.0))
    return Truth(np.array(START), run.weights, run.losses, batches, run.after)


def _later(e: Evidence) -> list[dict[str, Any]]:
    """Return the passes after the last step; of several over the rows, the last."""
    found: list[dict[str, Any]] = []
    for event in events(e, "forward", "step"):
        found = [] if event["what"] == "step" else [*found, event]
    rows = sum(len(event["rows"]) for event in found)
    while found and rows - len(found[0]["rows"]) >= len(e.inputs[1][1]):
        rows -= len(found[0]["rows"])
        found = found[1:]
    return found


def _expected_weights(start: Any, train: Any, how: dict[str, Any]) -> list[float]:
    return _truth(Evidence((start, train, how), {})).after.tolist()


def _judge_again(e: Evidence) -> str | None:
    later = _later(e)
    if not later:
        return "after the last update no row went through the model again"
    if any(event["training"] for event in later):
        return "the rows were measured again in training mode"
    if any(event["grad"] for event in later):
        return "gradients were recorded while the rows were measured again"
    rows = {round(float(v), 4) for event in later for v in event["rows"]}
    wanted = {round(float(v), 4) for v in e.inputs[1][0][:, 0]}
    return None if wanted <= rows else "after the last update not every training row went through the model again"


def _along_the_way(e: Evidence) -> bool:
    """Whether rows were measured in evaluation mode after an update and before the last one."""
    found = events(e, "forward", "step")
    steps = [i for i, event in enumerate(found) if event["what"] == "step"]
    return len(steps) > 1 and any(
        event["what"] == "forward" and not event["training"] and not event["grad"]
        for event in found[steps[0] : steps[-1]]
    )


def same_weights_case(
    name: str, about: str, hint: str = "", rows: int = 11, run: str = "", weight: float = 1.0, **how: Any
) -> Case:
    """Return a case of ``same_weights_train_loss``.

    Parameters
    ----------
    name, hint, run : str
    about : {"result", "weights", "again"}
        Whether it judges the two numbers, the weights after the epoch, or how the rows were measured again.
    rows : int
    weight : float
    **how
        ``batch_size``; ``training``: the mode the model arrives in; ``momentum``; ``fixed``: the same rows under every
        seed; ``twice``: whether it is called two times, and the second call judged.
    """
    settings = {"batch_size": 4, "training": True, **how}

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        rng = np.random.default_rng(rows) if how.get("fixed") else rng
        parts = linear.make_problem(rng, [4] * (rows // 4) + ([rows % 4] if rows % 4 else []))
        return START, tuple(np.concatenate(part) for part in zip(*parts, strict=True)), settings

    def pair(start: Any, train: Any, how: dict[str, Any]) -> tuple[float, float]:
        return _truth(Evidence((start, train, how), {})).pair

    common: dict[str, Any] = {"observe": twice(observe_same_weights) if how.get("twice") else observe_same_weights}
    common |= {"run": run, "weight": weight}
    if about == "weights":
        common |= {"compares": "weights_after_the_epoch", "diagnoses": _guarded(_TRAINING)}
        return Case(name, inputs, _expected_weights, hint, **common)
    if about == "again":
        return Case(name, inputs, None, hint, judge=_judge_again, diagnoses=_guarded(_AGAIN), **common)
    memory = (REMEMBERS,) if how.get("twice") else ()
    known = _guarded((*memory, *_TRAINING, *_AGAIN[:2], *pair_diagnoses(_truth, _along_the_way)))
    compare = Matches(names=("reported", "measured again"))
    return Case(name, inputs, pair, hint, compare=compare, diagnoses=known, **common)


def _guarded(diagnoses: Sequence[Diagnosis]) -> tuple[Diagnosis, ...]:
    return without_errors(diagnoses, ("gradients_off", "graph_used_twice", "swapped_loss_arguments"))


_TRAINING = (
    mistake("trained_again/keras", probe=lambda e: len(events(e, "step")) > len(_truth(e).batches)),
    *LOOP,
    mistake(
        "no_train_mode/pytorch_2",
        probe=lambda e: any(x["grad"] and not x["training"] for x in events(e, "forward")[:1]),
    ),
)

_AGAIN = (
    mistake(
        "no_eval/remeasured_in_training_mode", probe=lambda e: any(x["training"] for x in _later(e)) and e.error is None
    ),
    mistake(
        "val_before_epoch/remeasured_before_the_epoch",
        probe=lambda e: not _later(e) and any(not x["grad"] for x in events(e, "forward")[:1]),
    ),
    mistake("not_remeasured/keras", probe=lambda e: e.error is None and not _later(e)),
    mistake("measured_batch_by_batch", probe=_along_the_way),
    mistake("gradients_on/pytorch_2", probe=lambda e: any(x["grad"] for x in _later(e))),
)

SAME_WEIGHTS = Exercise(
    name="same_weights_train_loss",
    points=2,
    cases=(
        same_weights_case("both numbers", "result", run="eleven rows"),
        same_weights_case("the weights after the epoch", "weights", run="eleven rows"),
        same_weights_case("the second pass only measures", "again", run="eleven rows"),
        same_weights_case("a model that arrives in evaluation mode", "result", training=False),
        same_weights_case("called a second time", "result", rows=5, twice=True, momentum=0.5, fixed=True, weight=0.25),
    ),
)


# --- bug_hunt: run_epochs ----------------------------------------------------------------------------


def _counting_loss(counts: list[int]) -> Callable[[Any, Any], Any]:
    """Return a loss function that notes, at each call, how many graphs of earlier batches are still held."""
    import torch

    class Marker:
        pass

    alive: weakref.WeakSet[Marker] = weakref.WeakSet()

    class Marked(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, value: Any) -> Any:
            ctx.marker = Marker()  # lives as long as this batch's graph
            alive.add(ctx.marker)
            return value.clone()

        @staticmethod
        def backward(ctx: Any, *gradients: Any) -> Any:
            return gradients[0]

    def loss(outputs: Any, targets: Any) -> Any:
        counts.append(len(alive))
        value = _tilted(outputs, targets)
        return Marked.apply(value) if value.requires_grad else value  # type: ignore[no-untyped-call]

    return loss


def observe_epochs(answer: Any, record: dict[str, Any], start: Any, train: Any, val: Any, how: dict[str, Any]) -> Any:
    """Run ``run_epochs`` on a spied model and note what happened."""
    from course_lib.checks.watch.spies_pytorch import SpyModel, loaders, spy_loss, spy_optimizer, weights_of

    noted = record["events"] = []
    counts = record["graphs_held"] = []
    model = SpyModel(start, GAIN, noted)
    model.train(how["training"])
    loss = spy_loss(_counting_loss(counts), model, noted)
    optimizer = spy_optimizer(model, noted, LR, how.get("momentum", 0.0))
    loaded = loaders(train[0], train[1], how["batch_size"]), loaders(val[0], val[1], how["val_batch_size"])
    try:
        return answer(model, *loaded, loss, optimizer, how["epochs"])
    finally:
        record["weights_after_the_run"] = weights_of(model)


def _judge_graphs(e: Evidence) -> str | None:
    from course_lib.checks.plain import has_graph

    if max((int(n) for n in e["graphs_held"]), default=0) > 2:
        return "the graphs of earlier batches were still held when later ones came"
    return "the history holds tensors that still carry a graph" if has_graph(e.result) else None


def epochs_case(
    name: str, about: str, hint: str = "", sizes: Sequence[int] = (13, 7), run: str = "", **how: Any
) -> Case:
    """Return a case of ``run_epochs``; see `course_lib.lessons.l05_no_grad_validation.run_epochs.hunt_case`."""
    loop = LOOP if about == "weights" or how.get("momentum") else ()
    judge, own = (_judge_graphs, _GRAPHS) if about == "graphs" else (None, loop)
    observe = twice(observe_epochs) if how.get("twice") else observe_epochs
    return hunt_case(observe, name, about, hint, sizes, run, judge, own, **how)


_GRAPHS = (mistake("graphs_kept", probe=lambda e: _judge_graphs(e) is not None),)

BUG_HUNT = Exercise(
    name="bug_hunt",
    points=2,
    answer="run_epochs",
    cases=(
        epochs_case("the updates themselves", "weights", run="three epochs"),
        epochs_case("the validation pass, first part", "val_mode", run="three epochs"),
        epochs_case("the validation pass, second part", "val_gradients", run="three epochs"),
        epochs_case("the numbers in `val_loss`", "val_loss", run="three epochs"),
        epochs_case("the numbers in `loss`", "loss", run="three epochs"),
        epochs_case("from batch to batch", "graphs", run="three epochs"),
        epochs_case("from epoch to epoch", "train_mode", run="three epochs"),
        epochs_case("a validation loss that rises", "val_loss", sizes=(7, 5), epochs=4, rising=True),
        epochs_case("called a second time", "loss", sizes=(7, 3), epochs=1, twice=True, momentum=0.5, fixed=True),
    ),
    diagnoses=LOOP[:2],
)
