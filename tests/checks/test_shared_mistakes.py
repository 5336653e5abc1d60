"""The tables of mistakes that several exercises share, each on notes made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from course_lib.checks.case import Evidence
from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.mistakes import by_sign
from course_lib.checks.mistakes.averaging import averaging
from course_lib.checks.mistakes.measuring import FIELDS, ITERABLE, MODES
from course_lib.checks.mistakes.training import LOOP
from course_lib.checks.plain import describe
from course_lib.checks.reading import Reading

LOSSES, SIZES = [1.0, 2.0, 6.0], [4, 4, 2]
RIGHT = 2.4
START = [1.0, 1.0]


def told(diagnoses: tuple[Diagnosis, ...], e: Evidence) -> str:
    return next((diagnosis.key for diagnosis in diagnoses if diagnosis.fits(e)), "")


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (3.0, "mean_of_means"),
        (8.0, "wrong_count"),
        (2.0, "wrong_count"),
        (3.6, "wrong_count"),
        (0.9, "wrong_count"),
        (1.5, "last_batch_left_out"),
        (6.0, "last_batch"),
        (24.0, "not_divided"),
        (9.0, "not_divided"),
        (RIGHT, ""),
        (2.2, ""),
    ],
)
def test_a_mean_of_batches(given: float, key: str) -> None:
    known = averaging(Reading, lambda seen: (LOSSES, SIZES))
    assert told(known, Evidence(({},), {"result": describe(given)}, RIGHT)) == key


def test_a_history_of_means_names_the_list() -> None:
    known = averaging(Reading, lambda seen: [(LOSSES, SIZES)] * 2, lambda seen: seen.numbers("val_loss"), "val_loss")
    e = Evidence(({},), {"result": describe({"val_loss": [3.0, 3.0]})})
    assert told(known, e) == "mean_of_means"
    assert "'val_loss' is" in next(d for d in known if d.fits(e)).text(e)
    one_right = Evidence(({},), {"result": describe({"val_loss": [3.0, 2.4]})})
    assert told(known, one_right) == ""


def measured(rows: list[float], norm: bool, drop: bool) -> dict[str, Any]:
    return {"what": "forward", "rows": rows, "modes": {"model": drop, "norm": norm, "drop": drop}}


@pytest.mark.parametrize(
    ("events", "touched", "key"),
    [
        ([measured([1], False, False), measured([2], False, False)], [], ""),
        ([measured([1], True, True), measured([2], True, True)], ["statistics"], "no_eval"),
        ([measured([1], False, True)], [], "no_eval"),
        ([measured([1], False, False), measured([2], False, True)], [], "mode_restored_too_early"),
        ([measured([1], False, True), measured([2], False, False)], [], "mode_switched_too_late"),
        ([measured([1], True, False)], ["statistics"], "statistics_changed"),
        ([measured([1], True, True), measured([1], False, False)], ["statistics"], "statistics_changed"),
        ([measured([1], True, False)], [], "norm_in_training"),
        ([measured([1], True, True)], ["weights"], "updates_on_validation_rows"),
    ],
)
def test_a_measurement(events: list[dict[str, Any]], touched: list[str], key: str) -> None:
    known = by_sign(MODES, FIELDS, read=Reading, of_errors=False)
    assert told(known, Evidence(({},), {"events": events, "touched": touched})) == key


def test_batches_are_no_list() -> None:
    known = by_sign(ITERABLE, read=Reading)
    error = {"type": "TypeError", "message": "object of type 'Once' has no len()", "line": ""}
    assert told(known, Evidence(({},), {"error": error})) == "needs_length"
    assert told(known, Evidence(({},), {"gone_through_again": True})) == "gone_through_twice"
    assert told(known, Evidence(({},), {})) == ""


def loss(*fresh: float, rows: int = 2) -> dict[str, Any]:
    return {"what": "loss", "value": 1.0, "rows": rows, "swapped": False, "fresh": list(fresh)}


def step(*grad: float) -> dict[str, Any]:
    return {"what": "step", "grad": list(grad)}


FORWARD, BACKWARD, ZERO = {"what": "forward", "rows": [1.0]}, {"what": "backward"}, {"what": "zero_grad"}


@pytest.mark.parametrize(
    ("events", "key"),
    [
        ([ZERO, FORWARD, loss(1, 2), BACKWARD, step(1, 2)], ""),
        ([FORWARD, loss(1, 2), BACKWARD, step(1, 2), FORWARD, loss(3, 1), BACKWARD, step(4, 3)], "missing_zero_grad"),
        ([FORWARD, loss(1, 2), BACKWARD, ZERO, step(0, 0)], "zero_grad_before_step"),
        ([FORWARD, loss(1, 2), step(0, 0), BACKWARD], "step_before_backward"),
        ([FORWARD, loss(1, 2), BACKWARD, BACKWARD, step(2, 4)], "backward_twice"),
        ([FORWARD, loss(1, 2), BACKWARD, FORWARD, loss(3, 1), BACKWARD, step(3, 1)], "step_outside_loop"),
        ([FORWARD, loss(1, 2)], "no_backward"),
        ([FORWARD, loss(1, 2), BACKWARD], "optimizer_not_used"),
        ([FORWARD, step(1, 2)], "other_loss"),
        ([FORWARD, loss(1, 2), BACKWARD, step(1, 2), step(1, 2)], "several_steps_a_batch"),
        ([FORWARD, loss(1, 2, rows=4), BACKWARD, step(4, 8)], "scaled_loss_differentiated"),
    ],
)
def test_a_training_loop(events: list[dict[str, Any]], key: str) -> None:
    e = Evidence((START, {}), {"events": events, "weights_after_the_epoch": [0.5, 1.0]})
    assert told(LOOP, e) == key


def test_a_loop_that_ended_in_an_error_is_told_of_nothing_else() -> None:
    events = [FORWARD, loss(1, 2), step(0, 0), BACKWARD]
    error = {"type": "RuntimeError", "message": "element 0 of tensors does not require grad", "line": ""}
    assert told(LOOP, Evidence((START, {}), {"events": events, "error": error})) == "gradients_off"
    error = {"type": "ValueError", "message": "something else", "line": ""}
    assert told(LOOP, Evidence((START, {}), {"events": events, "error": error})) == ""
