"""Reading a file that should be a notebook, also when it is not quite one."""

from __future__ import annotations

import codecs
import json
import re
from typing import Any

import nbformat
from nbformat.v4 import new_notebook

from course_lib.printable import printable

__all__ = ["Unreadable", "decode", "read_notebook"]

#: More cells than any notebook has: each costs a look at the release's cells, and a run.
MOST_CELLS = 5000
#: More lists, mappings and commas than any notebook has: each may cost a hundred bytes once it is read.
MOST_PARTS = 5_000_000
#: A name in a notebook's metadata; what is longer is cut.
MOST_NAME = 200
#: Python itself reads no longer whole number.
_MOST_DIGITS = 4000
_CONFLICT = re.compile(r"^(<{7}|={7}|>{7}|\|{7})( .*)?\n", re.MULTILINE)
_TRAILING_COMMA = re.compile(r",(\s*[\]}])")


class Unreadable(Exception):
    """The file holds nothing that can be graded; the message says what it is instead."""


def decode(raw: bytes) -> tuple[str, list[str]]:
    """Return a file's text, and a line where it is not plain UTF-8."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if raw.startswith(mark):
            try:
                return raw.decode(encoding), [f"read as {encoding}"]
            except UnicodeDecodeError:
                break
    try:
        return raw.decode(), []
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace"), ["not UTF-8; read as Windows-1252"]


def _whole_number(digits: str) -> int:
    """Read a whole number; one of thousands of digits is no number that a notebook needs."""
    return int(digits) if len(digits) <= _MOST_DIGITS else 0


_DECODER = json.JSONDecoder(parse_int=_whole_number)


def _whole_cells(text: str) -> list[Any]:
    """Read the cells of a notebook one by one until the text breaks off."""
    start = re.search(r'"cells"\s*:\s*\[', text)
    cells: list[Any] = []
    at = start.end() if start else len(text)
    while at < len(text):
        while at < len(text) and text[at] in " \r\n\t,":
            at += 1
        try:
            cell, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        if not isinstance(cell, dict):
            break
        cells.append(cell)
    return cells


def _parse(text: str) -> tuple[Any, list[str]]:
    try:
        return _DECODER.decode(text), []
    except RecursionError:
        raise Unreadable("its JSON is nested without end") from None
    except ValueError as error:
        first = error
    mended = _TRAILING_COMMA.sub(r"\1", _CONFLICT.sub("", text))
    if mended != text:
        try:
            return _DECODER.decode(mended), ["JSON mended (merge marks or commas)"]
        except (ValueError, RecursionError):
            pass
    cells = _whole_cells(text)
    if not cells:
        raise Unreadable(f"not a notebook: {first}")
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, [
        f"broken JSON: the {len(cells)} cells before the break were read"
    ]


def _whole(text: str) -> str:
    """Replace halves of characters, as an emoji that was cut in two leaves them: no file can hold them."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _plain(about: Any) -> dict[str, Any]:
    """Return the plain values of a mapping: a name, a flag, points."""
    values = about.items() if isinstance(about, dict) else ()
    plain = [(str(k), v) for k, v in values if isinstance(v, str | int | float)][:MOST_NAME]
    return {_whole(k[:MOST_NAME]): _whole(v[:MOST_NAME]) if isinstance(v, str) else v for k, v in plain}


def _metadata(given: Any, parts: tuple[str, ...]) -> dict[str, Any]:
    """Return what grading reads of metadata; anything else may be nested without end and is not needed."""
    given = given if isinstance(given, dict) else {}
    return {part: _plain(given[part]) for part in parts if isinstance(given.get(part), dict)}


def _attachments(value: Any) -> dict[str, dict[str, str]]:
    """Return the pictures of a text that are what they must be."""
    found = {}
    for name, picture in value.items() if isinstance(value, dict) else ():
        if isinstance(picture, dict) and all(isinstance(data, str) for data in picture.values()):
            found[_whole(str(name))] = {_whole(str(kind)): _whole(data) for kind, data in picture.items()}
    return found


def _clean_cell(cell: Any) -> Any | None:
    """Give a cell the few fields it must have; outputs are thrown away, since grading makes its own."""
    if not isinstance(cell, dict):
        return None
    kind = cell.get("cell_type") if cell.get("cell_type") in ("code", "markdown", "raw") else "markdown"
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(str(line) for line in source)
    metadata = _metadata(cell.get("metadata"), ("nbgrader",))
    tags = (cell.get("metadata") or {}).get("tags") if isinstance(cell.get("metadata"), dict) else None
    if isinstance(tags, list):
        metadata["tags"] = [tag for tag in tags[:MOST_NAME] if isinstance(tag, str) and tag.isprintable()]
    made = {"cell_type": kind, "source": _whole(str(source)), "metadata": metadata}
    if isinstance(cell.get("id"), str):
        made["id"] = cell["id"]
    if kind == "code":
        made |= {"outputs": [], "execution_count": None}
    elif attachments := _attachments(cell.get("attachments")):
        made["attachments"] = attachments
    return made


def _upgrade(data: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    if isinstance(data.get("nbformat"), int) and data["nbformat"] >= 4:
        return data, []
    try:
        old = nbformat.from_dict(data)
        return dict(nbformat.convert(old, 4)), ["converted from an older notebook format"]
    except Exception as error:
        raise Unreadable(f"an older notebook format that cannot be converted ({printable(error, 200)})") from None


def read_notebook(raw: bytes) -> tuple[nbformat.NotebookNode, list[str]]:
    """Read a submitted file.

    Parameters
    ----------
    raw : bytes

    Returns
    -------
    notebook : NotebookNode
        Format 4, without outputs; every cell has a source and metadata.
    repairs : list of str
        What had to be mended.

    Raises
    ------
    Unreadable
        If there is nothing to grade in it.
    """
    if not raw.strip():
        raise Unreadable("the file is empty")
    text, repairs = decode(raw)
    parts = sum(map(text.count, "[{,"))
    if parts > MOST_PARTS:
        raise Unreadable(f"its JSON has about {parts} parts; {MOST_PARTS} are read at most")
    data, more = _parse(text)
    repairs += more
    if not isinstance(data, dict):
        raise Unreadable(f"not a notebook: its JSON is a {type(data).__name__}")
    if "cells" not in data:
        if "worksheets" not in data:
            raise Unreadable("not a notebook: it has no cells")
        data, more = _upgrade(data)
        repairs += more
    cells = data.get("cells")
    if not isinstance(cells, list):
        raise Unreadable("not a notebook: its cells are no list")
    if len(cells) > MOST_CELLS:
        raise Unreadable(f"it has {len(cells)} cells; {MOST_CELLS} are read at most")
    cleaned = [made for cell in cells if (made := _clean_cell(cell)) is not None]
    if len(cleaned) < len(cells):
        repairs.append(f"{len(cells) - len(cleaned)} things that are no cells left out")
    notebook = new_notebook(metadata=_metadata(data.get("metadata"), ("kernelspec", "loss_curves")))
    notebook.cells = [nbformat.from_dict(cell) for cell in cleaned]
    return notebook, repairs
