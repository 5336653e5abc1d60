"""Lesson 02, `leak_hunt`: six pipelines, and the test that tells which of them leak.

No list of right letters is kept: each pipeline is run twice with the same rows for validation, the second time with
other inputs and labels in these rows. It leaks if anything that training gets is different then.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from course_lib.checks.letters import Hunt

__all__ = ["HUNT", "LEAK_HUNT", "PIPELINES", "share_changed"]

#: The code of each pipeline, as the lesson shows it.
PIPELINES: dict[str, str] = {
    "A": """\
train, val = train_test_split(np.arange(len(y)), stratify=y, random_state=0)
scaler = StandardScaler().fit(x[train])
x_train, x_val = scaler.transform(x[train]), scaler.transform(x[val])
""",
    "B": """\
x = StandardScaler().fit_transform(x)
train, val = train_test_split(np.arange(len(y)), random_state=0)
x_train, x_val = x[train], x[val]
""",
    "C": """\
best = SelectKBest(k=20).fit(x, y)
train, val = train_test_split(np.arange(len(y)), random_state=0)
x_train, x_val = best.transform(x[train]), best.transform(x[val])
""",
    "D": """\
train, val = train_test_split(np.arange(len(y)), random_state=0)
x_train = np.concatenate([x[train], np.roll(x[train], 1, axis=2)])
y_train = np.concatenate([y[train], y[train]])
x_val = x[val]
""",
    "E": """\
x = np.array([load[day - 7 : day] for day in range(7, len(load))])
y = load[7:]
train, val = np.arange(len(y))[:-67], np.arange(len(y))[-60:]
x_train, x_val = x[train], x[val]
""",
    "F": """\
x = np.array([load[day - 7 : day] for day in range(7, len(load))])
y = load[7:]
train, val = train_test_split(np.arange(len(y)), random_state=0)
x_train, x_val = x[train], x[val]
""",
}


def _table(letter: str) -> dict[str, Any]:
    """Return made-up data of the shape that the pipeline works on."""
    rng = np.random.default_rng(2)
    y = np.arange(80) % 2
    if letter in "EF":
        return {"load": 20 + np.cumsum(rng.normal(size=300))}
    if letter == "D":
        return {"x": rng.uniform(0, 16, (80, 8, 8)), "y": y}
    return {"x": rng.normal(size=(80, 60)), "y": y}


class _StandardScaler:
    """Mean 0 and standard deviation 1 for each column."""

    def fit(self, x: np.ndarray) -> _StandardScaler:
        self.mean, self.spread = x.mean(axis=0), x.std(axis=0)
        return self

    def transform(self, x: np.ndarray) -> np.ndarray:
        return (x - self.mean) / self.spread

    def fit_transform(self, x: np.ndarray) -> np.ndarray:
        return self.fit(x).transform(x)


class _SelectKBest:
    """Keep the columns whose correlation with the labels is the strongest."""

    def __init__(self, k: int) -> None:
        self.k = k

    def fit(self, x: np.ndarray, y: np.ndarray) -> _SelectKBest:
        centered = x - x.mean(axis=0)
        strength = np.abs(centered.T @ (y - y.mean())) / np.sqrt((centered**2).sum(axis=0))
        self.columns = np.sort(np.argsort(strength)[-self.k :])
        return self

    def transform(self, x: np.ndarray) -> np.ndarray:
        return x[:, self.columns]


def _train_test_split(rows: np.ndarray, stratify: np.ndarray | None = None, random_state: int = 0) -> list[np.ndarray]:
    """Keep a quarter of the rows apart, of each class if ``stratify`` names the classes."""
    classes = np.zeros(len(rows)) if stratify is None else stratify
    order = np.random.default_rng(random_state).permutation(rows)
    each = [order[classes[order] == one] for one in np.unique(classes)]
    quarters = [(part[len(part) // 4 :], part[: len(part) // 4]) for part in each]
    return [np.concatenate(parts) for parts in zip(*quarters, strict=True)]


#: What the pipelines call, by the names that scikit-learn has for it. Importing that would take a check seconds.
_TOOLS = {"SelectKBest": _SelectKBest, "StandardScaler": _StandardScaler, "train_test_split": _train_test_split}


def _run(letter: str, table: dict[str, Any], tools: dict[str, Any]) -> dict[str, Any]:
    names = {"np": np, **tools, **table}
    exec(PIPELINES[letter], names)
    return names


def _other_validation_rows(table: dict[str, Any], val: np.ndarray) -> dict[str, Any]:
    rng = np.random.default_rng(3)
    if "load" in table:  # a row is seven days in a row and the day after them
        days = np.unique(val[:, None] + np.arange(8))
        load = table["load"].copy()
        load[days] += rng.normal(3, 3, len(days))
        return {"load": load}
    x, y = table["x"].copy(), table["y"].copy()
    x[val] += rng.normal(3, 3, x[val].shape)
    y[val] = 1 - y[val]
    return {"x": x, "y": y}


def _training_gets(names: dict[str, Any]) -> np.ndarray:
    y_train = names.get("y_train", names["y"][names["train"]])
    return np.concatenate([names["x_train"].ravel(), y_train.ravel()])


def share_changed(letter: str, tools: dict[str, Any] | None = None) -> float:
    """Return what share of the training rows' numbers changes when the validation rows hold other numbers.

    Parameters
    ----------
    letter : str
        Which pipeline.
    tools : dict, optional
        What ``SelectKBest``, ``StandardScaler`` and ``train_test_split`` are; stand-ins by default.

    Examples
    --------
    >>> share_changed("A"), share_changed("E"), share_changed("F") > 0.5
    (0.0, 0.0, True)
    """
    tools, table = tools or _TOOLS, _table(letter)
    first = _run(letter, table, tools)
    # A stratified split looks at the labels to decide who goes where: the second run keeps the first one's rows.
    same_rows = {**tools, "train_test_split": lambda *_, **__: [first["train"], first["val"]]}
    second = _run(letter, _other_validation_rows(table, first["val"]), same_rows)
    return float(np.mean(_training_gets(first) != _training_gets(second)))


@cache
def _share(letter: str) -> float:
    return share_changed(letter)


def _measured(letter: str) -> str:
    changed = _share(letter)
    some = "nothing that training gets changed" if not changed else f"{changed:.0%} of what training gets changed"
    return f"We ran {letter} again on the same split with other numbers in the validation rows: {some}"


HUNT = Hunt("leak_hunt", "leaks", "pipelines", "leak", lambda letter: _share(letter) > 0, _measured)
LEAK_HUNT = HUNT.exercise(
    points=2,
    mistakes=(
        ("scaling_thought_harmless", "B"),
        ("stratifying_accused", "A"),
        ("selection_thought_harmless", "C"),
        ("augmentation_accused", "D"),
        ("shuffled_days_thought_harmless", "F"),
        ("past_accused", "E"),
    ),
)
