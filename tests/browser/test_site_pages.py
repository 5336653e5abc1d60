"""Every page of the built site: axe-core's rules, nothing wider than the window, a silent console, no other host.

`make test` builds the site last, with the outputs that nbval has executed, and runs this on it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support import ROOT, lesson_names

SITE = ROOT / "test-artefacts" / "site"
GUIDES = sorted(path.stem for path in SITE.glob("*.html") if path.stem not in lesson_names())
#: axe calls these moderate; for people who listen to a page they are not.
ALSO = {"heading-order", "empty-heading", "image-alt", "region", "landmark-unique"}
ANSWER_ALL = """() => {
  for (const root of document.querySelectorAll('.lc-predict:not(.lc-answered), .lc-quiz')) {
    root.querySelector('input').click();
    root.querySelector('button').click();
  }
}"""
#: What is wider than the window, but for what scrolls by itself.
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll('article *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1
    && !e.closest('pre, .lc-scroll, .table-wrapper, .lc-formula, svg'))
    .slice(0, 5).map((e) => e.outerHTML.slice(0, 120)).concat([`page ${document.documentElement.scrollWidth}`])"""
WIDTHS = (1600, 800, 390)
#: Figures of the track that is not shown, if they were loaded.
OF_THE_OTHER_TRACK = """() => [...document.querySelectorAll('.lc-for-keras img')].map((image) => image.currentSrc)
  .filter(Boolean)"""

pytestmark = [
    pytest.mark.built_site,
    pytest.mark.skipif(not SITE.is_dir(), reason="`course site --output test-artefacts/site` builds it"),
]


#: Its code stands for that of all pages: thousands of colored words take axe minutes.
WITH_CODE = "site"


def violations(page: Any, code: bool = False, **options: Any) -> list[tuple[str, str]]:
    from axe_playwright_python.sync_playwright import Axe

    context = {} if code else {"exclude": [[".highlight"]]}
    options = {"preload": False, **options}  # a page in a folder may not ask for its own style sheets again
    found = Axe().run(page, context=context, options=options).response["violations"]
    return [
        (one["id"], node["html"][:160])
        for one in found
        if one["impact"] in ("serious", "critical") or one["id"] in ALSO
        for node in one["nodes"][:3]
    ]


@pytest.mark.parametrize("name", [*lesson_names(), *GUIDES])
def test_a_page_in_both_themes_and_every_width(name: str, browser: Any, artefacts: Path) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, color_scheme="light")
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on(
        "request", lambda request: None if request.url.startswith(("file:", "data:")) else heard.append(request.url)
    )
    page.goto((SITE / f"{name}.html").as_uri())
    found: dict[str, Any] = {"loaded, and not shown": page.evaluate(OF_THE_OTHER_TRACK)}
    page.evaluate(ANSWER_ALL)
    code = name == WITH_CODE
    found["light, 1280"] = violations(page, code)
    page.emulate_media(color_scheme="dark")
    found["dark, 1280"] = violations(page, code, runOnly=["color-contrast"])
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1000})
        found[f"too wide at {width}"] = page.evaluate(TOO_WIDE)
    found["dark, 390"] = violations(page, runOnly=["target-size", "scrollable-region-focusable"])
    if name in lesson_names():
        page.locator(".lc-switch input").nth(1).check()
        found["too wide in Keras at 390"] = page.evaluate(TOO_WIDE)
    page.screenshot(path=artefacts / f"site-{name}-390-dark.png")
    context.close()
    found["heard"] = heard
    problems = [f"{where}: {one}" for where, what in found.items() for one in what]
    assert problems == [], "\n".join(problems)


def test_every_lesson_has_its_page() -> None:
    assert [name for name in lesson_names() if not (SITE / f"{name}.html").is_file()] == []
    assert len(GUIDES) >= 10
