"""Recorded explorers on a page in a real Chromium: drawn as matplotlib draws them, and moved by keys and words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import drawn_page as drawn
import pytest

from course_lib.instructor.site.explorers import names, read_recording, write
from course_lib.instructor.site.explorers.recording import Recording, record_explorer
from course_lib.notebook.explorer.base import Choice, Explorer, Scene, Slider, Toggle, canvas
from course_lib.notebook.explorer.palette import PALETTE

#: modes-keras draws what modes-pytorch draws, and would load a second framework for it.
NAMES = [name for name in names() if name != "modes-keras"]


def hold(page: drawn.Drawn, explorer: Explorer, state: dict[str, Any]) -> int:
    """Hold what the page shows against matplotlib; return how many lines and marks were compared."""
    scene = explorer._scene(state)
    theirs = drawn.bare(scene.figure)
    drawn.compare_texts(scene.figure, page.page.evaluate(drawn.READ_TEXTS))
    count = drawn.compare_numbers(scene.figure, page.page.evaluate(drawn.READ_PATHS))
    apart = drawn.difference(page.picture(theirs.size), theirs)
    assert apart <= drawn.FAINT, f"the pictures differ by {apart} of 255 somewhere"
    return count


@pytest.mark.parametrize("name", NAMES)
def test_a_page_draws_what_matplotlib_draws(page: Any, tmp_path: Path, artefacts: Path, name: str) -> None:
    """What is recorded in the lesson's room, which is also what notebooks show."""
    explorer, states = drawn.sampled(name)
    recording = read_recording(name)
    shown = drawn.Drawn(page, tmp_path, recording)
    for state in states:
        shown.show(*drawn.places(explorer, state))
        assert hold(shown, explorer, state) > 0
        scene = explorer._scene(state)
        words = page.locator(".course-words").inner_text()
        assert drawn.told_alike(words[-len(scene.words) :], scene.words)
        assert drawn.told_alike(page.locator(".course-panels").get_attribute("aria-label"), scene.alt)
        rows = [row.inner_text().split("\t") for row in page.locator(".course-rows tr").all()]
        assert [row[0] for row in rows] == [name for name, _ in scene.rows]
        assert all(drawn.told_alike(row[1], value) for row, (_, value) in zip(rows, scene.rows, strict=True))
    used = {
        part[key]
        for artist in json.loads(recording.content)["artists"]
        for part in artist
        for key in ("s", "f", "hc", "c")
        if key in part and "as" not in part
    }
    assert used <= set(PALETTE), "a color without a counterpart on a dark page"


def in_script(old: str, new: str) -> Callable[[Path], None]:
    return in_file("explorer.js", old, new)


