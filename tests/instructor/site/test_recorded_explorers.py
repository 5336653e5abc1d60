"""Explorers recorded for pages: every state once, nothing left out in silence, the same bytes each time."""

from __future__ import annotations

import gzip
import itertools
import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import only_with_the_lock

import course_lib
from course_lib import explorers
from course_lib.commands.cli import main
from course_lib.instructor.proof.sources import Sources
from course_lib.instructor.site.explorers import (
    CannotRecord,
    command,
    names,
    outdated,
    read_recording,
    record,
    recording_file,
    rooms,
    write,
    write_recording,
)
from course_lib.instructor.site.explorers.packing import LETTERS, chosen, packed, packed_points
from course_lib.instructor.site.explorers.panels import SPINES, panels
from course_lib.instructor.site.explorers.pen import lean
from course_lib.instructor.site.explorers.recorder import open_explorer
from course_lib.instructor.site.explorers.recording import FORMAT, record_explorer
from course_lib.instructor.site.explorers.sketch import sketched
from course_lib.instructor.site.explorers.states import THINNED, Asked, paths, thinned
from course_lib.notebook.explorer.base import Choice, Explorer, Scene, Slider, Toggle, canvas
from course_lib.notebook.explorer.palette import DARK_PAGE, PALETTE, stylesheet
from course_lib.notebook.explorer.recorded import SCRIPTS, recorded
from course_lib.plots.output import pngs
from course_lib.trouble import CourseError

pytestmark = pytest.mark.slow

#: Where they lie; a test writes elsewhere.
real_file = recording_file


def unpacked(text):
    numbers, now, value, shift = [], 0, 0, 0
    for letter in text:
        six = LETTERS.index(letter)
        value |= (six & 31) << shift
        shift += 5
        if not six & 32:
            now += -(value >> 1) if value & 1 else value >> 1
            numbers.append(now)
            value = shift = 0
    return numbers


@given(st.lists(st.integers(-(10**6), 10**6)))
def test_packed_numbers_come_back(numbers):
    assert unpacked(packed(numbers)) == numbers


def test_the_page_reads_the_letters_that_were_written():
    assert f'const LETTERS = "{LETTERS}";' in SCRIPTS[0].read_text(encoding="utf-8")


