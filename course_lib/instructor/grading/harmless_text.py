r"""A learner's Markdown, so that it reads as it was written and nothing in it acts.

Tags, links and addresses are shown instead of obeyed. Links are text, too, since formgrader's own addresses run
what is written in them. The result is rendered as formgrader renders it, and every tag that comes out must be one of
those that Markdown itself makes; otherwise the text is shown verbatim, as a block of code.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from course_lib.instructor.grading.harmless_html import has_macros, without_macros

__all__ = ["harmless_text", "is_verbatim", "render", "verbatim"]

#: Longer texts are shown verbatim: rendering takes time that grows with the square of some texts' length.
MOST_CHARACTERS = 6_000

#: A tag that may stay as it is (the first group), or the beginning of one that is shown.
_TAG = re.compile(
    r"(</?(?:b|i|u|em|strong|sub|sup|kbd|code|del|br|details|summary)\s*/?>)|<(?=[A-Za-z/!?])", re.IGNORECASE
)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_ADDRESS = re.compile(r"(?:https?|ftp)://[^\s<>`\"]*[^\s<>`\".,;:!?)\]}'*_]", re.IGNORECASE)
_LINK = re.compile(r"\](?=[(\[:])")
#: Formulae, and pictures that were attached; what is in them is no Markdown.
_KEPT = re.compile(
    r"(?P<formula>\$\$[^$]+\$\$|\$[^$\n]+\$|\\begin\{(?P<name>[a-z]+\*?)\}.*?\\end\{(?P=name)\})"
    r"|!\[[^\]\[]{0,500}\]\(attachment:[^\s()]{1,200}\)",
    re.DOTALL,
)

#: Every tag that Markdown makes of plain text; headings name themselves, and link to themselves.
_MADE_BY_MARKDOWN = re.compile(
    r"</?(?:p|b|i|u|em|strong|del|sub|sup|kbd|pre|blockquote|ul|ol|li|dl|dt|dd|table|thead|tbody|tr|th|td|br|hr|code"
    r"|details|summary|span)\s*/?>"
    r"|<(?:code|span|div|pre) class=\"[\w -]*\">|</(?:div|a|h[1-6])>|<ol start=\"\d+\">"
    r"|<h[1-6](?: id=\"[^\"<>]*\")?>|<a class=\"anchor-link\" href=\"#[^\"<>]*\">"
    r"|<t[hd] style=\"text-align: ?(?:left|right|center)\">"
    r"|<li class=\"task-list-item\">"
    r"|<input class=\"task-list-item-checkbox\" type=\"checkbox\" disabled(?: checked)?\s*/?>"
    r"|<img src=\"data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=]*\" alt=\"[^\"<>]*\"(?: title=\"[^\"<>]*\")?\s*/?>",
    re.IGNORECASE,
)
_CODE = re.compile(r"<(pre|code)\b[^>]*>.*?</\1>", re.DOTALL | re.IGNORECASE)


def render(text: str, attachments: dict[str, Any]) -> str:
    """Return the HTML that formgrader makes of a text."""
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    return MarkdownWithMath(renderer=IPythonRenderer(escape=False, attachments=attachments)).render(text)


def _only_shows(text: str, attachments: dict[str, Any]) -> bool:
    """Tell whether a text, once rendered, has no tag but those of Markdown, and no macro that acts."""
    try:
        page = render(text, attachments)
    except Exception:  # a renderer that stumbles over a text would stumble in formgrader as well
        return False
    at, open_boxes = page.find("<"), 0
    while at >= 0:
        found = _MADE_BY_MARKDOWN.match(page, at)
        open_boxes += page.startswith("<div", at) - page.startswith("</div", at)
        if not found or open_boxes < 0:
            return False
        at = page.find("<", found.end())
    if open_boxes:  # an open box would swallow what follows it on the page
        return False
    if 'class="mermaid"' in page:
        return False
    return not has_macros(html.unescape(_CODE.sub("", page)))


def verbatim(text: str) -> str:
    """Return a text as a block of code that no run of backticks in it can end."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _spans(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a text, and whether each is a span of code: it ends with as many backticks as it began."""
    runs = [(found.start(), found.end()) for found in re.finditer("`+", text)]
    at, number = 0, 0
    while number < len(runs):
        start, end = runs[number]
        closing = next((n for n in range(number + 1, len(runs)) if runs[n][1] - runs[n][0] == end - start), None)
        if closing is None:
            number += 1
            continue
        yield text[at:start], False
        at = runs[closing][1]
        yield text[start:at], True
        number = closing + 1
    yield text[at:], False


def _shown(text: str) -> str:
    """Write markup so that it is shown, in a text without code and formulae."""
    text = _TAG.sub(lambda tag: tag[1] or "&lt;", text)
    text = _ADDRESS.sub(lambda address: f"`{address[0]}`", text)
    return without_macros(_LINK.sub(r"]\\", text))


def _paragraphs_shown(text: str) -> str:
    """Write the markup of a text without fences so that it is shown."""
    made = []
    for part, is_code in _spans(text):
        if is_code:
            made.append(part)
            continue
        at = 0
        for kept in _KEPT.finditer(part):
            made.append(_shown(part[at : kept.start()]))
            made.append(without_macros(kept[0]) if kept["formula"] else kept[0])
            at = kept.end()
        made.append(_shown(part[at:]))
    return "".join(made)


def _without_markup(text: str) -> str:
    """Write the markup of a text so that it is shown: its tags, its links and its addresses."""
    made: list[str] = []
    lines: list[str] = []
    fence = ""
    for line in text.split("\n"):
        opened = _FENCE.match(line)
        if fence:
            made.append(line)
            if opened and opened[1].startswith(fence) and not opened[2].strip():
                fence = ""
        elif opened and "`" not in opened[2]:
            fence = opened[1]
            made += [_paragraphs_shown("\n".join(lines)), line] if lines else [line]
            lines = []
        else:
            lines.append(line)
    return "\n".join([*made, _paragraphs_shown("\n".join(lines))] if lines else made)


def harmless_text(text: str, attachments: dict[str, Any] | None = None) -> str:
    r"""Return Markdown that reads as it was written, and whose markup is shown instead of obeyed.

    Parameters
    ----------
    text : str
    attachments : dict, optional
        Pictures that the text may show, as a notebook keeps them.

    Examples
    --------
    >>> harmless_text("The loss is <b>low</b>: $a < b$, and `x<y`")
    'The loss is <b>low</b>: $a < b$, and `x<y`'
    >>> harmless_text('<script>give(99)</script> [more](javascript:give(99))')
    '&lt;script>give(99)&lt;/script> [more]\\(javascript:give(99))'
    """
    known = attachments or {}
    if len(text) > MOST_CHARACTERS:
        return text if is_verbatim(text) else verbatim(text)
    for candidate in (text, _without_markup(text)):
        if _only_shows(candidate, known):
            return candidate
    return verbatim(text)


def is_verbatim(text: str) -> bool:
    """Tell whether a text is what `verbatim` makes."""
    first, _, rest = text.partition("\n")
    inside, _, last = rest.rpartition("\n")
    return first == last and re.fullmatch("`{3,}", first) is not None and first not in inside
