"""Lesson 06, `keep_best_weights`: train for some epochs, and end with the weights of the best of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.mistakes import Sign
from course_lib.checks.mistakes.denying import Row, by_signs
from course_lib.checks.plain import number_of, show
from course_lib.lessons.l06_early_stopping.stage import (
    NOTHING_KEPT,
    OF_THE_CALL,
    OF_WEIGHTS,
    ScriptedRun,
    observer,
    scripted,
    weights_problem,
)
from course_lib.lessons.l06_early_stopping.stopping_rules import faults_of

__all__ = ["keep_best_weights", "keep_case"]


def _epoch_problem(run: ScriptedRun) -> str | None:
    if run.trained != run.epochs:
        return f"{run.trained} epochs were trained; it should train {run.epochs}"
    given = number_of(run.e.result)
    return None if given == run.best else f"the best epoch is {run.best}; yours returned {show(run.e.result)}"


_JUDGES = {"epoch": _epoch_problem, "weights": weights_problem}


def keep_case(
    track: str,
    name: str,
    val: Sequence[float] | Callable[[np.random.Generator], Sequence[float]],
    part: str,
    best: int | Callable[..., int],
    hint: str = "",
    run: str = "",
    again: bool = False,
    diagnoses: tuple[Diagnosis, ...] = (),
) -> Case:
    """Return a case of `keep_best_weights` on validation losses, or on what a function makes of a generator.

    Judged is one ``part``, the "epoch" that comes back or the "weights" the model ends with. ``best`` is the best
    epoch, or a function of the losses. With ``again``, the function served other runs before the one that is judged.
    """

    def call(answer: Any, stage: Any, epochs: int) -> Any:
        return answer(stage.model, stage.train_epoch, stage.evaluate, stage.val, epochs)

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        values = list(val(rng)) if callable(val) else list(val)
        return scripted(values), len(values)

    def truth(curves: Any, epochs: int) -> tuple[int, int]:
        return epochs, best(curves["val"][1:]) if callable(best) else best

    def judge(e: Evidence) -> str | None:
        return _JUDGES[part](e.read_as(ScriptedRun))

    observe = observer(call, track, again)
    return Case(name, inputs, None, hint, observe, judge, run=run, diagnoses=diagnoses, truth=truth)


# --- what may go wrong -------------------------------------------------------------------------------


def _result_is(make: Callable[[ScriptedRun], float]) -> Sign:
    def shows(run: ScriptedRun) -> bool:
        given = number_of(run.e.result)
        return given is not None and given != run.best and near(given, make(run))

    return shows


def _best_by(name: str) -> Sign:
    """Return the sign of the epoch that a rule with a fault holds as its best after all epochs."""
    fault = faults_of(name)[0][1]
    return _result_is(lambda run: fault.run(run.val, len(run.val) + 1).best_epoch)


_last_is_reported = _result_is(lambda run: len(run.val))
_index_is_reported = _result_is(lambda run: run.best - 1)
_highest_is_reported = _result_is(lambda run: int(np.argmax(run.val)) + 1)

#: From the most specific to the least; what comes of the loop comes before what is read off the number that came back.
_SIGNS: tuple[Row, ...] = (
    ("small_gains_ignored", _best_by("small_gains_ignored")),
    *OF_THE_CALL,
    ("wrong_number_of_epochs/asked", lambda run: run.trained != run.epochs),
    ("chosen_on_training_loss/validation_not_measured", lambda run: not run.of("val")),
    ("returned_loss", _result_is(lambda run: min(run.val))),
    ("counted_from_zero/best_epoch", lambda run: _index_is_reported(run) and run.parameters != run.told),
    ("equal_improves/later_epoch", _best_by("equal_improves")),
    ("compares_with_previous", _best_by("resets_on_any_dip")),
    ("best_epoch_is_last/returned", lambda run: _last_is_reported(run) and run.parameters == run.buffers == run.best),
    ("never_updates_best", _last_is_reported),
    ("higher_is_better/worst_epoch", lambda run: _highest_is_reported(run) and run.parameters != 0),
    *OF_WEIGHTS,
)
_OF_ZERO = by_signs(
    ((name, _best_by(name)) for name in ("zero_taken_for_none/best_loss", "zero_ignored")),
    read=ScriptedRun,
    of_errors=False,
)


def keep_best_weights(track: str) -> Exercise:
    """Return the exercise in one track."""
    turns = [1.0, 0.8, 0.9, 0.6, 0.75, 0.7, 0.85, 0.95]
    zero = [0.2, 0.0, 0.3, 0.4, 0.35, 0.9]
    return Exercise(
        name="keep_best_weights",
        points=2,
        cases=(
            keep_case(track, "the epoch that comes back", turns, "epoch", 4, run="turns", again=True),
            keep_case(track, "the weights that the model ends with", turns, "weights", 4, run="turns", again=True),
            keep_case(track, "two epochs with equal losses", [1.0, 0.5, 0.8, 0.5, 0.9], "epoch", 2, run="equal"),
            keep_case(track, "the best epoch is the last", [6e12, 5e12, 4e12], "weights", 3),
            keep_case(track, "the best epoch is the first", [0.4, 0.8, 0.6], "weights", 1),
            keep_case(track, "gains of a millionth", [0.9, 0.5, 0.499999, 0.499998, 0.7], "epoch", 4),
            keep_case(track, "a loss of exactly 0", zero, "epoch", 2, diagnoses=_OF_ZERO),
        ),
        diagnoses=(
            *by_signs(_SIGNS, {"asked": "the number of its best epoch"}, read=ScriptedRun, of_errors=False),
            *NOTHING_KEPT,
        ),
    )
