"""A check gives a float, names what is wrong, and survives whatever an answer does."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import logging
import subprocess
import sys
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.checks import Case, Diagnosis, Exercise, lesson_checks, run_exercise
from course_lib.checks import canary as canary_module
from course_lib.checks import judging as judging_module
from course_lib.checks import run as run_module
from course_lib.checks.result import CaseResult
from course_lib.instructor.hidden import graded_check, rejudge, run_graded

LESSON = "03_tracking_loops"
WHERE = (LESSON, "pytorch", "epoch_loss")


def right(losses: Any, sizes: Any) -> float:
    return sum(loss * size for loss, size in zip(losses, sizes, strict=True)) / sum(sizes)


def mean_of_means(losses: Any, sizes: Any) -> float:
    return sum(losses) / len(losses)


def graded(answer: Any, seed: int = 0) -> Any:
    return run_graded(*WHERE, answer, seed=seed)


@pytest.fixture
def check() -> Any:
    return lesson_checks(LESSON, "pytorch")


def test_right_gets_all_points_as_a_python_float(check: Any, capsys: pytest.CaptureFixture[str]) -> None:
    score = check("epoch_loss", right)
    assert type(score) is float
    assert score == 2.0
    cases = len(check["epoch_loss"].cases)
    assert f"All {cases} cases are right" in capsys.readouterr().out
    assert type(graded_check(*WHERE, right)) is float


@pytest.mark.parametrize(
    ("passed", "words"),
    [((True, False, False), "1 of 3 cases is right"), ((True, True, False), "2 of 3 cases are right")],
)
def test_one_case_is_right_and_two_are(passed: tuple[bool, ...], words: str) -> None:
    cases = [CaseResult(str(place), right, "", float(right), 1.0) for place, right in enumerate(passed)]
    assert judging_module.summarise(cases, 3.0)[1].startswith(words)


def test_a_known_mistake_costs_half_however_many_cases_are_right() -> None:
    even = Case("a number of its own", (4.0,), 16.0)
    others = tuple(Case(f"case {k}", (float(k),), float(k * k)) for k in range(5, 19, 2))
    doubled = Diagnosis("doubled", "it doubles an even number.", faulty=lambda x: 2 * x if x % 2 == 0 else x * x)
    square = Exercise("square", 2, (even, *others), (doubled,))

    def scored(answer: Any, exercise: Exercise) -> tuple[float, str]:
        found = run_exercise(exercise, answer, lesson="x", track="keras")
        assert found.score == judging_module.summarise(found.cases, 2)[0]
        return found.score, found.message

    def known(x: float) -> float:
        return 2 * x if x == 4 else x * x

    assert scored(known, square) == (
        1.0,
        "7 of 8 cases are right: 1 of 2 points. A mistake that the check knows by name costs at least half of them.",
    )
    assert scored(lambda x: 17.0 if x == 4 else x * x, square) == (1.75, "7 of 8 cases are right: 1.75 of 2 points.")
    assert scored(lambda x: known(x) if x < 8 else -1.0, square)[0] == 0.5, "what is right counts, below a half"
    only_hidden = dataclasses.replace(square, cases=others).with_hidden((even,))
    assert scored(known, only_hidden)[0] == 1.75, "a mistake that nobody could see before handing in costs its case"

    def looked_up(answer: Any, record: dict[str, Any], x: float) -> Any:
        return answer[int(x)]

    listed = Exercise(
        "squares", 2, tuple(dataclasses.replace(c, observe=looked_up) for c in square.cases), (doubled,), kind="value"
    )
    squares = [known(x) for x in range(19)]
    assert scored(squares, listed)[0] == 1.75, "of a list, each entry counts for itself"


def test_the_misconception_is_named_with_both_numbers(check: Any) -> None:
    result = check.run("epoch_loss", mean_of_means)
    assert result.diagnosis == "mean_of_means"
    assert 0 < result.score < 2
    message = result.cases[0].message
    assert "2.5" in message
    assert "1.75" in message
    assert "Error" not in message


@pytest.mark.parametrize("answer", [None, ..., NotImplemented, "stub"])
def test_an_unfinished_answer_is_one_line_and_no_points(
    check: Any, answer: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    def stub(losses: Any, sizes: Any) -> float:
        total = sum(sizes)  # given code
        if total:
            raise NotImplementedError()
        raise NotImplementedError()

    assert check("epoch_loss", stub if answer == "stub" else answer) == 0.0
    out = capsys.readouterr().out
    assert len(out.strip().splitlines()) == 1
    assert "epoch_loss is not done yet" in out


def test_what_a_library_has_not_implemented_is_an_error_and_no_stub(check: Any) -> None:
    def by_a_library(losses: Any, sizes: Any) -> Any:
        raise NotImplementedError("not implemented for 'Long'")

    def by_a_base_class(losses: Any, sizes: Any) -> Any:
        return asyncio.AbstractEventLoop().is_running()

    for answer in (by_a_library, by_a_base_class):
        result = check.run("epoch_loss", answer)
        assert (result.status, result.diagnosis) == ("done", "raised_NotImplementedError")


@pytest.mark.parametrize(
    "answer",
    [
        lambda losses, sizes: 1 / 0,
        lambda losses, sizes: None,
        lambda losses, sizes: losses.reverse() or right(losses, sizes[::-1]),
    ],
)
def test_what_happens_in_every_case_is_explained_once(answer: Any) -> None:
    case = Case("a", ([1.0, 2.0], [1, 3]), 1.75)
    cases = tuple(dataclasses.replace(case, name=name) for name in "abc")
    messages = [
        case.message for case in run_exercise(Exercise("epoch_loss", 1, cases), answer, lesson="x", track="keras").cases
    ]
    assert len(messages[0]) > 40
    assert all(message.startswith("The same again.") and len(message) < 80 for message in messages[1:])


@pytest.mark.parametrize("answer", [[], "", " ", [...], None, ["..."]])
def test_an_unfinished_order_is_not_done(check: Any, answer: Any) -> None:
    result = check.run("order_the_loop", answer)
    assert result.score == 0.0
    assert result.status == "not_done" or answer == ["..."]


def test_an_empty_list_is_judged_where_none_may_be_the_answer() -> None:
    from course_lib.checks.case import Case, Exercise
    from course_lib.checks.run import run_exercise

    none = Case("none", (), [], observe=lambda answer, record: list(answer))
    for may_be_empty, status in ((False, "not_done"), (True, "done")):
        exercise = Exercise("letters", 1, (none,), kind="value", may_be_empty=may_be_empty)
        assert run_exercise(exercise, [], lesson="01", track="keras").status == status


def test_long_numbers_are_not_shown_twice() -> None:
    from course_lib.checks.case import Case, Exercise
    from course_lib.checks.diagnosis import Diagnosis
    from course_lib.checks.run import run_exercise

    halves = Diagnosis("halves", "these are halves.", faulty=lambda values: [v / 2 for v in values])
    rows = [[k + 1.5 for k in range(most)] for most in (12, 13)]
    cases = tuple(Case(f"{len(row)} values", (row,), row) for row in rows)
    result = run_exercise(
        Exercise("same", 1, cases, (halves,)), lambda v: [x / 2 for x in v], lesson="01", track="keras"
    )
    assert "yours is" in result.cases[0].message.lower()
    assert result.cases[1].message == "The same again. [0]: yours is 0.75, right is 1.5."


def test_a_name_that_is_not_defined_is_not_done(check: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert check("epoch_loss") == 0.0
    assert "not done yet" in capsys.readouterr().out


def test_unknown_names_are_told_with_what_there_is(check: Any) -> None:
    with pytest.raises(LookupError, match="expected one of: epoch_loss"):
        check("epoch_los", right)
    with pytest.raises(LookupError, match="03_tracking_loops"):
        lesson_checks("99_nothing", "pytorch")
    with pytest.raises(LookupError, match="pytorch, keras"):
        lesson_checks(LESSON, "jax")


def _recursing(losses: Any, sizes: Any) -> Any:
    return _recursing(losses, sizes)


def _raising(error: BaseException) -> Any:
    def answer(losses: Any, sizes: Any) -> Any:
        raise error

    return answer


def _endless_output(losses: Any, sizes: Any) -> Any:
    while True:
        print("again" * 1000)


class _Hostile:
    def __str__(self) -> str:
        raise SystemExit

    __repr__ = __str__


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "key"),
    [
        (_recursing, "endless_recursion"),
        (_raising(SystemExit(0)), "left_early"),
        (_raising(KeyboardInterrupt()), "left_early"),
        (_raising(BaseException("x")), "raised_BaseException"),
        (_raising(ValueError("x")), "raised_ValueError"),
        (_raising(AssertionError()), "raised_AssertionError"),
        (_endless_output, "endless_output"),
        (lambda losses, sizes: [0.0] * 10**6, "too_big"),
        (lambda losses, sizes: print(1.75), "returned_none"),
        (lambda losses, sizes: right, "returned_function"),
        (lambda losses, sizes: _Hostile(), None),
        (lambda losses, sizes: {_Hostile(): 1}, "left_early"),
        (lambda: 1.75, "raised_TypeError"),
        (3.0, "wrong_kind"),
    ],
)
def test_nothing_an_answer_does_ends_the_check(answer: Any, key: str | None) -> None:
    result = graded(answer)
    assert result.score == 0.0
    assert result.diagnosis == key
    assert rejudge(json.loads(json.dumps(result.to_json(), allow_nan=False)), *WHERE).score == 0.0


def test_an_interrupt_stops_the_check_and_keeps_what_was_got() -> None:
    calls = []

    def answer(losses: Any, sizes: Any) -> float:
        calls.append(1)
        if len(calls) > 2:
            raise KeyboardInterrupt
        return right(losses, sizes)

    result = graded(answer)
    assert result.status == "interrupted"
    assert len(calls) == 3
    assert 0 < result.score < 2


def test_noise_costs_no_points_and_does_not_get_out(capfd: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("noisy")
    logger.addHandler(logging.StreamHandler(sys.stderr))

    def answer(losses: Any, sizes: Any) -> float:
        import os

        os.write(2, b"from native code")
        print("to standard error", file=sys.stderr)
        warnings.warn("a warning", stacklevel=1)
        logger.error("a log line")
        return right(losses, sizes)

    assert graded(answer).score == 2.0
    assert capfd.readouterr().err == ""


def test_settings_are_put_back() -> None:
    import random

    def answer(losses: Any, sizes: Any) -> float:
        random.seed(0)
        np.random.seed(0)  # noqa: NPY002
        sys.setrecursionlimit(5000)
        sys.stdout = None  # type: ignore[assignment]
        logging.disable(logging.NOTSET)
        return right(losses, sizes)

    before = random.getstate(), sys.getrecursionlimit(), sys.stdout
    assert graded(answer).score == 2.0
    assert (random.getstate(), sys.getrecursionlimit(), sys.stdout) == before


def test_changed_inputs_are_told() -> None:
    def answer(losses: Any, sizes: Any) -> float:
        value = right(losses, sizes)
        sizes.clear() if isinstance(sizes, list) else None
        return value

    result = graded(answer)
    assert result.diagnosis == "changed_inputs"
    assert "[30, 10] before the call" in result.cases[0].message


def test_hidden_cases_show_name_and_hint_only() -> None:
    result = graded(mean_of_means)
    hidden = [case for case in result.cases if case.hidden and not case.passed]
    assert hidden
    shown = json.dumps({k: v for k, v in result.to_json().items() if k != "evidence"})
    for case in hidden:
        assert not any(ch.isdigit() and f"{ch}." in case.message for ch in case.message)
    assert "expected" not in " ".join(case.message for case in hidden)
    assert "inputs" not in shown


@pytest.mark.slow
@given(st.floats(allow_nan=True) | st.integers(-5, 5) | st.lists(st.floats(), max_size=3))
def test_two_processes_would_agree_on_any_constant(value: Any) -> None:
    result = graded(lambda losses, sizes: value)
    payload = json.loads(json.dumps(result.to_json(), allow_nan=False))
    again = rejudge(payload, *WHERE)
    assert again.score == result.score <= 2.0
    assert again.flags == ()


def test_a_forged_result_gives_no_points() -> None:
    payload = graded(mean_of_means).to_json()
    honest = payload["score"]
    payload["score"] = 2.0
    forged = rejudge(payload, *WHERE)
    assert forged.score == honest
    assert "claims 2 points" in forged.flags[0]
    assert rejudge(None, *WHERE)[:2] == (0.0, ("the check never ran",))
    other = run_graded(LESSON, "pytorch", "order_the_loop", "DBFEACG").to_json()
    assert rejudge(other, *WHERE).score == 0.0
    for seen in ("x", {"result": {"kind": "number"}}, {"result": {"kind": "number", "value": "x"}}, {"error": 3}):
        payload["evidence"][0]["seen"] = seen
        assert rejudge(payload, *WHERE).score <= honest


def test_a_visible_check_alone_is_flagged_as_not_graded() -> None:
    payload = lesson_checks(LESSON, "pytorch").run("epoch_loss", right).to_json()
    assert "evidence" not in payload
    found = rejudge(payload, *WHERE)
    assert found.score == 0.0
    assert any("hidden cases did not run" in flag for flag in found.flags)


def _everything_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging_module, "_problem", lambda case, evidence: None)


def _everything_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    from course_lib.checks.compare import Matches

    monkeypatch.setattr(Matches, "__call__", lambda self, given, expected, where="": None)


def _judge_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    from course_lib.checks.result import CaseResult

    monkeypatch.setattr(
        run_module, "judge", lambda spec, runs, seed: [CaseResult(c.name, True, "", 1.0, 1.0) for c in spec.cases]
    )


def _foreign_module(monkeypatch: pytest.MonkeyPatch) -> None:
    import types

    monkeypatch.setitem(sys.modules, "course_lib.made_up", types.ModuleType("course_lib.made_up"))


@pytest.mark.parametrize("bend", [_everything_passes, _everything_is_right, _judge_replaced, _foreign_module])
def test_a_bent_check_gives_no_points_and_is_flagged(monkeypatch: pytest.MonkeyPatch, bend: Any) -> None:
    bend(monkeypatch)
    result = graded(mean_of_means)
    assert result.status == "tampered"
    assert result.score == 0.0
    assert result.flags


def test_a_folder_of_data_in_the_package_is_not_foreign(monkeypatch: pytest.MonkeyPatch) -> None:
    import types

    import course_lib

    folder = types.ModuleType("course_lib.static")
    folder.__path__ = [f"{course_lib.__path__[0]}/static"]
    monkeypatch.setitem(sys.modules, "course_lib.static", folder)
    assert canary_module.signs_of_tampering(run_module.observe_case, judging_module.judge) == []


def test_canaries_are_quiet_in_a_clean_process() -> None:
    assert canary_module.signs_of_tampering(run_module.observe_case, judging_module.judge) == []


def test_the_diagnosis_that_explains_most_cases_speaks() -> None:
    specific = Diagnosis("specific", "fits one case", faulty=lambda n: 7 if n == 1 else None)
    general = Diagnosis("general", "fits all cases", faulty=lambda n: n + 6)
    cases = tuple(Case(f"case {n}", (n,), n) for n in (1, 2, 3))
    result = run_exercise(
        Exercise("shift", 3, cases, (specific, general)), lambda n: n + 6, lesson="x", track="pytorch"
    )
    assert [case.diagnosis for case in result.cases] == ["general"] * 3
    of_two = Diagnosis("of two", "a probe, the more specific one", probe=lambda e: True)
    one = run_exercise(Exercise("shift", 3, cases[:2], (of_two, general)), lambda n: n + 6, lesson="x", track="pytorch")
    assert one.diagnosis == "of two"


def test_points_are_shared_by_weight_and_never_exceeded() -> None:
    cases = tuple(Case(f"case {n}", (n,), n, weight=w) for n, w in ((1, 1.0), (2, 3.0), (3, 1 / 3)))
    spec = Exercise("same", 0.7, cases)
    assert run_exercise(spec, lambda n: n, lesson="x", track="keras").score == 0.7
    only_second = run_exercise(spec, lambda n: 2, lesson="x", track="keras").score
    assert only_second == pytest.approx(0.7 * 3 / (4 + 1 / 3), abs=1e-4)


def test_two_cases_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two cases of 'x' are named 'same'"):
        Exercise("x", 1, (Case("same", (), 1), Case("same", (), 2)))


def _loaded(code: str) -> set[str]:
    ask = f"import sys\n{code}\nprint(*[m for m in ('torch', 'tensorflow', 'keras') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.slow
def test_checks_load_no_framework_and_never_the_other_one() -> None:
    start = f"from course_lib.checks import lesson_checks\ncheck = lesson_checks({LESSON!r}, 'pytorch')\n"
    assert _loaded(start + "check('epoch_loss', lambda l, n: 1.0)") == set()
    assert _loaded(start + "check('train_one_epoch', lambda *a: None)") == {"torch"}


@pytest.mark.slow
def test_keras_checks_do_not_load_torch() -> None:
    start = f"from course_lib.checks import lesson_checks\ncheck = lesson_checks({LESSON!r}, 'keras')\n"
    assert _loaded(start + "check('fit_and_track', lambda *a: None)") == {"tensorflow", "keras"}


def test_judging_writes_nothing_and_warns_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    """A faulty variant divides by zero while it is tried on the inputs: nbgrader must not see a warning."""

    def noisy(values: list[float]) -> float:
        print("a faulty variant is noisy", file=sys.stderr)
        return float(np.divide(values[0], np.zeros(1))[0])

    diagnosis = Diagnosis("noisy", "divided by nothing", faulty=noisy)
    case = Case("one", inputs=([1.0],), expected=1.0, diagnoses=(diagnosis,))
    exercise = Exercise("noisy", points=1.0, cases=[case])
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        result = run_exercise(exercise, lambda values: 2.0, lesson="03_tracking_loops", track="pytorch")
    assert result.score == 0.0
    assert not warned
    assert capfd.readouterr().err == ""


def test_every_letter_that_is_judged_wrongly_is_said() -> None:
    from course_lib.lessons import load

    hunt = load("08_regularisation", "pytorch")["chooser_hunt"]
    result = run_exercise(hunt, ["C", "F"], lesson="08_regularisation", track="pytorch")
    told = " ".join(case.message for case in result.cases)
    assert all(f"We ran {letter} " in told for letter in "ACDEF")
    assert "D was left out" in told
    assert "C was judged wrongly, too. We ran C" in told
    assert "B was" not in told
