"""Each lesson's state of the playground shows what its sentence says, and not by the luck of one seed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from playground import in_node
from support import lesson_names

from course_lib.instructor.site.playground import DOM_FREE, playground_files, states

SEEDS = (0, 1, 2)  # added to the state's own
#: For lessons whose sentence names another run beside the state's own, what it changes.
OTHERS = {"02": {"rows": 1000}, "09": {"lr": 0.1}, "11": {}, "12": {"lr": 0.01}}
GUESSING = math.log(2)


class Ran:
    """The curves of one run."""

    def __init__(self, answer: dict[str, Any]) -> None:
        history = answer["history"]
        self.batch, self.train, self.val = history["batchLoss"], history["trainLoss"], history["valLoss"]
        self.again, self.accuracy = history["trainLossRemeasured"], history["valAccuracy"]
        self.best, self.held, self.done, self.learned = (answer[key] for key in ("best", "held", "done", "learned"))
        self.words, self.answer = answer["words"], answer


@pytest.fixture(scope="module")
def runs() -> dict[str, dict[str, list[Ran]]]:
    """The runs of every state but those of pairs: from three seeds, and beside them those that a sentence names."""
    lessons = [lesson for lesson, state in states().items() if "a." not in state.fragment]
    asked = [(lesson, "own", {}) for lesson in lessons] + [(lesson, "other", OTHERS[lesson]) for lesson in OTHERS]
    cases = [
        {"fragment": states()[lesson].fragment, "change": change, "further": seed}
        for lesson, _, change in asked
        for seed in SEEDS
    ]
    answers = [Ran(answer) for answer in in_node("curves", cases, DOM_FREE)]
    found: dict[str, dict[str, list[Ran]]] = {lesson: {} for lesson in lessons}
    for k, (lesson, which, _) in enumerate(asked):
        found[lesson][which] = answers[k * len(SEEDS) : (k + 1) * len(SEEDS)]
    return found


def spread(runs: list[Ran]) -> float:
    return max(run.val[-1] for run in runs) - min(run.val[-1] for run in runs)


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


#: Whether a lesson's sentence is so, from one seed's run.
HOLDS: dict[str, Callable[[Ran], bool]] = {
    "00": lambda run: abs(run.batch[0] - GUESSING) < 0.15 and max(run.train[-1], run.val[-1]) < 0.3,
    "01": lambda run: abs(run.batch[0] - GUESSING) < 0.1 and min(run.train[-1], run.val[-1]) > 0.6,
    "03": lambda run: run.val[0] < run.train[0] - 0.05,
    "04": lambda run: (
        run.best["epoch"] < 25
        and mean(run.val[-5:]) > 1.5 * run.best["loss"]
        and mean(run.train[-5:]) < 0.8 * run.train[run.best["epoch"] - 1]
        and run.learned[run.best["epoch"] - 1] < 10
        and run.learned[-1] >= 17  # of 20
    ),
    "05": lambda run: mean([again < train for again, train in zip(run.again, run.train, strict=True)]) > 0.9,
    "06": lambda run: (
        run.done["reason"] == "early_stopping"
        and len(run.val) == run.best["epoch"] + 20
        and run.held["epoch"] == run.best["epoch"] < len(run.val)
    ),
    "09": lambda run: min(run.val) > 0.9 * GUESSING and mean([a < b for a, b in zip(run.train, run.train[1:])]) > 0.3,  # noqa: B905
    "10": lambda run: (
        run.val[-1] > 1.2 * run.best["loss"] and abs(run.accuracy[-1] - run.accuracy[run.best["epoch"] - 1]) < 0.05
    ),
    "12": lambda run: min(run.val[-1], run.train[-1]) > 0.4,
}


@pytest.mark.slow
@pytest.mark.parametrize("lesson", HOLDS)
def test_the_sentence_holds_from_three_seeds(lesson: str, runs: dict[str, dict[str, list[Ran]]]) -> None:
    for seed, run in zip(SEEDS, runs[lesson]["own"], strict=True):
        assert HOLDS[lesson](run), f"seed + {seed}: {run.words}"


@pytest.mark.slow
def test_the_sentence_holds_beside_another_run(runs: dict[str, dict[str, list[Ran]]]) -> None:
    assert spread(runs["02"]["own"]) > 3 * spread(runs["02"]["other"])
    assert all(min(run.train) < 0.4 for run in runs["09"]["other"])
    assert all(run.val[-1] < 0.02 for run in runs["12"]["other"])
    for first, second in zip(runs["11"]["own"], runs["11"]["other"], strict=True):
        assert first.answer == second.answer


@pytest.mark.slow
def test_pairs_show_what_single_runs_hide() -> None:
    luck, decay = in_node("pairs", [{"fragment": states()[n].fragment, "count": 8} for n in ("07", "08")], DOM_FREE)
    assert abs(luck["mean"]) > 2 * luck["error"], "the pairs show it"
    assert abs(luck["mean"]) < luck["unpaired"], "the runs as two groups do not"
    assert luck["differ"] == "A: batch size 16. B: batch size 32."
    assert decay["lower"] > 4
    assert decay["mean"] < -2 * decay["error"]


def test_every_state_is_a_link_that_the_page_takes() -> None:
    table = states()
    assert set(table) <= {name[:2] for name in lesson_names()}
    assert len(table) >= 12
    answers = in_node("link", [{"fragment": state.fragment} for state in table.values()], DOM_FREE)
    for state, answer in zip(table.values(), answers, strict=True):
        assert answer["told"] == []
        assert answer["written"] == state.fragment, "written as the page itself would"
        assert state.sentence.endswith(".")
        assert "?" in state.question
    assert set(HOLDS) | set(OTHERS) | {"07", "08"} == set(table), "each sentence is held"


def test_the_page_loads_what_is_there_and_nothing_else() -> None:
    files = playground_files()
    page = files["playground.html"].read_text(encoding="utf-8")
    page_script = files["playground/page.js"].read_text(encoding="utf-8")  # which asks for the digits, later
    for name, path in files.items():
        assert path.is_file()
        assert name == "playground.html" or f'"{name}"' in page + page_script
        text = path.read_text(encoding="utf-8")
        for known in ("http://www.w3.org/2000/svg", "https://doi.org/10.24432/C50P49"):  # a name, and a link
            text = text.replace(known, "")
        assert "//" not in text.replace("// ", "").replace("//\n", ""), f"{name} names another host"
