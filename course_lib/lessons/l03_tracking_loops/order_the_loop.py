"""Lesson 03, `order_the_loop`, in both tracks: an order of lines is put together, run on a tiny model, and watched."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.letters import read_letters
from course_lib.checks.linear import GAIN, LR, START
from course_lib.checks.mistakes import mistake

__all__ = ["LINES", "assemble", "order_case", "order_the_loop"]

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
DISTRACTORS = "HI"

#: A mistake, the line that it is about, and a pattern of the letters in their order; the most specific first.
_ORDERS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "pytorch": (
        ("no_train_mode/eval_in_training", "I", "B.*E.*I"),
        ("graphs_kept/line", "H", "H"),
        ("no_train_mode/line", "I", "I"),
        ("missing_zero_grad/line", "F", "^[^F]*$"),
        ("missing_loop", "B", "^[^B]*$"),
        ("no_backward/line", "A", "^[^A]*$"),
        ("no_step/line", "C", "^[^C]*$"),
        ("no_train_mode/missing_train", "D", "^[^D]*$"),
        ("missing_loss", "E", "^[^E]*$"),
        ("missing_total", "G", "^[^G]*$"),
        ("outside_loop", "B", "[EAGC].*B"),
        ("zero_grad_outside_loop", "F", "F.*B"),
        ("step_before_backward/line", "C", "C.*A"),
        ("zero_grad_before_step/line", "F", "A.*F.*C"),
        ("backward_before_loss", "A", "A.*E"),
        ("total_before_loss", "G", "G.*E"),
        ("train_too_late", "D", "E.*D"),
    ),
    "keras": (
        ("no_train_mode/inference_in_training", "H", "H"),
        ("mean_of_means/line", "I", "I"),
        ("missing_loop", "B", "^[^B]*$"),
        ("no_backward/gradient", "A", "^[^A]*$"),
        ("no_step/apply", "C", "^[^C]*$"),
        ("missing_tape", "D", "^[^D]*$"),
        ("missing_forward", "E", "^[^E]*$"),
        ("missing_loss", "F", "^[^F]*$"),
        ("missing_total", "G", "^[^G]*$"),
        ("outside_loop", "B", "[ACDEFG].*B"),
        ("apply_before_gradient", "C", "C.*A"),
        ("loss_before_outputs", "F", "F.*E"),
        ("gradient_before_tape", "A", "A.*D"),
        ("gradient_before_loss", "A", "A.*F"),
        ("forward_outside_tape", "E", "^(?!.*DE)"),
        ("total_before_loss", "G", "G.*F"),
    ),
}


def assemble(letters: Sequence[str], track: str) -> tuple[str, list[str]]:
    """Return the program that the order makes, and the letter of each of its lines.

    What comes after the ``for`` line is inside the loop. What is indented in the exercise is inside
    the ``with`` block if it follows it without another line between.
    """
    lines, owners = [], []
    texts = [LINES[track].get(letter, "") for letter in letters]
    in_loop = in_tape = False
    for letter, text, following in zip(letters, texts, [*texts[1:], ""], strict=True):
        if not text:
            continue
        in_tape = in_tape and text.startswith("    ")
        lines.append("    " * (in_loop + in_tape) + text.strip())
        owners.append(letter)
        if text.endswith(":"):
            in_loop, in_tape = in_loop or letter == "B", letter != "B"
            # A block must hold something: the loop whatever comes next, the tape what is indented.
            if not (following.startswith("    ") if in_tape else following):
                lines.append("    " * (in_loop + in_tape) + "pass")
                owners.append(letter)
    return "\n".join(lines), owners


def _names_pytorch(events: list[dict[str, Any]], start: Any, batches: Any) -> tuple[dict[str, Any], Callable[[], Any]]:
    import torch

    from course_lib.checks.watch.spies_pytorch import Batches, SpyModel, tilted_loss, weights_of

    model = SpyModel(start, GAIN, events)
    model.eval()
    names = {
        "model": model,
        "train_loader": Batches(batches),
        "loss_fn": tilted_loss,
        "optimizer": torch.optim.SGD(model.parameters(), lr=LR),
    }
    return names, lambda: weights_of(model)


def _names_keras(events: list[dict[str, Any]], start: Any, batches: Any) -> tuple[dict[str, Any], Callable[[], Any]]:
    import keras
    import tensorflow as tf

    from course_lib.checks.watch.spies_keras import SpyModel, tilted_loss, weights_of

    model = SpyModel(start, GAIN, events)
    names = {
        "model": model,
        "tf": tf,
        "train_batches": [(tf.constant(x), tf.constant(y)) for x, y in batches],
        "loss_fn": tilted_loss,
        "optimizer": keras.optimizers.SGD(LR),
    }
    return names, lambda: weights_of(model)


def _stopped(error: Exception, owners: list[str]) -> dict[str, Any]:
    """Return which line of the loop an error came from, and what it said."""
    frame, line = error.__traceback__, 0
    while frame is not None:
        line = frame.tb_lineno if frame.tb_frame.f_code.co_filename == "<the loop>" else line
        frame = frame.tb_next
    return {
        "letter": owners[line - 1] if 0 < line <= len(owners) else "",
        "type": type(error).__name__,
        "message": " ".join(str(error).split())[:200],
    }


def _observer(track: str) -> Callable[..., Any]:
    def observe(answer: Any, record: dict[str, Any], start: Any, batches: Any) -> Any:
        letters = read_letters(answer)[:40]
        record["letters"], record["events"] = letters, []
        record["program"], owners = assemble(letters, track)
        make = _names_pytorch if track == "pytorch" else _names_keras
        names, weights = make(record["events"], start, batches)
        names["total"] = 0.0
        try:
            exec(compile(record["program"], "<the loop>", "exec"), names)
        except Exception as error:
            record["stopped"] = _stopped(error, owners)
        record["weights_after_the_loop"] = weights()
        record["total_is_plain"] = isinstance(names["total"], float)
        record["total"] = None
        with contextlib.suppress(Exception):
            record["total"] = float(names["total"])
        return letters

    return observe


def _weights(start: Any, batches: Any) -> list[float]:
    return linear.train(start, batches, LR, GAIN).weights.tolist()


def _total(start: Any, batches: Any) -> float:
    return float(np.dot(linear.train(start, batches, LR, GAIN).losses, [len(y) for _, y in batches]))


def _line(track: str, letter: str) -> str:
    return f"{letter} (`{LINES[track][letter].strip()}`)"


def _judge_lines(track: str) -> Callable[[Evidence], str | None]:
    def judge(e: Evidence) -> str | None:
        letters = e["letters"]
        for letter in letters:
            if letter not in LINES[track]:
                return f"there is no line {letter!r}; the lines are {', '.join(LINES[track])}"
        for letter in letters:
            if letters.count(letter) > 1:
                return f"line {_line(track, letter)} is there {letters.count(letter)} times; each line is used once"
        for letter in letters:
            if letter in DISTRACTORS:
                return f"line {_line(track, letter)} does not belong in the loop"
        for letter in LINES[track]:
            if letter not in letters and letter not in DISTRACTORS:
                return f"line {_line(track, letter)} is missing"
        return None

    return judge


def _judge_total(e: Evidence) -> str | None:
    return None if e["total_is_plain"] else "the total is a tensor that holds the graphs of all batches"


def _judge_stopped(e: Evidence) -> str | None:
    stopped = e.seen.get("stopped")
    return f"the loop stops at line {stopped['letter']}: {stopped['message']}" if stopped else None


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
    expected, judge, compares = {
        "lines": (None, _judge_lines(track), "result"),
        "weights": (_weights, _judge_stopped, "weights_after_the_loop"),
        "total": (_total, _judge_total, "total"),
    }[about]
    run = f"batches of {', '.join(map(str, sizes))}"

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        return START, linear.make_problem(rng, sizes)

    return Case(name, inputs, expected, hint, _observer(track), judge, compares, weight=weight, run=run)


def _twice(letters: list[str]) -> list[str]:
    return [letter for letter in letters if letters.count(letter) > 1]


def _shows(pattern: str) -> Callable[[Evidence], bool]:
    return lambda e: re.search(pattern, "".join(e["letters"])) is not None


def order_the_loop(track: str) -> Exercise:
    """Return the Parsons problem of one track."""
    lines = LINES[track]
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
        diagnoses=(
            mistake(
                "unknown_letter/line",
                probe=lambda e: any(letter not in lines for letter in e["letters"]),
                fields={"lines": ", ".join(lines)},
            ),
            mistake(
                "line_twice",
                probe=lambda e: bool(_twice(e["letters"])),
                fields={"line": lambda e: _line(track, _twice(e["letters"])[0])},
            ),
            *(
                mistake(name, probe=_shows(pattern), fields={"line": _line(track, letter)})
                for name, letter, pattern in _ORDERS[track]
            ),
        ),
    )
