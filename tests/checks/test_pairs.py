"""A model and its optimizer, set and probed from outside, the same in both frameworks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course_lib.checks.watch.pairs import PAIRS


def pair(track: str) -> Any:
    if track == "pytorch":
        torch = pytest.importorskip("torch")
        model = torch.nn.Linear(2, 3)
        return PAIRS[track](model, torch.optim.SGD(model.parameters(), lr=0.1), 2)
    keras = pytest.importorskip("keras")
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    return PAIRS[track](model, keras.optimizers.SGD(0.1), 2)


@pytest.mark.parametrize("track", ["pytorch", pytest.param("keras", marks=pytest.mark.slow)])
def test_a_pair_is_set_called_and_stepped(track: str) -> None:
    seen = pair(track)
    assert sorted(map(seen.shape, seen.learning)) == [(2, 3), (3,)]
    assert seen.frozen == []
    for parameter in seen.learning:
        seen.assign(parameter, 0.5)
    assert seen.outputs(np.ones((1, 2)), training=False) == pytest.approx(np.full((1, 3), 1.5))
    seen.step(2.0)
    assert seen.range(seen.learning) == pytest.approx([0.3] * 4)
    assert seen.penalty() == 0.0
