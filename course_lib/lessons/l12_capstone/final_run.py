"""Lesson 12, `final_run`: from a choice under five seeds to a single opening of the test set."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.mistakes import by_claim, mistake
from course_lib.checks.plain import dict_of
from course_lib.checks.reading import numbers_in

__all__ = ["FINAL_RUN", "KEYS", "opened_case", "result_case"]

Table = Mapping[str, Sequence[Any]]
KEYS = ("baseline", "chosen", "val_loss", "val_error", "test_loss", "test_error")


class _Model:
    """A trained network, of which only the lab knows anything."""

    def __init__(self, config: str, place: int):
        self._config, self._place = config, place


class _Lab:
    """A lab with its losses in a table; it notes what it is asked for."""

    def __init__(self, notes: list[list[Any]], table: Table, tests: Table, train_y: Any, val_y: Any):
        self.configs, self.seeds = tuple(table), tuple(11 + 3 * k for k in range(len(next(iter(table.values())))))
        self.train_y, self.val_y = np.asarray(train_y), np.asarray(val_y)
        self._table, self._tests, self._notes = table, tests, notes

    def fit(self, config: str, seed: int) -> Any:
        self._notes.append(["fit", config, self.seeds.index(seed)])
        return _Model(config, self.seeds.index(seed))

    def val_loss(self, model: Any) -> float:
        self._notes.append(["val", model._config, model._place])
        return float(self._table[model._config][model._place])

    def test_losses(self, model: Any) -> Any:
        self._notes.append(["test", model._config, model._place])
        return np.array(self._tests[model._config][model._place], dtype=float)


def _observe(answer: Any, record: dict[str, Any], *inputs: Any) -> Any:
    notes: list[list[Any]] = []
    record["asked"] = notes
    return answer(_Lab(notes, *inputs))


def _shares(labels: Sequence[int]) -> np.ndarray:
    return np.bincount(labels) / len(labels)


def _entropy(of: Sequence[int], under: Sequence[int]) -> float:
    return float(-np.log(_shares(under)[np.asarray(of)]).mean())


def _asked(e: Evidence, what: str) -> list[tuple[str, int]]:
    return [(config, place) for kind, config, place in e.seen.get("asked") or [] if kind == what]


def _chosen(e: Evidence) -> str:
    return str(e.expected["chosen"]) if e.expected else str(e.truth)


def _means(e: Evidence) -> dict[str, float]:
    return {config: float(np.mean(losses)) for config, losses in e.inputs[0].items()}


def _given(key: str) -> Callable[[Evidence], Any]:
    def read(e: Evidence) -> Any:
        numbers = numbers_in((dict_of(e.given) or {}).get(key))
        return numbers[0] if numbers else None

    return read


def _named(e: Evidence) -> str:
    return str(((dict_of(e.result) or {}).get("chosen") or {}).get("value", ""))


def _config_of(e: Evidence, best: Callable[[str], float]) -> str:
    return min(e.inputs[0], key=best)


def _chose(of: Callable[[Evidence, str], float]) -> Callable[[Evidence], bool]:
    """Return the sign of having chosen by something else, where that chooses another configuration."""

    def sign(e: Evidence) -> bool:
        other = min(e.inputs[0], key=lambda config: of(e, config))
        return e.error is None and other != _chosen(e) and _named(e) == other

    return sign


def _on_test(e: Evidence, config: str) -> float:
    return float(np.mean(e.inputs[1][config][0]))


_lowest_on_test = _chose(_on_test)


def _chosen_on_test(e: Evidence) -> bool:
    """Tell whether the test set chose: it was opened for several configurations, and the best of them was taken."""
    return len({config for config, _ in _asked(e, "test")}) > 1 and _lowest_on_test(e)


def _often(e: Evidence) -> int:
    """Return for how many networks the test set was opened again and again, unless that chose the configuration."""
    opened = _asked(e, "test")
    return 0 if len(opened) < 2 or _chosen_on_test(e) else len(set(opened))


def _numbers(key: str, *rows: tuple[str, Callable[[Evidence], float | None]]) -> tuple[Diagnosis, ...]:
    """Return the mistakes in one number of the result."""

    def kept(value: Callable[[Evidence], float | None]) -> Callable[[Evidence], float | None]:
        return lambda e: value(e) if e.expected and _named(e) == _chosen(e) else None

    return by_claim(
        [(name, kept(value)) for name, value in rows], _given(key), lambda e: e.expected and float(e.expected[key])
    )


def _vals(e: Evidence) -> np.ndarray:
    return np.asarray(e.inputs[0][_chosen(e)], dtype=float)


def _tests(e: Evidence, place: int = 0) -> np.ndarray:
    return np.asarray(e.inputs[1][_chosen(e)][place], dtype=float)


def _all_tests(e: Evidence) -> np.ndarray:
    return np.asarray(e.inputs[1][_chosen(e)], dtype=float)


def _opened(e: Evidence) -> str | None:
    """Say what is wrong with how the test set was opened, or return None."""
    opened, first = _asked(e, "test"), (_chosen(e), 0)
    if len(opened) != 1:
        times = "never" if not opened else f"{len(opened)} times"
        return f"the test set was opened {times}; once is right"
    if opened[0] != first:
        config, place = opened[0]
        return f"the network on which the test set was opened is {config!r} with seed number {place + 1}"
    if len(set(_asked(e, "fit"))) < len(e.inputs[0]) * len(_vals(e)):
        return "not every configuration was trained under every seed"
    return None


def result_case(name: str, inputs: Any, expected: Any, hint: str = "") -> Case:
    """Return the case that judges the result of a run."""
    return Case(name, inputs, expected, hint, _observe, run=name)


def opened_case(run: str, inputs: Any, chosen: Any, hint: str = "") -> Case:
    """Return the case that judges how the test set was opened in a run."""
    return Case(f"{run}: the test set", inputs, None, hint, _observe, _opened, run=run, truth=chosen)


_EXAMPLE = (
    {"small": [0.5, 0.7, 0.6], "large": [0.3, 0.6, 0.45]},
    {"small": [[0.2, 0.6], [0.3, 0.9], [0.4, 0.6]], "large": [[0.2, 0.8], [0.1, 0.5], [0.3, 0.6]]},
    [0, 0, 0, 1],
    [0, 1],
)
#: The best single run is "wide" (0.1), the best mean "deep"; on the test rows "plain" is best.
_THREE = (
    {"plain": [0.50, 0.62, 0.55, 0.51], "wide": [0.80, 0.10, 0.90, 0.70], "deep": [0.42, 0.36, 0.45, 0.39]},
    {
        "plain": [[0.1, 0.2, 0.15, 0.3], [0.2, 0.2, 0.1, 0.25], [0.1, 0.3, 0.2, 0.15], [0.2, 0.1, 0.3, 0.3]],
        "wide": [[0.9, 0.5, 1.2, 0.7], [0.3, 0.5, 0.2, 0.6], [1.0, 0.4, 0.9, 1.1], [0.8, 0.7, 0.5, 0.6]],
        "deep": [[0.3, 0.9, 0.6, 0.4], [0.2, 0.5, 0.7, 0.3], [0.4, 0.8, 0.6, 0.5], [0.3, 0.6, 0.2, 0.9]],
    },
    [0, 0, 1, 2, 2, 2, 2, 1],
    [0, 1, 2, 2, 1, 1],
)
_RIGHT = {
    "the docstring's example": (_EXAMPLE, (0.836988, "large", 0.45, 0.0866025, 0.5, 0.3)),
    "three configurations": (_THREE, (1.155245, "deep", 0.405, 0.0193649, 0.55, 0.1322876)),
}

FINAL_RUN = Exercise(
    name="final_run",
    points=2,
    cases=tuple(
        case
        for name, (inputs, right) in _RIGHT.items()
        for case in (
            result_case(name, inputs, dict(zip(KEYS, right, strict=True))),
            opened_case(name, inputs, right[1]),
        )
    ),
    diagnoses=(
        mistake("test_opened_often/networks", probe=lambda e: _often(e) > 1),
        mistake("test_opened_often/again", probe=lambda e: _often(e) == 1),
        mistake("test_not_measured/final", probe=lambda e: e.error is None and not _asked(e, "test")),
        mistake("chosen_on_test_set/config", probe=_chosen_on_test),
        mistake("chosen_under_one_seed", probe=lambda e: 0 < len({p for _, p in _asked(e, "fit")}) < len(_vals(e))),
        mistake("best_single_run", probe=_chose(lambda e, config: min(e.inputs[0][config]))),
        mistake("higher_is_better/config", probe=_chose(lambda e, config: -float(np.mean(e.inputs[0][config])))),
        mistake(
            "test_of_another_model/best_seed",
            probe=lambda e: (
                _asked(e, "test") == [(_chosen(e), int(np.argmin(_vals(e))))] and int(np.argmin(_vals(e))) != 0
            ),
        ),
        mistake(
            "test_of_another_model/last",
            probe=lambda e: (
                len(_asked(e, "test")) == 1 and _asked(e, "test")[0] == _asked(e, "fit")[-1] != (_chosen(e), 0)
            ),
        ),
        *_numbers(
            "baseline",
            ("entropy_of_targets/baseline", lambda e: _entropy(e.inputs[3], e.inputs[3])),
            ("baseline_of_training_rows", lambda e: _entropy(e.inputs[2], e.inputs[2])),
            ("loss_of_guessing/baseline", lambda e: math.log(len(_shares(e.inputs[2])))),
            ("accuracy/baseline", lambda e: float(_shares(e.inputs[3]).max())),
            ("accuracy/baseline", lambda e: float(np.mean(np.asarray(e.inputs[3]) == _shares(e.inputs[2]).argmax()))),
        ),
        *_numbers(
            "val_loss",
            ("best_seed_reported", lambda e: float(_vals(e).min())),
            ("first_seed_reported", lambda e: float(_vals(e)[0])),
        ),
        *_numbers(
            "val_error",
            ("spread_not_error/final", lambda e: float(_vals(e).std(ddof=1))),
            ("spread_not_error/final", lambda e: float(_vals(e).std())),
            ("population_spread", lambda e: float(_vals(e).std() / math.sqrt(len(_vals(e))))),
            ("divided_by_n", lambda e: float(_vals(e).std(ddof=1) / len(_vals(e)))),
        ),
        *_numbers(
            "test_loss",
            ("best_seed_reported", lambda e: float(_all_tests(e).mean(axis=1).min())),
            ("median_for_mean/loss", lambda e: float(np.median(_tests(e)))),
        ),
        *_numbers(
            "test_error",
            ("spread_not_error/final", lambda e: float(_tests(e).std(ddof=1))),
            ("spread_not_error/final", lambda e: float(_tests(e).std())),
            ("population_spread", lambda e: float(_tests(e).std() / math.sqrt(len(_tests(e))))),
            ("divided_by_n", lambda e: float(_tests(e).std(ddof=1) / len(_tests(e)))),
            ("error_of_the_seeds", lambda e: float(_vals(e).std(ddof=1) / math.sqrt(len(_vals(e))))),
        ),
    ),
)
