"""What a learner wrote, as a page of the instructor's may show it: it is read, and nothing of it acts.

Formgrader shows notebooks inside its own page, which may give marks. Markup in a text cell or in an output would
act there with the instructor's rights, so a notebook is made harmless before it is stored in ``autograded/``:

- a text of the course itself, word for word, stays as it is, with its links;
- any other text keeps its words, formulae and code as they were written, and its markup is shown instead of obeyed.
  A link is shown as text, too: formgrader's own addresses run what is written in them;
- of an output's forms, only those that are pictures or text are kept, and HTML goes through nh3;
- of metadata, only what nbgrader and the course need is kept.

What was handed in stays as it is in ``submitted/``. Making a notebook harmless twice changes nothing.
"""

from __future__ import annotations

import binascii
import copy
import html
import re
from base64 import b64decode
from functools import cache
from pathlib import Path
from typing import Any

import nbformat

import course_lib
from course_lib.checks.result import MIME
from course_lib.instructor.grading.harmless_html import PICTURES, harmless_html, without_macros
from course_lib.instructor.grading.harmless_text import harmless_text, is_verbatim, verbatim
from course_lib.notebook.explanations import all_explanations

__all__ = ["harmless_notebook"]

#: Beyond this, the texts of a notebook are shown verbatim.
MOST_IN_ALL_TEXTS = 40_000

_KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
_NAME = re.compile(r"[\w.:-]{1,200}")
_LEXER = re.compile(r"[\w.+-]{1,50}")


@cache
def _own_texts() -> frozenset[str]:
    """Collect what the course itself says: the released lessons' texts, and what predictions reveal."""
    released = (Path(course_lib.__file__).parents[1] / "lessons").glob("[0-9][0-9]_*/*.ipynb")
    cells = (cell for path in sorted(released) for cell in nbformat.read(path, as_version=4).cells)
    texts = {cell.source for cell in cells if cell.cell_type == "markdown"}
    return frozenset(texts | {kept["why"] for kept in all_explanations()})


def _is_picture(data: Any) -> bool:
    try:
        b64decode("".join(str(data).split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return isinstance(data, str)


def _joined(value: Any) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else str(value)


def _data(data: dict[str, Any]) -> dict[str, Any]:
    """Return of an output's forms those that are pictures or text."""
    kept: dict[str, Any] = {}
    for kind, value in data.items():
        if kind == "text/plain":
            kept[kind] = value
        elif kind == "text/html":
            kept[kind] = harmless_html(_joined(value))
        elif kind == "text/markdown":
            kept[kind] = value if _joined(value) in _own_texts() else harmless_text(_joined(value))
        elif kind == "text/latex":
            kept[kind] = without_macros(_joined(value))
        elif (kind in PICTURES and _is_picture(value)) or kind == MIME:
            kept[kind] = value
    if data and not kept:
        kept["text/plain"] = f"({', '.join(sorted(map(_kind, data)))} is not shown)"
    return kept


def _kind(name: object) -> str:
    return str(name)[:80] if re.fullmatch(r"[\w./+-]{1,80}", str(name)) else "an unknown form"


def _output(output: Any) -> Any:
    made = copy.deepcopy(output)
    if output.get("output_type") in ("display_data", "execute_result"):
        made["data"] = nbformat.from_dict(_data(output.get("data") or {}))
        sizes = {
            kind: {key: n for key in ("width", "height") if isinstance(n := about.get(key), int | float)}
            for kind, about in (output.get("metadata") or {}).items()
            if kind in PICTURES and isinstance(about, dict)
        }
        made["metadata"] = nbformat.from_dict({kind: about for kind, about in sizes.items() if about})
    return made


def _cell_metadata(metadata: dict[str, Any]) -> Any:
    kept = {key: metadata[key] for key in ("deletable", "editable") if isinstance(metadata.get(key), bool)}
    about = metadata.get("nbgrader")
    if isinstance(about, dict) and _NAME.fullmatch(str(about.get("grade_id", ""))):
        kept["nbgrader"] = {
            key: value
            for key, value in about.items()
            if isinstance(value, bool | int | float | None) or _NAME.fullmatch(str(value))
        }
    tags = metadata.get("tags")
    if isinstance(tags, list) and (safe := [tag for tag in tags if isinstance(tag, str) and _NAME.fullmatch(tag)]):
        kept["tags"] = safe
    return nbformat.from_dict(kept)


def _notebook_metadata(metadata: dict[str, Any]) -> Any:
    kept: dict[str, Any] = {}
    for section in ("kernelspec", "language_info", "loss_curves"):
        about = metadata.get(section)
        if isinstance(about, dict):
            kept[section] = {
                key: value
                for key, value in about.items()
                if isinstance(value, str) and (_LEXER.fullmatch(value) or re.fullmatch(r"[\w .()+-]{1,80}", value))
            }
    if not {"name", "display_name"} <= set(kept.get("kernelspec", {})):
        kept["kernelspec"] = dict(_KERNEL)
    return nbformat.from_dict(kept)


def _attachments(cell: Any) -> dict[str, Any]:
    found = cell.get("attachments")
    if not isinstance(found, dict):
        return {}
    pictures = {
        name: {kind: data for kind, data in forms.items() if kind in PICTURES and _is_picture(data)}
        for name, forms in found.items()
        if isinstance(forms, dict)
    }
    return {name: forms for name, forms in pictures.items() if forms}


def harmless_notebook(notebook: Any) -> Any:
    """Return a copy of a notebook that a page of the instructor's can show without obeying anything in it.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Of version 4.
    """
    made = copy.copy(notebook)
    made.metadata = _notebook_metadata(notebook.metadata)
    made.cells, left = [], MOST_IN_ALL_TEXTS
    for cell in notebook.cells:
        one = copy.copy(cell)
        one.metadata = _cell_metadata(cell.metadata)
        if cell.cell_type == "code":
            one.outputs = [_output(output) for output in cell.get("outputs", [])]
        elif cell.source in _own_texts():
            one.pop("attachments", None)
        else:
            pictures = _attachments(cell)
            one.pop("attachments", None)
            if pictures:
                one["attachments"] = nbformat.from_dict(pictures)
            left -= len(cell.source)
            long = left < 0 and not is_verbatim(cell.source)
            one.source = verbatim(cell.source) if long else harmless_text(cell.source, pictures)
            if cell.cell_type == "raw":  # shown as it is written, like a text
                one.source = cell.source if "<" not in cell.source else html.escape(cell.source, quote=False)
        made.cells.append(one)
    return made
