"""Pieces of MyST Markdown that pages are made of, and links that lead from a page to a page."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

__all__ = ["LABELS", "PICTURES", "Places", "code_block", "div", "fence", "only_for", "raw", "tabs", "words_for"]

#: How a page names a track.
LABELS = {"pytorch": "PyTorch", "keras": "Keras"}
#: Where the pictures that texts show are, beside the pages.
PICTURES = "_pictures"


def fence(body: str, info: str, colon: bool = False) -> str:
    """Put a text between fences that are longer than any within it.

    Examples
    --------
    >>> print(fence("x = 1", "{code-block} python"))
    ```{code-block} python
    x = 1
    ```
    """
    runs = re.findall(r":{3,}" if colon else r"`{3,}", body)
    mark = (":" if colon else "`") * max([3, *(len(run) + 1 for run in runs)])
    return f"{mark}{info}\n{body}\n{mark}"


def div(body: str, classes: str) -> str:
    """Put Markdown into a ``<div>`` with these classes."""
    return fence(body, "{div} " + classes, colon=True)


def raw(markup: str) -> str:
    """Put HTML into a page as it is; nothing for nothing."""
    return fence(markup, "{raw} html") if markup else ""


def code_block(source: str) -> str:
    """Show Python code."""
    return fence(source.strip("\n"), "{code-block} python") if source.strip() else ""


def tabs(bodies: dict[str, str]) -> str:
    """Put the tracks' texts into tabs that all change together."""
    items = [
        fence(
            body or f"*Nothing to do here in {LABELS[track]}.*",
            f"{{tab-item}} {LABELS[track]}\n:sync: {track}",
            colon=True,
        )
        for track, body in bodies.items()
    ]
    return fence("\n\n".join(items), "{tab-set}\n:sync-group: framework", colon=True)


def words_for(track: str, text: str) -> str:
    """Show Markdown in one track only; without JavaScript both are there, each with its name."""
    return div(f"{div(LABELS[track], 'lc-for-name')}\n\n{text}", f"lc-for lc-for-{track}") if text else ""


def only_for(track: str, markup: str) -> str:
    """Show HTML in one track only; without JavaScript both are there, each with its name."""
    return f'<div class="lc-for lc-for-{track}"><p class="lc-for-name">{LABELS[track]}</p>{markup}</div>'


_LINK = re.compile(r"(?P<image>!?)\[(?P<words>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^)\s]+)\)")
_CODE = re.compile(r"(`{3,}.*?`{3,}|`[^`\n]+`)", re.DOTALL)


@dataclass(frozen=True)
class Places:
    """Where the files of the course are on the site.

    Parameters
    ----------
    pages : dict
        The page's name, without suffix, of every file that is a page, relative to the course's folder.
    repository : str
        Where the course's files are on the web; empty where that is not known.
    """

    pages: dict[str, str]
    repository: str = ""

    def address(self, target: str, folder: str, suffix: str = ".md") -> str | None:
        """Return where a link of a file in `folder` leads on the site; None where it leads nowhere.

        Examples
        --------
        >>> places = Places({"docs/glossary.md": "glossary"})
        >>> places.address("../../docs/glossary.md", "lessons/03_tracking_loops")
        'glossary.md'
        >>> places.address("solutions/03_tracking_loops.md", "") is None
        True
        """
        if "://" in target or target.startswith(("#", "mailto:")):
            return target
        path, mark, anchor = target.partition("#")
        place = PurePosixPath(os.path.normpath(PurePosixPath(folder, path))).as_posix()
        if place in self.pages:
            return f"{self.pages[place]}{suffix}{mark}{anchor}"
        return f"{self.repository}/blob/HEAD/{place}" if self.repository else None

    def markdown(self, text: str, folder: str, suffix: str = ".md") -> str:
        """Return a Markdown text whose links lead to pages of the site; what leads nowhere is left as its words."""

        def link(match: re.Match[str]) -> str:
            if match["image"]:
                return f"![{match['words']}]({PICTURES}/{PurePosixPath(match['target']).name})"
            address = self.address(match["target"], folder, suffix)
            return match["words"] if address is None else f"[{match['words']}]({address})"

        parts = _CODE.split(text)
        # A link whose words are code is split by the code within; such a text is taken as a whole.
        if any(part.count("[") != part.count("]") for part in parts[::2]):
            return _LINK.sub(link, text)
        return "".join(part if place % 2 else _LINK.sub(link, part) for place, part in enumerate(parts))

    def images(self, text: str, folder: str) -> list[Path]:
        """List the pictures that a Markdown text shows, relative to the course's folder."""
        found = [m["target"] for m in _LINK.finditer(text) if m["image"] and "://" not in m["target"]]
        return [Path(os.path.normpath(PurePosixPath(folder, target))) for target in found]
