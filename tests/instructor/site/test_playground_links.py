"""Links into the playground: what they say is read with care; and the numbers and words that need no page."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playground import SETTINGS, in_node

from course_lib.instructor.site.playground import DOM_FREE

pytestmark = pytest.mark.slow

PIECES = ["lr=", "rows", "a.", "&", "%", "=", "seed", "1e5", "-0", "data", "moons", "0.1"]


def links(*fragments: str) -> list[dict[str, Any]]:
    return in_node("link", [{"fragment": fragment} for fragment in fragments], DOM_FREE)


def test_a_link_says_everything_and_nothing_twice() -> None:
    fragment = (
        "data=sine&rows=200&noise=0.2&seed=17&width=8&dropout=0.3&optimizer=adamw&lr=0.01&batch=64&decay=0.03&epochs=50"
        "&patience=5&restore=0&remeasure=1&speed=fast&accuracy=1&log=1&ends=1&smoothing=0.9&a.rows=100&a.lr=0.1"
    )
    full, empty, plain = links(fragment, "", "rows=100&epochs=100&a.rows=100")
    assert full["told"] == []
    assert full["written"] == fragment
    assert full["kept"] == full["settings"] | {"rows": 100, "lr": 0.1}
    assert empty["written"] == plain["written"] == "", "what is as at the start is left out"


@pytest.mark.parametrize(
    ("fragment", "told"),
    [
        ("lr=banana", "The link says lr=“banana”; expected one of 0.0001, 0.0002"),
        ("lr=0.0042", "0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10. Used 0.005."),
        ("seed=-1", "expected a whole number from 0 to 9999. Used 0."),
        ("seed=1.5", "expected a whole number"),
        ("seed=1e99", "expected a whole number"),
        ("seed=Infinity", "expected a whole number"),
        ("smoothing=2", "expected a number from 0 to 0.99. Used 0."),
        ("restore=yes", "expected 0 or 1. Used 1."),
        ("optimizer=constructor", "expected one of sgd, momentum, adam, adamw. Used adam."),
        ("optimizer", "The link says optimizer=“”"),
        ("depth=3", "The link sets “depth”, which this page does not have."),
        ("__proto__=1", "The link sets “__proto__”"),
        ("a.speed=fast", "The link sets “a.speed”, which this page does not have."),
        ("a.seed=3", "The link sets “a.seed”, which this page does not have."),
        ("a.lr=7", "A does not differ there."),
        ("rows=50&rows=100", "The link sets rows more than once; the first value was used."),
        ("lr=%E0%A4%A", "The link says lr=“%E0%A4%A”"),
        ("lr=" + "9" * 1000, "9" * 40 + "…"),
        ("x" * 3000, "The link has 3000 characters; expected at most 2000."),
    ],
)
def test_what_is_no_good_is_told_and_replaced(fragment: str, told: str) -> None:
    [answer] = links(fragment)
    assert len(answer["told"]) == 1
    assert told in answer["told"][0]
    allowed = {"rows=50"} if fragment.startswith("rows") else {""}
    assert answer["written"] in allowed


def test_no_link_breaks_the_page() -> None:
    @settings(max_examples=300)
    @given(st.text(max_size=60) | st.lists(st.sampled_from(PIECES)).map("".join))
    def collect(fragment: str) -> None:
        made.append(fragment)

    made: list[str] = []
    collect()
    answers = links(*made)
    again = links(*(answer["written"] for answer in answers))
    for answer, second in zip(answers, again, strict=True):
        assert second["told"] == []
        assert second["settings"] == answer["settings"], "what was used is what its own link says"


def test_random_numbers_are_spread_as_they_should_be() -> None:
    first, second, other = in_node(
        "numbers", [{"words": words, "count": 20_000} for words in ([1, 2], [1, 2], [1, 3])], DOM_FREE
    )
    assert first == second
    assert first["uniform"][:5] != other["uniform"][:5]
    uniform, normal = np.array(first["uniform"]), np.array(first["normal"])
    assert uniform.min() >= 0 > uniform.max() - 1
    assert abs(uniform.mean() - 0.5) < 0.01
    assert abs(np.corrcoef(uniform[:-1], uniform[1:])[0, 1]) < 0.03
    assert abs(normal.mean()) < 0.03
    assert abs(normal.std() - 1) < 0.02
    assert abs((np.abs(normal) < 1.96).mean() - 0.95) < 0.01
    assert sorted(first["order"]) == list(range(20_000))
    assert first["order"] != sorted(first["order"])


def test_rows_are_what_their_settings_say() -> None:
    many = SETTINGS | {"rows": 1000, "noise": 0.2}
    few, moons, clean, sine = in_node(
        "data",
        [{"settings": many | change} for change in ({"rows": 100}, {}, {"noise": 0}, {"data": "sine", "noise": 0.3})],
    )
    assert moons["train"]["x"][:200] == few["train"]["x"], "fewer rows are the first of more rows"
    assert moons["val"] == few["val"], "and the validation rows stay"
    assert sum(moons["train"]["flipped"]) == 200
    assert sum(moons["val"]["flipped"]) == 80
    flips = [a != b for a, b in zip(moons["train"]["y"], clean["train"]["y"], strict=True)]
    assert flips == [bool(slip) for slip in moons["train"]["flipped"]]
    assert sum(clean["train"]["flipped"]) == 0
    off = np.array(sine["train"]["y"]) - np.sin(4 * np.array(sine["train"]["x"]))
    assert abs(off.std() - 0.3) < 0.03
    assert abs(off.mean()) < 0.03


def test_digits_are_those_of_scikit_learn() -> None:
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    known = {tuple(row): label for row, label in zip(x[:1000].astype(int).tolist(), y[:1000].tolist(), strict=True)}
    settings = SETTINGS | {"data": "digits", "noise": 0.3, "rows": 2000}
    all_rows, few = in_node("data", [{"settings": settings}, {"settings": settings | {"rows": 30}}], DOM_FREE)
    assert (all_rows["train"]["rows"], all_rows["val"]["rows"], few["train"]["rows"]) == (600, 400, 30)
    assert all_rows["train"]["x"][: 30 * 64] == few["train"]["x"], "fewer rows are the first of more rows"
    assert all_rows["val"] == few["val"]
    seen = set()
    for part in (all_rows["train"], all_rows["val"]):
        rows = (16 * np.array(part["x"]).reshape(-1, 64)).astype(int).tolist()
        for row, label, wrong in zip(map(tuple, rows), part["y"], part["flipped"], strict=True):
            assert (known[row] != label) == bool(wrong)
            seen.add(row)
        assert sum(part["flipped"]) == 0.3 * part["rows"]
        assert set(part["y"]) == set(range(10))
    assert len(seen) == len(known), "no digit is in both parts"


def test_pairs_are_compared_as_lesson_07_does() -> None:
    rows = [{"a": 1.0, "b": 0.9}, {"a": 2.0, "b": 1.7}, {"a": 3.0, "b": 3.1}, {"a": math.inf, "b": 1}]
    rows[-1]["a"] = None
    [words] = in_node("say", [{"rows": rows}], DOM_FREE)
    difference = np.array([-0.1, -0.3, 0.1])
    error = difference.std(ddof=1) / np.sqrt(3)
    apart = np.hypot(np.std([1, 2, 3], ddof=1), np.std([0.9, 1.7, 3.1], ddof=1)) / np.sqrt(3)
    assert words == (
        f"B minus A: −0.1 ± {error:.3g}, the mean of 3 paired differences and its standard error. "
        f"B is lower in 2 of 3 pairs. Without pairs the same runs would say ± {apart:.3g}. "
        "Left out: 1 with a loss that became no number."
    )


def test_losses_of_other_data_are_not_compared() -> None:
    [pairs] = in_node("pairs", [{"fragment": "data=sine&a.data=moons&epochs=1", "count": 2}], DOM_FREE)
    assert pairs["comparable"] is False
    assert pairs["differ"].startswith("A is on two moons, B on noisy sine: their losses are different quantities")
    [pairs] = in_node("pairs", [{"fragment": "rows=10&epochs=1&seed=9999&a.lr=0.1", "count": 2}], DOM_FREE)
    assert pairs["comparable"] is True
    assert [row["seed"] for row in pairs["rows"]] == [9999, 0]
    change = [{"seed": seed, "lr": lr} for seed in (9999, 0) for lr in (0.1, 0.005)]
    alone = in_node("curves", [{"fragment": "rows=10&epochs=1", "change": one} for one in change], DOM_FREE)
    assert [loss for row in pairs["rows"] for loss in (row["a"], row["b"])] == [run["held"]["loss"] for run in alone]


def test_words_say_what_the_run_recorded() -> None:
    fragment = "rows=50&epochs=50&patience=5"
    changes = [{}, {"patience": 0}, {"restore": False}]
    run, plain, kept = in_node("curves", [{"fragment": fragment, "change": change} for change in changes], DOM_FREE)
    assert plain["words"][1].startswith(
        "All 50 epochs are done. The model is that of epoch 50, with a validation loss of"
    )
    assert f"The model is that of epoch {len(kept['history']['valLoss'])}, with" in kept["words"][1]
    now, end, model = run["words"]
    broken = {"data": "sine", "optimizer": "momentum", "lr": 10, "patience": 0}
    [lost] = in_node("curves", [{"fragment": fragment, "change": broken}], DOM_FREE)
    assert "The loss became inf in batch" in lost["words"][1]
    assert lost["words"][1].endswith("The model is of no use now.")
    assert lost["words"][2] == "The network's loss on the training rows is no longer a number."
    best, last = run["best"], len(run["history"]["valLoss"])
    assert f"After epoch {last}: training loss {run['history']['trainLoss'][-1]:.3g}" in now
    assert f"lowest after epoch {best['epoch']} ({best['loss']:.3g})" in now
    assert end.startswith(f"Early stopping after epoch {last}: validation loss has not improved for 5 epochs")
    assert f"the model is that of epoch {best['epoch']}, with a validation loss of {best['loss']:.3g}" in end
    assert "of the 5 rows whose label is wrong" in model
