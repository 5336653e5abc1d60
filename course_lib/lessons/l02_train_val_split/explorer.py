"""Lesson 02: how rows are split, and the score that the split would report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.notebook.explorer.base import Choice, Explorer, Scene, Slider, canvas
from course_lib.plots import TRAIN, VALIDATION

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["split_chooser"]

SINE, PEOPLE, TIME, RARE = "noisy sine, sorted", "30 people, 6 rows each", "a drifting year", "a rare class"
RANDOM, LAST, STRATIFIED, GROUP, BEFORE = (
    "random rows",
    "the last rows",
    "stratified",
    "whole people",
    "before and after",
)


#: The seeds that the slider offers: each is a table of its own, and a way to draw from it.
SEEDS = list(range(8))
#: The tables that averages are taken over. One year may tell the reverse of what a hundred years tell.
TABLES = 200


@dataclass(frozen=True)
class _Rows:
    """Rows to be split, and fresh ones of the kind that the model will meet in use."""

    x: Floats
    y: Floats
    group: NDArray[np.int64]
    fresh_x: Floats
    fresh_y: Floats
    fit: Callable[[Floats, Floats], Callable[[Floats], Floats]]
    met: str
    labels: tuple[str, str]
    #: In use there are as many days to come as validation days, and the model is fitted again to all days before them.
    ahead: bool = False


def _polynomial(x: Floats, y: Floats) -> Callable[[Floats], Floats]:
    coefficients = np.polynomial.Chebyshev.fit(x, y, 5, domain=[0, 2])
    return lambda at: np.clip(coefficients(at), -3, 3)


def _nearest(x: Floats, y: Floats) -> Callable[[Floats], Floats]:
    return lambda at: y[np.abs(at[:, None] - x[None, :]).argmin(axis=1)]


def _share(x: Floats, y: Floats) -> Callable[[Floats], Floats]:
    """Logistic regression on one feature by Newton's method, slightly regularized."""
    design, w = np.stack([np.ones_like(x), x], axis=1), np.zeros(2)
    for _ in range(12):
        p = 1 / (1 + np.exp(-design @ w))
        slope = design.T @ (p - y) + 0.1 * w
        w -= np.linalg.solve((design * (p * (1 - p))[:, None]).T @ design + 0.1 * np.eye(2), slope)
    return lambda at: 1 / (1 + np.exp(-(w[0] + w[1] * at)))


@lru_cache(maxsize=16)
def _rows(kind: str, seed: int = 0) -> _Rows:
    return {SINE: _wave, PEOPLE: _people, TIME: _year, RARE: _rare}[kind](np.random.default_rng([3, seed]))


def _wave(rng: np.random.Generator) -> _Rows:
    x, fresh = np.sort(rng.uniform(0, 2, 120)), rng.uniform(0, 2, 2000)
    y, fresh_y = (np.sin(4 * at) + rng.normal(0, 0.25, len(at)) for at in (x, fresh))
    return _Rows(x, y, np.arange(120), fresh, fresh_y, _polynomial, "rows from the same range", ("x", "y"))


def _people(rng: np.random.Generator) -> _Rows:
    """Each person has a place and a level of their own: the nearest row of the same person gives it away."""
    place, level = rng.uniform(0, 10, 430), rng.normal(0, 1, 430)
    group = np.repeat(np.arange(30), 6)
    x = place[group] + rng.normal(0, 0.02, 180)
    y = level[group] + rng.normal(0, 0.2, 180)
    fresh_y = level[30:] + rng.normal(0, 0.2, 400)
    order = rng.permutation(180)  # a table of people that is not sorted by person
    labels = ("measurement", "outcome")
    return _Rows(x[order], y[order], group[order], place[30:], fresh_y, _nearest, "people never seen", labels)


def _year(rng: np.random.Generator) -> _Rows:
    y = np.cumsum(rng.normal(0, 0.12, 365)) + 0.008 * np.arange(365) + rng.normal(0, 0.15, 365)
    day, split = np.arange(365.0), 240
    past, ahead = slice(split), slice(split, None)
    labels = ("day", "load")
    return _Rows(
        day[past], y[past], np.arange(split), day[ahead], y[ahead], _nearest, "the days to come", labels, ahead=True
    )


