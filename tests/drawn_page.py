"""A page that shows some states of a recorded explorer, held against what matplotlib draws of them."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from PIL import Image, ImageFilter

from course_lib.instructor.site.explorers import write
from course_lib.instructor.site.explorers.panels import _plain
from course_lib.instructor.site.explorers.pen import text_size
from course_lib.instructor.site.explorers.recorder import open_explorer
from course_lib.instructor.site.explorers.recording import Recording, record_explorer
from course_lib.notebook.explorer.base import Explorer, Slider

FONT = Path(mpl.get_data_path()) / "fonts/ttf/DejaVuSans.ttf"
#: Pixels by which a text may lie elsewhere, held by its left end, its middle or its right end.
TEXT_ASIDE, TEXT_UP = 2.0, 1.5
#: Thousandths of an Axes by which a point may lie elsewhere: half of one by rounding, and the page's 0.01 pixels.
NEAR = 0.56
#: Of 255, what a few pixels may differ by when shifts by one are allowed: matplotlib puts marks on whole pixels, and
#: dashes may begin elsewhere.
FAINT = 60.0

READ_TEXTS = """() => [...document.querySelectorAll('.course-panel text')].filter((t) => t.textContent).map((t) => {
  const { left, right, top, bottom } = t.getBoundingClientRect(), svg = t.ownerSVGElement;
  const scale = svg.getBoundingClientRect().height / svg.viewBox.baseVal.height;
  return { words: t.textContent, left, middle: (left + right) / 2, right, y: (top + bottom) / 2,
           line: svg.getBoundingClientRect().top + Number(t.getAttribute('y')) * scale };
})"""
READ_PATHS = """() => [...document.querySelectorAll('.course-panel')].map((svg) => {
  const numbers = (node, names) => names.map((name) => Number(node.getAttribute(name)));
  const parts = (g) => [...g.children].filter((part) => ['path', 'text', 'rect'].includes(part.tagName));
  return { box: numbers(svg.querySelector('clipPath rect'), ['x', 'y', 'width', 'height']),
           lines: [...svg.querySelectorAll('.course-frame line')].map((l) => numbers(l, ['x1', 'y1', 'x2', 'y2'])),
           artists: [...svg.querySelectorAll('[data-artist]')].map((g) =>
             parts(g).map((part) => part.getAttribute('d') ?? part.tagName)) };
})"""
MOVE = """(places) => [...document.querySelectorAll('.course-control')].forEach((box, k) => {
  const control = box.querySelector('input, select');
  if (control.type === 'checkbox') control.checked = places[k] === 1;
  else control.value = places[k];
  control.dispatchEvent(new Event(control.type === 'range' ? 'input' : 'change'));
})"""


def sampled(name: str, seed: int = 0) -> tuple[Explorer, list[dict[str, Any]]]:
    """Return an explorer, and states of it: the default, both ends, and random ones, in every view."""
    explorer, _ = open_explorer(name)
    rng, controls = random.Random(f"{name} {seed}"), explorer.controls
    states = [explorer.defaults, *({c.name: list(c.values)[end] for c in controls} for end in (0, -1))]
    states += [{c.name: rng.choice(list(c.values)) for c in controls} for _ in range(2)]
    if controls[0].name == "view":
        states[-2:] = [{**state, "view": view} for state, view in zip(states[-2:], controls[0].values, strict=True)]
    return explorer, states


def as_recorded(explorer: Explorer, states: list[dict[str, Any]]) -> Recording:
    """Record some states, one after the other on a slider."""
    slider = Slider("k", "State", range(len(states)), 0)
    return record_explorer("some", Explorer("Some", [slider], lambda values: explorer.picture(states[values["k"]])))


def places(explorer: Explorer, state: dict[str, Any]) -> list[int]:
    return [list(control.values).index(state[control.name]) for control in explorer.controls]


def told_alike(ours: str, theirs: str) -> bool:
    """Whether two texts say the same: numbers of two processors may differ in their last digit, fingerprints in all."""
    said, meant = (re.split(r"([0-9]+(?:\.[0-9]+)?)", re.sub(r"\b[0-9a-f]{6}\b", "#", t)) for t in (ours, theirs))
    if said[::2] != meant[::2]:
        return False
    for one, other in zip(said[1::2], meant[1::2], strict=True):
        last = 10.0 ** -len(other.partition(".")[2])
        if abs(float(one) - float(other)) > 1.01 * last * ("." in other):
            return False
    return True


class Drawn:
    """Some states of an explorer on a page, as large as matplotlib's figures and in its font."""

    def __init__(self, page: Any, folder: Path, recording: Recording, spoil: Callable[[Path], None] = lambda _: None):
        self.page = page
        write([recording], folder)
        spoil(folder)
        rules = (
            f"@font-face {{ font-family: Figures; src: url({FONT.as_uri()}) }}"
            "body { margin: 0; font-family: Figures } .bare svg text { visibility: hidden }"
            ".course-explorer { margin: 0; max-width: none } .course-explorer > * { position: absolute; top: 500px }"
            ".course-explorer > .course-panels { top: 0; left: 0; width: 710.4px }"
        )
        head = '<meta charset="utf-8"><title>Some</title><link rel="stylesheet" href="explorer.css">'
        body = f'{recording.figure(".")}<script src="explorer.js"></script>'
        whole = f'<!doctype html><html lang="en">{head}<style>{rules}</style><body>{body}'
        (folder / "some.html").write_text(whole, encoding="utf-8")
        page.goto((folder / "some.html").as_uri())
        page.locator(".course-explorer[data-ready=true]").wait_for(state="attached")
        page.evaluate("document.fonts.ready")

    def show(self, *places: int) -> None:
        """Move the controls to the places of their values."""
        self.page.evaluate(MOVE, list(places))

    def picture(self, size: tuple[int, int]) -> Image.Image:
        self.page.evaluate("document.body.className = 'bare'")
        shot = self.page.screenshot(clip={"x": 0, "y": 0, "width": size[0], "height": size[1]})
        self.page.evaluate("document.body.className = ''")
        return Image.open(io.BytesIO(shot)).convert("RGB")


