"""The vocabulary of mistakes: each has words, code that recognises it, and an answer in the bank that makes it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from support import ROOT

import course_lib
from course_lib.checks.case import Evidence
from course_lib.checks.mistakes import by_sign, mistake, words
from course_lib.instructor.hidden import graded_exercises
from course_lib.instructor.proof.bank import header
from course_lib.lessons import lessons
from course_lib.tracks import TRACKS

#: Recognised by the engine, whatever the exercise asks for: it makes their words.
OF_THE_ENGINE = re.compile(r"raised_\w+|returned_\w+|missing_key|graph_attached")
#: Still to be proven by an answer of their own.
WITHOUT_AN_ANSWER: set[str] = set()


def recognised() -> set[str]:
    return {
        diagnosis.key
        for lesson in lessons()
        for track in TRACKS
        for exercise in graded_exercises(lesson, track).values()
        for diagnosis in (*exercise.diagnoses, *(d for case in exercise.cases for d in case.diagnoses))
    }


def made() -> set[str]:
    files = (ROOT / "tests" / "lessons").glob("*/graders/*/misconceptions/*.py")
    return {header(file.read_text(encoding="utf-8"))["diagnosis"] for file in files}


def strings() -> set[str]:
    """Return every text in the code of exercises and of what they share: a name not among them is told of nothing."""
    found: set[str] = set()
    root = Path(course_lib.__file__).parent
    for file in (*(root / "lessons").rglob("*.py"), *(root / "checks").rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        found |= {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return found


@pytest.mark.slow
def test_a_mistake_has_words_and_code_that_recognises_it() -> None:
    known = {name.partition("/")[0] for name in words()}
    assert recognised() == known
    said = strings()
    assert [name for name in words() if name not in said] == []


def test_a_mistake_is_made_by_an_answer_of_the_bank() -> None:
    assert {key for key in made() if not OF_THE_ENGINE.fullmatch(key)} <= recognised()
    assert recognised() - made() == WITHOUT_AN_ANSWER


def test_words_are_sentences() -> None:
    for name, said in words().items():
        assert set(said) <= {"says", "look"}, name
        assert said.get("says", "x.")[-1] in ".?)}", name
        assert not said.get("look", "").endswith("."), name


def test_words_are_filled_from_what_was_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"a": {"says": "{n} of {all}: {n}.", "look": "the {place}"}, "b": {"says": "the {place}."}}
    monkeypatch.setattr("course_lib.checks.mistakes.words", lambda: told)
    fields: dict[str, Any] = {"n": lambda e: e["n"], "all": "three", "place": "loop"}
    diagnosis = mistake("a", probe=lambda e: True, fields=fields)
    assert diagnosis.text(Evidence((), {"n": 2})) == "2 of three: 2."
    assert diagnosis.look == "the loop"
    assert by_sign([("b", lambda e: True)], fields)[0].says == "the loop."
    with pytest.raises(TypeError, match="where to look"):
        mistake("a", probe=lambda e: True, fields=fields | {"place": lambda e: "loop"})


def test_a_name_without_words_is_refused() -> None:
    with pytest.raises(LookupError, match="no mistake 'mean_of_meens'"):
        mistake("mean_of_meens")