def in_file(name: str, old: str, new: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")

    return spoil


def every_point_marked(folder: Path) -> None:
    """Put a mark on every point, as a drawing that knows nothing of markevery would."""
    text = (folder / "some.js").read_text(encoding="utf-8")
    content = json.loads(text[text.index(",") + 1 : text.rindex(")")])
    for artist in content["artists"]:
        if len(artist) == 2 and "m" in artist[1] and "m" not in artist[0] and "x" not in artist[0]:
            artist[1]["p"] = artist[0]["p"]
    (folder / "some.js").write_text(f'courseExplorers.register("some",{json.dumps(content)});', encoding="utf-8")


#: What is broken, in which explorer, how, and what the comparison then says.
FAULTS: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "labels of bars in the bars": ("confidence", in_script("at = { x, y,", "at = { x, y: y + 12,"), "is at"),
    "labels of bars at their left": ("confidence", in_script('center: "middle",', 'center: "start",'), "is at"),
    "bars without a hatch": ("confidence", in_script("if (part.h)", "if (false)"), "differ by"),
    "every point marked": ("capacity", every_point_marked, "no marks on the page"),
    "lines without dashes": ("capacity", in_script('part.d?.join(" ")', "undefined"), "differ by"),
    "training in another color": ("capacity", in_file("explorer.css", "#0072b2", "#b84a00"), "differ by"),
    "points to the right": ("batch_noise", in_script("x / 1000) * wide", "(x + 2) / 1000) * wide"), "no line"),
    "no grid": ("batch_noise", in_script("if (grid)", "if (false)"), "0 lines at"),
    "places for numbers": ("batch_noise", in_script("at(place), words", "at(place), `${place}`"), "is at"),
    "thin lines": ("counting", in_script('"stroke-width": part.w', '"stroke-width": 0.3'), "differ by"),
    "an image upside down": ("who_reports", in_script("part.i.flat", "part.i.reverse().flat"), "differ by"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_comparison_sees_a_fault(page: Any, tmp_path: Path, fault: str) -> None:
    name, spoil, message = FAULTS[fault]
    explorer, states = drawn.sampled(name)
    states = [{**states[0], **({"view": explorer.controls[0].values[1]} if "image" in fault else {})}]
    shown = drawn.Drawn(page, tmp_path, drawn.as_recorded(explorer, states), spoil)
    with pytest.raises(AssertionError, match=message):
        hold(shown, explorer, states[0])


# --- controls ------------------------------------------------------------------------------------------------


def picture(values: Any) -> Scene:
    """Draw a line in one view and two panels in the other; each asks for controls of its own."""
    if values["view"] == "a line":
        figure, (ax,) = canvas()
        ax.plot([0, 1], [0, values["slope"]], color="#0072B2", label="line")
        ax.set(ylim=(0, 9 if values["wide"] else 4), xlabel="x", ylabel="y")
        ax.legend(loc="upper right")
        return Scene(figure, f"A line with slope {values['slope']}.", f"It rises by {values['slope']}.")
    figure, (left, right) = canvas(2)
    left.bar([0], [values["height"]], color="#B84A00")
    right.bar([0], [2 * values["height"]], color="#00714F")
    for ax in (left, right):
        ax.set(xlabel="bar", ylabel="height", ylim=(0, 6))
    return Scene(figure, f"Bars {values['height']} and twice that.", "Two bars.", [("<height>", str(values["height"]))])


def some() -> Recording:
    controls = [
        Choice("view", "View", ["a line", "bars"], "a line"),
        Slider("slope", "Slope", [1, 2, 3], 2, "steps", steps=True),
        Toggle("wide", "Wide", False),
        Slider("height", "Height", [1.0, 2.5], 1.0),
    ]
    return record_explorer("some", Explorer("Lines & <bars>", controls, picture), "Not all of it.")


@pytest.fixture
def opened(page: Any, tmp_path: Path) -> Any:
    """A page from a folder, with the style of a site around the figure; it complains of nothing."""
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda message: trouble.append(message.text))
    page.on("request", lambda request: None if request.url[:5] in ("file:", "data:") else trouble.append(request.url))
    show(page, tmp_path, some())
    yield page
    assert trouble == []


def show(page: Any, folder: Path, recording: Recording) -> None:
    write([recording], folder / "explorers")
    (folder / "page.html").write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<title>Some</title><link rel="stylesheet" href="explorers/explorer.css"><style>'
        "body { font: 16px/1.5 sans-serif; margin: 0 16px; background: #fff; color: #222 }"
        "body[data-theme=dark] { background: #131416; color: #cfd2d6 }</style>"
        f'<body data-theme="light"><main><h1>Some</h1>{recording.figure("explorers")}</main>'
        '<script src="explorers/explorer.js"></script>',
        encoding="utf-8",
    )
    page.goto((folder / "page.html").as_uri())
    page.locator(".course-explorer[data-ready=true]").wait_for()


@pytest.mark.parametrize("width", [640, 390])
def test_labels_of_panels_that_are_stacked_stay_within_the_figure(page: Any, tmp_path: Path, width: int) -> None:
    """The right panel has its label in the margin of the left one."""
    page.set_viewport_size({"width": width, "height": 900})
    show(page, tmp_path, read_recording("smoothing"))
    page.get_by_role("combobox", name="View").select_option("another sample of rows")
    page.wait_for_function("document.querySelectorAll('.course-panel').length === 2")
    left = page.locator(".course-panels").bounding_box()["x"]
    label = page.get_by_text("of 200 samples of 100 rows", exact=True)
    assert label.bounding_box()["x"] >= left - 0.5


def words(page: Any) -> str:
    return str(page.locator(".course-words").inner_text())


def test_controls_answer_keys_with_words(opened: Any) -> None:
    page = opened
    assert words(page) == "It rises by 2."
    status = page.locator(".course-words")
    assert (status.get_attribute("role"), status.get_attribute("aria-live")) == ("status", "polite")
    assert page.get_by_role("group", name="Lines & <bars>").count() == 1
    slope = page.get_by_role("slider", name="Slope", exact=True)
    assert slope.get_attribute("aria-valuetext") == "2 steps"
    slope.focus()
    page.keyboard.press("ArrowRight")
    assert words(page) == "Slope 3 (was 2). It rises by 3."
    assert page.get_by_role("img", name="A line with slope 3.").count() == 1
    page.keyboard.press("End")
    assert words(page) == "Slope 3 (was 2). It rises by 3.", "nothing moved, so nothing is said again"
    page.get_by_role("button", name="Slope: back").press("Enter")
    assert words(page) == "Slope 2 (was 3). It rises by 2."
    page.get_by_role("checkbox", name="Wide").press("Space")
    assert words(page) == "Wide on (was off). It rises by 2."
    assert page.get_by_role("slider", name="Height").count() == 0, "this view does not ask for it"
    view = page.get_by_role("combobox", name="View")
    view.focus()
    page.keyboard.press("ArrowDown")
    assert words(page) == "View bars (was a line). Two bars."
    assert page.get_by_role("slider").count() == 1
    assert page.locator(".course-panel").count() == 2
    assert page.locator(".course-rows th").inner_text() == "<height>"
    page.get_by_role("slider", name="Height").press("ArrowRight")
    assert words(page) == "Height 2.5 (was 1). Two bars."
    page.get_by_role("button", name="Reset").press("Enter")
    assert words(page) == "View a line (was bars). Wide off (was on). Height 1 (was 2.5). It rises by 2."
    assert view.input_value() == "0"
    assert page.locator(".course-note").inner_text() == "Not all of it."


