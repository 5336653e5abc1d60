"""Explorers: small experiments that answer while a learner moves a control, one for each lesson from 01 on.

Each is one line at the end of a cell::

    from course_lib.explorers import batch_noise
    batch_noise()

===================  ======  ====================================================================
explorer             lesson  what moves
===================  ======  ====================================================================
`confidence`         01      the probability given to the correct class, and its cross-entropy
`split_chooser`      02      how rows are split, and the score that the split would report
`batch_noise`        03      batch size and learning rate against the noise of the batch curve
`capacity`           04      hidden units, rows and label noise, over real runs computed beforehand
`modes`              05      eval or training mode, gradients, ``backward`` and ``step`` on a small model
`early_stopping`     06      patience and min_delta, one epoch at a time
`smoothing`          07      what a smoother hides, and what other validation rows would have said
`who_reports`        08      regularizers, and which of four losses of one network each one changes
`counting`           09      what a schedule counts, what a resumed run forgets, when a plateau rule cuts
`every_number`       10      rarity, threshold, class weight and temperature, and every metric of one model
`on_disk`            11      what a crash and a resume leave on disk, and the chart drawn from it
`fault_bench`        12      a fault and a seed, next to a healthy run, and how often a sign of it shows
===================  ======  ====================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from course_lib.lessons.l01_loss_basics.explorer import confidence
    from course_lib.lessons.l02_train_val_split.explorer import split_chooser
    from course_lib.lessons.l03_tracking_loops.explorer import batch_noise
    from course_lib.lessons.l04_overfitting.explorer import capacity
    from course_lib.lessons.l05_no_grad_validation.explorer import modes
    from course_lib.lessons.l06_early_stopping.explorer import early_stopping
    from course_lib.lessons.l07_noisy_curves.explorer import smoothing
    from course_lib.lessons.l08_regularisation.explorer import who_reports
    from course_lib.lessons.l09_schedules.explorer import counting
    from course_lib.lessons.l10_beyond_loss.explorer import every_number
    from course_lib.lessons.l11_logging.explorer import on_disk
    from course_lib.lessons.l12_capstone.explorer import fault_bench

__all__ = [
    "batch_noise",
    "capacity",
    "confidence",
    "counting",
    "early_stopping",
    "every_number",
    "fault_bench",
    "modes",
    "on_disk",
    "smoothing",
    "split_chooser",
    "who_reports",
]

_HOMES = {
    "confidence": "l01_loss_basics",
    "split_chooser": "l02_train_val_split",
    "batch_noise": "l03_tracking_loops",
    "capacity": "l04_overfitting",
    "modes": "l05_no_grad_validation",
    "early_stopping": "l06_early_stopping",
    "smoothing": "l07_noisy_curves",
    "who_reports": "l08_regularisation",
    "counting": "l09_schedules",
    "every_number": "l10_beyond_loss",
    "on_disk": "l11_logging",
    "fault_bench": "l12_capstone",
}


def __getattr__(name: str) -> Any:
    """Load an explorer when it is asked for, so that one lesson does not pay for the others."""
    if name not in _HOMES:
        raise AttributeError(f"there is no explorer {name!r}; there are {', '.join(sorted(_HOMES))}")
    from importlib import import_module

    return getattr(import_module(f"course_lib.lessons.{_HOMES[name]}.explorer"), name)
