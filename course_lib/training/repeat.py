"""The same training with several seeds: one call, and what the runs have in common.

One run is one draw. `repeat` trains once for each seed, shows how far it is, and keeps every run that was finished,
also when it is interrupted; two set-ups that were repeated with the same seeds are compared pair by pair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.plots.noise import mean_and_error
from course_lib.training.arguments import check_seed
from course_lib.training.history import History
from course_lib.training.repeat_progress import Picture, Progress
from course_lib.training.seeding import seed_everything

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["Difference", "Repeats", "repeat"]


class Repeats:
    """The runs of `repeat`, one for each seed, in order; what takes a list of histories takes this as well.

    Attributes
    ----------
    seeds : list of int
        The seeds whose runs are finished.
    histories : list of History
        Their runs.
    unfinished : History or None
        The run that was under way when `repeat` was interrupted; it takes no part in any mean.

    Examples
    --------
    >>> two = Repeats()
    >>> for seed, losses in ((0, [1.0, 0.6]), (1, [1.2, 0.8])):
    ...     history = History()
    ...     for loss in losses:
    ...         history.epoch(val_loss=loss)
    ...     two.add(seed, history)
    >>> two.mean().tolist(), two.standard_error().round(3).tolist()
    ([1.1, 0.7], [0.1, 0.1])
    >>> two
    2 runs with seeds 0, 1: val_loss 0.7 ± 0.1 after 2 epochs
    """

    def __init__(self) -> None:
        self.seeds: list[int] = []
        self.histories: list[History] = []
        self.unfinished: History | None = None

    def add(self, seed: int, history: History) -> None:
        """Keep a finished run."""
        self.seeds.append(int(seed))
        self.histories.append(history)

    def __len__(self) -> int:
        return len(self.histories)

    def __iter__(self) -> Iterator[History]:
        return iter(self.histories)

    def __getitem__(self, place: int) -> History:
        return self.histories[place]

    def __repr__(self) -> str:
        several = "s" * (len(self) != 1)
        if not self.histories:
            return "no finished runs"
        text = f"{len(self)} run{several} with seed{several} {', '.join(map(str, self.seeds))}"
        name = "val_loss" if all("val_loss" in history for history in self) else "train_loss"
        if not all(name in history for history in self):
            return text
        mean, error = self.mean(name), self.standard_error(name)
        last = f"{mean[-1]:.4g}" + (f" ± {error[-1]:.2g}" if np.isfinite(error[-1]) else "")
        return f"{text}: {name} {last} after {len(mean)} epoch{'s' * (len(mean) != 1)}"

    def values(self, name: str = "val_loss") -> NDArray[np.float64]:
        """Return a column of every run, shape (runs, epochs); NaN after a run has ended."""
        if not self.histories:
            raise ValueError("there are no finished runs, so there is nothing to take a mean of")
        rows = [history[name] for history in self]
        table = np.full((len(rows), max(map(len, rows))), np.nan)
        for row, values in zip(table, rows, strict=True):
            row[: len(values)] = values
        return table

    def mean(self, name: str = "val_loss") -> NDArray[np.float64]:
        """Return the mean over the runs in each epoch; over those that got there, where some ended early."""
        return mean_and_error(self.values(name))[0]

    def standard_error(self, name: str = "val_loss") -> NDArray[np.float64]:
        """Return the standard error of `mean`, with n - 1 below the line; NaN for a single run."""
        return mean_and_error(self.values(name))[1]

    def to_frame(self, name: str = "val_loss") -> pd.DataFrame:
        """Return a table with a row for each epoch: the mean, its standard error, and each seed's run."""
        import pandas as pd

        table = self.values(name)
        mean, error = mean_and_error(table)
        frame = pd.DataFrame({"mean": mean, "standard error": error})
        for seed, row in zip(self.seeds, table, strict=True):
            frame[f"seed {seed}"] = row
        frame.index = pd.RangeIndex(1, table.shape[1] + 1, name="epoch")
        return frame

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw training and validation loss of all runs, with mean and standard error; see `course_lib.plots.runs`."""
        from course_lib.plots import runs

        return runs(self.histories, ax)

    def __sub__(self, other: Repeats) -> Difference:
        return self.minus(other)

    def minus(self, other: Repeats, name: str = "val_loss") -> Difference:
        """Return the differences to another set-up, seed by seed; ``b - a`` is short for ``b.minus(a)``.

        Raises
        ------
        ValueError
            Unless both have runs with the same seeds, of equal length.
        """
        if not isinstance(other, Repeats):
            raise TypeError(f"the other one is a {type(other).__name__}; expected what repeat returned")
        if sorted(self.seeds) != sorted(other.seeds):
            raise ValueError(
                f"the seeds are {self.seeds} and {other.seeds}, and only equal ones make pairs; go on with those that "
                "are missing, as in repeat(train, seeds, into=runs)"
            )
        mine, theirs = self.values(name), other.values(name)[[other.seeds.index(seed) for seed in self.seeds]]
        if mine.shape != theirs.shape:
            raise ValueError(f"the runs have {mine.shape[1]} and {theirs.shape[1]} epochs; expected as many")
        return Difference(list(self.seeds), mine - theirs, name)


@dataclass
class Difference:
    """What one set-up has more than another, seed by seed: below 0 where the first has the lower value.

    Attributes
    ----------
    seeds : list of int
    values : ndarray of shape (seeds, epochs)
    of : str
        The column that was compared.
    """

    seeds: list[int]
    values: NDArray[np.float64]
    of: str = "val_loss"

    @property
    def mean(self) -> NDArray[np.float64]:
        """The mean difference in each epoch."""
        return mean_and_error(self.values)[0]

    @property
    def standard_error(self) -> NDArray[np.float64]:
        """The standard error of `mean`, from the differences themselves; NaN for a single pair."""
        return mean_and_error(self.values)[1]

    def __repr__(self) -> str:
        mean, error = self.mean[-1], self.standard_error[-1]
        pairs = f"{len(self.seeds)} pair{'s' * (len(self.seeds) != 1)}"
        return f"difference in {self.of} of {pairs}: {mean:+.4g}" + (f" ± {error:.2g}" if np.isfinite(error) else "")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the differences; see `course_lib.plots.paired_difference`."""
        from course_lib.plots import paired_difference

        return paired_difference(self, ax)


