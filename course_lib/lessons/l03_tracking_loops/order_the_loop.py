"""Lesson 03, the Parsons problem: an order of lines is put together, run on a tiny model, and watched."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.diagnosis import Diagnosis

__all__ = ["LINES", "assemble", "order_case", "order_the_loop", "read_letters"]

GAIN = 1.5
LR = 0.05
START = (0.3, -0.2, 0.1)

#: The lines the learner orders; those of ``DISTRACTORS`` must be left out.
LINES: dict[str, dict[str, str]] = {
    "pytorch": {
        "A": "loss.backward()",
        "B": "for inputs, targets in train_loader:",
        "C": "optimizer.step()",
        "D": "model.train()",
        "E": "loss = loss_fn(model(inputs), targets)",
        "F": "optimizer.zero_grad()",
        "G": "total += loss.item() * len(targets)",
        "H": "total += loss",
        "I": "model.eval()",
    },
    "keras": {
        "A": "gradients = tape.gradient(loss, model.trainable_variables)",
        "B": "for inputs, targets in train_batches:",
        "C": "optimizer.apply(gradients, model.trainable_variables)",
        "D": "with tf.GradientTape() as tape:",
        "E": "    outputs = model(inputs, training=True)",
        "F": "    loss = loss_fn(targets, outputs)",
        "G": "total += float(loss) * len(targets)",
        "H": "    outputs = model(inputs, training=False)",
        "I": "total += float(loss)",
    },
}
DISTRACTORS = {"pytorch": "HI", "keras": "HI"}


def read_letters(answer: Any) -> list[str]:
    """Return the letters of an answer: a list of letters or one string, in any case.

    Examples
    --------
    >>> read_letters("d, a b"), read_letters(["D", "a"])
    (['D', 'A', 'B'], ['D', 'A'])
    """
    items = [answer] if isinstance(answer, str) or not hasattr(answer, "__iter__") else answer
    text = " ".join(str(item) for item in items)
    return re.findall(r"[^\s,;.>\[\]()'\"-]", text.upper())


def assemble(letters: Sequence[str], track: str) -> tuple[str, list[str]]:
    """Return the program that the order makes, and the letter of each of its lines.

    What comes after the ``for`` line is inside the loop. What is indented in the exercise is inside
    the ``with`` block if it follows it without another line between.
    """
    lines, owners = [], []
    in_loop = in_tape = False
    for position, letter in enumerate(letters):
        text = LINES[track].get(letter)
        if text is None:
            continue
        indented = text.startswith("    ")
        in_tape = in_tape and indented
        lines.append("    " * (in_loop + in_tape) + text.strip())
        owners.append(letter)
        if text.endswith(":"):
            nested = LINES[track].get(letters[position + 1], "") if position + 1 < len(letters) else ""
            if letter == "B":
                in_loop = True
                if not nested:
                    lines.append("    pass")
                    owners.append(letter)
            else:
                in_tape = True
                if not nested.startswith("    "):
                    lines.append("    " * (in_loop + 1) + "pass")
                    owners.append(letter)
    return "\n".join(lines), owners


def _names_pytorch(record: dict[str, Any], start: Any, batches: Any) -> tuple[dict[str, Any], Callable[[], Any]]:
    import torch

    from course_lib.checks.spies_pytorch import Batches, SpyModel, weights_of

    model = SpyModel(start, GAIN, record["events"])
    model.eval()
    names = {
        "model": model,
        "train_loader": Batches(batches),
        "loss_fn": lambda o, t: torch.mean((o - t) ** 2) + linear.TILT * torch.mean(o),
        "optimizer": torch.optim.SGD(model.parameters(), lr=LR),
        "total": 0.0,
    }
    return names, lambda: weights_of(model)


def _names_keras(record: dict[str, Any], start: Any, batches: Any) -> tuple[dict[str, Any], Callable[[], Any]]:
    import keras
    import tensorflow as tf

    from course_lib.checks.spies_keras import SpyModel, tilted_loss, weights_of

    model = SpyModel(start, GAIN, record["events"])
    names = {
        "model": model,
        "tf": tf,
        "train_batches": [(tf.constant(x), tf.constant(y)) for x, y in batches],
        "loss_fn": tilted_loss,
        "optimizer": keras.optimizers.SGD(LR),
        "total": 0.0,
    }
    return names, lambda: weights_of(model)


def _observer(track: str) -> Callable[..., Any]:
    def observe(answer: Any, record: dict[str, Any], start: Any, batches: Any) -> Any:
        letters = read_letters(answer)[:40]
        record["letters"], record["events"] = letters, []
        program, owners = assemble(letters, track)
        make = _names_pytorch if track == "pytorch" else _names_keras
        names, weights = make(record, start, batches)
        record["program"] = program
        try:
            exec(compile(program, "<the loop>", "exec"), names)
        except Exception as error:
            frame, line = error.__traceback__, 0
            while frame is not None:
                line = frame.tb_lineno if frame.tb_frame.f_code.co_filename == "<the loop>" else line
                frame = frame.tb_next
            record["stopped"] = {
                "letter": owners[line - 1] if 0 < line <= len(owners) else "",
                "type": type(error).__name__,
                "message": " ".join(str(error).split())[:200],
            }
        record["weights_after_the_loop"] = weights()
        total = names["total"]
        record["total_is_plain"] = isinstance(total, float)
        record["total"] = None
        with contextlib.suppress(Exception):
            record["total"] = float(total)  # type: ignore[arg-type]
        return letters

    return observe


def _run(start: Any, batches: Any) -> linear.Run:
    return linear.train(start, batches, LR, GAIN)


def _weights(start: Any, batches: Any) -> list[float]:
    return _run(start, batches).weights.tolist()


def _total(start: Any, batches: Any) -> float:
    return float(np.dot(_run(start, batches).losses, [len(y) for _, y in batches]))


def _needed(track: str) -> list[str]:
    return [letter for letter in LINES[track] if letter not in DISTRACTORS[track]]


def _judge_lines(track: str) -> Callable[[Evidence], str | None]:
    def judge(e: Evidence) -> str | None:
        letters = e["letters"]
        unknown = [letter for letter in letters if letter not in LINES[track]]
        if unknown:
            return f"there is no line {unknown[0]!r}; the lines are {', '.join(LINES[track])}"
        for letter in letters:
            if letters.count(letter) > 1:
                times = f"{letters.count(letter)} times"
                return f"line {letter} ({_text(track, letter)}) is there {times}; each line is used once"
        extra = [letter for letter in letters if letter in DISTRACTORS[track]]
        if extra:
            return f"line {extra[0]} ({_text(track, extra[0])}) does not belong in the loop"
        missing = [letter for letter in _needed(track) if letter not in letters]
        if missing:
            return f"line {missing[0]} ({_text(track, missing[0])}) is missing"
        return None

    return judge


def _judge_total(e: Evidence) -> str | None:
    return None if e["total_is_plain"] else "the total is a tensor that holds the graphs of all batches"


def _judge_stopped(e: Evidence) -> str | None:
    stopped = e.seen.get("stopped")
    return f"the loop stops at line {stopped['letter']}: {stopped['message']}" if stopped else None


def _text(track: str, letter: str) -> str:
    return f"`{LINES[track][letter].strip()}`"


def order_case(track: str, name: str, about: str, sizes: Sequence[int], hint: str = "", weight: float = 1.0) -> Case:
    """Return a case of the Parsons problem.

    Parameters
    ----------
    track, name, hint : str
    about : {"lines", "weights", "total"}
        Whether it judges the choice of lines, the weights after the loop, or the total.
    sizes : sequence of int
        The batches' sizes.
    weight : float, optional
    """

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        return START, linear.make_problem(rng, sizes)

    observe, run = _observer(track), f"batches of {', '.join(map(str, sizes))}"
    if about == "lines":
        return Case(name, inputs, None, hint, observe, _judge_lines(track), weight=weight, run=run)
    if about == "weights":
        return Case(
            name, inputs, _weights, hint, observe, _judge_stopped, "weights_after_the_loop", weight=weight, run=run
        )
    return Case(name, inputs, _total, hint, observe, _judge_total, "total", weight=weight, run=run)


def _at(e: Evidence, letter: str) -> int:
    return e["letters"].index(letter) if letter in e["letters"] else -1


def _before(first: str, second: str) -> Callable[[Evidence], bool]:
    """Return a probe: whether both lines are there, ``first`` before ``second``."""
    return lambda e: 0 <= _at(e, first) < _at(e, second)


def _without(letter: str) -> Callable[[Evidence], bool]:
    return lambda e: letter not in e["letters"]


def _with(letter: str) -> Callable[[Evidence], bool]:
    return lambda e: letter in e["letters"]


def _say(track: str, letter: str, text: str) -> str:
    return f"line {letter} ({_text(track, letter)}) {text}"


_PYTORCH: tuple[tuple[str, Callable[[Evidence], bool], str, str], ...] = (
    (
        "eval_in_training",
        lambda e: 0 <= _at(e, "B") < _at(e, "E") < _at(e, "I"),
        "I",
        "stands after the loop's first line, so it runs inside the loop: from the second batch on it would switch "
        "training off. It does not belong here.",
    ),
    (
        "graph_summed",
        _with("H"),
        "H",
        "adds up tensors, and with them every batch's graph; the memory of the whole "
        "epoch is held. It does not belong here.",
    ),
    (
        "eval_in_training",
        _with("I"),
        "I",
        "switches dropout off and batch norm to its stored statistics, which is "
        "for validation. It does not belong here.",
    ),
    ("missing_zero_grad", _without("F"), "F", "is missing: the gradients of all batches pile up."),
    ("missing_loop", _without("B"), "B", "is missing: without it there is no batch to work on."),
    ("missing_backward", _without("A"), "A", "is missing: without gradients the step moves nothing."),
    ("missing_step", _without("C"), "C", "is missing: gradients are computed, and the weights never move."),
    ("missing_train", _without("D"), "D", "is missing: the model came in evaluation mode and stays in it."),
    ("missing_loss", _without("E"), "E", "is missing: there is no loss to differentiate."),
    ("missing_total", _without("G"), "G", "is missing: the epoch's loss is never added up."),
    (
        "outside_loop",
        lambda e: any(_before(x, "B")(e) for x in "EAGC"),
        "B",
        "comes after a line that needs a batch: what works on a batch belongs inside the loop.",
    ),
    (
        "zero_grad_outside_loop",
        _before("F", "B"),
        "F",
        "runs once, before the loop: from the second batch on the gradients pile up.",
    ),
    (
        "step_before_backward",
        _before("C", "A"),
        "C",
        "comes before the gradients of this batch are there: the first step has none, and the later ones are late.",
    ),
    (
        "zero_grad_before_step",
        lambda e: _before("A", "F")(e) and _before("F", "C")(e),
        "F",
        "clears the gradients before the step could use them, so the weights never move.",
    ),
    (
        "backward_before_loss",
        _before("A", "E"),
        "A",
        "asks for the gradients of a loss that this batch does not have yet.",
    ),
    ("total_before_loss", _before("G", "E"), "G", "adds a loss that this batch does not have yet."),
    (
        "train_too_late",
        _before("E", "D"),
        "D",
        "comes after the first batch has gone through the model in evaluation mode.",
    ),
)

_KERAS: tuple[tuple[str, Callable[[Evidence], bool], str, str], ...] = (
    (
        "inference_in_training",
        _with("H"),
        "H",
        "runs the model as in validation: dropout is off, and batch norm uses "
        "its stored statistics. It does not belong here.",
    ),
    (
        "total_unweighted",
        _with("I"),
        "I",
        "counts every batch alike, however few samples it has. It does not belong here.",
    ),
    ("missing_loop", _without("B"), "B", "is missing: without it there is no batch to work on."),
    ("missing_gradient", _without("A"), "A", "is missing: there are no gradients to apply."),
    ("missing_apply", _without("C"), "C", "is missing: gradients are computed, and the weights never move."),
    ("missing_tape", _without("D"), "D", "is missing: nothing is recorded, so nothing can be differentiated."),
    ("missing_forward", _without("E"), "E", "is missing: there are no outputs to compare with the targets."),
    ("missing_loss", _without("F"), "F", "is missing: there is no loss to differentiate."),
    ("missing_total", _without("G"), "G", "is missing: the epoch's loss is never added up."),
    (
        "outside_loop",
        lambda e: any(_before(x, "B")(e) for x in "ACDEFG"),
        "B",
        "comes after a line that needs a batch: what works on a batch belongs inside the loop.",
    ),
    ("apply_before_gradient", _before("C", "A"), "C", "applies gradients that this batch does not have yet."),
    ("loss_before_outputs", _before("F", "E"), "F", "compares outputs that this batch does not have yet."),
    ("gradient_before_tape", lambda e: _before("A", "D")(e), "A", "asks a tape that has not recorded this batch yet."),
    (
        "gradient_before_loss",
        _before("A", "F"),
        "A",
        "asks for the gradients of a loss that this batch does not have yet.",
    ),
    (
        "forward_outside_tape",
        lambda e: _at(e, "E") != _at(e, "D") + 1,
        "E",
        "runs outside the tape, which then has nothing to differentiate.",
    ),
    ("total_before_loss", _before("G", "F"), "G", "adds a loss that this batch does not have yet."),
    (
        "loss_outside_tape",
        lambda e: _at(e, "F") != _at(e, "E") + 1,
        "F",
        "runs outside the tape, which then cannot differentiate it.",
    ),
)


def _unknown(track: str) -> Diagnosis:
    return Diagnosis(
        "unknown_line",
        f"there is a letter that names no line. The lines are {', '.join(LINES[track])}.",
        probe=lambda e: any(letter not in LINES[track] for letter in e["letters"]),
    )


def _twice(track: str) -> Diagnosis:
    return Diagnosis(
        "line_twice",
        lambda e: _say(
            track,
            next(x for x in e["letters"] if e["letters"].count(x) > 1),
            "is there more than once; each line is used once at most.",
        ),
        probe=lambda e: len(set(e["letters"])) < len(e["letters"]),
    )


def order_the_loop(track: str) -> Exercise:
    """Return the Parsons problem of one track."""
    table = _PYTORCH if track == "pytorch" else _KERAS
    named = tuple(Diagnosis(key, _say(track, letter, text), probe=probe) for key, probe, letter, text in table)
    return Exercise(
        name="order_the_loop",
        points=1,
        kind="value",
        answer="order",
        cases=(
            order_case(track, "the lines that belong in the loop", "lines", [4, 4, 3], weight=0.5),
            order_case(track, "the weights after the loop", "weights", [4, 4, 3]),
            order_case(track, "the total of the losses", "total", [4, 4, 3], weight=0.5),
        ),
        diagnoses=(_unknown(track), _twice(track), *named),
    )
