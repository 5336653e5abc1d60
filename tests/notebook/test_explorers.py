"""The explorers without a browser: their states, their words, their numbers, their size."""

from __future__ import annotations

import gc
import itertools
import random
from pathlib import Path

import numpy as np
import pytest

import course_lib
from course_lib import explorers
from course_lib.notebook.explorer.base import Choice, Explorer, Scene, Slider, Toggle, canvas
from course_lib.notebook.host import has_widgets

NAMES = list(explorers.__all__)


@pytest.fixture(params=NAMES)
def explorer(request):
    return getattr(explorers, request.param)()


def simple(**options):
    def picture(values):
        figure, _ = canvas()
        return Scene(figure, f"Height {values['height']}.", "It moved.")

    return Explorer("A <line>", [Slider("height", "Height", [1, 2, 3], 2), Toggle("on", "Shown", True)], picture)


def test_the_base_says_what_changed_and_only_that():
    one = simple()
    assert one.answer({"height": 3}).words == "Height 3 (was 2). It moved."
    assert one.answer({"height": 3}).words == "It moved."
    assert one.answer({"on": False, "height": 1}).words == "Height 1 (was 3). Shown off (was on). It moved."
    assert one.defaults == {"height": 2, "on": True}


def test_the_base_refuses_what_is_not_offered():
    with pytest.raises(KeyError, match="the controls are height, on"):
        simple().answer({"depth": 1})
    with pytest.raises(ValueError, match=r"expected one of \[1, 2, 3\]"):
        simple().answer({"height": 4})
    with pytest.raises(ValueError, match="is not one of"):
        Explorer("x", [Choice("a", "A", ["b"], "c")], lambda values: None)  # type: ignore[arg-type, return-value]


def test_the_default_state_is_html_that_needs_no_kernel():
    html = simple().html()
    assert "A &lt;line&gt;" in html
    assert '<img alt="Height 2."' in html
    assert "<script" not in html


class Wire:
    def __init__(self):
        self.sent = []

    def send(self, content, buffers):
        self.sent.append((content, buffers))


def test_the_browser_gets_a_picture_or_is_told_why_not():
    one, wire = simple(), Wire()
    one._on_message(wire, {"kind": "ask", "asked": 7, "places": {"height": 0, "on": 1}}, [])
    content, (png,) = wire.sent[-1]
    assert (content["asked"], content["words"]) == (7, "Height 1 (was 2). It moved.")
    assert bytes(png[:4]) == b"\x89PNG"
    one.picture = lambda values: 1 / 0
    one._on_message(wire, {"kind": "ask", "asked": 8, "places": {"height": 1, "on": 1}}, [])
    assert "could not be drawn: division by zero" in wire.sent[-1][0]["words"]


@pytest.mark.slow
def test_every_explorer_draws_any_state_and_says_something(explorer):
    rng = random.Random(0)
    states = list(itertools.product(*[list(c.values) for c in explorer.controls]))
    for state in rng.sample(states, min(12, len(states))):
        scene = explorer.answer(dict(zip((c.name for c in explorer.controls), state, strict=True)))
        assert len(scene.alt) > 60
        assert scene.words.endswith((".", ")"))
        assert "nan" not in scene.words.lower().split()
        assert all(ax.get_ylabel() for ax in scene.figure.axes)


def test_every_explorer_gives_the_same_answer_to_the_same_state(explorer):
    moved = {c.name: list(c.values)[-1] for c in explorer.controls}
    first = explorer.answer(moved)
    explorer.answer(explorer.defaults)
    again = explorer.answer(moved)
    assert (first.alt, first.rows) == (again.alt, again.rows)


@pytest.mark.slow
def test_every_explorer_leaves_at_most_60_kB(explorer):
    assert len(explorer.html()) < 61_000


def test_precomputed_data_is_small():
    files = list(Path(course_lib.__file__).parent.glob("lessons/*/material/*"))
    assert len(files) > 1
    assert sum(file.stat().st_size for file in files) < 1e6


