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
from course_lib.checks.linear import GAIN, LR, START
from course_lib.checks.mistakes import mistake

__all__ = ["LINES", "assemble", "order_case", "order_the_loop", "read_letters"]

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

    from course_lib.checks.watch.spies_pytorch import Batches, SpyModel, weights_of

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

    from course_lib.checks.watch.spies_keras import SpyModel, tilted_loss, weights_of

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


_PYTORCH: tuple[tuple[str, str, Callable[[Evidence], bool]], ...] = (
    ("no_train_mode/eval_in_training", "I", lambda e: 0 <= _at(e, "B") < _at(e, "E") < _at(e, "I")),
    ("graphs_kept/graph_summed", "H", _with("H")),
    ("no_train_mode/order_the_loop", "I", _with("I")),
    ("missing_zero_grad/order_the_loop", "F", _without("F")),
    ("missing_loop", "B", _without("B")),
    ("no_backward/missing_backward", "A", _without("A")),
    ("no_step/missing_step", "C", _without("C")),
    ("no_train_mode/missing_train", "D", _without("D")),
    ("missing_loss", "E", _without("E")),
    ("missing_total", "G", _without("G")),
    ("outside_loop", "B", lambda e: any(_before(x, "B")(e) for x in "EAGC")),
    ("zero_grad_outside_loop", "F", _before("F", "B")),
    ("step_before_backward/order_the_loop", "C", _before("C", "A")),
    ("zero_grad_before_step/order_the_loop", "F", lambda e: _before("A", "F")(e) and _before("F", "C")(e)),
    ("backward_before_loss", "A", _before("A", "E")),
    ("total_before_loss", "G", _before("G", "E")),
    ("train_too_late", "D", _before("E", "D")),
)

_KERAS: tuple[tuple[str, str, Callable[[Evidence], bool]], ...] = (
    ("no_train_mode/inference_in_training", "H", _with("H")),
    ("mean_of_means/total_unweighted", "I", _with("I")),
    ("missing_loop", "B", _without("B")),
    ("no_backward/missing_gradient", "A", _without("A")),
    ("no_step/missing_apply", "C", _without("C")),
    ("missing_tape", "D", _without("D")),
    ("missing_forward", "E", _without("E")),
    ("missing_loss", "F", _without("F")),
    ("missing_total", "G", _without("G")),
    ("outside_loop", "B", lambda e: any(_before(x, "B")(e) for x in "ACDEFG")),
    ("apply_before_gradient", "C", _before("C", "A")),
    ("loss_before_outputs", "F", _before("F", "E")),
    ("gradient_before_tape", "A", lambda e: _before("A", "D")(e)),
    ("gradient_before_loss", "A", _before("A", "F")),
    ("forward_outside_tape", "E", lambda e: _at(e, "E") != _at(e, "D") + 1),
    ("total_before_loss", "G", _before("G", "F")),
    ("loss_outside_tape", "F", lambda e: _at(e, "F") != _at(e, "E") + 1),
)


def _unknown(track: str) -> Diagnosis:
    return mistake(
        "unknown_letter/unknown_line",
        says=f"there is a letter that names no line. The lines are {', '.join(LINES[track])}.",
        probe=lambda e: any(letter not in LINES[track] for letter in e["letters"]),
    )


def _twice(track: str) -> Diagnosis:
    return mistake(
        "line_twice",
        says=lambda e: _say(
            track,
            next(x for x in e["letters"] if e["letters"].count(x) > 1),
            "is there more than once; each line is used once at most.",
        ),
        probe=lambda e: len(set(e["letters"])) < len(e["letters"]),
    )


def order_the_loop(track: str) -> Exercise:
    """Return the Parsons problem of one track."""
    table = _PYTORCH if track == "pytorch" else _KERAS
    named = tuple(
        mistake(name, fields={"line": f"{letter} ({_text(track, letter)})"}, probe=probe)
        for name, letter, probe in table
    )
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
