"""Lesson 09, `plateau_cuts`: after which epochs a plateau rule cuts the rate, in each library's convention."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from course_lib.checks.case import Case, Exercise
from course_lib.checks.mistakes import by_value
from course_lib.checks.phrase import Phrase
from course_lib.checks.plain import Plain, show

__all__ = ["PLATEAU_CUTS", "cuts_case"]

NAN = math.nan


@dataclass
class Now:
    """A rule in one epoch: its settings, the loss that came, and what it remembers."""

    patience: int
    torch: bool
    threshold: float
    best: float = math.inf
    before: float = math.inf  # the loss of the epoch before
    bad: int = 0
    rest: int = 0  # what is left of the cooldown
    loss: float = NAN
    better: bool = False


def _line(now: Now, best: float, sign: int = -1, relative: bool | None = None) -> float:
    """Return the loss that an improvement has to be below."""
    torch = now.torch if relative is None else relative
    return best * (1 + sign * now.threshold) if torch else best + sign * now.threshold


def _improves(now: Now) -> bool:
    return now.loss < _line(now, now.best)


def _enough(now: Now, torch: bool) -> bool:
    return now.bad > now.patience if torch else now.bad >= max(1, now.patience)


@dataclass(frozen=True)
class Fault:
    """One fault of a plateau rule; what a field does not change is as it should be.

    Parameters
    ----------
    improves, enough : callable(Now) -> bool
        Whether the loss counts as an improvement; whether the bad epochs are enough for a cut.
    best : callable(Now) -> float
        The loss to beat after the epoch.
    counts : callable(Now) -> int
        The bad epochs after one without improvement.
    kept : callable(Now) -> int
        The bad epochs after an improvement.
    rests_first : callable(Now) -> bool
        Whether the cooldown goes down before the epoch is counted, as in Keras.
    resting : {"waits", "counts", "cuts", "skips", "bad_only", "ends"}
        Whether epochs of the cooldown are left out, counted for a cut afterwards, or as good as any other; or whether
        their improvements are lost, only bad ones shorten it, or an improvement ends it.
    clears : bool
        Whether the bad epochs go back to 0 in the cooldown, and not only at the cut.
    after : callable(Now) -> int
        The bad epochs after a cut.
    kept_best : callable(Now) -> float
        The loss to beat after a cut.
    first : int
        The number of the first epoch.
    most : int
        How many cuts there may be.
    swapped : bool
        Whether each convention is taken for the other.
    """

    improves: Callable[[Now], bool] = _improves
    enough: Callable[[Now], bool] = lambda now: _enough(now, now.torch)
    best: Callable[[Now], float] = lambda now: now.loss if now.better else now.best
    counts: Callable[[Now], int] = lambda now: now.bad + 1
    kept: Callable[[Now], int] = lambda now: 0
    rests_first: Callable[[Now], bool] = lambda now: not now.torch
    resting: str = "waits"
    clears: bool = True
    after: Callable[[Now], int] = lambda now: 0
    kept_best: Callable[[Now], float] = lambda now: now.best
    first: int = 1
    most: int = 10**6
    swapped: bool = False

    def __post_init__(self) -> None:
        if all(getattr(self, field.name) == field.default for field in fields(self)):
            raise ValueError("a rule without a fault is what learners are asked to write")

    def __call__(
        self, losses: Sequence[float], patience: int, convention: str, threshold: float, cooldown: int
    ) -> list[int]:
        """Return the epochs in which a rule with the fault cuts."""
        now, found = Now(patience, (convention == "torch") != self.swapped, threshold), []
        for epoch, loss in enumerate(losses, start=self.first):
            now.loss = loss
            first = self.rests_first(now)
            improves = bool(self.improves(now))
            now.rest = 0 if improves and self.resting == "ends" else now.rest
            goes_down = not (improves and self.resting == "bad_only")
            if first and goes_down:
                self._rest(now)
            now.better = improves and not (now.rest and self.resting == "skips")
            resting = self._left_out and now.rest > 0 and (first or not self.clears)
            now.bad = self.kept(now) if now.better else now.bad if resting else self.counts(now)
            if not first and goes_down:
                self._rest(now)
            now.best, now.before = self.best(now), loss
            if self.enough(now) and not (self.resting == "counts" and now.rest):
                found.append(epoch)
                now.rest, now.bad = cooldown, self.after(now)
                now.best = self.kept_best(now)
        return found[: self.most]

    @property
    def _left_out(self) -> bool:
        """Whether bad epochs of the cooldown are not counted."""
        return self.resting not in ("counts", "cuts")

    def _rest(self, now: Now) -> None:
        if now.rest > 0:
            now.rest -= 1
            now.bad = 0 if self._left_out and self.clears else now.bad


def _nan(now: Now) -> bool:
    return math.isnan(now.loss)


def _best(now: Now) -> float:
    return now.loss if now.better else now.best


def _exactly(now: Now) -> bool:
    """Tell whether the epochs are just enough: one more, and they are no longer."""
    return now.bad == (now.patience + 1 if now.torch else max(1, now.patience))


def _zero_apart(now: Now) -> bool:
    """Tell whether the epochs are enough where nobody thought of a patience of 0 in Keras."""
    return now.bad > now.patience if now.torch else now.bad == now.patience


#: The more specific first.
_FAULTS: tuple[tuple[str, Fault], ...] = (
    ("conventions_swapped", Fault(swapped=True)),
    ("nan_improves/plateau", Fault(lambda now: _nan(now) or _improves(now))),
    (
        "nan_improves/plateau",
        Fault(lambda now: _nan(now) or _improves(now), best=lambda now: now.best if _nan(now) else _best(now)),
    ),
    ("nan_improves/plateau", Fault(lambda now: not now.loss >= _line(now, now.best))),
    ("nan_not_counted/plateau", Fault(counts=lambda now: now.bad + (not _nan(now)))),
    ("plateau_patience/torch", Fault(enough=lambda now: _enough(now, False))),
    ("plateau_patience/keras", Fault(enough=lambda now: _enough(now, True))),
    ("plateau_patience/zero", Fault(enough=_zero_apart)),
    (
        "plateau_patience/zero",
        Fault(enough=lambda now: now.bad > now.patience if now.torch else now.bad >= now.patience),
    ),
    ("plateau_threshold/exchanged", Fault(lambda now: now.loss < _line(now, now.best, relative=not now.torch))),
    ("plateau_threshold/absolute", Fault(lambda now: now.loss < _line(now, now.best, relative=False))),
    ("plateau_threshold/relative", Fault(lambda now: now.loss < _line(now, now.best, relative=True))),
    ("min_delta_ignored/plateau", Fault(lambda now: now.loss < now.best)),
    ("min_delta_sign/plateau", Fault(lambda now: now.loss < _line(now, now.best, 1))),
    ("equal_improves/plateau", Fault(lambda now: now.loss <= _line(now, now.best))),
    ("best_moves_on_small_gains/plateau", Fault(best=lambda now: min(now.best, now.loss))),
    ("counter_kept_after_cut", Fault(after=lambda now: now.bad)),
    ("counter_kept_after_cut", Fault(after=lambda now: now.bad, clears=False)),
    ("counter_kept_after_cut/passed", Fault(after=lambda now: now.bad, enough=_exactly, clears=False)),
    ("one_epoch_off_after_cut", Fault(after=lambda now: 1)),
    ("cooldown_ignored", Fault(resting="cuts")),
    ("cooldown_counted", Fault(resting="counts")),
    ("cooldown_loses_improvements", Fault(resting="skips")),
    ("cooldown_counts_bad_epochs", Fault(resting="bad_only")),
    ("cooldown_ended_by_improvement", Fault(resting="ends")),
    ("cooldown_convention/torch", Fault(rests_first=lambda now: True)),
    ("cooldown_convention/keras", Fault(rests_first=lambda now: False)),
    ("best_forgotten_at_cut", Fault(kept_best=lambda now: math.inf)),
    ("best_forgotten_at_cut/replaced", Fault(kept_best=lambda now: now.loss)),
    ("only_the_first_cut", Fault(most=1)),
    ("never_updates_best/plateau", Fault(best=lambda now: now.loss if now.best == math.inf else now.best)),
    ("compares_with_previous/plateau", Fault(lambda now: now.loss < _line(now, now.before))),
    ("counter_never_reset/plateau", Fault(kept=lambda now: now.bad)),
    ("counted_from_zero/plateau", Fault(first=0)),
)


def _observe(
    answer: Any,
    record: dict[str, Any],
    losses: Sequence[float],
    patience: int,
    convention: str,
    threshold: float,
    cooldown: int,
) -> Any:
    """Call the function; settings that have their default value are left out."""
    settings = {"threshold": threshold} if threshold != 1e-4 else {}
    if cooldown:
        settings["cooldown"] = cooldown
    before = [repr(loss) for loss in losses]
    found = answer(losses, patience, convention, **settings)
    if before != [repr(loss) for loss in losses]:
        record["inputs_changed"] = True
    return found


def _phrase(losses: Sequence[float], patience: int, convention: str, threshold: float, cooldown: int) -> Phrase:
    settings = f"convention={convention!r}, patience={patience}"
    settings += f", threshold={threshold:g}" if threshold != 1e-4 else ""
    settings += f", cooldown={cooldown}" if cooldown else ""

    def yours(given: Plain) -> str:
        return f"yours gives {show(given)}"

    return Phrase(
        lambda expected: f"for {settings} and the losses {show(list(losses), 15, 6)} it should give {expected}", yours
    )


def cuts_case(
    name: str,
    losses: Any,
    patience: int,
    convention: str,
    expected: Any,
    *,
    threshold: float = 1e-4,
    cooldown: int = 0,
    hint: str = "",
    weight: float = 1.0,
) -> Case:
    """Return a case of one curve: ``losses`` are a list, or a function of a generator that makes one."""
    settings = (patience, convention, threshold, cooldown)
    if callable(losses):
        return Case(name, lambda rng: (losses(rng), *settings), expected, hint, _observe)
    phrase = _phrase(losses, *settings)
    return Case(name, (list(losses), *settings), expected, hint, _observe, phrase=phrase, weight=weight)


#: Falls, stays for a while, falls again, stays.
STAIRS = [1.0, 0.9, 0.95, 0.92, 0.91, 0.93, 0.92, 0.8, 0.85, 0.82, 0.81, 0.84, 0.83, 0.82, 0.85]
FLAT = [1.0, 0.9] + [0.95] * 10
#: An improvement during the cooldown after the first cut.
RESTED_TORCH = [1.0, 1.2, 1.2, 0.8, 1.0, 0.9, 1.0, 0.9, 0.9, 1.0]
RESTED_KERAS = [1.0, 1.2, 1.1, 0.9, 1.1, 1.1, 1.1, 0.7, 0.9, 0.8, 0.8]
#: With a threshold of a quarter: losses below, at and above the line, and the same after a cut.
TIES_TORCH = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.75, 0.75, 0.75, 0.6, 0.375, 0.5625, 0.5625, 0.5625]
TIES_KERAS = [1.0, 1.0, 0.8, 0.75, 0.75, 0.75, 0.6, 0.6, 0.8, 0.45, 0.5625, 0.6, 0.4, 0.45]
GAPS_TORCH = [1.0, 0.75, NAN, 0.45, 0.4, 0.5, NAN, 0.4, 1.0, 0.5625, NAN, 0.28, 0.28]
GAPS_KERAS = [1.0, 1.0, 0.75, NAN, NAN, 1.0, 0.45, 0.28, NAN, 0.5625, 0.5625, 0.5625, 0.28, 0.28]

PLATEAU_CUTS = Exercise(
    name="plateau_cuts",
    points=3,
    cases=(
        cuts_case("stairs, as torch counts", STAIRS, 2, "torch", [5, 11, 14]),
        cuts_case("stairs, as Keras counts", STAIRS, 2, "keras", [4, 6, 10, 12, 14]),
        cuts_case("a loss that stays, torch", FLAT, 3, "torch", [6, 10]),
        cuts_case("a loss that stays, Keras", FLAT, 3, "keras", [5, 8, 11]),
        cuts_case("a cooldown, torch", FLAT, 1, "torch", [4, 8, 12], cooldown=2),
        cuts_case("a cooldown, Keras", FLAT, 1, "keras", [3, 5, 7, 9, 11], cooldown=2),
        cuts_case("a long cooldown, Keras", FLAT, 2, "keras", [4, 8, 12], cooldown=3),
        cuts_case("an improvement during a cooldown, torch", RESTED_TORCH, 1, "torch", [3, 8], cooldown=3, weight=2),
        cuts_case(
            "an improvement during a cooldown, Keras", RESTED_KERAS, 2, "keras", [3, 7, 11], cooldown=3, weight=2
        ),
        cuts_case("a large threshold, torch", TIES_TORCH, 2, "torch", [4, 7, 14], threshold=0.25),
        cuts_case("a large threshold, Keras", TIES_KERAS, 2, "keras", [3, 5, 9, 11, 13], threshold=0.25),
        cuts_case("NaN and a threshold, torch", GAPS_TORCH, 2, "torch", [7, 10], threshold=0.25),
        cuts_case("NaN and a threshold, Keras", GAPS_KERAS, 2, "keras", [3, 5, 9, 11, 13], threshold=0.25),
        cuts_case("patience 0, Keras", [1.0, 0.5, 0.75, 0.25, 0.5, 0.125], 0, "keras", [3, 5]),
        cuts_case("a loss that falls all the time", [1.0, 0.8, 0.6, 0.4], 1, "torch", []),
    ),
    diagnoses=by_value(_FAULTS),
)
