"""The unit check: what was meant in the other unit is refused, what fits is not. Property tests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.training.schedule_units import Count, Length, check_lengths

EPOCHS = st.integers(2, 300)
STEPS = st.integers(2, 2000)
UNITS = st.sampled_from(["batch", "epoch"])


def fits(length: Length, count: Count) -> bool:
    try:
        check_lengths("Kind", [length], count)
    except ValueError:
        return False
    return True


@given(EPOCHS, STEPS, UNITS, st.sampled_from(["end", "limit"]))
def test_the_whole_run_in_the_unit_that_was_said_is_never_refused(epochs, steps, unit, kind):
    count = Count(unit, epochs, steps)
    assert fits(Length("T_max", count.calls, kind), count)


@given(EPOCHS, STEPS, UNITS, st.sampled_from(["end", "limit"]))
def test_the_whole_run_in_the_other_unit_is_always_refused_with_both_numbers(epochs, steps, unit, kind):
    count = Count(unit, epochs, steps)
    with pytest.raises(ValueError, match=f"T_max={count.other:g}, .* let T_max be {count.calls}, or say"):
        check_lengths("Kind", [Length("T_max", count.other, kind)], count)


@given(EPOCHS, STEPS, UNITS, st.floats(0.05, 0.95), st.floats(0.05, 0.5))
def test_a_decay_meant_in_the_other_unit_is_refused_where_the_rate_comes_to_nothing(epochs, steps, unit, factor, part):
    """And one that was meant in this unit is not, however much it cuts in the run."""
    count = Count(unit, epochs, steps)
    every = max(2, round(part * count.calls))
    if count.other < every < count.calls or every < count.calls < count.other:
        assert fits(Length("step_size", every, "decay", factor), count)
    if unit == "batch":
        every = max(1, round(part * epochs))
        left, meant = factor ** (count.calls / every), factor ** (epochs / every)
        if left < 1e-6 <= meant:
            assert not fits(Length("step_size", every, "decay", factor), count)


@given(EPOCHS, st.integers(4, 2000), st.floats(0.3, 0.6), st.floats(0.65, 0.95))
def test_cuts_are_refused_in_the_other_unit_only(epochs, steps, first, last):
    total = epochs * steps
    in_batches = Length("milestones[-1]", round(last * total), "cut", first=round(first * total))
    in_epochs = Length("milestones[-1]", round(last * epochs), "cut", first=round(first * epochs))
    assert fits(in_batches, Count("batch", epochs, steps))
    assert fits(in_epochs, Count("epoch", epochs, steps))
    if in_epochs.value < epochs:
        assert not fits(in_epochs, Count("batch", epochs, steps))
    if in_batches.first >= epochs:
        assert not fits(in_batches, Count("epoch", epochs, steps))


@given(st.integers(1, 300), UNITS, st.integers(1, 5000), st.sampled_from(["end", "decay", "cut"]))
def test_with_one_batch_an_epoch_or_an_unknown_number_nothing_is_refused(epochs, unit, value, kind):
    assert fits(Length("T_max", value, kind, 0.1), Count(unit, epochs, 1))
    assert fits(Length("T_max", value, kind, 0.1), Count(unit, epochs, None))


@given(EPOCHS, STEPS, st.integers(0, 5000))
def test_a_limit_must_reach_to_the_end_of_the_run(epochs, steps, done):
    count = Count("batch", epochs, steps, done=done)
    assert fits(Length("total_steps", count.calls + done, "limit"), count)
    assert not fits(Length("total_steps", count.calls + done - 1, "limit"), count)
