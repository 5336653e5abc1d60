"""Style sheets without what no page uses: the tabs' comes with all the rest of a design library."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tinycss2

__all__ = ["SHEET", "prune", "prune_site"]

#: The sheet of the library. Its classes stand on pages and in scripts as they are, never put together from parts.
SHEET = "sphinx-design.min.css"
_OPTIONS = {"skip_comments": True, "skip_whitespace": True}


def prune_site(site: Path) -> None:
    """Take out of the library's style sheet what none of a built site's pages and scripts names."""
    names: set[str] = set()
    for path in [*site.rglob("*.html"), *site.glob("_static/*.js")]:
        names.update(re.findall(r"[A-Za-z_][\w-]*", path.read_text(encoding="utf-8")))
    sheet = site / "_static" / SHEET
    others = "".join(path.read_text(encoding="utf-8") for path in sorted(site.rglob("*.css")) if path != sheet)
    sheet.write_text(prune(sheet.read_text(encoding="utf-8"), names, others), encoding="utf-8")


def prune(css: str, names: set[str], elsewhere: str = "") -> str:
    """Return a style sheet without rules of classes, and without variables, that nothing uses.

    Parameters
    ----------
    css : str
    names : set of str
        Whatever may be the name of a class on a page.
    elsewhere : str
        Other style sheets, which may use this one's variables.

    Examples
    --------
    >>> prune(".a,.b{margin:0}.a:not(.c){margin:1px}@media print{.c{margin:0}}", {"a"})
    '.a{margin:0}.a:not(.c){margin:1px}'
    >>> prune(":root{--x:1px;--y:2px}.a{margin:var(--x)}", {"a"})
    ':root{--x:1px;}.a{margin:var(--x)}'
    """
    kept = "".join(_rules(tinycss2.parse_stylesheet(css, **_OPTIONS), names))
    while True:  # what only an unused variable uses is unused, too
        used = sorted(set(re.findall(r"var\(\s*(--[\w-]+)", kept + elsewhere)))
        shorter = re.sub(rf"(?<=[{{;])\s*(?!({'|'.join(used) or '-'}):)--[\w-]+:[^;{{}}]*;?", "", kept)
        if shorter == kept:
            return kept
        kept = shorter


def _rules(rules: list[Any], names: set[str]) -> Iterator[str]:
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = [text for text, classes in _selectors(rule.prelude) if classes <= names]
            if selectors:
                yield f"{','.join(selectors)}{{{tinycss2.serialize(rule.content)}}}"
        elif rule.type == "at-rule" and rule.lower_at_keyword == "media":
            inner = "".join(_rules(tinycss2.parse_rule_list(rule.content, **_OPTIONS), names))
            if inner:
                yield f"@media{tinycss2.serialize(rule.prelude)}{{{inner}}}"
        else:
            yield str(rule.serialize())


def _selectors(prelude: list[Any]) -> Iterator[tuple[str, set[str]]]:
    """Yield each selector and the classes that it cannot do without: those in ``:not(…)`` and the like are others."""
    tokens: list[Any] = []
    for token in [*prelude, None]:
        if token is None or (token.type == "literal" and token.value == ","):
            pairs = itertools.pairwise(tokens)
            yield (
                tinycss2.serialize(tokens).strip(),
                {
                    name.value
                    for dot, name in pairs
                    if dot.type == "literal" and dot.value == "." and name.type == "ident"
                },
            )
            tokens = []
        else:
            tokens.append(token)