# --- pixels --------------------------------------------------------------------------------------------------


def bare(figure: Any) -> Image.Image:
    """Draw a figure without its texts, which keep their room."""
    texts = [(text, text.get_alpha()) for text in figure.findobj(Text)]
    for text, _ in texts:
        text.set_alpha(0)
    drawn = FigureCanvasAgg(figure)
    drawn.draw()
    for text, alpha in texts:
        text.set_alpha(alpha)
    return Image.fromarray(np.asarray(drawn.buffer_rgba())).convert("RGB")


def difference(ours: Image.Image, theirs: Image.Image) -> float:
    """Return by how much an area of a few pixels differs at most, wherever matplotlib snapped a line to."""
    assert ours.size == theirs.size, f"{ours.size} here, {theirs.size} in matplotlib"
    one, other = (np.asarray(p.filter(ImageFilter.GaussianBlur(1)), float) for p in (ours, theirs))
    shifts = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]

    def least(a: Any, b: Any) -> Any:
        return np.min([np.abs(a - np.roll(b, shift, (0, 1))).max(axis=2) for shift in shifts], axis=0)

    apart = np.maximum(least(one, other), least(other, one)).round().astype(np.uint8)
    return float(np.asarray(Image.fromarray(apart).filter(ImageFilter.BoxBlur(2))).max())


# --- words ---------------------------------------------------------------------------------------------------


def shown_texts(figure: Any) -> list[Text]:
    """Return the texts that matplotlib draws; the figure has been drawn."""
    found = []
    for ax in figure.axes:
        found += [*ax.texts, ax.xaxis.label, ax.yaxis.label]
        found += [child for child in ax.get_children() if isinstance(child, Text) and child not in ax.texts]
        found += ax.get_legend().get_texts() if ax.get_legend() else []
        for axis, (low, high) in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
            for label in axis.get_ticklabels() + axis.get_ticklabels(minor=True):
                place = label.get_position()[axis.axis_name == "y"]
                if min(low, high) - 1e-9 <= place <= max(low, high) + 1e-9:
                    found.append(label)
    return [text for text in found if text.get_visible() and text.get_text()]


