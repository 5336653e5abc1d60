"""Lesson 03, `order_the_loop`, in both tracks: an order of lines is put together, run on a tiny model, and watched."""

from __future__ import annotations

import contextlib
import re
import traceback
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.diagnosis import Diagnosis
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


def _names(track: str, start: Any, batches: Any) -> tuple[dict[str, Any], Callable[[Any], list[float]]]:
    """Return what the lines call by name, and what reads the model's weights."""
    if track == "pytorch":
        from course_lib.checks.watch.spies_pytorch import Batches, spied, weights_of

        model, loss_fn, optimizer = spied(start, [], training=False)
        own: dict[str, Any] = {"train_loader": Batches(batches)}
    else:
        import tensorflow as tf

        from course_lib.checks.watch.keras import tensors
        from course_lib.checks.watch.spies_keras import SpyModel, noting_steps, tilted_loss, weights_of

        model, loss_fn, optimizer = SpyModel(start, GAIN, []), tilted_loss, noting_steps(LR, 0.0, [])
        own = {"tf": tf, "train_batches": tensors(batches)}
    return {"model": model, "loss_fn": loss_fn, "optimizer": optimizer, "total": 0.0, **own}, weights_of


def _stopped(error: Exception, owners: list[str]) -> dict[str, Any]:
    """Return which line of the loop an error came from, and what it said."""
    trace = traceback.walk_tb(error.__traceback__)
    line = next(reversed([line for frame, line in trace if frame.f_code.co_filename == "<the loop>"]), 0)
    return {
        "letter": owners[line - 1] if 0 < line <= len(owners) else "",
        "type": type(error).__name__,
        "message": " ".join(str(error).split())[:200],
    }


def _observe(track: str, answer: Any, record: dict[str, Any], start: Any, batches: Any) -> Any:
    letters = record["letters"] = read_letters(answer)[:40]
    program, owners = assemble(letters, track)
    names, weights_of = _names(track, start, batches)
    try:
        exec(compile(program, "<the loop>", "exec"), names)
    except Exception as error:
        record["stopped"] = _stopped(error, owners)
    record["weights_after_the_loop"] = weights_of(names["model"])
    record["total_is_plain"] = isinstance(names["total"], float)
    record["total"] = None
    with contextlib.suppress(Exception):
        record["total"] = float(names["total"])
    return letters


def _weights(start: Any, batches: Any) -> list[float]:
    return linear.train(start, batches, LR, GAIN).weights.tolist()


def _total(start: Any, batches: Any) -> float:
    return float(np.dot(linear.train(start, batches, LR, GAIN).losses, linear.sizes_of(batches)))


def _line(track: str, letter: str) -> str:
    return f"{letter} (`{LINES[track][letter].strip()}`)"


def _wrong_lines(track: str, letters: list[str]) -> Iterator[str]:
    """Give what is wrong with the choice of lines: the letters that are none of them first."""
    lines = LINES[track]
    needed = [letter for letter in lines if letter not in DISTRACTORS]
    yield from (f"there is no line {one!r}; the lines are {', '.join(lines)}" for one in letters if one not in lines)
    for one in _twice(letters):
        yield f"line {_line(track, one)} is there {letters.count(one)} times; each line is used once"
    yield from (f"line {_line(track, one)} does not belong in the loop" for one in letters if one in DISTRACTORS)
    yield from (f"line {_line(track, one)} is missing" for one in needed if one not in letters)


def _twice(letters: list[str]) -> list[str]:
    return [letter for letter in letters if letters.count(letter) > 1]


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
    judged: dict[str, tuple[Any, Callable[[Evidence], str | None], str]] = {
        "lines": (None, lambda e: next(_wrong_lines(track, e["letters"]), None), "result"),
        "weights": (_weights, _judge_stopped, "weights_after_the_loop"),
        "total": (_total, _judge_total, "total"),
    }
    expected, judge, compares = judged[about]
    run = f"batches of {', '.join(map(str, sizes))}"

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        return START, linear.make_problem(rng, sizes)

    return Case(name, inputs, expected, hint, partial(_observe, track), judge, compares, weight=weight, run=run)


def _mistakes(track: str) -> tuple[Diagnosis, ...]:
    def shows(pattern: str) -> Callable[[Evidence], bool]:
        return lambda e: re.search(pattern, "".join(e["letters"])) is not None

    lines = LINES[track]
    strange = mistake(
        "unknown_letter/line",
        probe=lambda e: any(letter not in lines for letter in e["letters"]),
        fields={"lines": ", ".join(lines)},
    )
    twice = mistake(
        "line_twice",
        probe=lambda e: bool(_twice(e["letters"])),
        fields={"line": lambda e: _line(track, _twice(e["letters"])[0])},
    )
    orders = (mistake(name, probe=shows(p), fields={"line": _line(track, one)}) for name, one, p in _ORDERS[track])
    return strange, twice, *orders


def order_the_loop(track: str) -> Exercise:
    """Return the Parsons problem of one track."""
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
        diagnoses=_mistakes(track),
    )
