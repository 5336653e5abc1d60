"""The style sheet of a lesson's page: what no single output can say for all the others."""

from __future__ import annotations

from course_lib.notebook.host import in_notebook
from course_lib.plots.theme import DARK_RULE

__all__ = ["page_style", "show_page_style"]

#: JupyterLab and nbconvert tell links from the words around them by color alone, at a contrast below 3.
#: The paragraph signs beside headings are links, too, and need no line.
_LINKS = (
    ".jp-Notebook .jp-RenderedHTMLCommon a:any-link:not(.jp-InternalAnchorLink,.anchor-link){text-decoration:underline}"
)
#: JupyterLab breaks a printed line at any character, so that on a narrow page a number in a table falls apart.
_PRINTED = ".jp-Notebook .jp-OutputArea-output pre{word-break:normal}"


def page_style() -> str:
    """Return the style sheet as an HTML element.

    Examples
    --------
    >>> page_style().startswith("<style>")
    True
    """
    return f"<style>{_LINKS}{_PRINTED}{DARK_RULE}</style>"


def show_page_style() -> None:
    """Put the style sheet into the running cell's output, where there is a page."""
    if not in_notebook():
        return
    from IPython.display import display

    display({"text/html": page_style(), "text/plain": ""}, raw=True)  # type: ignore[no-untyped-call]