def test_points_are_chosen_as_often_as_they_are_there():
    among = [(1, 1), (1, 1), (2, 2), *((k, 0) for k in range(10))]
    bits = chosen([1, 1, 9, 0], among)
    there = [k for k in range(len(among)) if LETTERS.index(bits[k // 6]) >> k % 6 & 1]
    assert [among[k] for k in there] == [(1, 1), (9, 0)]
    with pytest.raises(ValueError, match=r"not among the others: \[\(2, 2\)\]"):
        chosen([2, 2, 2, 2], among)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1))
def test_a_lean_line_has_its_corners_and_goes_nowhere_else(points):
    line, kept = np.array(points), lean(np.array(points))
    assert kept[0].tolist() == line[0].tolist()
    assert kept[-1].tolist() == line[-1].tolist()

    def on_the_way(at, ways):
        return any(
            (b[0] - a[0]) * (at[1] - a[1]) == (b[1] - a[1]) * (at[0] - a[0])
            and all(min(p, q) <= v <= max(p, q) for p, q, v in zip(a, b, at, strict=True))
            for a, b in ways
        )

    ways = list(itertools.pairwise(kept.tolist())) or [(kept[0].tolist(), kept[0].tolist())]
    assert all(on_the_way(point, ways) for point in line.tolist())
    assert all(point in line.tolist() for point in kept.tolist())


def one_slider(picture):
    return Explorer("Some", [Slider("a", "A", [1, 2, 3], 2), Toggle("b", "B", True)], picture)


def test_what_a_picture_does_not_ask_for_is_drawn_once():
    def picture(values):
        figure, _ = canvas()
        return Scene(figure, "A line.", f"{values['a']}, {values['b'] if values['a'] == 1 else '-'}.")

    explorer = one_slider(picture)
    seen = [(picture(asked).words, asked.path) for asked in paths(explorer)]
    assert seen == [
        ("1, False.", [(0, 0), (1, 0)]), ("1, True.", [(0, 0), (1, 1)]), ("2, -.", [(0, 1)]), ("3, -.", [(0, 2)]),
    ]  # fmt: skip
    content = json.loads(record_explorer("some", explorer).content)
    assert content["tree"] == [0, [1, 0, 1], 2, 3]
    assert [content["texts"][k] for k in content["states"]["words"]] == ["1, False.", "1, True.", "2, -.", "3, -."]
    assert dict(Asked(explorer, [(1, 1)])) == {"a": 1, "b": True}


@pytest.mark.parametrize("name", ["smoothing", "counting", "on_disk"])
def test_the_tree_leads_every_combination_to_its_own_words(name):
    explorer, _ = open_explorer(name)
    known = {}

    def remembered(values):  # what is drawn is the business of other tests
        figure, _ = canvas()
        key = tuple(values[control.name] for control in explorer.controls)
        return Scene(figure, "-", known.setdefault(key, str(key)))

    few = [c if isinstance(c, Toggle) else replace(c, values=list(c.values)[:2], value=c.values[0])
           for c in explorer.controls[:5]]  # fmt: skip
    explorer = Explorer("Few", few, remembered)
    content = json.loads(record_explorer("few", explorer).content)
    for places in itertools.product(*[range(len(c.values)) for c in few]):
        node = content["tree"]
        while isinstance(node, list):
            node = node[1 + places[node[0]]]
        words = content["texts"][content["states"]["words"][node]]
        assert words == str(tuple(c.values[k] for c, k in zip(few, places, strict=True)))


@pytest.mark.parametrize("name", names())
def test_what_lies_in_a_room_is_of_the_explorer_that_is_there(name):
    """By what it was recorded from; tests/browser draws some of the states."""
    assert outdated([name]) == []


def test_a_notebook_finds_what_was_recorded(tmp_path):
    for name in names():
        explorer, _, track = name.partition("-")
        one = getattr(explorers, explorer)(*([track] if track else []))
        if name in THINNED:
            assert one.recording is None, "in a notebook the kernel draws: it has values that no recording has"
            continue
        assert one.recording == recording_file(name)
        known = recorded(one.recording, one.specification())
        assert json.loads(gzip.decompress(known))["format"] == FORMAT
        assert recorded(one.recording, one.specification()[1:]) == b"", "of other controls"
    assert len(list(Path(course_lib.__file__).parent.glob("lessons/*/recorded/*"))) == len(names())
    damaged = tmp_path / "some.json.gz"
    for content in (known[:-9], known[:9] + b"xx" + known[11:], b"", gzip.compress(b"[]"), gzip.compress(b"{")):
        damaged.write_bytes(content)
        assert recorded(damaged, one.specification()) == b""
    assert recorded(tmp_path / "missing", one.specification()) == b""


def test_recordings_are_small():
    assert sum(recording_file(name).stat().st_size for name in names()) < 700_000


@pytest.mark.slow
@only_with_the_lock
def test_what_is_recorded_again_has_the_same_bytes():
    (first,) = record(["confidence"], jobs=1, progress=False)
    assert list(record(["confidence"], jobs=2, progress=False)) == [first]
    assert read_recording("confidence") == first


def test_a_recording_hangs_on_the_explorer_and_on_what_records(monkeypatch):
    def number(edit=None):
        read = (lambda path: path.read_bytes().replace(b"0.5", b"0.4" if path == edit else b"0.5")) if edit else None
        return rooms._made_from("smoothing", Sources(*([read] if read else []), without=rooms.apart))

    package = Path(course_lib.__file__).parent
    before = number()
    assert number(package / "lessons/l07_noisy_curves/explorer.py") != before
    assert number(package / "lessons/l01_loss_basics/explorer.py") == before
    assert number(package / "notebook/explorer/palette.py") == before
    monkeypatch.setattr(rooms, "_MADE_BY", rooms._MADE_BY[:-1])
    assert number() != before


def test_what_changes_while_it_is_recorded_is_not_kept():
    (recording,) = record(["confidence"], jobs=1, progress=False)
    explorer = Path(course_lib.__file__).parent / "lessons/l01_loss_basics/explorer.py"
    older = Sources(lambda path: path.read_bytes() + b"\nmore = 1" * (path == explorer), without=rooms.apart)
    before = recording_file("confidence").read_bytes()
    with pytest.raises(CourseError, match="its sources changed while confidence was recorded"):
        write_recording(recording, older)
    assert recording_file("confidence").read_bytes() == before


@only_with_the_lock
def test_the_command_records_what_is_missing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(rooms, "recording_file", lambda name: tmp_path / "room" / f"{name}.json.gz")
    monkeypatch.setattr(command, "recording_file", rooms.recording_file)
    monkeypatch.setattr(command, "course_root", lambda: tmp_path)
    assert main(["explorers", "--check", "01"]) == 1
    assert "confidence.json.gz: was not recorded from the explorer that is there" in capsys.readouterr().out
    assert main(["explorers", "01", "--jobs", "1"]) == 0
    assert "1 explorers: 1 recorded" in capsys.readouterr().out
    written = (tmp_path / "room" / "confidence.json.gz").read_bytes()
    assert gzip.decompress(written) == gzip.decompress(real_file("confidence").read_bytes())
    assert main(["explorers", "--check", "01"]) == 0
    for refused, why in (
        (["--check", "--jobs", "2"], "--check records nothing"),
        (["--jobs", "0"], "expected 1 or more"),
    ):
        assert main(["explorers", "01", *refused]) == 1
        assert why in capsys.readouterr().err
    assert main(["explorers", "01"]) == 0
    assert "1 explorers: 0 recorded" in capsys.readouterr().out
    (tmp_path / "room" / "confidence.json.gz").write_bytes(written[:-5])
    assert main(["explorers", "--check", "01"]) == 1
    with pytest.raises(CourseError, match=r"was not recorded from its explorer; run `course explorers`"):
        read_recording("confidence")


def test_each_lesson_has_its_recordings():
    assert {lesson: len(names(f"{lesson:02}")) for lesson in range(13)} == {0: 0, 5: 2} | {
        k: 1 for k in range(1, 13) if k != 5
    }
    with pytest.raises(CourseError, match="no lesson '99'; there are 00_start_here, 01_loss_basics"):
        names("99")
    with pytest.raises(CourseError, match="no explorer 'loudness' to record; there are confidence"):
        list(record(["loudness"]))
    with pytest.raises(CourseError, match="expected 1 or more"):
        list(record(["confidence"], jobs=0))


def test_a_page_says_which_values_it_has():
    explorer, note = open_explorer("every_number")
    assert note.startswith("This page has some of the controls’ values (4 of 8 for “Separation of the classes”; ")
    assert note.endswith("The notebook has them all.")
    assert [len(c.values) for c in explorer.controls] == [2, 4, 3, 6, 2, 3, 2]
    assert all(open_explorer(name)[1] == "" for name in names() if name != "every_number")


def test_values_are_kept_only_where_there_are_some(monkeypatch):
    from course_lib.instructor.site.explorers import states

    monkeypatch.setitem(states.THINNED, "some", {"a": [1, 3]})
    with pytest.raises(ValueError, match=r"keep some of these, the default 2 among them"):
        thinned("some", one_slider(lambda values: None))


def drawn(draw):
    figure, (ax,) = canvas()
    draw(figure, ax)
    return panels(figure)


@pytest.mark.parametrize(
    ("draw", "reason"),
    [
        (lambda figure, ax: figure.suptitle("Above"), "a figure's own Text"),
        (lambda figure, ax: ax.twinx(), "one over the other"),
        (lambda figure, ax: ax.set_xlabel("$x^2$") and ax.set_title("$x^2$", loc="left"), "mathematics"),
        (lambda figure, ax: ax.bar([0], [1], hatch="x"), "hatch 'x'"),
        (lambda figure, ax: ax.text(0, 0, "up", rotation=90), "turned by 90"),
        (lambda figure, ax: ax.imshow([[0, 1]], interpolation="bilinear"), "interpolation 'bilinear'"),
        (lambda figure, ax: ax.tick_params(rotation=30), "ticks with"),
        (lambda figure, ax: ax.xaxis.tick_top(), "ticks with"),
        (lambda figure, ax: ax.plot([0, 1], [1e9, 1e9 + 1]), "an axis in units of"),
        (lambda figure, ax: ax.set_ylabel("$y$"), "mathematics"),
        (lambda figure, ax: ax.set_yticks([0], ["two\nlines"]), "several lines"),
    ],
)
def test_what_the_page_would_not_draw_is_refused(draw, reason):
    with pytest.raises(CannotRecord, match=reason):
        drawn(draw)


def test_markevery_steps_and_order_are_matplotlibs_own():
    def draw(figure, ax):
        ax.plot(range(11), range(11), marker="o", markevery=5, zorder=3)
        ax.step([0, 10], [0, 10], where="post", zorder=1)
        ax.set(xlim=(0, 10), ylim=(0, 10))

    [(_, artists)] = drawn(draw)
    (steps,), spines, (line, marks) = artists
    assert spines == SPINES
    assert steps["p"] == [0, 0, 1000, 0, 1000, 1000]
    assert line["p"] == [0, 0, 1000, 1000]
    assert marks["p"] == [0, 0, 500, 500, 1000, 1000]


def test_a_label_on_a_bar_stands_on_it():
    def draw(figure, ax):
        ax.bar([0], [4], width=1)
        ax.text(0, 4, "4", ha="center", va="bottom")
        ax.set(xlim=(-1, 1), ylim=(0, 8))

    [(frame, artists)] = drawn(draw)
    (bar,), (text,) = (one for one in artists if one != SPINES)
    assert bar["p"] == [250, 0, 750, 0, 750, 500, 250, 500, 250, 0]
    assert text["a"] == "center"
    descent = (text["p"][1] - 500) / 1000 * frame["box"][3]
    assert text["p"][0] == 500
    assert 2 < descent < 5, "its baseline is a descender's length above the bar"


def test_powers_on_a_logarithmic_axis_are_plain_text():
    [(frame, _)] = drawn(lambda figure, ax: ax.set(yscale="log", ylim=(0.15, 150)))
    assert [text for _, text in frame["y"]["k"]] == ["10⁰", "10¹", "10²"]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in names() if name != "modes-keras"])
