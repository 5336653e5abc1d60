"""HTML and formulae of learners, cleaned: they show something and do nothing."""

from __future__ import annotations

import copy
import re

import nh3
from pygments.token import STANDARD_TYPES

__all__ = ["PICTURES", "harmless_html", "has_macros", "without_macros"]

#: HTML with more tags is left out: an output's plain text says the same, and nested tags take quadratic time.
MOST_TAGS = 10_000
MOST_CHARACTERS = 5_000_000

PICTURES = ("image/png", "image/jpeg", "image/gif")
_SOURCE_OF_A_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=\s]*")

_TAG_NAMES = """
b blockquote br caption code col colgroup dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins
kbd li mark ol p pre s samp small span strong sub summary sup table tbody td tfoot th thead tr tt u ul var
"""
_ATTRIBUTES = {
    "*": {"style", "title", "aria-hidden", "role", "lang", "dir"},
    "th": {"scope", "colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
    "ol": {"start"},
    "img": {"src", "alt", "width", "height"},
}
#: Nothing here moves an element over another, hides it, or names an address.
_STYLE_NAMES = """
background-color border border-bottom border-bottom-color border-bottom-style border-bottom-width border-collapse
border-color border-left border-left-color border-radius border-right border-spacing border-style border-top
border-width caption-side color font-family font-size font-style font-variant font-weight height line-height
margin-bottom margin-left margin-right margin-top max-height max-width min-width overflow-wrap padding padding-bottom
padding-left padding-right padding-top text-align text-decoration text-indent vertical-align white-space width
word-break
"""
#: Highlighted code and tables of pandas are drawn with these.
_CLASSES = frozenset({"highlight", "dataframe", "course-check"})


def _attribute(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src":
        return value if _SOURCE_OF_A_PICTURE.fullmatch(value) else None
    return value


_CLEANER = nh3.Cleaner(
    tags=set(_TAG_NAMES.split()),
    clean_content_tags={"script", "style", "iframe", "object", "embed", "template", "noscript", "math", "svg", "title"},
    attributes=copy.deepcopy(_ATTRIBUTES),
    attribute_filter=_attribute,
    allowed_classes={"div": set(_CLASSES), "table": set(_CLASSES), "span": set(STANDARD_TYPES.values()) - {""}},
    filter_style_properties=set(_STYLE_NAMES.split()),
    url_schemes={"data"},
    link_rel=None,
)


def harmless_html(text: str) -> str:
    """Return HTML that shows something and does nothing: no scripts, handlers, links, forms or requests.

    Examples
    --------
    >>> harmless_html('<b onclick="alert(1)">ten</b> <img src="https://example.org/x.png"><script>alert(1)</script>')
    '<b>ten</b> <img>'
    """
    if len(text) > MOST_CHARACTERS or text.count("<") > MOST_TAGS:
        return "<p>(HTML of this size is not shown.)</p>"
    return without_macros(_CLEANER.clean(text))


#: What MathJax obeys and no formula of the course needs: links, style sheets, names of elements, more macros.
_MACRO = re.compile(r"\\(?=(?:href|url|unicode|class|cssId|style|require|data|mmlToken|newcommand|renewcommand|def|let"
                    r"|newenvironment|includegraphics|bbox|Newextarrow)(?![A-Za-z]))")  # fmt: skip
_JOINER = "\u2060"  # invisible: the word is still read as written, and is no macro any more


def has_macros(text: str) -> bool:
    """Tell whether MathJax would obey something in a text."""
    return _MACRO.search(text) is not None


def without_macros(text: str) -> str:
    """Return a text that reads the same, and in which MathJax obeys nothing."""
    return _MACRO.sub(rf"\\{_JOINER}", text)
