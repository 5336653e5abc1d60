"""What nbgrader's own pages show, formgrader and its feedback, made harmless where they are rendered.

``nbgrader_config.py`` names these. nbconvert's ``sanitize_html`` alone does not do: formgrader's template leaves
text cells as they are, and the filter behind it takes the tables of a check's verdict apart. So that filter, and the
one for Markdown, are replaced by the course's own.
"""

from __future__ import annotations

import html
from typing import Any

from jinja2 import pass_context
from nbconvert.preprocessors import Preprocessor

from course_lib.instructor.grading.harmless import harmless_notebook
from course_lib.instructor.grading.harmless_html import harmless_html
from course_lib.instructor.grading.harmless_text import render

__all__ = ["HarmlessNotebook", "clean_html", "markdown_to_html"]


class HarmlessNotebook(Preprocessor):
    """Makes a notebook harmless, and the names that formgrader writes into its page."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Return the notebook that is rendered, and what the page is told about it."""
        for key in ("student", "first_name", "last_name", "notebook_path"):
            if isinstance(resources.get(key), str):
                resources[key] = html.escape(html.unescape(resources[key]))
        return harmless_notebook(nb), resources


@pass_context
def markdown_to_html(context: Any, source: str) -> str:
    """Return the HTML of a text, cleaned after it was rendered, whatever Markdown made of it."""
    try:
        return harmless_html(render(source, context.get("cell", {}).get("attachments", {})))
    except Exception:  # a text that cannot be rendered is shown as it is, and the page with it
        return f"<pre>{html.escape(source)}</pre>"


def clean_html(element: Any) -> str:
    """Return HTML that shows something and does nothing."""
    return harmless_html(element.decode(errors="replace") if isinstance(element, bytes) else str(element))