def _rare(rng: np.random.Generator) -> _Rows:
    y = rng.permutation((np.arange(150) % 10 == 0).astype(float))
    x = rng.normal(0, 1, 150) + 1.8 * y
    fresh_y = (np.arange(4000) % 10 == 0).astype(float)
    fresh = rng.normal(0, 1, 4000) + 1.8 * fresh_y
    return _Rows(x, y, np.arange(150), fresh, fresh_y, _share, "rows of the same mix", ("x", "class"))


def _validation(rows: _Rows, way: str, share: float, seed: int) -> NDArray[np.bool_]:
    """Return which rows are for validation."""
    n, rng = len(rows.x), np.random.default_rng(seed)
    chosen = np.zeros(n, bool)
    if way in (LAST, BEFORE):
        chosen[n - round(share * n) :] = True
    elif way == GROUP:
        groups = rng.permutation(np.unique(rows.group))
        chosen = np.isin(rows.group, groups[: max(1, round(share * len(groups)))])
    elif way == STRATIFIED and len(np.unique(rows.y)) == 2:
        for value in (0.0, 1.0):
            members = rng.permutation(np.flatnonzero(rows.y == value))
            chosen[members[: round(share * len(members))]] = True
    else:
        chosen[rng.permutation(n)[: round(share * n)]] = True
    return chosen


def _loss(rows: _Rows, predict: Callable[[Floats], Floats], x: Floats, y: Floats) -> float:
    p = predict(x)
    if rows.fit is _share:
        p = np.clip(p, 1e-6, 1 - 1e-6)
        return float(-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean())
    return float(((p - y) ** 2).mean())


@cache
def _scores(kind: str, way: str, share: float) -> tuple[Floats, Floats]:
    """Return, for each table, what the split reports and what the model gets on the rows it meets in use."""
    reported, true = [], []
    for seed in range(TABLES):
        rows = _rows(kind, seed)
        val = _validation(rows, way, share, seed)
        predict = rows.fit(rows.x[~val], rows.y[~val])
        reported.append(_loss(rows, predict, rows.x[val], rows.y[val]))
        met = slice(None)
        if rows.ahead:
            predict, met = rows.fit(rows.x, rows.y), slice(int(val.sum()))
        true.append(_loss(rows, predict, rows.fresh_x[met], rows.fresh_y[met]))
    return np.array(reported), np.array(true)


def _picture(values: Mapping[str, Any]) -> Scene:
    seed = values["seed"]
    rows = _rows(values["rows"], seed)
    val = _validation(rows, values["way"], values["share"], seed)
    reported, true = _scores(values["rows"], values["way"], values["share"])
    figure, (left, right) = canvas(2)
    _draw_rows(left, rows, val)
    _draw_bars(right, rows, reported, true, seed)
    return Scene(figure, *_words(rows, values, val, reported, true))


def _draw_rows(ax: Axes, rows: _Rows, val: NDArray[np.bool_]) -> None:
    jitter = np.random.default_rng(0).uniform(-0.08, 0.08, len(rows.y)) if rows.fit is _share else 0.0
    y = rows.y + jitter
    for mask, look, label in ((~val, TRAIN, "training"), (val, VALIDATION, "validation")):
        face = look.color if mask is val else "none"
        how: dict[str, Any] = {"s": 18, "marker": look.marker, "edgecolors": look.color, "facecolors": face}
        ax.scatter(rows.x[mask], y[mask], label=f"{mask.sum()} {label} rows", **how)
    ax.set(xlabel=rows.labels[0], ylabel=rows.labels[1])
    ax.legend(fontsize=8, loc="lower left", bbox_to_anchor=(0, 0.99), ncols=2, borderpad=0, columnspacing=1)


