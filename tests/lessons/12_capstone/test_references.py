"""The reference solutions of lesson 12 against second implementations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_answers import reference
from scipy import stats
from sklearn.dummy import DummyClassifier
from sklearn.metrics import log_loss
from support import TRACKS

LESSON = "12_capstone"
losses = st.floats(0.001, 50)
curves = st.integers(13, 60).flatmap(lambda n: st.tuples(*[st.lists(losses, min_size=n, max_size=n)] * 2))


@pytest.mark.parametrize("track", TRACKS)
@given(pair=curves, kind=st.sampled_from([list, tuple, np.array]))
def test_features_against_pandas(track: str, pair: Any, kind: Any) -> None:
    found = reference(LESSON, track, "curve_features")(*map(kind, pair))
    table = pd.DataFrame(dict(zip(("train", "val"), pair, strict=True)))
    strays = (table - table.rolling(5, center=True).mean()).iloc[8:-2]
    expected = {
        "start": table.train.iloc[0],
        "floor": table.train.min(),
        "gap": (table.val - table.train).tail(5).mean(),
        "train_jitter": strays.train.std(ddof=0),
        "val_jitter": strays.val.std(ddof=0),
    }
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-6)


class Book:
    """A lab whose losses are drawn beforehand."""

    def __init__(self, seed: int):
        rng = np.random.default_rng(seed)
        self.configs, self.seeds = ("a", "b", "c"), (4, 2, 9, 7)
        self.val = {(c, s): float(rng.uniform(0.2, 1)) for c in self.configs for s in self.seeds}
        self.test = {key: rng.exponential(0.5, 25) for key in self.val}
        self.train_y, self.val_y = rng.permutation([0, 0, 0, 0, 1, 1, 2]), rng.integers(0, 3, 12)
        self.opened: list[Any] = []

    def fit(self, config: str, seed: int) -> tuple[str, int]:
        return config, seed

    def val_loss(self, model: tuple[str, int]) -> float:
        return self.val[model]

    def test_losses(self, model: tuple[str, int]) -> Any:
        self.opened.append(model)
        return self.test[model]


@pytest.mark.parametrize("track", TRACKS)
@pytest.mark.parametrize("seed", range(5))
def test_final_run_against_scikit_learn_and_scipy(track: str, seed: int) -> None:
    lab = Book(seed)
    found = reference(LESSON, track, "final_run")(lab)
    table = pd.Series(lab.val).unstack()
    chosen = table.mean(axis=1).idxmin()
    dummy = DummyClassifier(strategy="prior").fit(np.zeros((7, 1)), lab.train_y)
    rows = lab.test[chosen, 4]
    assert lab.opened == [(chosen, 4)]
    assert found.pop("chosen") == chosen
    assert found == pytest.approx(
        {
            "baseline": log_loss(lab.val_y, dummy.predict_proba(np.zeros((12, 1))), labels=[0, 1, 2]),
            "val_loss": table.loc[chosen].mean(),
            "val_error": stats.sem(table.loc[chosen]),
            "test_loss": rows.mean(),
            "test_error": stats.sem(rows),
        }
    )