def test_pictures_that_ask_the_same_of_a_figure_are_the_same(name):
    explorer, _ = open_explorer(name)
    rng, found = random.Random(name), {}
    state = dict(explorer.defaults)
    for _ in range(14):
        control = rng.choice(explorer.controls)
        state[control.name] = rng.choice(list(control.values))
        known = sketched(explorer.picture, state)
        assert (known is None) == (name == "capacity"), "its curves read the figure's legend"
        scene = explorer._scene(state)
        if known:
            assert (known[1].words, known[1].alt, known[1].rows) == (scene.words, scene.alt, scene.rows)
            found.setdefault(known[0], []).append(panels(scene.figure))
    assert all(one == some[0] for some in found.values() for one in some)
    assert len({str(some[0]) for some in found.values()}) == len(found), "no picture has two numbers"


def test_what_a_sketch_cannot_note_is_drawn():
    def limits(values):
        figure, (ax,) = canvas()
        ax.plot([0, values["a"]], [0, 1])
        ax.set_title(f"to {ax.get_xlim()[1]:.1f}", loc="left")
        return Scene(figure, "A line.", "A line.")

    explorer = one_slider(limits)
    assert sketched(limits, explorer.defaults) is None
    assert len(json.loads(record_explorer("some", explorer).content)["pictures"]) == 3

    def held(values):
        figure, (ax,) = canvas()
        ax.xaxis.set_major_formatter(lambda value, place: f"{value + values['a']:g}")
        return Scene(figure, "Ticks.", "Ticks.")

    assert sketched(held, explorer.defaults) is None
    assert len(json.loads(record_explorer("some", one_slider(held)).content)["pictures"]) == 3


