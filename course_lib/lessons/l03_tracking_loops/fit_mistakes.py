"""Lesson 03, `fit_and_track`: what can go wrong, in the run and in the numbers that are reported of it."""

from __future__ import annotations

from collections.abc import Callable
from operator import methodcaller
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.compare import Matches, near
from course_lib.checks.diagnosis import Diagnosis, OneOf
from course_lib.checks.histories import History
from course_lib.checks.linear import GAIN
from course_lib.checks.mistakes import Fields, Sign, by_claim, by_sign, mistake, noted
from course_lib.checks.mistakes.averaging import averaging, so_far
from course_lib.checks.mistakes.training import LOOP, loss_not_called
from course_lib.checks.plain import dict_of, list_of, number_of
from course_lib.checks.reading import alike
from course_lib.lessons.l03_tracking_loops.fit_run import Fit, KerasFit
from course_lib.lessons.l03_tracking_loops.watching import remembers

__all__ = ["KERAS", "PYTORCH"]

_KEYS = ("loss", "val_loss")
_Signs = tuple[tuple[str, Sign], ...]
#: A mistake, and what it makes of a key's numbers.
_Value = tuple[str, Callable[[Any], Any]]

# --- the lists ---------------------------------------------------------------------------------------


def _one_a_batch(seen: History) -> bool:
    counts = {key: len(batches) for key, batches in seen.rows_in.items()}
    return any(n != seen.epochs and n in (counts[k], counts[k] * seen.epochs) for k, n in seen.lengths.items())


def _one_too_many(seen: History) -> bool:
    """Whether one list has one entry more than epochs, or both have, the first at the starting weights."""
    longer = [key for key, n in seen.lengths.items() if n == seen.epochs + 1]
    at_start = [seen.measured("val_loss", seen.weights[:1], gain)[0] for gain in (1.0, GAIN)]
    return bool(longer) and (len(longer) < 2 or any(near(seen.numbers("val_loss")[0], v, 1e-3, 1e-5) for v in at_start))


def _too_few(seen: History) -> bool:
    found = dict_of(seen.e.result) or {}
    numbers = any(number_of(found.get(key)) is not None for key in _KEYS)
    return numbers or any(n < seen.epochs for n in seen.lengths.values())


#: What is wrong with the lists, whatever stands in them.
_FORMS: _Signs = (
    (
        "wrong_number_of_epochs/history",
        lambda s: len(s.lengths) == 2 and {s.epochs_run} == {*s.lengths.values()} != {s.epochs},
    ),
    ("one_entry_a_batch", _one_a_batch),
    ("one_entry_too_many", _one_too_many),
    ("one_entry_too_few", _too_few),
)


# --- the numbers -------------------------------------------------------------------------------------


def _with_training(seen: History) -> list[float]:
    counts = [sum(seen.parts[key][0][1]) for key in _KEYS]
    return [linear.averaged((pair, counts)) for pair in zip(seen.right("loss"), seen.right("val_loss"), strict=True)]


def _by_count(seen: History, key: str, other: str) -> OneOf:
    """Return what dividing an epoch's sum by other counts gives: of batches of one size, of the other set's rows."""
    n = np.array(seen.parts[key][0][1])
    totals = np.array(seen.right(key)) * n.sum()
    return OneOf((totals / (n[0] * len(n))).tolist(), (totals / sum(seen.parts[other][0][1])).tolist())


#: By key, what a mistake puts there in every epoch.
_NUMBERS: dict[str, tuple[_Value, ...]] = {
    "loss": (
        ("loss_remeasured", lambda s: OneOf(*(s.measured("loss", s.weights[1:], gain) for gain in (1.0, GAIN)))),
        ("not_reset_per_epoch/history", lambda s: so_far(s.right("loss"))),
        ("wrong_count/history", lambda s: _by_count(s, "loss", "val_loss")),
    ),
    "val_loss": (
        ("val_measured_once", lambda s: s.right("val_loss")[-1:] * s.epochs),
        ("val_before_epoch/history", lambda s: s.measured("val_loss", s.weights[:-1])),
        ("validated_on_training_rows/history", lambda s: OneOf(s.measured("loss", s.weights[1:]), s.right("loss"))),
        ("sums_not_reset_for_validation", _with_training),
        ("not_reset_per_epoch/history", lambda s: so_far(s.right("val_loss"))),
        ("wrong_count/history", lambda s: _by_count(s, "val_loss", "loss")),
    ),
}
#: Of two batches the first one is all but the last, so each track has one of these.
_FIRST_BATCH: _Value = ("one_validation_batch/history", lambda s: [losses[0] for losses, _ in s.parts["val_loss"]])
_ALL_BUT_LAST: _Value = (
    "last_batch_left_out/validation",
    lambda s: [linear.averaged((losses[:-1], sizes[:-1])) for losses, sizes in s.parts["val_loss"]],
)