def _draw_bars(ax: Axes, rows: _Rows, reported: Floats, true: Floats, seed: int) -> None:
    met = rows.met.replace(" from ", "\nfrom ").replace(" of ", "\nof ").replace(" never", "\nnever")
    means = [reported.mean(), true.mean()]
    bars = ax.bar(["reported by\nthis split", f"on {met}"], means, color=[VALIDATION.color, "#888888"])
    bars[1].set(hatch="//", edgecolor="white")
    shown = np.array([reported, true])[:, SEEDS]
    for k, scores in enumerate(shown):
        dots: dict[str, Any] = {"edgecolors": "#222222", "zorder": 3}
        ax.scatter(np.full(len(scores), k + 0.2), scores, s=14, facecolors="white", **dots)
        ax.scatter(k + 0.2, scores[seed], s=34, marker="D", facecolors="#222222", **dots)
        ax.text(k - 0.12, means[k], f"{means[k]:.3f}", ha="center", va="bottom")
    name = "cross-entropy" if rows.fit is _share else "squared error"
    ax.set(ylabel=name, ylim=(0, 1.15 * max(shown.max(), *means, 1e-3)))
    ax.set_title(f"bars: averages over {TABLES} tables", fontsize=10)


def _verdict(rows: _Rows, kind: str, val: NDArray[np.bool_], ratio: float) -> str:
    both = len(np.intersect1d(rows.group[val], rows.group[~val]))
    if both and kind == PEOPLE:
        return f" {both} people are on both sides, so the split rewards remembering them: it promises too much."
    if ratio > 1.5:
        return f" It promises too much: the truth is {ratio:.{0 if ratio >= 10 else 1}f} times as high."
    if ratio < 0.67:
        return " It asks for what the model will not have to do."
    return " On average it is close to the truth."


def _words(
    rows: _Rows, values: Mapping[str, Any], val: NDArray[np.bool_], reported: Floats, true: Floats
) -> tuple[str, str]:
    """Return alternative text and the line of words: the verdict is on the averages over all tables."""
    kind, way, seed = values["rows"], values["way"], values["seed"]
    words = (
        f"With this seed the split reports {reported[seed]:.3f}; on {rows.met} the model gets {true[seed]:.3f}. "
        f"On average over {TABLES} tables: {reported.mean():.3f} and {true.mean():.3f}."
    )
    words += _verdict(rows, kind, val, true.mean() / max(float(reported.mean()), 1e-9))
    if kind == TIME:
        words += f" The days to come are the next {val.sum()}, predicted from all {len(val)} days."
    if kind == RARE:
        words += f" Rare rows for validation: {int(rows.y[val].sum())} of {int(rows.y.sum())}."
        words += f" The reports' standard deviation over the tables is {reported.std():.3f}."
    some = reported[SEEDS]
    alt = (
        f"Left: {len(val)} rows, {rows.labels[1]} against {rows.labels[0]}; {int(val.sum())} of them, filled squares, "
        f"are for validation. Right: two bars, averages over {TABLES} tables, {reported.mean():.3f} as reported and "
        f"{true.mean():.3f} on {rows.met}. Circles beside them are eight single tables, from {some.min():.3f} to "
        f"{some.max():.3f} as reported; the diamonds, this seed, are at {reported[seed]:.3f} and "
        f"{true[seed]:.3f}."
    )
    if way == STRATIFIED and kind != RARE:
        words += " (There are no classes to stratify by here, so the rows were drawn at random.)"
    if way == GROUP and kind != PEOPLE:
        words += " (Every row is a person of its own here, so the rows were drawn at random.)"
    return alt, words


def split_chooser() -> Explorer:
    """Explore ways to split rows, and how far the reported score is from what the model will meet.

    Returns
    -------
    Explorer
        Shown by being the last line of a cell.

    Examples
    --------
    >>> scene = split_chooser().answer({"way": "the last rows"})
    >>> "It asks for what the model will not have to do." in scene.words
    True
    """
    return Explorer(
        "Split chooser",
        [
            Choice("rows", "Rows", [SINE, PEOPLE, TIME, RARE], SINE),
            Choice("way", "Split", [RANDOM, LAST, STRATIFIED, GROUP, BEFORE], RANDOM),
            Slider("share", "Validation share", [0.1, 0.2, 0.3, 0.4, 0.5], 0.2),
            Slider("seed", "Seed (of table and draw)", SEEDS, 0),
        ],
        _picture,
        recording=Path(__file__).parent / "recorded" / "split_chooser.json.gz",
    )
