"""Lesson 06, stopping rules with one fault each: when they stop, and what they hold as best.

The right rule can't be asked for: a `Fault` that changes nothing is refused. What is right stands as numbers beside
the visible cases; for the hidden ones it is worked out where no learner looks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

__all__ = ["FAULTS", "MILLIONTHS", "NEVER", "Fault", "Outcome", "faults_of", "with_patience"]

NEVER = "never"
#: A curve with gains so small that a rule which asks for some margin of its own sees none.
MILLIONTHS = [0.5 - 1e-6 * k for k in range(7)]


class Outcome(NamedTuple):
    """When a rule stops, and what it holds as best then."""

    stops_after: int | str
    best_epoch: Any
    best: Any


@dataclass
class Now:
    """A rule in one epoch: the loss that came, and what it remembers of the epochs before."""

    delta: float
    best: float
    best_epoch: int = 0
    wait: int = 0
    before: float = math.inf  # the loss of the epoch before
    epoch: int = 0
    loss: float = math.nan
    better: bool = False  # whether this epoch counts as an improvement


@dataclass(frozen=True)
class Fault:
    """One fault of a rule; what a field does not change is as it should be.

    Parameters
    ----------
    improves, wait, best : callable(Now)
        Whether the epoch counts as an improvement; the counter after it; the loss to beat after it.
    stops, goes_on : callable(Now) -> bool
        Where it stops, or goes on, whatever the counter says.
    patience : callable(int) -> int
        Which patience it has for the one that was given.
    late : int
        How many epochs late it says stop.
    start : float
        The loss to beat before the first epoch.
    watches : str
        Which curve it is given, in an exercise with several.
    holds : tuple of str
        What of the best must be as the fault leaves it, for the fault to be told by it.
    """

    improves: Callable[[Now], Any] = lambda now: now.loss < now.best - now.delta
    wait: Callable[[Now], int] = lambda now: 0 if now.better else now.wait + 1
    best: Callable[[Now], float] = lambda now: now.loss if now.better else now.best
    stops: Callable[[Now], bool] = lambda now: False
    goes_on: Callable[[Now], bool] = lambda now: False
    patience: Callable[[int], int] = lambda patience: patience
    late: int = 0
    start: float = math.inf
    watches: str = "val"
    holds: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if all(getattr(self, field.name) == field.default for field in fields(self) if field.name != "holds"):
            raise ValueError("a rule without a fault is what learners are asked to write")

    def run(self, losses: Sequence[float], patience: int, delta: float = 0.0) -> Outcome:
        """Return when a rule with the fault stops on these losses, and what it holds as best."""
        now = Now(delta, self.start)
        for epoch, loss in enumerate(losses, start=1):
            now.epoch, now.loss = epoch, loss
            now.better = bool(self.improves(now))
            now.wait, now.best = self.wait(now), self.best(now)
            now.best_epoch = epoch if now.better else now.best_epoch
            now.before = loss
            if (now.wait >= self.patience(patience) or self.stops(now)) and not self.goes_on(now):
                said = epoch + self.late
                return Outcome(said if said <= len(losses) else NEVER, now.best_epoch, now.best)
        return Outcome(NEVER, now.best_epoch, now.best)


def _below(now: Now) -> bool:
    return now.loss < now.best - now.delta


def _nan(now: Now) -> bool:
    return math.isnan(now.loss)


def _rises(now: Now) -> int:
    return now.wait + (now.loss > now.before)


def with_patience(fixed: int) -> Fault:
    """Return the fault of a rule that keeps to one patience, whichever it was given."""
    return Fault(patience=lambda _: fixed)


#: The faults by their names in ``words.toml``, the more specific one first: where two explain all that was seen, the
#: first speaks. So a rule that trips over 0 or NaN comes before one that is wrong on every curve.
FAULTS: tuple[tuple[str, Fault], ...] = (
    ("zero_taken_for_none/best_loss", Fault(lambda now: now.best == 0 or _below(now))),
    ("zero_ignored", Fault(lambda now: now.loss != 0 and _below(now))),
    ("zero_taken_for_none/minus_one", Fault(lambda now: now.best == -1 or _below(now))),
    ("sign_dropped", Fault(lambda now: abs(now.loss) < abs(now.best) - now.delta)),
    # A start of 1e6 goes like any other that is above the curves' losses, but for one curve's.
    *(("best_starts_finite", Fault(start=start)) for start in (0.0, 1.0, 10.0, 100.0, 1e6)),
    ("nan_resets_counter", Fault(wait=lambda now: 0 if now.better or _nan(now) else now.wait + 1)),
    ("nan_first_is_best/first_loss", Fault(lambda now: now.epoch == 1 or _below(now))),
    ("nan_improves/comparison", Fault(lambda now: not now.loss >= now.best - now.delta)),
    ("nan_improves/counter", Fault(lambda now: now.epoch == 1 or _nan(now) or _below(now))),
    ("stops_at_nan", Fault(stops=_nan)),
    ("goes_on_at_nan", Fault(goes_on=_nan)),
    ("nan_not_counted", Fault(wait=lambda now: 0 if now.better else now.wait + (not _nan(now)))),
    (
        "equal_not_counted",
        Fault(
            wait=lambda now: 0 if now.better else now.wait + (now.loss > now.best - now.delta), holds=("best_epoch",)
        ),
    ),
    ("equal_improves", Fault(lambda now: now.loss <= now.best - now.delta)),
    ("min_delta_sign", Fault(lambda now: now.loss < now.best + now.delta)),
    ("min_delta_relative", Fault(lambda now: now.loss < now.best * (1 - now.delta))),
    (
        "small_gain_not_counted",
        Fault(wait=lambda now: 0 if now.better else now.wait + (not now.loss < now.best), holds=("best",)),
    ),
    ("min_delta_ignored", Fault(lambda now: now.loss < now.best)),
    # The margin lies between the small gains of the cases, some millionths, and all others.
    ("small_gains_ignored", Fault(lambda now: now.loss < now.best - now.delta - 1e-4)),
    ("best_moves_on_small_gains", Fault(best=lambda now: min(now.best, now.loss), holds=("best",))),
    ("off_by_one", Fault(patience=lambda patience: patience + 1)),
    ("counter_never_counts", Fault(wait=lambda now: 0, holds=("best_epoch", "best"))),
    (
        "never_updates_best/first_loss",
        Fault(best=lambda now: now.loss if now.better and math.isinf(now.best) else now.best),
    ),
    ("never_updates_best", Fault(lambda now: now.loss < math.inf)),
    ("resets_on_any_dip", Fault(lambda now: now.loss < now.before - now.delta)),
    ("resets_on_any_dip", Fault(wait=lambda now: 0 if now.loss < now.before else _rises(now))),
    ("resets_on_any_dip", Fault(wait=lambda now: 0 if now.better or now.loss < now.before else now.wait + 1)),
    ("counter_never_reset", Fault(wait=lambda now: now.wait + (not now.better))),
    ("any_change_improves", Fault(lambda now: abs(now.best - now.loss) > now.delta)),
    ("counter_lowered_by_one", Fault(wait=lambda now: max(0, now.wait - 1) if now.better else now.wait + 1)),
    ("stops_early", Fault(patience=lambda patience: patience - 1)),
    ("stops_at_first_rise", Fault(patience=lambda patience: 1)),
    ("higher_is_better", Fault(lambda now: now.best == math.inf or now.loss > now.best + now.delta)),
    ("higher_is_better", Fault(lambda now: now.loss > now.best + now.delta, start=-math.inf)),
    ("stops_when_improving", Fault(lambda now: not _below(now))),
    ("stops_when_improving", Fault(wait=lambda now: now.wait + 1 if now.better else 0)),
    ("counts_rises", Fault(wait=_rises)),
    ("counts_rises", Fault(wait=lambda now: 0 if now.better else _rises(now))),
    *(("patience_ignored", with_patience(n)) for n in (5, 3)),
    ("off_by_one/answer_before_the_loss", Fault(late=1)),
)


def faults_of(*names: str) -> list[tuple[str, Fault]]:
    """Return the faults with these names, in the order of the names."""
    return [(name, fault) for wanted in names for name, fault in FAULTS if name == wanted]
