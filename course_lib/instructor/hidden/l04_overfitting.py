"""Lesson 04, overfitting: the hidden cases."""

from __future__ import annotations

from course_lib.checks.case import Case
from course_lib.lessons.l04_overfitting.add_regularisation import regularise_case
from course_lib.lessons.l04_overfitting.capacity_sweep import sweep_case
from course_lib.lessons.l04_overfitting.diagnose import curve_case

__all__ = ["hidden_cases"]

_READ = "Read it as you read A to E: where does validation loss go, how high are both, and what does accuracy do?"


def hidden_cases(track: str) -> dict[str, tuple[Case, ...]]:
    """Return the hidden cases by exercise."""
    return {
        "diagnose": tuple(curve_case(letter, _READ) for letter in "FGH"),
        "capacity_sweep": (
            sweep_case(
                "six widths, all of whose choices differ",
                [16, 2, 128, 8, 64, 32],
                [0.45, 1.1, 0.01, 0.7, 0.1, 0.3],
                [0.584, 1.12, 0.9, 0.75, 0.66, 0.579],
                [0.52, 1.15, 0.95, 0.8, 0.7, 0.6],
                hint="The widths come in no order, and each loss has its lowest value at another one.",
            ),
            sweep_case(
                "a single width",
                [24],
                [200.0],
                [400.0],
                [450.0],
                hint="There is one width only, and its losses are far above 1.",
            ),
            sweep_case(
                "a tie behind the smallest",
                [4, 64, 16, 32],
                [0.6, 0.1, 0.3, 0.2],
                [0.7, 0.4, 0.4, 0.4],
                [0.6, 0.3, 0.5, 0.45],
                hint="Several widths have exactly the same validation loss, and it is the lowest.",
            ),
            sweep_case(
                "two valleys, widths in no order",
                [32, 256, 4, 16, 64],
                [0.41, 0.03, 0.95, 0.6, 0.22],
                [0.83, 0.64, 1.02, 0.7, 0.79],
                [0.85, 0.74, 1.0, 0.66, 0.6],
                hint="The validation loss falls, rises and falls again as the width grows.",
            ),
            sweep_case(
                "losses of exactly 0 at two widths",
                [64, 32, 8, 2],
                [0.0, 0.0, 0.02, 0.3],
                [0.25, 0.0, 0.0, 0.4],
                [0.2, 0.06, 0.03, 0.45],
                hint="Several validation losses are exactly 0. They are equally good.",
            ),
            sweep_case(
                "losses far above 1 and nearly equal",
                [128, 16, 32, 64],
                [90.0, 130.0, 110.0, 100.0],
                [150.2, 150.3, 150.0, 150.4],
                [151.0, 149.0, 152.0, 150.5],
                hint="All losses are far above 1, and nearly equal. Equally good means equal.",
            ),
            sweep_case(
                "losses of a few trillionths",
                [64, 8, 32],
                [0.3, 0.5, 0.4],
                [1e-12, 3e-12, 2e-12],
                [0.6, 0.5, 0.7],
                hint="All validation losses are tiny, and one of them is the lowest.",
            ),
        ),
        "add_regularisation": (
            regularise_case(
                track,
                "other sizes: layers",
                "layers",
                hint="Other numbers of inputs, hidden units and classes.",
                run="other sizes",
                weight=0.3,
                **_OTHER,
            ),
            regularise_case(
                track,
                "other sizes: dropout",
                "dropout",
                hint="Another share of units is dropped.",
                run="other sizes",
                **_OTHER,
            ),
            regularise_case(
                track,
                "other sizes: decay",
                "decay",
                hint="Another decay and another learning rate.",
                run="other sizes",
                **_OTHER,
            ),
            regularise_case(
                track,
                "no dropout and no decay",
                "step",
                hint="Dropout and weight decay may both be 0: what is left is Adam.",
                run="zeros",
                weight=0.2,
                **_ZEROS,
            ),
            regularise_case(
                track,
                "no dropout and no decay: training mode",
                "dropout",
                hint="The share that is dropped may be 0. Training mode then gives what evaluation mode gives.",
                run="zeros",
                weight=0.2,
                **_ZEROS,
            ),
            regularise_case(
                track,
                "no dropout and no decay: weights",
                "decay",
                hint="The decay may be 0. Without a gradient, no weight then moves.",
                run="zeros",
                weight=0.2,
                **_ZEROS,
            ),
        ),
    }


_ZEROS = {"dropout": 0.0, "weight_decay": 0.0, "lr": 0.02}
_OTHER = {"inputs": 5, "hidden": 24, "classes": 3, "dropout": 0.6, "weight_decay": 0.5, "lr": 0.004}