def turned(text: Text) -> bool:
    return text.get_rotation() != 0


def compare_texts(figure: Any, on_page: list[dict[str, Any]]) -> None:
    """Hold each text's words and place against the page's."""
    height, left_over = figure.bbox.height, list(on_page)
    for text in shown_texts(figure):
        box = text.get_window_extent()
        _, tall, below = text_size("lp", FontProperties(size=text.get_fontsize()))
        held = "middle" if turned(text) else {"center": "middle"}.get(text.get_ha(), text.get_ha())
        x = {"left": box.x0, "middle": (box.x0 + box.x1) / 2, "right": box.x1}[held]
        y, first = height - (box.y0 + box.y1) / 2, height - box.y1 + tall - below
        for k, line in enumerate(_plain(text.get_text()).split("\n")):
            same = [t for t in left_over if t["words"] == line]
            near = [t for t in same if abs(t[held] - x) <= TEXT_ASIDE]
            if turned(text):
                near = [t for t in near if abs(t["y"] - y) <= TEXT_ASIDE]
            elif k == 0:
                near = [t for t in near if abs(t["line"] - first) <= TEXT_UP]
            assert near, f"{line!r} is at {x:.1f}, {first:.1f} in matplotlib, and on the page {same}"
            left_over.remove(near[0])
    assert not left_over, f"texts that matplotlib does not draw: {left_over}"


# --- numbers -------------------------------------------------------------------------------------------------


def points(d: str) -> np.ndarray:
    """Return the points of a line, or the places of marks."""
    if "m" in d:
        return np.array([p[: p.index("m")].split() for p in d.split("M")[1:]], float)
    return np.array([p.split() for p in d.removeprefix("M").split("L")], float)


def together(parts: list[str]) -> list[str]:
    """Return the lines of one artist, and its marks as one, where each has a path of its own."""
    marks = "".join(d for d in parts if "m" in d)
    return [d for d in parts if d.startswith("M") and "m" not in d] + ([marks] if marks else [])


def thousandths(ax: Any, pixels: Any) -> np.ndarray:
    return ax.transAxes.inverted().transform(np.reshape(np.asarray(pixels, float), (-1, 2))) * 1000


def marked(line: Any) -> np.ndarray:
    """Return a line's points that carry a mark."""
    data, every = line.get_xydata(), line.get_markevery()
    assert every is None or isinstance(every, (int, tuple, list, np.ndarray))
    if every is None:
        return data
    if isinstance(every, int):
        return data[::every]
    return data[every[0] :: every[1]] if isinstance(every, tuple) else data[np.asarray(every)]


def stepped(line: Any) -> np.ndarray:
    data = line.get_xydata()
    if line.get_drawstyle() != "steps-post":
        assert line.get_drawstyle() == "default"
        return data
    return np.column_stack([np.repeat(data[:, 0], 2)[1:], np.repeat(data[:, 1], 2)[:-1]])


def off_the_way(at: np.ndarray, way: np.ndarray) -> float:
    """Return how far the farthest of some points lies from a line through others."""
    if len(way) == 1:
        return float(np.abs(at - way).max())
    a, b = way[None, :-1], way[None, 1:]
    along = b - a
    share = ((at[:, None] - a) * along).sum(2) / np.maximum((along**2).sum(2), 1e-12)
    return float(np.abs(at[:, None] - a - share.clip(0, 1)[..., None] * along).max(axis=2).min(axis=1).max())


def is_line(want: np.ndarray, have: np.ndarray) -> bool:
    """Whether what is drawn goes through all points of a line, and turns nowhere else."""
    if np.abs(want[[0, -1]] - have[[0, -1]]).max() > NEAR or off_the_way(want, have) > 2 * NEAR:
        return False
    return all(np.abs(want - corner).max(axis=1).min() <= NEAR for corner in have)


