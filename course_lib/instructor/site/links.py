"""Links of a site: each leads to a file that is there, and to a place in it, and no page loads from another host."""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

__all__ = ["Page", "find_dead_links"]

#: What a browser loads by itself, and by which attribute.
_LOADED = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "embed": "src",
}
_LOADED_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "manifest"}
_IN_STYLE = re.compile(
    r"url\(\s*['\"]?(?P<url>(?:https?:)?//[^)'\"\s]+)|@import\s+['\"](?P<other>(?:https?:)?//[^'\"]+)"
)


class Page(HTMLParser):
    """A page's links and the places in it that links can lead to.

    Attributes
    ----------
    links : list of str
        Every address of an ``<a>``, and of what the page loads from the site.
    places : set of str
    elsewhere : list of str
        What the page loads from another host.
    """

    def __init__(self, text: str):
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set()
        self.elsewhere: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of an element's links and of its name."""
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.places.add(values["id"])
        loaded = values.get(_LOADED.get(tag, ""), "")
        if tag == "link" and _LOADED_LINKS.intersection(values.get("rel", "").split()):
            loaded = values.get("href", "")
        if loaded and urlsplit(loaded).netloc:
            self.elsewhere.append(loaded)
        elif loaded or (tag == "a" and "href" in values):
            self.links.append(loaded or values["href"])
        if values.get("data-recording"):
            self.links.append(values["data-recording"])


def find_dead_links(site: Path) -> list[str]:
    """Name every link of a site that leads nowhere, and everything that a page would load from another host.

    Parameters
    ----------
    site : Path

    Returns
    -------
    list of str
        A line for each, with the page that it is on.
    """
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        name = path.relative_to(site).as_posix()
        found += [f"{name}: loads {address} from another host" for address in page.elsewhere]
        for link in dict.fromkeys(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = Path(os.path.normpath(path.parent / unquote(parts.path))) if parts.path else path
            if not target.is_relative_to(site) or not target.is_file():
                found.append(f"{name}: {link} leads nowhere")
            elif parts.fragment and target in pages and not _is_place(parts.fragment, pages[target]):
                found.append(f"{name}: {link} leads to a page without such a place")
    for path in sorted(site.rglob("*.css")):
        for match in _IN_STYLE.finditer(path.read_text(encoding="utf-8", errors="replace")):
            found.append(f"{path.relative_to(site)}: loads {match['url'] or match['other']} from another host")
    return found


def _is_place(fragment: str, page: Page) -> bool:
    """Tell whether a fragment is a place on a page, or a state that the page's own script reads."""
    return "=" in fragment or unquote(fragment) in page.places