def repeat(
    train: Callable[[int], History],
    seeds: int | Iterable[int] = 10,
    *,
    live: bool = False,
    into: Repeats | None = None,
) -> Repeats:
    """Train once for each seed, and keep all runs.

    Parameters
    ----------
    train : callable
        Makes a **new** model and trains it: called with a seed, it returns the history. Before each call all random
        generators are seeded with that seed, see `course_lib.training.seeding.seed_everything`; give the seed to
        ``fit`` too, which shuffles by its own.
    seeds : int or iterable of int
        How many seeds, from 0; or the seeds themselves, each once.
    live : bool
        Whether to draw all runs so far, with mean and standard error, each time that one has ended.
    into : Repeats, optional
        The runs of an earlier call to go on with: seeds that it has are not trained again.

    Returns
    -------
    Repeats
        Also after an interrupt, with the runs that were finished; with `into` given it is that object.

    Raises
    ------
    TypeError, ValueError
        Where `train` does not return a history, or the seeds are none.

    Examples
    --------
    >>> def train(seed):
    ...     rng, history = np.random.default_rng(seed), History()
    ...     history.epoch(val_loss=rng.random())
    ...     return history
    >>> runs = repeat(train, 3)
    >>> runs.seeds, runs.values().shape
    ([0, 1, 2], (3, 1))
    """
    runs = Repeats() if into is None else into
    wanted = [seed for seed in _seeds(seeds) if seed not in runs.seeds]
    runs.unfinished = None
    picture = Picture() if live else None
    with Progress(runs, len(wanted)) as progress:
        for seed in wanted:
            try:
                seed_everything(seed)
                history = train(seed)
            except KeyboardInterrupt:
                break
            if not isinstance(history, History):
                raise TypeError(f"train returned a {type(history).__name__}; expected the history that fit returns")
            if history.stop_reason == "interrupted":  # fit has caught the interrupt, to give back what there was
                runs.unfinished = history
                break
            runs.add(seed, history)
            progress.move()
            if picture is not None:
                picture.show(runs)
    return runs


def _seeds(seeds: Any) -> list[int]:
    """Return the seeds as a list, or say what is wrong with them."""
    if isinstance(seeds, int | np.integer) and not isinstance(seeds, bool):
        if seeds < 1:
            raise ValueError(f"seeds is {seeds}; expected how many seeds, at least 1, or the seeds themselves")
        return list(range(int(seeds)))
    if isinstance(seeds, str) or not isinstance(seeds, Iterable):
        raise TypeError(f"seeds is a {type(seeds).__name__}; expected how many seeds, or the seeds themselves")
    listed: Sequence[Any] = list(seeds)
    for seed in listed:
        check_seed(seed)
    if not listed or len(set(listed)) != len(listed):
        raise ValueError(f"seeds is {listed}; expected at least one seed, and each only once")
    return [int(seed) for seed in listed]
