"""Sphinx at work: from the pages' sources to HTML, the same bytes each time."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from course_lib.instructor.site.sources import Sources
from course_lib.instructor.site.styles import prune_site
from course_lib.trouble import CourseError

__all__ = ["make_html"]

STATIC = Path(__file__).parent / "static"
TITLE = "Reading loss curves"
_MARK = (
    '<svg stroke="currentColor" fill="currentColor" stroke-width="0" viewBox="0 0 16 16" aria-hidden="true">'
    '<path d="M1 1h1.5v12.5H15V15H1z"/><path d="M4 3c1 6 4 8 10 8.500v1.200C7 12.300 3.800 9.500 2.800 3.200z"/></svg>'
)


def _settings(base: str, repository: str, files: Path) -> dict[str, Any]:
    icons = [{"name": "The course's files", "url": repository, "html": _MARK, "class": ""}] if repository else []
    return {
        "project": TITLE,
        "author": "The loss-curves course authors",
        "language": "en",
        "extensions": [
            "myst_parser",
            "sphinx_design",
            "sphinx_copybutton",
            "course_lib.instructor.site.extension",
        ],
        "myst_enable_extensions": ["colon_fence", "dollarmath"],
        "myst_heading_anchors": 3,
        "html_theme": "furo",
        "html_theme_options": {"footer_icons": icons, "navigation_with_keys": False},
        "html_title": TITLE,
        "html_baseurl": base,
        "html_favicon": str(STATIC / "favicon.svg"),
        "html_static_path": [str(STATIC)],
        "html_extra_path": [str(files)],
        "html_css_files": ["site.css"],
        "html_js_files": [("site.js", {"defer": "defer"})],
        "html_copy_source": False,
        "html_show_sourcelink": False,
        "html_show_copyright": False,
        "html_show_sphinx": False,
        "html_use_index": False,
        "html_math_renderer": "mathml",
        "html_last_updated_fmt": None,
        "pygments_style": "a11y-high-contrast-light",
        "pygments_dark_style": "a11y-high-contrast-dark",
        "smartquotes": False,  # they would turn quotes and dashes of code in tables, and those of outputs stay straight
        "suppress_warnings": ["misc.highlighting_failure"],
    }


def make_html(sources: Sources, output: Path, *, base: str = "", repository: str = "") -> None:
    """Make the site.

    Parameters
    ----------
    sources : Sources
    output : Path
        An empty folder.
    base : str
        Where the site will be, with a slash at its end; empty where that is not known.
    repository : str
        The address of the course's files on the web.

    Raises
    ------
    CourseError
        With every warning of Sphinx: a link that leads nowhere, a text that it cannot read.
    """
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    told = io.StringIO()
    work = sources.pages.parent
    settings = _settings(base, repository, sources.files)
    # As a file: a theme's own settings are unknown where Sphinx is given settings from outside.
    (work / "conf.py").write_text(
        "".join(f"{name} = {value!r}\n" for name, value in settings.items()), encoding="utf-8"
    )
    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            srcdir=sources.pages,
            confdir=work,
            outdir=output,
            doctreedir=work / "trees",
            buildername="html",
            status=None,
            warning=told,
            freshenv=True,
        )
        app.build()
    warnings = re.sub(r"\x1b\[[0-9;]*m", "", told.getvalue()).replace(f"{sources.pages}/", "").strip()
    if warnings:
        raise CourseError(f"the pages have faults:\n  {warnings.replace(chr(10), chr(10) + '  ')}")
    for name in (".buildinfo", "objects.inv"):
        (output / name).unlink(missing_ok=True)
    prune_site(output)
    if base:
        _write_sitemap(output, base)


def _write_sitemap(output: Path, base: str) -> None:
    pages = sorted(path.name for path in output.glob("*.html") if path.name != "search.html")
    rows = "".join(f"<url><loc>{base}{'' if name == 'index.html' else name}</loc></url>\n" for name in pages)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}</urlset>\n'
    (output / "sitemap.xml").write_text(text, encoding="utf-8")
