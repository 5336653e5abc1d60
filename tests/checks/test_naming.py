"""A misconception is named where what was seen bears it out, and where nothing seen speaks against it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from course_lib.checks import Case, CheckResult, Claim, Diagnosis, Exercise, OneOf, Phrase, describe, run_exercise
from course_lib.checks.case import Evidence
from course_lib.checks.compare import close

MEDIAN = Diagnosis("median", "this is the median.", faulty=lambda values: float(np.median(values)))
SUM = Diagnosis("sum", "this is the sum.", faulty=lambda values: float(sum(values)))


def _check(answer: Any, *cases: Case, diagnoses: tuple[Diagnosis, ...] = (SUM, MEDIAN)) -> CheckResult:
    exercise = Exercise("mean", 1, cases, diagnoses)
    return run_exercise(exercise, answer, lesson="x", track="keras")


def _mean(*values: float, name: str = "", **how: Any) -> Case:
    return Case(name or f"the mean of {values}", (list(values),), sum(values) / len(values), **how)


def _names(result: CheckResult) -> list[str | None]:
    return [case.diagnosis for case in result.cases if not case.passed]


def test_a_name_that_another_failed_case_denies_is_not_given() -> None:
    first, second = _mean(2.0, 6.5), _mean(1.0, 2.0, 6.0)
    assert _names(_check(sum, first, second)) == ["sum", "sum"]
    by_chance = _check(lambda values: 8.5, first, second)
    assert _names(by_chance) == [None, None]
    assert by_chance.cases[0].message == "With [2, 6.5]: yours is 8.5, right is 4.25."


def test_a_name_that_a_passed_case_denies_is_not_given() -> None:
    wrong_for_two = _check(
        lambda values: sum(values) / (1 if len(values) == 2 else len(values)), _mean(2.0, 6.5), _mean(1.0, 2.0, 6.0)
    )
    assert _names(wrong_for_two) == [None]


def test_a_failed_case_that_the_mistake_would_not_have_failed_denies_it() -> None:
    assert _names(_check(lambda v: 5.5 if len(v) == 1 else sum(v), _mean(2.5), _mean(2.0, 6.5))) == [None, None]


@pytest.mark.parametrize(
    ("given_back", "expected", "key"),
    [
        ("4.25", 4.25, "returned_text"),
        ([4.25], 4.25, "returned_list"),
        (4.25, [4.25], "returned_no_list"),
        ([4.25, 1.0], [4.25], "wrong_length"),
        ((4.25, 1.0), {"mse": 4.25}, "returned_no_dictionary"),
        ({"mae": 4.25}, {"mse": 4.25}, "missing_key"),
        (5.25, 4.25, None),
        ({"mse": 5.25}, {"mse": 4.25}, None),
    ],
)
def test_a_wrong_form_has_a_key(given_back: Any, expected: Any, key: str | None) -> None:
    assert _names(_check(lambda values: given_back, Case("a case", ([2.0],), expected))) == [key]


def test_a_case_with_a_difficulty_of_its_own_denies_nothing() -> None:
    hard = _mean(1.0, 2.0, 6.0, denies=False)
    stumbles = _check(lambda v: sum(v) if len(v) == 2 else 77.0, _mean(2.0, 6.5), hard)
    assert _names(stumbles) == ["sum", None]


def test_a_case_in_which_the_mistake_does_not_show_denies_nothing() -> None:
    assert _names(_check(sum, _mean(2.5), _mean(2.0, 6.5))) == ["sum"]


@pytest.mark.parametrize("values", [(2.0, -2.0, 9.0, -9.0, 4.0, -3.0), (0.25, 0.75), (3.5, -0.5), (1.0, 0.5, 0.5, 2.0)])
def test_a_value_that_many_faults_give_names_nothing(values: tuple[float, ...]) -> None:
    """The sums of these are 1, 1, 3 and 4: one is a constant that many answers give, or how many numbers there are."""
    alone = _check(sum, _mean(*values))
    degenerate = sum(values) in (0, 1, -1, len(values))
    assert _names(alone) == [None if degenerate else "sum"]
    assert _names(_check(sum, _mean(*values), _mean(2.0, 6.5))) == ["sum", "sum"]


def test_what_has_another_form_has_another_fault_and_denies_nothing() -> None:
    doubles = Diagnosis("doubled", "each was doubled.", faulty=lambda values: [2 * value for value in values])
    cases = [Case(f"{len(values)} numbers", (values,), values) for values in ([2.5, 3.5], [1.5, 7.5, 4.0])]
    one_lost = _check(lambda v: [2 * x for x in v[:2]], *cases, diagnoses=(doubles,))
    assert _names(one_lost) == ["doubled", "wrong_length"]
    assert _names(_check(lambda v: [2 * x for x in v[:2]] + v[2:], *cases, diagnoses=(doubles,))) == [None, None]


def test_zeros_infinities_and_the_inputs_themselves_name_nothing() -> None:
    cases = (_mean(3.0, 5.0), _mean(2.0, 4.0, 9.0))
    for constant in (0.0, float("inf"), float("nan"), -1.0):
        fault = Diagnosis("constant", "this is a constant.", faulty=lambda values, value=constant: value)
        result = _check(lambda values, value=constant: value, *cases, diagnoses=(fault,))
        assert _names(result) == [None, None], constant
    sorts = Diagnosis("unsorted", "it came back as it was.", faulty=lambda values: values)
    case = Case("three numbers", ([3.0, 1.0, 2.0],), [1.0, 2.0, 3.0])
    assert _names(_check(list, case, diagnoses=(sorts,))) == [None]
    other = Case("two numbers", ([7.0, 5.0],), [5.0, 7.0])
    assert _names(_check(list, case, other, diagnoses=(sorts,))) == ["unsorted", "unsorted"], "not by chance twice"


def test_two_mistakes_with_the_same_values_are_not_told_apart() -> None:
    largest = Diagnosis("largest", "this is the largest.", faulty=lambda values: max(values))
    last = Diagnosis("last", "this is the last one.", faulty=lambda values: values[-1])
    rising, falling = _mean(2.5, 3.5, 7.5), _mean(9.5, 4.5, 2.5)
    assert _names(_check(max, rising, diagnoses=(largest, last))) == [None]
    assert _names(_check(max, rising, falling, diagnoses=(largest, last))) == ["largest"] * 2
    assert _names(_check(lambda v: v[-1], rising, falling, diagnoses=(largest, last))) == ["last"] * 2


def test_variants_of_a_mistake_hold_each_by_itself() -> None:
    whole = Diagnosis("cut", "it was cut.", faulty=lambda values: OneOf(float(sum(values) // len(values)), -2.5))
    cases = _mean(2.0, 7.0), _mean(4.0, 9.0)
    assert _names(_check(lambda v: sum(v) // len(v), *cases, diagnoses=(whole,))) == ["cut", "cut"]
    assert _names(_check(lambda v: -2.5, *cases, diagnoses=(whole,))) == ["cut", "cut"]
    assert _names(_check(lambda v: sum(v) // len(v) if v[0] == 2 else 3.0, *cases, diagnoses=(whole,))) == [None, None]
    # With what is right among the variants, a case that passed denies nothing.
    maybe = Diagnosis("maybe", "at times.", faulty=lambda v: OneOf(float(sum(v)), sum(v) / len(v)))
    at_times = _check(lambda v: sum(v) / (1 if v[0] == 2 else 2), *cases, diagnoses=(maybe,))
    assert _names(at_times) == ["maybe"]


def _observe(answer: Any, record: dict[str, Any], values: list[float]) -> Any:
    record["deeper"] = describe(answer(values)["deeper"])
    return answer(values)


def test_a_claim_is_held_to_the_same_rule_deeper_in_what_was_seen() -> None:
    total = Diagnosis(
        "sum", "a sum.", claim=lambda e: Claim(e["deeper"], sum(e.inputs[0]), sum(e.inputs[0]) / len(e.inputs[0]))
    )
    cases = tuple(
        Case(f"case {n}", (values,), {"deeper": sum(values) / len(values)}, observe=_observe)
        for n, values in enumerate([[2.0, 6.5], [3.0, 5.0, 1.5]])
    )
    assert _names(_check(lambda v: {"deeper": sum(v)}, *cases, diagnoses=(total,))) == ["sum", "sum"]
    assert _names(_check(lambda v: {"deeper": 8.5}, *cases, diagnoses=(total,))) == [None, None]


def test_a_probe_can_be_denied() -> None:
    told = Diagnosis(
        "told", "a probe.", probe=lambda e: e.result.get("value") == 8.5, denied=lambda e: e.result.get("value") == 2.0
    )
    cases = _mean(2.0, 6.5), _mean(1.0, 2.0, 6.0)
    assert _names(_check(lambda v: 8.5, *cases, diagnoses=(told,))) == ["told", "told"]
    assert _names(_check(lambda v: 8.5 if v[0] == 2 else 2.0, *cases, diagnoses=(told,))) == [None, None]


numbers = st.lists(st.floats(-50, 50).map(lambda value: round(value, 2)), min_size=1, max_size=4)


@pytest.mark.slow
@example([[0.0, 0.02], [1.0, 0.0]], [1.0, 0.0, 0.0, 0.0])  # a fault that changes little
@given(st.lists(numbers, min_size=2, max_size=4, unique_by=tuple), st.lists(st.floats(-60, 60), min_size=4, max_size=4))
def test_whatever_is_given_a_name_is_borne_out(inputs: list[list[float]], given_back: list[float]) -> None:
    faults = {"sum": lambda v: float(sum(v)), "median": lambda v: float(np.median(v)), "last": lambda v: v[-1]}
    diagnoses = tuple(Diagnosis(key, f"{key}.", faulty=fault) for key, fault in faults.items())
    answers = dict(zip(map(tuple, inputs), given_back, strict=False))
    if given_back[0] > 0:  # a real fault in half of the examples
        answers = {values: faults["sum"](values) for values in answers}
    cases = [_mean(*values) for values in inputs]
    result = _check(lambda v: answers[tuple(v)], *cases, diagnoses=diagnoses)
    named = {case.diagnosis for case in result.cases} - {None}
    assume(named)
    for key in named:
        for values, case in zip(inputs, result.cases, strict=True):
            apart = abs(faults[key](values) - sum(values) / len(values))
            if apart > 0.01:
                assert answers[tuple(values)] == pytest.approx(faults[key](values), rel=1e-3, abs=1e-3)
            assert case.passed or case.diagnosis is None or apart > 0


STOP = Phrase(
    "it should have stopped after epoch {}",
    lambda given: (
        "yours never stopped" if given["kind"] != "number" else f"yours stopped after epoch {given['value']:g}"
    ),
)


def test_an_exercise_says_what_is_right_in_its_own_words() -> None:
    case = Case("a rise from epoch 3 on", ([2.0, 1.0, 3.0],), 4)
    early = Diagnosis("early", "it was early.", faulty=lambda losses: 3)
    exercise = Exercise("stop", 1, (case,), (early,), phrase=STOP)

    def message(answer: Any, exercise: Exercise = exercise) -> str:
        return run_exercise(exercise, answer, lesson="x", track="keras").cases[0].message

    said = "It should have stopped after epoch 4; yours never stopped."
    assert message(lambda losses: "never") == f"With [2, 1, 3]: {said[:1].lower()}{said[1:]}"
    assert (
        message(lambda losses: 2)
        == "With [2, 1, 3]: it should have stopped after epoch 4; yours stopped after epoch 2."
    )
    assert message(lambda losses: None).startswith("It returned nothing"), "what is wrong in kind comes first"
    own = Case("its own", ([2.0],), 4, phrase=Phrase("{} is right", "{} is yours"))
    assert message(lambda losses: 7, Exercise("stop", 1, (own,), phrase=STOP)) == "With [2]: 4 is right; 7 is yours."
    shown = Exercise(
        "stop", 1, (Case("a case", ([2.0, 3.5],), 4.5),), (SUM,), phrase=Phrase("{} is right", "{} is yours")
    )
    assert message(sum, shown) == "This is the sum. 4.5 is right; 5.5 is yours."


def test_several_inputs_are_told_by_the_answers_own_names() -> None:
    exercise = Exercise("area", 1, (Case("a case", (3, 2.5), 7.5),))

    def message(answer: Any) -> str:
        return run_exercise(exercise, answer, lesson="x", track="keras").cases[0].message

    def area(width: float, height: float, *, unit: str = "m") -> float:
        return width + height

    class Odd:
        @property
        def __signature__(self) -> None:
            raise RuntimeError("ask me not")

        def __call__(self, *sides: float) -> float:
            return sum(sides)

    assert message(area) == "With width=3, height=2.5: yours is 5.5, right is 7.5."
    assert message(lambda *sides: sum(sides)) == message(Odd()) == "With 3, 2.5: yours is 5.5, right is 7.5."
    for forged in (["width"], ["width", "<b>"], ["width", 3], "ab", ["width", "h" * 31], {"width": 1, "height": 2}):
        assert Evidence((3, 2.5), {"names": forged}).shown_inputs == "3, 2.5"


@pytest.mark.parametrize(
    ("given_back", "expected", "says"),
    [
        ("never", 4, "it should be the number 4; yours is the text 'never'"),
        ([1.0], 4, "it should be the number 4; yours is a list of 1: [1]"),
        (np.ones(2), 4, "it should be the number 4; yours is an array of shape (2,): [1, 1]"),
        (3.0, 4, "yours is 3, right is 4"),
        (3.0, [1.0], "it should be 1 value; yours is 3"),
        ([1.0, 2.0], [1.0], "it should have 1 value; yours has 2: [1, 2]"),
        ([1.0, 2.0], [1.0, 3.0], "[1]: yours is 2, right is 3"),
        ([1.0], {"mse": 1.0}, "it should be a dictionary with the keys mse; yours is a list of 1: [1]"),
        ({"mae": 1.0}, {"mse": 1.0}, "the key 'mse' is missing; your dictionary has mae"),
        ({"mse": "x"}, {"mse": 1.0}, "mse: it should be the number 1; yours is the text 'x'"),
        ("x", True, "right is True; yours is the text 'x'"),
        (2.0, "high", "right is 'high'; yours is 2"),
    ],
)
def test_without_words_of_its_own_the_sentence_is_plain(given_back: Any, expected: Any, says: str) -> None:
    assert close(describe(given_back), expected) == says
