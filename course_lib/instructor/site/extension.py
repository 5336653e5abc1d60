"""What Sphinx is told about these pages: formulas without a script, and what a shared link shows."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml

__all__ = ["setup"]

_PREVIEW = "_static/preview.png"
_EARLY = Path(__file__).parent / "early.js"
_WORDS = "A course on training and validation loss, in PyTorch and in Keras, with predictions, explorers and exercises."


def _inline_formula(writer: Any, node: nodes.math) -> None:
    writer.body.append(tex2mathml(node.astext(), as_block=False))
    raise nodes.SkipNode


def _formula(writer: Any, node: nodes.math_block) -> None:
    writer.body.append(f'<div class="lc-formula">{tex2mathml(node.astext(), as_block=True)}</div>')
    raise nodes.SkipNode


def _first_words(tree: nodes.document) -> str:
    """Return the first paragraph of a page as plain words, cut at 200 letters."""
    for paragraph in tree.findall(nodes.paragraph):
        words = " ".join(paragraph.astext().split())
        if len(words) > 40:
            return words if len(words) <= 200 else words[:197].rsplit(" ", 1)[0] + " …"
    return _WORDS


def _previews(app: Any, page: str, template: str, context: dict[str, Any], tree: nodes.document | None) -> None:
    """Add what a link to the page shows where it is shared."""
    title = re.sub(r"<[^>]+>", "", html.unescape(str(context.get("title") or app.config.html_title)))
    words = _first_words(tree) if tree is not None else _WORDS
    base = app.config.html_baseurl
    told = {"og:type": "website", "og:site_name": app.config.project, "og:title": title, "og:description": words}
    if base:  # an address in a preview is absolute, or of no use
        told |= {"og:url": f"{base}{page}.html", "og:image": f"{base}{_PREVIEW}"}
    tags = [f'<meta property="{name}" content="{html.escape(value)}" />' for name, value in told.items()]
    tags += [f'<meta name="description" content="{html.escape(words)}" />']
    tags += [f'<meta name="twitter:card" content="{"summary_large_image" if base else "summary"}" />']
    context["metatags"] = context.get("metatags", "") + "\n".join(tags)


def _early(app: Any, page: str, template: str, context: dict[str, Any], tree: nodes.document | None) -> None:
    """Put what has to run before the page is laid out into its head; the theme has scripts at the end."""
    lines = _EARLY.read_text(encoding="utf-8").splitlines()
    script = "\n".join(line for line in lines if not line.startswith("//"))
    context["metatags"] = context.get("metatags", "") + f"\n<script>{script}</script>"


def _levels(app: Any, page: str, template: str, context: dict[str, Any], tree: nodes.document | None) -> None:
    """Give the headings in the list of pages a level, without which a screen reader cannot place them."""
    listed = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = listed.replace('role="heading"', 'role="heading" aria-level="2"')


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_html_math_renderer("mathml", (_inline_formula, None), (_formula, None))
    app.connect("html-page-context", _previews)
    app.connect("html-page-context", _early)
    app.connect("html-page-context", _levels, priority=900)  # after the theme has made its list
    return {"parallel_read_safe": True, "parallel_write_safe": True}