def _best_so_far(seen: History) -> list[float]:
    return np.minimum.accumulate(seen.right("val_loss")).tolist()


def _not_best_so_far(seen: History) -> bool:
    """Whether the validation losses are a list of the right length that is not the smallest so far."""
    given = seen.numbers("val_loss")
    return len(given) == seen.epochs and not alike(given, _best_so_far(seen), *seen.tolerance)


_SWAPPED: _Signs = (
    ("keys_swapped/history", lambda s: s.gives("loss", s.right("val_loss")) and s.gives("val_loss", s.right("loss"))),
)


def _of_numbers(read: Any, of_batches: _Value) -> tuple[Diagnosis, ...]:
    """Return the mistakes that are told by the numbers of a history, read as `Fit` or `KerasFit`."""

    def of(key: str, *more: _Value) -> tuple[Diagnosis, ...]:
        fields = {"key": repr(key), "what": "validation" if key == "val_loss" else "training"}
        compare = Matches(*read.tolerance)
        given, right = methodcaller("numbers", key), methodcaller("right", key)
        means = averaging(read, lambda seen: seen.parts[key], given, key, compare)
        return *means, *by_claim((*more, *_NUMBERS[key]), given, right, fields, compare, read=read)

    return (
        *by_sign(_SWAPPED, read=read),
        # Where the loss rises the best so far is one number again and again, which as a value would tell nothing.
        mistake(
            "best_so_far",
            probe=lambda e: (seen := e.read_as(read)).gives("val_loss", _best_so_far(seen)),
            denied=lambda e: _not_best_so_far(e.read_as(read)),
        ),
        *of("loss"),
        *of("val_loss", of_batches),
    )


# --- the run, in PyTorch -----------------------------------------------------------------------------


_WEIGHTS = "weights_after_the_run"


def _left_in_eval(fit: Fit) -> bool:
    left = fit.e.compares == "training_mode_after_the_run" and fit.noted(fit.e.compares) is False
    return left and bool(fit.val_passes) and not fit.any_val("training")


#: Before the faults of any loop: what these do to the gradients looks like one of them.
_FIRST: _Signs = (
    ("remembers_earlier_call", remembers),
    ("weights_put_back/earlier_epoch", lambda fit: fit.put_back),
    ("batches_kept", lambda fit: fit.batches_kept),
    ("gradients_left_off/notebook", noted("gradients_left_off")),
    ("flags_changed/left_frozen", lambda fit: fit.e.compares == _WEIGHTS and fit.noted("flags_changed")),
    ("updates_on_validation_rows", lambda fit: fit.on_val("step")),
    ("backward_on_validation_rows", lambda fit: fit.on_val("backward")),
    ("optimizer_made_again", lambda fit: fit.optimizer_replaced),
)
_PASSES: _Signs = (
    ("validated_on_training_rows/none", lambda fit: fit.e.error is None and fit.train_passes and not fit.val_passes),
    ("outer_flag_only", lambda fit: not all(event.get("outer_agrees", True) for event in fit.passes)),
    ("no_eval/validation", lambda fit: fit.any_val("training")),
    ("mode_not_restored", lambda fit: fit.modes and fit.modes[0] and not all(fit.modes)),
    ("no_train_mode", lambda fit: fit.modes and not fit.modes[0]),
    ("history_object", noted("history_object")),
    *_FORMS,
    (
        "other_loss/validation",
        lambda fit: fit.e.compares == "result" and not loss_not_called(fit) and fit.val_loss_not_called,
    ),
    ("validated_every_batch/between_updates", lambda fit: fit.val_between_updates),
    ("one_validation_batch", lambda fit: fit.one_val_batch),
)
_LAST: _Signs = (
    ("mode_left_in_eval/validation", _left_in_eval),
    # Told where the case judges how the validation was done.
    (
        "gradients_on/validation",
        lambda fit: fit.e.compares == _WEIGHTS and fit.e.expected is None and fit.any_val("grad"),
    ),
)
_FIELDS: Fields = {"run": lambda seen: f"{seen.epochs_run:g}", "epochs": lambda seen: str(seen.epochs)}

