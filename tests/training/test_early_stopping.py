"""The early stopping rule: its own edges, and each library's convention held against the library."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from peers import ignite_outcome, keras_outcome, lightning_outcome, outcome, skorch_outcome

from course_lib.training.early_stopping import EarlyStopping

NAN, INF = math.nan, math.inf

# Few distinct values, so that ties are common; all of them survive rounding to float32 or differ by
# less than float32 can tell, which is where a rule in float64 and one in float32 part ways.
# Numbers below float32's smallest normal one (1e-38) are left out: TensorFlow's threads take them for zero.
VALUES = st.one_of(
    st.sampled_from([0.0, 0.1, 0.2, 0.25, 0.5, 0.5 + 1e-9, 0.75, 1.0, 1.01, 1.5, 2.0, -0.5, -1.0, NAN, INF, -INF]),
    st.floats(-10, 10, width=32, allow_subnormal=False),
)
CURVES = st.lists(VALUES, min_size=1, max_size=15)
PATIENCE = st.integers(0, 5)
DELTAS = st.sampled_from([0.0, 0.01, 0.1, 0.25, 0.5])
SIGNED_DELTAS = st.sampled_from([0.0, 0.01, 0.25, 0.5, -0.01, -0.25])
MODES = st.sampled_from(["min", "max"])
EXHAUSTIVE = settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.slow
@EXHAUSTIVE
@given(CURVES, PATIENCE, SIGNED_DELTAS, MODES, st.booleans(), st.integers(0, 3), st.sampled_from([None, 0.5, 1.0]))
@example([NAN, 0.5, 0.4], 1, 0.0, "min", True, 0, None)
@example([0.5 + 1e-9, 0.5, 0.5], 2, 0.0, "min", True, 0, None)
def test_keras_convention_is_what_keras_does(values, patience, delta, mode, restore, start, baseline):
    arguments = {
        "patience": patience,
        "min_delta": delta,
        "mode": mode,
        "baseline": baseline,
        "start_from_epoch": start,
    }
    rule = EarlyStopping(convention="keras", restore_best=restore, **arguments)
    assert outcome(rule, values) == keras_outcome(values, restore_best_weights=restore, **arguments)


@pytest.mark.slow
@EXHAUSTIVE
@given(CURVES, PATIENCE, SIGNED_DELTAS, MODES)
@example([INF, 1.0, 2.0], 1, 0.0, "min")
@example([1.0, 1.2, 1.4, 1.6], 1, -0.25, "min")
def test_lightning_convention_is_what_lightning_does(values, patience, delta, mode):
    arguments = {"patience": patience, "min_delta": delta, "mode": mode}
    assert outcome(EarlyStopping(convention="lightning", **arguments), values) == lightning_outcome(values, **arguments)


@pytest.mark.slow
@EXHAUSTIVE
@given(CURVES, st.integers(1, 5), DELTAS, MODES, st.booleans(), st.booleans())
@example([NAN, 1.0, NAN, 1.0, 2.0], 1, 0.0, "min", False, False)
@example([1.0 - 0.004 * i for i in range(20)], 3, 0.01, "min", False, False)
def test_ignite_convention_is_what_ignite_does(values, patience, threshold, mode, relative, cumulative):
    rule = EarlyStopping(patience, threshold, mode, convention="ignite", relative=relative, cumulative=cumulative)
    assert outcome(rule, values) == ignite_outcome(values, patience, threshold, mode, relative, cumulative)


@pytest.mark.slow
@EXHAUSTIVE
@given(CURVES, PATIENCE, SIGNED_DELTAS, MODES, st.booleans(), st.booleans())
@example([NAN, 1.0, 0.9], 0, 1e-4, "min", True, True)
@example([-INF, 1.0, -INF], 3, 1e-4, "min", True, True)
def test_skorch_convention_is_what_skorch_does(values, patience, threshold, mode, relative, restore):
    rule = EarlyStopping(patience, threshold, mode, convention="skorch", relative=relative, restore_best=restore)
    assert outcome(rule, values) == skorch_outcome(values, patience, threshold, mode, relative, restore)


# ---------------------------------------------------------------------------- the course's own rule

FINITE = st.lists(st.floats(-10, 10, width=32, allow_subnormal=False), min_size=1, max_size=20)


@given(FINITE, st.integers(1, 5), DELTAS, MODES, st.integers(0, 3), st.sampled_from([None, 0.5]))
def test_own_rule_is_keras_on_finite_values(values, patience, delta, mode, start, baseline):
    arguments = {"patience": patience, "min_delta": 0.25 * (delta > 0), "mode": mode}
    arguments |= {"start_from_epoch": start, "baseline": baseline}
    own = EarlyStopping(**arguments)
    assert outcome(own, values) == outcome(EarlyStopping(convention="keras", **arguments), values)


@given(FINITE, st.integers(1, 5), DELTAS)
def test_stops_after_patience_epochs_without_improvement(values, patience, delta):
    rule = EarlyStopping(patience, delta)
    stop, best, _ = outcome(rule, values)
    seen = values[: stop or len(values)]
    assert rule.best == seen[best - 1]
    if stop is not None:
        assert stop - best == patience
        assert all(not value + delta < seen[best - 1] for value in seen[best:])


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
@pytest.mark.parametrize("at", [0, 2])
@pytest.mark.parametrize("mode", ["min", "max"])
def test_a_value_that_is_not_finite_is_never_best_and_stops_with_that_reason(bad, at, mode):
    values = [1.0, 0.9, 0.8, 0.7]
    values[at] = bad
    rule = EarlyStopping(patience=3, mode=mode)
    stop, best, held = outcome(rule, values)
    assert stop == at + 1
    assert best is None or math.isfinite(values[best - 1])
    assert str(bad) in rule.reason
    assert best is None or held == best


@pytest.mark.parametrize(
    ("convention", "runs"),
    [("keras", (3, 3, 5)), ("lightning", (3, 3, 5)), ("ignite", (None, 3, 5)), ("skorch", (1, 3, 5))],
)
def test_the_table_of_stopping_epochs(convention, runs):
    values = [1.0, 0.9, *[0.95] * 20]
    for patience, expected in zip((0, 1, 3), runs, strict=True):
        if expected is None:
            with pytest.raises(ValueError, match="at least 1"):
                EarlyStopping(patience, convention=convention)
        else:
            assert outcome(EarlyStopping(patience, convention=convention), values)[0] == expected


def test_small_steady_gains_add_up_except_in_ignite():
    values = [1.0 - 0.004 * epoch for epoch in range(20)]
    stops = {
        name: outcome(EarlyStopping(3, 0.01, convention=name, relative=False), values)[0]
        for name in ("course", "keras", "lightning", "ignite", "skorch")
    }
    assert stops == {"course": None, "keras": None, "lightning": None, "ignite": 4, "skorch": None}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"patience": 0}, "at least 1"),
        ({"patience": -1}, "at least 1"),
        ({"min_delta": -0.1}, "at least 0"),
        ({"min_delta": NAN}, "at least 0"),
        ({"mode": "highest"}, "mode is 'highest'; expected 'min'"),
        ({"monitor": "val_score"}, "cannot be told from its name; pass mode='max'"),
        ({"convention": "fastai"}, "expected one of"),
        ({"relative": True}, "not part of"),
        ({"cumulative": True}, "not part of"),
        ({"convention": "skorch", "baseline": 1.0}, "not part of"),
    ],
)
def test_wrong_arguments_are_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        EarlyStopping(**arguments)


def test_patience_must_be_a_whole_number():
    with pytest.raises(TypeError, match="whole number"):
        EarlyStopping(patience=2.5)


def test_a_rule_that_said_stop_must_be_reset():
    rule = EarlyStopping(patience=1)
    outcome(rule, [1.0, 2.0])
    with pytest.raises(RuntimeError, match="reset"):
        rule.step(0.5)
    rule.reset()
    assert rule.step(0.5) is False


def test_no_framework_is_needed():
    import subprocess
    import sys

    code = (
        "import sys; from course_lib.training.early_stopping import EarlyStopping; EarlyStopping().step(1.0); "
        "print([m for m in ('torch', 'tensorflow', 'keras', 'pandas', 'matplotlib') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def test_settings_that_are_none_are_named():
    assert EarlyStopping(patience=np.int64(3)).patience == 3
    for arguments, words in (
        ({"start_from_epoch": -1}, "start_from_epoch is -1"),
        ({"start_from_epoch": "2"}, "start_from_epoch is '2'"),
        ({"baseline": "low"}, "baseline is 'low'"),
        ({"patience": True}, "patience is True"),
    ):
        with pytest.raises((TypeError, ValueError), match=words):
            EarlyStopping(**arguments)
    rule = EarlyStopping()
    with pytest.raises(TypeError):
        rule.step(None)
    assert rule.epoch == 0
