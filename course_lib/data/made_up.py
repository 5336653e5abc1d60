"""Made-up data sets with a known truth."""

from __future__ import annotations

import numpy as np

from course_lib.data.making import make_data
from course_lib.data.rows import Data
from course_lib.data.splits import Size, split_indices

__all__ = ["grouped_rows", "moons", "noisy_sine", "time_ordered_rows"]


def moons(
    *, rows: int = 500, val_size: Size = 0.8, noise: float = 0.2, flipped: float = 0.1, seed: int = 0, copies: int = 1
) -> Data:
    """Two half moons with some labels flipped: the set on which overfitting is best seen.

    Parameters
    ----------
    rows : int
        Rows in all; by default 100 training and 400 validation rows.
    val_size : float or int
        Share or number of validation rows.
    noise : float
        Standard deviation of the points around their moon.
    flipped : float
        Share of labels, in both parts, that are wrong.
    seed : int
        Which points.
    copies : int
        Repeat the training rows so many times, for measuring speed.

    Returns
    -------
    Data
        ``x`` of shape ``(rows, 2)``, ``y`` 0 or 1.
    """
    from sklearn.datasets import make_moons

    if not 0 <= flipped <= 1:
        raise ValueError(f"flipped is {flipped}; expected a share between 0 and 1")
    x, y = make_moons(rows, noise=noise, random_state=seed)
    rng = np.random.default_rng(seed)
    wrong = rng.permutation(rows)[: round(flipped * rows)]
    y[wrong] = 1 - y[wrong]
    index = split_indices(y, val_size=val_size, seed=seed)
    index["train"] = np.tile(index["train"], copies)
    return make_data("moons", x, y, index, scale="none", classes=["upper", "lower"], features=["x1", "x2"])


def noisy_sine(
    *, rows: int = 200, val_size: Size = 0.2, noise: float = 0.1, kind: str = "random", seed: int = 0
) -> Data:
    """Points on ``sin(4x)`` for x from -1 to 1 with normal noise, sorted by x; regression.

    Parameters
    ----------
    rows : int
        Rows in all.
    val_size : float or int
        Share or number of validation rows.
    noise : float
        Standard deviation of the noise; its square is the lowest mean squared error to hope for.
    kind : {"random", "time"}
        ``"time"`` takes the last rows, so the largest x, for validation: extrapolation.
    seed : int
        Which noise.

    Returns
    -------
    Data
        ``x`` and ``y`` of shape ``(rows, 1)``.
    """
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(-1, 1, rows))[:, None]
    y = np.sin(4 * x) + rng.normal(0, noise, (rows, 1))
    index = split_indices(y[:, 0], kind=kind, val_size=val_size, seed=seed)
    return make_data("noisy sine", x, y, index, scale="none", features=["x"])


def grouped_rows(
    *,
    groups: int = 30,
    rows_each: int = 10,
    val_size: Size = 0.2,
    kind: str = "group",
    features: int = 10,
    seed: int = 0,
) -> Data:
    """Rows of several people, each with a label of their own that says nothing about other people.

    The label is drawn once a person, at random, so on unseen people nothing beats chance. A random
    split recognises the person instead and reports a high accuracy: a leak.

    Parameters
    ----------
    groups, rows_each, features : int
        People, rows of each, columns.
    val_size : float or int
        Share or number of people (for ``"random"``, of rows).
    kind : {"group", "random"}
        Whether people are kept together.
    seed : int
        Which people.

    Returns
    -------
    Data
        With ``data.groups`` filled.
    """
    rng = np.random.default_rng(seed)
    people = np.repeat(np.arange(groups), rows_each)
    centres = rng.normal(0, 1, (groups, features))
    x = centres[people] + rng.normal(0, 0.2, (len(people), features))
    y = rng.permutation(np.arange(groups) % 2)[people]
    index = split_indices(y, kind=kind, val_size=val_size, groups=people, seed=seed)
    names = [f"measurement {number}" for number in range(1, features + 1)]
    return make_data("grouped rows", x, y, index, classes=["no", "yes"], features=names, groups=people)


def time_ordered_rows(
    *, rows: int = 400, val_size: Size = 0.2, kind: str = "time", noise: float = 0.1, seed: int = 0
) -> Data:
    """A slowly drifting series to be predicted from its day number: neighbours tell on each other.

    The series is a random walk. A random split interpolates between known neighbours and reports a low
    loss; a time split has to predict the future.

    Parameters
    ----------
    rows : int
        Days.
    val_size : float or int
        Share or number of validation days.
    kind : {"time", "random"}
        Whether validation days come last.
    noise : float
        Standard deviation of one day's step.
    seed : int
        Which series.

    Returns
    -------
    Data
        ``x`` the day from 0 to 1 and ``y`` the value, both of shape ``(rows, 1)``.
    """
    rng = np.random.default_rng(seed)
    y = np.cumsum(rng.normal(0, noise, rows))[:, None]
    x = np.linspace(0, 1, rows)[:, None]
    index = split_indices(y[:, 0], kind=kind, val_size=val_size, seed=seed)
    return make_data("time-ordered rows", x, y, index, scale="none", features=["day"])