@pytest.mark.parametrize(
    ("on", "weights", "statistics"),
    [([], "same", "same"), (["training"], "same", "changed"), (["training", "gradients"], "same", "changed"),
     (["gradients", "backward"], "same", "same"), (["gradients", "backward", "step"], "changed", "same"),
     (["training", "gradients", "backward", "step"], "changed", "changed"), (["backward", "step"], "same", "same")],
)  # fmt: skip
@pytest.mark.parametrize("framework", ["pytorch", pytest.param("keras", marks=pytest.mark.slow)])
def test_what_changes_in_each_mode(framework, on, weights, statistics):
    scene = explorers.modes(framework).answer(dict.fromkeys(on, True))
    rows = dict(scene.rows)
    assert weights in rows["weights and biases"]
    assert statistics in rows["batch-norm statistics"]
    assert ("agree" in scene.words) == ("training" not in on)


def test_modes_leaves_the_random_state_alone():
    torch = pytest.importorskip("torch")
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    explorers.modes("pytorch").answer({"training": True})
    assert torch.equal(torch.rand(3), expected)


def test_noise_falls_with_the_root_of_the_batch_size():
    from course_lib.lessons.l03_tracking_loops.explorer import _scatter, _train

    for size in (8, 16, 32, 64):
        batch, _, _, rows = _train(size, 0.1)
        assert 0.6 < _scatter(batch[-(1437 // size) :]) / (rows.std() / np.sqrt(size)) < 1.6


def test_splits_keep_their_promise():
    from course_lib.lessons.l02_train_val_split import explorer as split

    for kind, way in itertools.product((split.SINE, split.PEOPLE, split.TIME, split.RARE), (
        split.RANDOM, split.LAST, split.STRATIFIED, split.GROUP, split.BEFORE,
    )):  # fmt: skip
        rows = split._rows(kind)
        val = split._validation(rows, way, 0.2, 0)
        assert 0 < val.sum() < len(val)
    people = split._rows(split.PEOPLE)
    val = split._validation(people, split.GROUP, 0.2, 1)
    assert not set(people.group[val]) & set(people.group[~val])
    rare = split._rows(split.RARE)
    val = split._validation(rare, split.STRATIFIED, 0.2, 1)
    assert abs(rare.y[val].mean() - rare.y.mean()) < 0.02


def test_the_last_rows_of_a_sorted_sine_report_far_too_high_a_loss():
    scene = explorers.split_chooser().answer({"way": "the last rows"})
    assert "asks for what the model will not have to do" in scene.words


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.1, 0.2, 0.3, 0.4, 0.5])
def test_the_right_split_comes_nearest_to_the_truth_whatever_the_share(share):
    from course_lib.lessons.l02_train_val_split import explorer as split

    def ratio(kind, way):
        reported, true = split._scores(kind, way, share)
        return true.mean() / reported.mean()

    for kind, way in (
        (split.SINE, split.RANDOM), (split.PEOPLE, split.GROUP), (split.TIME, split.BEFORE),
        (split.RARE, split.STRATIFIED),
    ):  # fmt: skip
        assert 0.8 < ratio(kind, way) < 1.3
        scene = explorers.split_chooser().answer({"rows": kind, "way": way, "share": share})
        assert "On average it is close to the truth." in scene.words
    assert ratio(split.SINE, split.LAST) < 0.6
    assert ratio(split.PEOPLE, split.RANDOM) > 3
    assert ratio(split.PEOPLE, split.LAST) > 3
    assert ratio(split.TIME, split.RANDOM) > 3  # "several times too low"
    spread = {way: split._scores(split.RARE, way, share)[0].std() for way in (split.RANDOM, split.STRATIFIED)}
    assert spread[split.STRATIFIED] < 0.95 * spread[split.RANDOM]
    rare = split._rows(split.RARE)
    assert rare.y.mean() == pytest.approx(rare.fresh_y.mean())


def test_one_year_tells_little_of_what_days_to_come_may_bring():
    from course_lib.lessons.l02_train_val_split import explorer as split

    def off(kind, way):
        """How far single tables' reports are from their truth, as a share of the average truth."""
        reported, true = split._scores(kind, way, 0.2)
        return (reported - true).std() / true.mean()

    others = (split.SINE, split.RANDOM), (split.PEOPLE, split.GROUP), (split.RARE, split.STRATIFIED)
    assert off(split.TIME, split.BEFORE) > max(1, *(off(*other) for other in others))
    reported, true = split._scores(split.TIME, split.BEFORE, 0.2)
    shown = reported[split.SEEDS] / true[split.SEEDS]
    assert shown.min() < 0.67  # some of the eight years promise too little ...
    assert shown.max() > 1.5  # ... and some too much


def test_early_stopping_stops_where_the_rule_does():
    from course_lib.lessons.l06_early_stopping.explorer import PLATEAU, _curve
    from course_lib.training.early_stopping import EarlyStopping

    rule = EarlyStopping(patience=5)
    stop = next(k for k, v in enumerate(_curve(PLATEAU), 1) if rule.step(float(v)))
    rows = dict(explorers.early_stopping().answer({"curve": PLATEAU, "patience": 5, "epoch": 30}).rows)
    assert rows["stopped"] == f"after epoch {stop}"
    words = explorers.early_stopping().answer({"patience": 1, "epoch": 30}).words
    assert "It stops after epoch 10, 1 epoch after the best one, 9." in words


def test_confidence_is_minus_the_logarithm():
    words = explorers.confidence().answer({"right": 0.2}).words
    assert f"{-np.log(0.2):.3f}" in words


@pytest.mark.slow
def test_confidence_calls_a_tie_only_what_the_right_class_shares():
    from course_lib.lessons.l01_loss_basics.explorer import ONE, PROBABILITIES, SHARED

    def verdict(right, rest):
        return explorers.confidence().answer({"right": right, "rest": rest}).words.split("the answer is ")[1]

    assert [p for p in PROBABILITIES if "a tie" in verdict(p, SHARED)] == [0.2]
    assert [p for p in PROBABILITIES if "a tie" in verdict(p, ONE)] == [0.5]
    for p in (0.001, 0.01, 0.05, 0.1):
        assert verdict(p, SHARED) == "wrong (4 classes tie for first place, none of them right)."


def test_an_unknown_explorer_is_told_with_the_known_ones():
    with pytest.raises(AttributeError, match="batch_noise, capacity"):
        _ = explorers.nothing


def test_no_widget_is_opened_outside_a_front_end(monkeypatch):
    assert not has_widgets()
    monkeypatch.setenv("COURSE_WIDGETS", "1")
    assert not has_widgets(), "there is no kernel here, whatever is asked for"


@pytest.mark.slow
def test_moving_an_explorer_sets_off_no_full_garbage_collection_and_keeps_no_figure() -> None:
    explorer = explorers.confidence()
    rounds: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        rounds.append(info["generation"])

    values = [{control.name: value} for control in explorer.controls for value in control.values]
    explorer.reply(values[0])
    gc.collect()
    before = len(gc.get_objects())
    gc.callbacks.append(note)
    try:
        for _ in range(5):
            for value in values:
                explorer.reply(value)
    finally:
        gc.callbacks.remove(note)
    assert 2 not in rounds
    gc.collect()  # what young rounds have not got to yet is not kept
    assert len(gc.get_objects()) < before + 1000
    assert gc.isenabled()


def test_a_single_one_of_a_unit_has_no_plural() -> None:
    slider = Slider("every", "Logged every", [1, 2], 1, "steps")
    explorer = Explorer("Smoothing", [slider], lambda values: None)  # type: ignore[arg-type, return-value]
    texts = explorer.specification()[0]["texts"]
    assert texts == ["1 step", "2 steps"]
