"""A cell's outputs as HTML: pictures become files, tables get headers, folders and names of the machine go."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from PIL import Image
from site_course import picture, shown, stream

from course_lib.instructor.site.markup import Places
from course_lib.instructor.site.shown import Shower, without_places

FOLDER = "lessons/02_b"


@pytest.fixture
def shower(tmp_path: Path) -> Shower:
    return Shower(tmp_path / "course", tmp_path / "kept", Places({"lessons/01_a/keras.ipynb": "01_a"}))


def test_a_picture_becomes_a_file_with_the_same_pixels(shower: Shower) -> None:
    page = BeautifulSoup(shower.html([shown(picture())], FOLDER), "html.parser")
    ((name, content),) = shower.pictures.items()
    assert page.img["src"] == f"_figures/{name}"
    assert (page.img["alt"], page.img["width"], page.img["height"]) == ("A made-up figure.", "240", "120")
    assert "lc-turns" in page.img["class"]
    assert (
        Image.open(io.BytesIO(content)).convert("L").tobytes()
        == Image.effect_mandelbrot((240, 120), (-2, -1, 1, 1), 40).tobytes()
    )
    again = Shower(shower.root, shower.kept, shower.places)
    again.html([shown(picture())], FOLDER)
    assert again.pictures == shower.pictures


def test_what_is_printed_shows_markup_as_text_and_no_place_of_this_machine(shower: Shower) -> None:
    told = shower.html([stream(f"<b> in {shower.root}/lessons and {sys.prefix}/bin\n")], FOLDER)
    page = BeautifulSoup(told, "html.parser")
    assert page.pre.text.startswith("<b> in loss-curves-course/lessons and ")
    assert str(shower.root) not in told
    assert sys.prefix not in told


def test_places_within_places_are_taken_out_longest_first() -> None:
    place = Path("/a/b/c")
    assert without_places(f"{place}/d {place}", place) == "loss-curves-course/d loss-curves-course"


@pytest.mark.parametrize(
    "markup",
    [
        '<div class="course-prediction">Q</div>',
        '<div class="course-check">right</div>',
        "<p><strong>The answer:</strong> no</p>",
        "<style>p{color:red}</style>",
    ],
)
def test_what_the_page_says_in_its_own_way_is_left_out(shower: Shower, markup: str) -> None:
    assert shower.html([shown(markup)], FOLDER) == ""


def test_what_a_widget_or_standard_error_shows_is_left_out(shower: Shower) -> None:
    bar = {"output_type": "display_data", "data": {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "0%"}}
    assert shower.html([bar, {"output_type": "stream", "name": "stderr", "text": "0%"}], FOLDER) == ""


def test_what_was_printed_in_parts_stays_together(shower: Shower) -> None:
    bar = {"output_type": "stream", "name": "stderr", "text": "0%"}
    told = shower.html([stream("a: 1\n"), bar, stream("b: 2\n"), shown("<p>c</p>"), stream("d: 3\n")], FOLDER)
    texts = [pre.text for pre in BeautifulSoup(told, "html.parser").select("pre")]
    assert texts == ["a: 1\nb: 2", "d: 3"]


def test_no_script_of_an_output_reaches_a_page(shower: Shower) -> None:
    frame = shown('<div id="course-tensorboard-1-a"><p>open here</p></div><script>start()</script>')
    told = shower.html([frame, shown("<p>words</p><script>start()</script>")], FOLDER)
    assert "script" not in told
    assert "so this page has none" in told
    assert "<p>words</p>" in told


def test_colors_of_a_terminal_are_left_out_and_bold_words_stay(shower: Shower) -> None:
    words = '<span style="color: #008000">ok</span> <span style="font-weight: bold">b</span>'
    told = shower.html([shown(f'<pre style="x">{words}</pre>')], FOLDER)
    assert "<span>ok</span> <strong>b</strong>" in told
    assert "style" not in told


def test_a_table_of_pandas_has_one_row_of_headers(shower: Shower) -> None:
    import pandas as pd

    frame = pd.DataFrame({"loss": [1.0, 0.5]}, index=pd.Index([1, 2], name="epoch"))
    page = BeautifulSoup(shower.html([shown(frame.to_html())], FOLDER), "html.parser")
    assert [th.text for th in page.select("thead th")] == ["epoch", "loss"]
    assert all(th["scope"] == "col" for th in page.select("thead th"))
    assert [th["scope"] for th in page.select("tbody th")] == ["row", "row"]
    assert page.select_one(".lc-scroll > table.lc-numbers") is not None


def test_links_of_an_output_lead_to_pages_or_are_words(shower: Shower) -> None:
    told = shower.html([shown('<a href="../01_a/keras.ipynb">one</a> <a href="../9/x.ipynb">two</a>')], FOLDER)
    assert '<a href="01_a.html">one</a> two' in told