PYTORCH = (
    *LOOP[:2],  # what an error says
    *by_sign(_FIRST, read=Fit),
    *LOOP[2:],
    *by_sign(_PASSES, _FIELDS, read=Fit),
    *_of_numbers(Fit, _FIRST_BATCH),
    *by_sign(_LAST, read=Fit),
)

# --- the run, in Keras -------------------------------------------------------------------------------


def _nested(fit: KerasFit) -> bool:
    found = dict_of(fit.e.result) or {}
    return any(list_of(entry) for key in _KEYS for entry in list_of(found.get(key)) or [])


def _ragged_dropped(fit: KerasFit) -> bool:
    whole, rest = divmod(len(fit.train[1]), fit.batch_size)
    sizes = [len(update.event["rows"]) for update in fit.updates]
    return fit.e.error is None and bool(rest) and sizes == [fit.batch_size] * whole * fit.epochs


def _no_val_rows(fit: KerasFit, has_key: bool) -> bool:
    if not fit.updates or "val" in fit.sets_seen or ("val_loss" in (dict_of(fit.e.result) or {})) != has_key:
        return False
    return fit.e.error is None or (not has_key and fit.e.error["message"] == "'val_loss'")


def _step_outside(fit: KerasFit) -> bool:
    """Whether all batches of an epoch went through the model in training mode before one step followed."""
    passes = sum(event["training"] for event in fit.passes)
    return passes == fit.batches_due > fit.noted("optimizer_steps") == fit.epochs


_OF_KERAS: _Signs = (
    # First, whatever else is wrong: before the loop is written nothing said of it would help.
    ("fit_called", noted("fit_calls")),
    ("remembers_earlier_call", lambda fit: fit.remembers),
    ("flags_changed/left_frozen", noted("frozen")),
    ("compiled_anew", noted("compiled_anew")),
    ("pair_not_unpacked/loop", lambda fit: fit.raised("ValueError", "too many values to unpack")),
    ("gradients_off/tape", lambda fit: fit.raised("ValueError", "No gradients provided")),
    ("history_object", noted("history_object")),
    ("updates_on_validation_rows", lambda fit: any("val" in fit.sets(update.event) for update in fit.updates)),
    ("validation_split", lambda fit: fit.split_off),
    ("validated_on_training_rows/none", lambda fit: _no_val_rows(fit, True)),
    ("no_validation", lambda fit: _no_val_rows(fit, False)),
    ("never_trained", lambda fit: fit.e.error is None and not fit.updates),
    ("optimizer_not_used/compiled", lambda fit: fit.updates and fit.noted("optimizer_steps") == 0),
    ("step_outside_loop", lambda fit: fit.e.error is None and _step_outside(fit)),
    ("several_steps_a_batch", lambda fit: 0 < len(fit.updates) < fit.noted("optimizer_steps")),
    ("swapped_loss_arguments", lambda fit: fit.swapped),
    ("no_eval/argument", lambda fit: any(ev["training"] and "val" in fit.sets(ev) for ev in fit.passes)),
    ("no_train_mode/inference_mode", lambda fit: not all(update.event["training"] for update in fit.updates)),
    *_FORMS,
    ("nested_lists", _nested),
    ("last_batch_left_out/training", _ragged_dropped),
    ("weights_put_back", lambda fit: fit.e.error is None and fit.put_back),
    ("wrong_number_of_epochs/rows", lambda fit: fit.e.error is None and fit.epochs_run != fit.epochs),
    ("other_batches/batch_size", lambda fit: fit.epochs_run == fit.epochs and len(fit.updates) != fit.batches_due),
)
KERAS = (*by_sign(_OF_KERAS, _FIELDS, read=KerasFit), *_of_numbers(KerasFit, _ALL_BUT_LAST))
