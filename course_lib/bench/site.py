"""How large the web edition's pages are, and how soon they are seen: every lesson, and the start page.

A page's size is that of everything a browser asks for while it is read to its end, each file compressed by gzip where a
server would do so. The largest contentful paint is taken in a headless Chromium on a line of 1.6 Mbit/s with 150 ms of
delay and a quarter of the processor.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from course_lib.bench.browser import FLAGS, find_browser
from course_lib.bench.page import add_output_arguments, footer, goal, publish, versions

__all__ = ["add_arguments", "main", "measure", "table"]

FIRST_LOAD_KB, LESSON_KB, PAINT_SECONDS = 90, 300, 1.5
_PACKED = {".html", ".css", ".js", ".json", ".svg", ".xml"}
_LINE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
_PAINT = """() => new Promise((done) => {
  new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime))
    .observe({ type: "largest-contentful-paint", buffered: true });
  setTimeout(() => done(null), 10000);
})"""
_READ = """async () => {
  for (const root of document.querySelectorAll('.lc-predict:not(.lc-answered)')) {
    root.querySelector('input')?.click();
    root.querySelector('button')?.click();
  }
  for (let y = 0; y < document.documentElement.scrollHeight; y += 500) {
    scrollTo({ top: y, behavior: "instant" });
    await new Promise((next) => setTimeout(next, 60));
  }
}"""


class _Server(SimpleHTTPRequestHandler):
    """Serves files compressed, as web servers do, and says nothing of it."""

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if path.suffix not in _PACKED or not path.is_file():
            super().do_GET()
            return
        content = gzip.compress(path.read_bytes(), 6)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Server, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--site", metavar="DIR", type=Path, help="a built site; by default one is built for this")
    parser.add_argument("--quick", action="store_true", help="the start page and lesson 03 only; ends within 50 s")
    add_output_arguments(parser)


def _kilobytes(site: Path, asked: set[str]) -> float:
    """Return the size of the files of a site that were asked for, compressed where a server would."""
    total = 0
    for name in asked & {path.relative_to(site).as_posix() for path in site.rglob("*")}:
        content = (site / name).read_bytes()
        total += len(gzip.compress(content, 6)) if Path(name).suffix in _PACKED else len(content)
    return total / 1000


def _page(browser: Any, site: Path, address: str, name: str) -> dict[str, Any]:
    """Open a page twice: on a slow line for its first paint, and read to its end for what it asks for."""
    context = browser.new_context(viewport={"width": 412, "height": 823})
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", _LINE)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(f"{address}/{name}.html", wait_until="load")
    paint = page.evaluate(_PAINT)
    context.close()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).path.lstrip("/")))
    page.goto(f"{address}/{name}.html", wait_until="load")
    first = _kilobytes(site, set(asked))
    page.evaluate(_READ)
    page.wait_for_load_state("networkidle")
    whole, requests = _kilobytes(site, asked), len(asked)
    context.close()
    return {"page": name, "first_kb": first, "whole_kb": whole, "requests": requests, "paint_s": (paint or 0) / 1000}


def measure(site: Path, browser: str, names: list[str], progress: Callable[[str], None]) -> dict[str, Any]:
    """Open pages of a built site and return the figures.

    Parameters
    ----------
    site : Path
    browser : str
        Path of a Chromium.
    names : list of str
        The pages, without suffix; the first is the start page.
    progress : callable
        Told which page is open.

    Returns
    -------
    dict
        ``pages`` (page, first_kb, whole_kb, requests, paint_s), ``versions``, ``goals``.
    """
    from playwright.sync_api import sync_playwright

    rows = []
    with _served(site) as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=FLAGS)
        for name in names:
            progress(name)
            rows.append(_page(chromium, site, address, name))
        chromium.close()
    lessons = rows[1:]
    result: dict[str, Any] = {"pages": rows, "versions": versions(["sphinx", "furo", "playwright"])}
    result["goals"] = [
        goal("largest first load, kB", max(row["first_kb"] for row in rows), FIRST_LOAD_KB),
        goal("largest lesson read to its end, kB", max(row["whole_kb"] for row in lessons), LESSON_KB),
        goal("slowest largest contentful paint, seconds", max(row["paint_s"] for row in rows), PAINT_SECONDS),
    ]
    return result


def table(result: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    lines = [
        "Compressed, with everything that the page asks for; painted on a line of 1.6 Mbit/s with 150 ms of delay and",
        "a quarter of the processor.",
        "",
        "| page | first load, kB | read to its end, kB | requests | largest paint, seconds |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['page']} | {row['first_kb']:.0f} | {row['whole_kb']:.0f} | {row['requests']} | {row['paint_s']:.2f} |"
        for row in result["pages"]
    ]
    return "\n".join([*lines, *footer(result)])


def main(args: argparse.Namespace) -> int:
    """Run the benchmark."""
    from course_lib.instructor.site.command import build
    from course_lib.instructor.text.render import course_root, lesson_texts
    from course_lib.trouble import CourseError

    browser, root = find_browser(), course_root()
    if args.site and not (args.site / "index.html").is_file():
        raise CourseError(f"{args.site} is no site; `course site --output {args.site}` builds one")
    site = args.site or root / "test-artefacts" / "site"
    if not args.site:
        build(root, site, quiet=args.json)
    names = ["index", *(text.stem for text in lesson_texts(root, ["03"] if args.quick else None))]
    return publish(
        args, "site", measure(site, browser, names, lambda name: print(f"... {name}", file=sys.stderr)), table
    )