def are_marks(want: np.ndarray, have: np.ndarray) -> bool:
    """Whether the same places are marked, in any order."""
    if len(want) != len(have):
        return False
    order = [np.lexsort(np.rint(part).T) for part in (want, have)]
    if np.abs(want[order[0]] - have[order[1]]).max(initial=0) <= NEAR:
        return True
    left = list(have)
    for place in want:
        k = int(np.argmin([np.abs(place - one).max() for one in left]))
        if np.abs(place - left.pop(k)).max() > NEAR:
            return False
    return True


def wanted(ax: Any) -> list[tuple[str, np.ndarray]]:
    """Return from the artists' own data what there has to be: lines and marks in thousandths."""
    found: list[tuple[str, np.ndarray]] = []
    for line in ax.lines:
        moved = line.get_transform().transform
        if line.get_linestyle() not in ("None", "") and len(line.get_xydata()):
            found.append(("line", thousandths(ax, moved(stepped(line)))))
        if line.get_marker() not in ("None", "", None) and len(line.get_xydata()):
            found.append(("marks", thousandths(ax, moved(marked(line)))))
    for patch in ax.patches:
        assert isinstance(patch, Rectangle)
        corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
        found.append(("line", thousandths(ax, patch.get_transform().transform(corners))))
    for some in ax.collections:
        if isinstance(some, PathCollection):
            if len(some.get_offsets()):
                found.append(("marks", thousandths(ax, some.get_offset_transform().transform(some.get_offsets()))))
        else:
            assert isinstance(some, LineCollection)
            found += [("line", thousandths(ax, ax.transData.transform(part))) for part in some.get_segments()]
    return found


def compare_ticks(ax: Any, panel: dict[str, Any]) -> None:
    """Hold ticks and the lines of the grid against matplotlib's; the figure has been drawn."""
    left, top, width, height = panel["box"]
    lines = np.reshape(panel["lines"], (-1, 4))
    for axis, along, low, size in ((ax.xaxis, 0, left, width), (ax.yaxis, 1, top + height, -height)):
        mine = lines[lines[:, along] == lines[:, along + 2]]
        inside = np.abs(mine[:, 3 - along] - mine[:, 1 - along]) > 20
        drawn = [sorted(((mine[rows, along] - low) / size * 1000).tolist()) for rows in (inside, ~inside)]
        moved = axis.get_transform().transform
        ends = moved(np.array(axis.get_view_interval()))
        ticks = [[*axis.get_major_ticks()], [*axis.get_major_ticks(), *axis.get_minor_ticks()]]
        for here, some in zip(drawn, ticks, strict=True):
            some = some if some is not ticks[0] else [tick for tick in some if tick.gridline.get_visible()]
            at = (moved(np.array([tick.get_loc() for tick in some])) - ends[0]) / (ends[1] - ends[0]) * 1000
            there = sorted(place for place in at if -1e-6 < place < 1000 + 1e-6)
            assert len(here) == len(there), f"{axis.axis_name}: {len(here)} lines at {here}, in matplotlib at {there}"
            assert np.allclose(here, there, rtol=0, atol=NEAR), f"{axis.axis_name}: {here}, in matplotlib {there}"


def compare_numbers(figure: Any, on_page: list[dict[str, Any]]) -> int:
    """Hold each artist's data against what is drawn on the page; return how many were."""
    count = 0
    for ax, panel in zip(figure.axes, on_page, strict=True):
        left, top, width, height = panel["box"]
        drawn = [points(d) for parts in panel["artists"] for d in together(parts)]
        have = [np.column_stack([(p[:, 0] - left) / width, (top + height - p[:, 1]) / height]) * 1000 for p in drawn]
        for kind, want in wanted(ax):
            fits = is_line if kind == "line" else are_marks
            places = [k for k, points_there in enumerate(have) if fits(want, points_there)]
            assert places, f"no {kind} on the page for {len(want)} points from {want[0]} to {want[-1]}"
            del have[places[0]]
            count += 1
        compare_ticks(ax, panel)
        cells = sum(image.get_array().size for image in ax.images)
        assert sum(parts.count("rect") for parts in panel["artists"]) == cells
    return count