def serious(page: Any) -> list[tuple[str, str]]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [(v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] in ("serious", "critical")]


def test_it_follows_the_theme_and_the_width(opened: Any, artefacts: Path) -> None:
    page = opened
    page.get_by_role("combobox", name="View").select_option("bars")

    def look() -> tuple[str, bool]:
        left, right = (panel.bounding_box() for panel in page.locator(".course-panel").all())
        bar = page.locator(".course-panel [data-artist] path").first
        return bar.evaluate("(path) => getComputedStyle(path).fill"), right["y"] >= left["y"] + left["height"]

    for width, theme, system, fill in (
        (1280, "light", "dark", "rgb(184, 74, 0)"),
        (1280, "dark", "light", "rgb(245, 147, 77)"),
        (720, "auto", "dark", "rgb(245, 147, 77)"),
        (650, "auto", "light", "rgb(184, 74, 0)"),
        (390, "dark", "light", "rgb(245, 147, 77)"),
    ):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=system)
        page.evaluate("(theme) => { document.body.dataset.theme = theme; }", theme)
        assert look() == (fill, width <= 650), (width, theme, system)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.screenshot(path=artefacts / f"recorded-{width}-{theme}.png", full_page=True)
        if theme != "auto":  # the page around the figure knows no third theme
            assert serious(page) == []


#: What VS Code puts on a page's body, and whether that is dark; of another host nothing is known.
HOSTS = {
    "vscode-light": False,
    "vscode-dark": True,
    "vscode-high-contrast": True,
    "vscode-high-contrast vscode-high-contrast-light": False,
    "unknown": None,
}


@pytest.mark.parametrize("system", ["light", "dark"])
@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_says_its_theme_in_its_own_way(opened: Any, system: str, host: str) -> None:
    page = opened
    page.emulate_media(color_scheme=system)
    page.evaluate("(host) => { document.body.className = host; delete document.body.dataset.theme; }", host)
    ink = page.locator(".course-panel text").first.evaluate("(text) => getComputedStyle(text).fill")
    ground = page.locator(".course-panel").evaluate("(panel) => getComputedStyle(panel).backgroundColor")
    if HOSTS[host] or (HOSTS[host] is None and system == "dark"):
        assert (ink, ground) == ("rgb(207, 210, 214)", "rgb(19, 20, 22)")
    else:
        assert (ink, ground) == ("rgb(51, 51, 51)", "rgb(255, 255, 255)")


def test_a_wide_panel_is_drawn_slim_where_there_is_little_room(opened: Any) -> None:
    def look() -> tuple[float, float]:
        panel = page.locator(".course-panel")
        box, legend = panel.bounding_box(), panel.get_by_text("line").bounding_box()
        return box["width"] / float(panel.get_attribute("viewBox").split()[2]), box["x"] + box["width"] - legend["x"]

    page = opened
    _, legend = look()
    page.get_by_role("checkbox", name="Wide").press("Space")
    page.set_viewport_size({"width": 390, "height": 900})
    page.wait_for_function("Number(document.querySelector('.course-panel').viewBox.baseVal.width) < 500")
    scale, moved = look()
    assert scale > 0.9, "its texts are about as large as in a wide window"
    assert moved == pytest.approx(legend, abs=8), "the legend keeps its width, at its side"
    assert words(page) == "Wide on (was off). It rises by 2.", "nothing is said again"


@pytest.mark.parametrize("fault", ["missing", "another format"])
def test_without_its_recording_the_picture_stays(page: Any, tmp_path: Path, fault: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    recording = some()
    write([recording], tmp_path)
    if fault == "missing":
        (tmp_path / "some.js").unlink()
    else:
        in_file("some.js", '"format":1', '"format":0')(tmp_path)
    html = f'<!doctype html><meta charset="utf-8">{recording.figure(".")}<script src="explorer.js"></script>'
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    with page.expect_console_message():
        page.goto((tmp_path / "page.html").as_uri())
    assert page.locator("img[alt='A line with slope 2.']").is_visible()
    assert page.locator(".course-explorer").get_attribute("data-ready") is None
    if fault != "missing":
        assert said == ["some is recorded in format 0, explorer.js reads 1: build the site again"]
