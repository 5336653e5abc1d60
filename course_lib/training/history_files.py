"""A history as text, JSON or CSV, and back, exactly."""

from __future__ import annotations

import csv
import io
import json
import math
import os
from pathlib import Path
from typing import Any

__all__ = [
    "BATCH_COLUMNS",
    "FORMAT_VERSION",
    "HistoryFileError",
    "as_csv",
    "as_json",
    "content_of_csv",
    "content_of_json",
    "exact",
]

FORMAT_VERSION = 2
"""Of the files `History.to_csv` and `History.to_json` write. Older ones are read, newer ones refused.

Only a history with rates of several groups of parameters needs 2; all others are written as 1, which older versions
of this package read.
"""

_FORMAT = "course_lib history"
BATCH_COLUMNS = ("epoch", "size", "weight", "loss", "lr")


class HistoryFileError(ValueError):
    """A file is no history, was cut short, or was written by a newer version of this package."""


def as_json(content: dict[str, Any]) -> str:
    """Return a history's content as valid JSON, with NaN as ``null`` and infinities as strings."""
    return json.dumps({**_head(content), **_jsonable(content)}, allow_nan=False)


def _head(content: dict[str, Any]) -> dict[str, Any]:
    """Return a file's first entries; take the rates of further groups out of a content that has none."""
    if not content["batch_rates"]:
        del content["batch_rates"]
    return {"format": _FORMAT, "version": FORMAT_VERSION if "batch_rates" in content else 1}


def content_of_json(source: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the content that `as_json` wrote, from a path or from the text itself."""
    text, name = _read(source)
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise HistoryFileError(
            f"{name} is not complete JSON (it ends or breaks at character {error.pos} of {len(text)}): "
            "the file was cut short, so write it again from the run or use an earlier copy"
        ) from error
    _check_version(content, name)
    for table in ("batches", "batch_metrics", "batch_rates", "epochs"):
        column = content.get(table, {})
        for key, values in column.items():
            column[key] = [_number(value) for value in values]
    return content


def as_csv(content: dict[str, Any]) -> str:
    """Return a history's content as CSV, one row a record; lines that begin with ``#`` hold the rest."""
    content = dict(content)
    head = _head(content)
    batches, metrics, epochs = (content.pop(key) for key in ("batches", "batch_metrics", "epochs"))
    rates = content.pop("batch_rates", {})
    head |= {**content, "batch_metrics": list(metrics), "epoch_columns": list(epochs)}
    head |= {"batch_rates": list(rates)} if rates else {}
    further = [*metrics.items(), *rates.items()]
    out = io.StringIO()
    out.write("# " + json.dumps(head) + "\n")
    write = csv.writer(out, lineterminator="\n").writerow
    write(
        [
            "record",
            "epoch",
            *(f"batch_{n}" for n in BATCH_COLUMNS[1:]),
            *(f"batch_{name}" for name, _ in further),
            *epochs,
        ]
    )
    for row in zip(*batches.values(), *(column for _, column in further), strict=True):
        write(["batch", *map(_text, row), *[""] * len(epochs)])
    gap = [""] * (len(BATCH_COLUMNS) - 1 + len(further))
    for number in range(content["n_epochs"]):
        write(["epoch", number + 1, *gap, *(_text(column[number]) for column in epochs.values())])
    out.write("# end\n")
    return out.getvalue()


def content_of_csv(source: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the content that `as_csv` wrote, from a path or from the text itself."""
    text, name = _read(source)
    first, _, rest = text.partition("\n")
    try:
        head = json.loads(first.removeprefix("#"))
    except json.JSONDecodeError as error:
        raise HistoryFileError(
            f"{name} does not begin as a history's CSV file does, or its first line was cut short"
        ) from error
    _check_version(head, name)
    if not rest.rstrip("\r\n").endswith("# end"):
        raise HistoryFileError(
            f"{name} ends before its last line '# end': the file was cut short, so write it again from the run"
        )
    body = rest.rstrip("\r\n").removesuffix("# end")
    rows = [row for row in csv.reader(io.StringIO(body, newline="")) if row]
    metrics, rates, epochs = head["batch_metrics"], head.get("batch_rates", []), head["epoch_columns"]
    n_batch = len(BATCH_COLUMNS) + len(metrics) + len(rates)
    batch_rows = [row[1 : 1 + n_batch] for row in rows[1:] if row[0] == "batch"]
    epoch_rows = [row[1 + n_batch :] for row in rows[1:] if row[0] == "epoch"]
    if len(batch_rows) != head["n_batches"] or len(epoch_rows) != head["n_epochs"]:
        raise HistoryFileError(
            f"{name} has {len(batch_rows)} batches and {len(epoch_rows)} epochs where its first line says "
            f"{head['n_batches']} and {head['n_epochs']}: rows are missing or were added"
        )
    columns: list[list[Any]] = [list(map(_number, column)) for column in zip(*batch_rows, strict=True)]
    columns = columns or [[] for _ in range(n_batch)]
    columns[:2] = [list(map(int, column)) for column in columns[:2]]
    names = (*BATCH_COLUMNS, *(("metric", m) for m in metrics), *(("rate", r) for r in rates))
    by_name = dict(zip(names, columns, strict=True))
    head["batches"] = {key: by_name[key] for key in BATCH_COLUMNS}
    head["batch_metrics"] = {m: by_name["metric", m] for m in metrics}
    head["batch_rates"] = {r: by_name["rate", r] for r in rates}
    values = [list(map(_number, column)) for column in zip(*epoch_rows, strict=True)] or [[] for _ in epochs]
    head["epochs"] = dict(zip(epochs, values, strict=True))
    return head


def exact(value: Any) -> Any:
    """Make comparable: NaN equals NaN, and 0.0 differs from -0.0."""
    if isinstance(value, float):
        return value.hex() if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    return [exact(item) for item in value] if isinstance(value, list) else value


def _jsonable(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, dict):
        return {key: _jsonable(item) for key, item in value.items()}
    return [_jsonable(item) for item in value] if isinstance(value, list) else value


def _number(value: Any) -> Any:
    """Undo `_jsonable` and `_text`."""
    if value is None or value == "":
        return math.nan
    return float(value) if isinstance(value, str) else value


def _text(value: float) -> str:
    return "" if isinstance(value, float) and math.isnan(value) else repr(value)


def _read(source: str | os.PathLike[str]) -> tuple[str, str]:
    """Return the text and what to call it, from a path or from the text itself."""
    if isinstance(source, str) and (source.lstrip().startswith(("{", "#")) or "\n" in source):
        return source, "this text"
    path = Path(source)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise HistoryFileError(f"{path} is not text in UTF-8, so it is no history or was damaged: {error}") from error
    if not text.strip():
        raise HistoryFileError(f"{path} is empty: it was cut short before anything was written")
    return text, str(path)


def _check_version(content: Any, name: str) -> None:
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise HistoryFileError(f"{name} is not a history written by this package")
    if content.get("version", 0) > FORMAT_VERSION:
        raise HistoryFileError(
            f"{name} has format version {content['version']}, this package reads up to {FORMAT_VERSION}: "
            "install the newer version of the package that wrote it"
        )