def test_a_copied_canvas_is_drawn_as_a_new_one():
    from course_lib.notebook.explorer.drawing import _BLANK, _new
    from course_lib.plots import style

    _BLANK.clear()
    for _ in range(2):
        figures = [canvas(2)[0]]
        with style():
            figures.append(_new(2, 7.4, 3.3))
            for figure in figures:
                figure.axes[0].plot([1, 2], [3, 1], label="some")
                figure.axes[0].legend()
                figure.axes[1].set(xscale="log", xlim=(1, 1000), title="Right", ylabel="y")
        assert pngs(figures[0]) == pngs(figures[1])


def contrast(a, b):
    def light(color):
        parts = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
        return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))

    low, high = sorted([light(a), light(b)])
    return (high + 0.05) / (low + 0.05)


def test_on_a_dark_page_a_color_stands_out_as_much_as_on_a_light_one():
    for color, dark in PALETTE.items():
        before = contrast(color, "#ffffff")
        assert contrast(dark, DARK_PAGE) >= min(before, 4.5), color
    css = stylesheet()
    assert css.count("--course-0072b2: #56b4e9;") == 2
    assert css.count("--course-0072b2: #0072b2;") == 2, "at first, and on paper"


def test_what_is_written_needs_nothing_else(tmp_path):
    recordings = [read_recording("confidence")]
    written = write(recordings, tmp_path / "explorers")
    assert sorted(path.name for path in written) == ["confidence.js", "explorer.css", "explorer.js"]
    text = (tmp_path / "explorers" / "confidence.js").read_text(encoding="utf-8")
    assert json.loads(text[text.index(",") + 1 : text.rindex(")")])["title"] == "Confidence and cross-entropy"
    figure = recordings[0].figure("../_static/explorers")
    assert figure.startswith('<figure class="course-explorer" data-recording="../_static/explorers/confidence.js">')
    assert '<img alt="Left: bars of the probabilities' in figure
    assert "<script" not in figure


def test_what_a_learner_may_read_is_escaped():
    def picture(values):
        figure, _ = canvas()
        return Scene(figure, 'A "quoted" <alt>.', f"<b>{values['a']}</b>", [("<i>", "&")])

    explorer = Explorer("<title>", [Choice("a", "A", ["<x>"], "<x>")], picture)
    recording = record_explorer("some", explorer)
    figure = recording.figure('"><script>')
    assert "<b>" not in figure
    assert "<i>" not in figure
    assert "<script>" not in figure
    assert "</script" not in record_explorer("some", explorer).script().lower()


def test_points_come_packed_by_axis():
    assert packed_points([0, 5, 1, 5]) == [packed([0, 1]), packed([5, 5])]
