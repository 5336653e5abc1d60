"""The example of docs/graders.md works as it is written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from course_lib.checks import Case, Exercise, describe, list_of, run_exercise, show

GUIDE = Path(__file__).parents[2] / "docs" / "graders.md"


@pytest.fixture(scope="module")
def blocks() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def mse(blocks: list[str]) -> Exercise:
    visible: dict[str, Any] = {}
    hidden: dict[str, Any] = {}
    exec(blocks[0], visible)
    exec(blocks[1], hidden)
    exercise: Exercise = visible["MSE"]
    return exercise.with_hidden(hidden["hidden_cases"]("pytorch")["mse"])


def score(exercise: Exercise, answer: Any) -> Any:
    return run_exercise(exercise, answer, lesson="01_loss_basics", track="pytorch", graded=True)


def test_right_answers_pass(mse: Exercise) -> None:
    assert score(mse, lambda p, t: np.mean((np.ravel(p) - np.ravel(t)) ** 2)).score == 3.0
    assert score(
        mse, lambda p, t: sum((float(a) - b) ** 2 for a, b in zip(np.ravel(p), t, strict=True)) / len(t)
    ).passed


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("not_divided", lambda p, t: np.sum((np.ravel(p) - np.ravel(t)) ** 2)),
        ("mae", lambda p, t: np.mean(np.abs(np.ravel(p) - np.ravel(t)))),
        ("broadcast", lambda p, t: np.mean((np.asarray(p) - np.asarray(t)) ** 2)),
    ],
)
def test_its_diagnoses_speak(mse: Exercise, key: str, answer: Any) -> None:
    result = score(mse, answer)
    assert result.diagnosis == key
    assert result.score < 3.0


def test_its_observer_sees_an_unseeded_split(blocks: list[str]) -> None:
    names: dict[str, Any] = {"Case": Case, "describe": describe, "list_of": list_of, "show": show}
    exec(next(block for block in blocks if "observe_split" in block), names)
    exercise = Exercise("split", 1.0, (names["split_case"],))
    rng = np.random.default_rng(0)

    def seeded(rows: Any, labels: Any, seed: int) -> Any:
        return np.array_split(np.random.default_rng(seed).permutation(rows), 3)

    def unseeded(rows: Any, labels: Any, seed: int) -> Any:
        return np.array_split(rng.permutation(rows), 3)

    assert score(exercise, seeded).passed
    assert "another split" in score(exercise, unseeded).cases[0].message
