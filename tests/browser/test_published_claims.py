"""The table of published claims in a real JupyterLab: its links open lessons, and it fits a narrow page, dark too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from live_support import OUTPUT, Bench

#: How many cells hold something wider than themselves.
TOO_WIDE = "() => [...document.querySelectorAll('td, th')].filter((c) => c.scrollWidth > c.clientWidth).length"
TABLE = 'from course_lib.notebook import published_claims\npublished_claims("keras")'


@pytest.fixture
def bench(page: Any, lab: Any, open_notebook: Any, artefacts: Path) -> Bench:
    return Bench(page, lab, open_notebook, artefacts)


def test_the_table_leads_to_the_lessons_and_fits_a_narrow_page(bench: Bench) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = bench.page
    bench.open("lessons/03_tracking_loops/table.ipynb", TABLE)
    bench.start()
    bench.finished()
    table = page.locator(f"{OUTPUT} table")
    table.wait_for()
    for theme in ("JupyterLab Dark", "JupyterLab Light"):  # the light one last: other tests use the same server
        page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        page.wait_for_function("dark => (document.body.dataset.jpThemeLight === 'false') === dark", arg="Dark" in theme)
        page.set_viewport_size({"width": 800, "height": 1000})
        page.wait_for_function(f"() => document.querySelector('{OUTPUT} table').getBoundingClientRect().width < 800")
        assert page.evaluate(TOO_WIDE) == 0
        found = Axe().run(page, context={"include": [[f"{OUTPUT} table"]]}).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] in ("serious", "critical")] == []
        bench.screenshot(f"claims-{theme.split()[-1].lower()}-800")
    table.locator("a", has_text="01 Loss basics").first.click()
    page.locator("h1", has_text="Loss basics").wait_for()
    assert bench.trouble == []
