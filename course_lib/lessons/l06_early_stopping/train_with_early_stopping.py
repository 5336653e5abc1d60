"""Lesson 06, `train_with_early_stopping`: the rule, the best weights and the test rows in one function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import close, near
from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.mistakes import Fields, Sign
from course_lib.checks.mistakes.denying import Row, by_signs
from course_lib.checks.plain import dict_of, list_of, number_of, show
from course_lib.lessons.l06_early_stopping.stage import (
    NOTHING_KEPT,
    OF_THE_CALL,
    OF_WEIGHTS,
    ScriptedRun,
    observer,
    scripted,
    weights_problem,
)
from course_lib.lessons.l06_early_stopping.stopping_rules import MILLIONTHS, Fault, faults_of, with_patience

__all__ = ["train_case", "train_with_early_stopping"]


class Run(ScriptedRun):
    """One call of ``train_with_early_stopping``."""

    def __init__(self, e: Evidence) -> None:
        super().__init__(e)
        _, self.patience, self.max_epochs = self.inputs

    def ends_by(self, fault: Fault) -> int:
        """Return after how many epochs the run ends by a rule with a fault."""
        watched = self.curves[fault.watches][1 : self.max_epochs + 1]
        stop = fault.run(watched, self.patience).stops_after
        return stop if isinstance(stop, int) else len(watched)

    @property
    def losses(self) -> list[Any]:
        """What came back under `val_loss`."""
        return list_of((dict_of(self.e.result) or {}).get("val_loss")) or []

    @property
    def test_opened_early(self) -> bool:
        """Whether the test rows were looked at while training went on."""
        order = [event["what"] for event in self.of("train", "test")]
        return "test" in order and "train" in order[order.index("test") :]


# --- how it is judged --------------------------------------------------------------------------------


def _epochs_problem(run: Run) -> str | None:
    if run.trained != run.epochs:
        return f"{run.trained} epochs were trained; the rule ends this run after {run.epochs}"
    return None


def _report_problem(run: Run) -> str | None:
    found = dict_of(run.e.result)
    if run.trained != run.epochs:
        return _epochs_problem(run)
    if found is None:
        keys = "val_loss, best_epoch and test_loss"
        return f"it should return a dictionary with the keys {keys}; yours is {show(run.e.result)}"
    right = {"val_loss": run.val[: run.epochs], "best_epoch": run.best, "test_loss": run.curves["test"][run.best]}
    missing = [key for key in right if key not in found]
    if missing:
        return f"the key {missing[0]!r} is missing; the dictionary has {', '.join(found) or 'no keys'}"
    if len(run.losses) != run.epochs:
        return f"'val_loss' should have {run.epochs} numbers, one for each epoch; yours is {show(found['val_loss'])}"
    wrong = [key for key in right if close(found[key], right[key]) is not None]
    return f"{wrong[0]!r}: yours {show(found[wrong[0]])}, right {show(right[wrong[0]])}" if wrong else None


def _test_problem(run: Run) -> str | None:
    if not run.of("test"):
        return "the test rows were never measured"
    return "the test rows were measured before training was over" if run.test_opened_early else None


_JUDGES: dict[str, Callable[[Run], str | None]] = {
    "epochs": _epochs_problem,
    "report": _report_problem,
    "weights": lambda run: _epochs_problem(run) or weights_problem(run),
    "test": _test_problem,
}


def train_case(
    track: str,
    name: str,
    curves: Mapping[str, Sequence[float]] | Callable[[np.random.Generator], Mapping[str, Sequence[float]]],
    patience: int,
    part: str,
    ends: tuple[int, int] | Callable[..., tuple[int, int]],
    hint: str = "",
    run: str = "",
    max_epochs: int | None = None,
    again: bool = False,
    diagnoses: tuple[Diagnosis, ...] = (),
) -> Case:
    """Return a case of `train_with_early_stopping` on curves from `scripted`, or on those a generator gives.

    Judged is one ``part``: the "epochs", the "report", the "weights" or the "test" rows. ``ends`` are the number of
    epochs that the run takes and the best of them, or a function of the inputs. With ``again``, the function served
    other runs before the one that is judged.
    """

    def call(answer: Any, stage: Any, patience: int, max_epochs: int) -> Any:
        rows = stage.val, stage.test
        return answer(stage.model, stage.train_epoch, stage.evaluate, *rows, patience, max_epochs)

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        found = curves(rng) if callable(curves) else curves
        return found, patience, max_epochs or len(found["val"]) - 1

    observe = observer(call, track, again)
    judge = _JUDGES[part]
    return Case(
        name, inputs, None, hint, observe, lambda e: judge(e.read_as(Run)), run=run, diagnoses=diagnoses, truth=ends
    )


# --- what may go wrong -------------------------------------------------------------------------------


def _ran_like(fault: Fault) -> Sign:
    """Return the sign of a run as long as a rule with a fault makes it, where that is not right."""
    return lambda run: run.epochs != run.trained == run.ends_by(fault)


def _ran_by(*names: str) -> list[tuple[str, Sign]]:
    return [(name, _ran_like(fault)) for name, fault in faults_of(*names)]


def _fixed_patience(run: Run) -> int | None:
    """Return the patience, another than the one given, by which a run went that was stopped."""
    if run.trained == run.max_epochs:
        return None
    return next((n for n in (5, 3, 10) if _ran_like(with_patience(n))(run)), None)


_by_training, _by_test = _ran_like(Fault(watches="train")), _ran_like(Fault(watches="test"))
(_, _EARLY), (_, _EQUAL) = faults_of("stops_early", "equal_improves")


def _chose_by_training(run: Run) -> bool:
    """Whether the reported best epoch is the one with the lowest training loss."""
    return run.told == int(np.argmin(run.curves["train"][1 : run.max_epochs + 1])) + 1


def _stopped_by_training(run: Run) -> bool:
    return _by_training(run) and (not run.of("val") or _chose_by_training(run))


def _one_epoch_short(run: Run) -> bool:
    """Whether a run that only ``max_epochs`` ends was one epoch shorter, and no shorter patience explains it."""
    return run.trained == run.max_epochs - 1 == run.epochs - 1 and run.ends_by(_EARLY) != run.trained


def _test_at_last_weights(run: Run) -> bool:
    measured = run.trained == run.epochs != run.best and _test_problem(run) is None
    return measured and run.of("test")[-1]["epoch"] == run.epochs


def _train_losses_reported(run: Run) -> bool:
    pairs = zip(run.losses, run.curves["train"][1:], strict=False)
    return bool(run.losses) and all(near(number_of(given), train) for given, train in pairs)


def _validation_as_test(run: Run) -> bool:
    """Whether the number reported for the test rows is not theirs, and the best validation loss."""
    given = run.field("test_loss")
    return near(given, run.curves["val"][run.best]) and not near(given, run.curves["test"][run.best])


#: Other losses that decide come before a fault of the rule, which may end the run there as well; how long the run was
#: comes before what was kept and reported after a run of the right length.
_SIGNS: tuple[Row, ...] = (
    *OF_THE_CALL,
    ("chosen_on_test_set/only_test_measured", lambda run: len(run.of("test")) > 1 and not run.of("val")),
    ("chosen_on_test_set/stop", lambda run: run.test_opened_early and _by_test(run)),
    *_ran_by("off_by_one", "stops_early", "stops_at_first_rise"),
    ("patience_ignored", _fixed_patience),
    ("equal_improves/best_so_far", _ran_like(_EQUAL)),
    *_ran_by("small_gains_ignored", "counter_never_reset", "counter_lowered_by_one", "resets_on_any_dip"),
    ("never_updates_best", lambda run: run.best != run.max_epochs == run.trained == run.told == run.parameters),
    ("chosen_on_training_loss/stop", _stopped_by_training),
    (
        "wrong_number_of_epochs/one_short",
        _one_epoch_short,
        lambda run: run.trained != run.epochs < run.max_epochs,
    ),
    ("wrong_number_of_epochs/beyond_max_epochs", lambda run: run.trained > run.max_epochs),
    ("never_stops", lambda run: run.epochs != run.trained == run.max_epochs),
    (
        "chosen_on_training_loss/epoch",
        lambda run: _chose_by_training(run) and run.told != run.best,
        lambda run: run.told == run.best and not _chose_by_training(run),
    ),
    (
        "restored_only_when_stopped",
        lambda run: run.ends_with_last and run.trained == run.max_epochs and not run.noted("written"),
        lambda run: run.ends_with_last and run.trained < run.max_epochs,
    ),
    *OF_WEIGHTS,
    ("test_before_restoring", _test_at_last_weights),
    ("test_opened_often/test_looked_at_every_epoch", lambda run: run.test_opened_early),
    ("test_not_measured", lambda run: run.trained > 0 and not run.of("test")),
    ("best_epoch_is_last", lambda run: run.told == run.epochs == run.trained != run.best),
    ("history_cut_short", lambda run: 0 < len(run.losses) < run.trained == run.epochs),
    # The last epoch minus the patience, where the lowest loss does not lie.
    ("best_epoch_from_patience", lambda run: run.told == run.trained - run.patience != run.best),
    ("counted_from_zero/best_epoch", lambda run: run.told == run.best - 1),
    ("train_loss_reported", _train_losses_reported),
    ("validation_loss_as_test/val_loss_reported_as_test", _validation_as_test),
)
_FIELDS: Fields = {
    "asked": "a dictionary with three entries",
    "patience": _fixed_patience,
    "reported": lambda run: len(run.losses),
    "trained": lambda run: run.trained,
}
_OF_ZERO = by_signs(_ran_by("zero_taken_for_none/best_loss", "zero_ignored"), read=Run, of_errors=False)


# --- the cases ---------------------------------------------------------------------------------------

#: Training falls on, but for the last epoch; validation turns at epoch 6 after a false alarm; the test rows turn
#: at epoch 3.
TURNS = scripted(
    [1.0, 0.9, 0.95, 0.8, 0.85, 0.7, 0.75, 0.78, 0.76, 0.79, 0.82, 0.9, 1.0, 1.1],
    test=[1.1, 1.0, 0.85, 0.9, 0.95, 0.97, 1.0, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3, 1.35],
)
#: Only ``max_epochs`` ends this run.
FALLING = scripted(
    [1.0, 0.8, 0.7, 0.72, 0.65, 0.66],
    train=[1.85, 1.7, 1.5, 1.3, 1.32, 1.34],
    test=[1.1, 0.9, 0.75, 0.8, 0.7, 0.95],
)
ALARM = scripted([1.0, 0.9, 0.95, 0.92, 0.8, 0.85, 0.87, 0.9, 1])
ZERO = scripted([0.2, 0.0, 0.3, 0.4, 0.35, 0.9])


def train_with_early_stopping(track: str) -> Exercise:
    """Return the exercise in one track."""

    def case(name: str, curves: Any, patience: int, part: str, ends: tuple[int, int], **how: Any) -> Case:
        return train_case(track, name, curves, patience, part, ends, **how)

    turns = {"run": "turns", "again": True}
    return Exercise(
        name="train_with_early_stopping",
        points=2,
        cases=(
            case("when it stops", TURNS, 3, "epochs", (9, 6), **turns),
            case("the weights that the model ends with", TURNS, 3, "weights", (9, 6), **turns),
            case("what is reported", TURNS, 3, "report", (9, 6), **turns),
            case("the test rows wait until the end", TURNS, 3, "test", (9, 6), **turns),
            case("a run that reaches max_epochs", FALLING, 3, "report", (6, 5), run="falling"),
            case("the weights after such a run", FALLING, 3, "weights", (6, 5), run="falling"),
            case("a loss that stays the same", scripted([5e12] + 6 * [4e12]), 2, "report", (4, 2)),
            case("a long false alarm", ALARM, 3, "epochs", (8, 5)),
            case("gains of a millionth", scripted(MILLIONTHS), 3, "epochs", (7, 7)),
            case("the best epoch is the first", scripted([0.5, 0.7, 0.8, 0.9]), 2, "weights", (3, 1)),
            case("a loss of exactly 0", ZERO, 2, "epochs", (4, 2), diagnoses=_OF_ZERO),
        ),
        diagnoses=(*by_signs(_SIGNS, _FIELDS, read=Run, of_errors=False), *NOTHING_KEPT),
    )
