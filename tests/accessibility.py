"""Hold an exported notebook against axe-core's rules, in a real browser, and print what it finds as JSON.

Only what lessons write is looked at: text cells and outputs, not the exporter's own page around them.
Called as a program, since a browser and a kernel cannot both be driven from one event loop.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

OURS = [".jp-MarkdownOutput", ".jp-OutputArea-output"]
#: axe calls these moderate; for people who listen to a page they are not.
ALSO = {"heading-order", "empty-heading", "image-alt"}


def findings(page_path: Path, browser_path: str) -> list[dict[str, object]]:
    """Run axe-core over an HTML file; keep what is serious, critical or about headings."""
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
        browser = playwright.chromium.launch(executable_path=browser_path, args=flags)
        page = browser.new_page()
        page.route("**/*", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort())
        page.goto(page_path.resolve().as_uri())
        result = Axe().run(page, context={"include": [[selector] for selector in OURS]}).response
        browser.close()
    return [
        {
            "rule": violation["id"],
            "impact": violation["impact"],
            "help": violation["help"],
            "where": [node["html"][:200] for node in violation["nodes"]][:5],
        }
        for violation in result["violations"]
        if violation["impact"] in ("serious", "critical") or violation["id"] in ALSO
    ]


if __name__ == "__main__":
    print(json.dumps(findings(Path(sys.argv[1]), sys.argv[2])))
