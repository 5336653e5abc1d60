"""Lesson 12, the capstone: the hidden cases, and what is right for each student."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence
from course_lib.instructor.hidden.l12_capstone.truth import final_numbers, planted, sheets
from course_lib.lessons.l12_capstone.final_run import KEYS, opened_case, result_case
from course_lib.lessons.l12_capstone.my_faults import PAIRS, faults_of_another, named_case, numbers_agree, pairs_of
from course_lib.lessons.l12_capstone.report_numbers import MEASURED, given, numbers_case, run_of_another, same
from course_lib.lessons.l12_capstone.variants import DATA, LETTERS, SPLITS, Variant, variant

__all__ = ["hidden_cases", "personal_cases"]


def _features(train: Sequence[float], val: Sequence[float]) -> dict[str, float]:
    """Return the features, by a loop over windows."""

    def jitter(curve: Sequence[float]) -> float:
        strays = [curve[k] - sum(curve[k - 2 : k + 3]) / 5 for k in range(8, len(curve) - 2)]
        middle = sum(strays) / len(strays)
        return math.sqrt(sum((stray - middle) ** 2 for stray in strays) / len(strays))

    return {
        "start": float(train[0]),
        "floor": float(np.min(train)),
        "gap": sum(v - t for t, v in zip(train[-5:], val[-5:], strict=True)) / 5,
        "train_jitter": jitter(train),
        "val_jitter": jitter(val),
    }


def _curves(rng: np.random.Generator, epochs: int, noise: float = 0.1, wave: float = 0.0) -> tuple[Any, Any]:
    at = np.arange(epochs)
    fall = 2 * np.exp(-at / 6)
    train = fall + 0.3 + noise * rng.uniform(-1, 1, epochs) + wave * np.sin(at * 1.3)
    val = fall * 0.8 + 0.5 + 0.3 * noise * rng.uniform(-1, 1, epochs) + wave * np.sin(at * 1.3)
    return train.tolist(), val.tolist()


FEATURES = (
    Case("25 noisy epochs", lambda rng: _curves(rng, 25), _features, hint="Twenty-five noisy epochs."),
    Case("60 epochs", lambda rng: _curves(rng, 60, 0.2), _features, hint="A long run."),
    Case("curves that breathe", lambda rng: _curves(rng, 30, 0.05, 0.3), _features, hint="Both curves go up and down."),
    Case(
        "arrays",
        lambda rng: tuple(np.array(curve) for curve in _curves(rng, 20)),
        _features,
        hint="The curves come as NumPy arrays.",
    ),
    Case(
        "whole numbers",
        lambda rng: ([7, 9, 6, 6, 5, 4, 4, 3, 5, 2, 4, 3, 2, 4], [8, 8, 7, 6, 6, 5, 5, 6, 4, 6, 5, 6, 4, 5]),
        _features,
        hint="The losses are whole numbers.",
    ),
    Case("13 epochs", lambda rng: _curves(rng, 13, 0.3), _features, hint="The shortest run: three strays count."),
)


def _table(rng: np.random.Generator, configs: Sequence[str], seeds: int, rows: int) -> tuple[Any, ...]:
    """Return losses in which the best single run, median, test loss and mean are not of the same configuration."""
    order = [configs[int(k)] for k in rng.permutation(len(configs))]
    vals = {config: (0.6 + 0.1 * k + rng.uniform(-0.03, 0.03, seeds)).tolist() for k, config in enumerate(order)}
    vals[order[1]][int(rng.integers(1, seeds))] = 0.2
    vals[order[1]][0] = 2.5
    vals[order[2]] = [0.45 + 0.01 * k if k <= seeds // 2 else 1.4 for k in range(seeds)]
    vals[order[0]][-1] += 0.15
    if len(order) > 3:  # the lowest of the highest losses
        vals[order[3]] = [0.7 - 0.01 * k for k in range(seeds)]
    tests = {
        config: rng.exponential(0.5 + (0.5 if k < 2 else 0.0), (seeds, rows)).tolist() for k, config in enumerate(order)
    }
    tests[order[2]][0] = [0.01 * (1 + k % 5) for k in range(rows)]
    train_y = rng.permutation([0] * 12 + [1] * 6 + [2] * 3).tolist()
    val_y = rng.permutation([0] * 3 + [1] * 4 + [2] * 4).tolist()
    return {config: vals[config] for config in configs}, {config: tests[config] for config in configs}, train_y, val_y


def _final(vals: Any, tests: Any, train_y: Any, val_y: Any) -> dict[str, Any]:
    chosen = min(vals, key=lambda config: sum(vals[config]))
    losses, rows = np.array(vals[chosen]), np.array(tests[chosen][0])
    counts = np.unique(train_y, return_counts=True)[1]
    baseline = -float(np.mean([math.log(counts[label] / len(train_y)) for label in val_y]))
    right = (
        baseline,
        chosen,
        losses.mean(),
        math.sqrt(losses.var(ddof=1) / len(losses)),
        rows.mean(),
        math.sqrt(rows.var(ddof=1) / len(rows)),
    )
    return dict(zip(KEYS, right, strict=True))


def _final_cases() -> tuple[Case, ...]:
    made: list[Case] = []
    for name, configs, seeds, rows, hint in (
        ("four configurations", ("a", "b", "c", "d"), 5, 30, "Four configurations, five seeds."),
        ("three seeds", ("rate 0.1", "rate 0.3", "rate 1"), 3, 12, "Three seeds."),
    ):

        def inputs(rng: np.random.Generator, shape: tuple[Any, ...] = (configs, seeds, rows)) -> tuple[Any, ...]:
            return _table(rng, *shape)

        made.append(result_case(name, inputs, _final, hint))
        made.append(opened_case(name, inputs, lambda *tables: _final(*tables)["chosen"], hint))
    return tuple(made)


FINAL = _final_cases()


def hidden_cases(track: str) -> dict[str, tuple[Case, ...]]:
    """Return the hidden cases by exercise."""
    return {"curve_features": FEATURES, "final_run": FINAL}


def _fits(named: dict[str, tuple[str, float]], truth: Sequence[tuple[str, float | None]]) -> bool:
    """Tell whether these are the faults and the numbers of a sheet, under whatever letters."""
    left = list(truth)
    for fault, number in named.values():
        found = next(
            (one for one in left if one[0] == fault and (one[1] is None or numbers_agree(number, one[1]))), None
        )
        if found is None:
            return False
        left.remove(found)
    return not left


def _other_sheet(mine: Variant) -> Any:
    def seen(e: Evidence) -> bool:
        named, due = {x: pair for x, pair in pairs_of(e).items() if x in LETTERS}, planted(mine)
        right = sum(_fits({x: pair}, [due[x]]) for x, pair in named.items())
        if len(named) != 6 or right == 6:
            return False
        if right >= 4 and _fits(named, list(due.values())):
            return False  # two of one's own letters mixed up
        return any(_fits(named, truth) for truth in sheets())

    return seen


def _other_run(mine: Variant) -> Any:
    def seen(e: Evidence) -> bool:
        right = final_numbers(mine)
        if all(same(given(e, key), right[key]) for key in MEASURED):
            return False
        numbers = [given(e, key) for key in ("test_rows", "baseline", "test_loss")]
        for data in DATA:
            for split in range(SPLITS):
                for seed in range(10):
                    other = final_numbers(Variant("", data, 0, (), split, (seed,) * 5))
                    keys = ("test_rows", "baseline", "test_loss")
                    if all(same(n, other[key], 0.001) for n, key in zip(numbers, keys, strict=True)):
                        return other["test_loss"] != right["test_loss"]
        return False

    return seen


def personal_cases(track: str, student: str) -> dict[str, tuple[Case, ...]]:
    """Return by exercise what is right for one student: the faults that were planted, and the numbers of the run."""
    mine = variant(student)
    handed_on = _other_sheet(mine)
    faults, run = (faults_of_another(handed_on, mine.name),), (run_of_another(_other_run(mine), mine.name),)
    right, numbers = planted(mine), final_numbers(mine)

    def own(case: Case) -> Case:
        """Let no part of an answer count that was made for another variant: some of its numbers agree by chance."""
        judge = case.judge
        assert judge is not None
        return replace(case, judge=lambda e: "this is another variant's" if handed_on(e) else judge(e))

    return {
        "my_faults": tuple(
            own(named_case(f"runs {x[0]} and {x[1]}", x, {k: right[k] for k in x}, faults)) for x in PAIRS
        ),
        "report_numbers": (
            numbers_case("the measured numbers are those of your run", "measured", numbers, run),
            numbers_case("the others follow from them", "follows", numbers, run),
        ),
    }
