"""What the benchmarks share: goals, versions, and their places in docs/benchmarks.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

__all__ = ["add_output_arguments", "footer", "goal", "publish", "versions", "write"]

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def add_output_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``--json`` and ``--write``, which every benchmark has."""
    parser.add_argument("--json", action="store_true", help="print the figures as JSON, and nothing else")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")


def goal(name: str, value: float, limit: float, *, at_least: bool = False) -> dict[str, Any]:
    """Hold a figure against its goal.

    Parameters
    ----------
    name : str
    value, limit : float
        The goal is met when the value is at most the limit.
    at_least : bool
        When it is at least the limit.

    Examples
    --------
    >>> goal("seconds", 2.0, 3.0)
    {'name': 'seconds', 'value': 2.0, 'limit': 3.0, 'met': True}
    """
    met = value >= limit if at_least else value <= limit
    return {"name": name, "value": round(value, 4), "limit": limit, "met": bool(met)}


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Return Python's version and those of the packages, as installed."""
    found = {"python": platform.python_version()}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def footer(result: dict[str, Any]) -> list[str]:
    """Return the lines that end every table: its goals, the machine, the versions."""
    lines = ["", "| goal | value | limit | met |", "|---|---|---|---|"]
    for one in result["goals"]:
        lines.append(f"| {one['name']} | {one['value']:.4g} | {one['limit']:g} | {'yes' if one['met'] else 'no'} |")
    installed = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    lines += ["", f"Measured on {os.cpu_count()} cores ({platform.system()}, {platform.machine()}). {installed}."]
    return lines


def write(subject: str, text: str, page: Path = PAGE) -> None:
    """Put a table between its marks, leaving the rest of the page as it is."""
    begin, end = f"<!-- {subject}: begin -->", f"<!-- {subject}: end -->"
    old = page.read_text(encoding="utf-8") if page.exists() else "# Benchmarks\n"
    block = f"{begin}\n{text}\n{end}"
    if begin in old:
        new = re.sub(f"{begin}.*?{end}", lambda _: block, old, flags=re.DOTALL)
    else:
        new = f"{old.rstrip()}\n\n## {subject.capitalize()}: `course bench {subject}`\n\n{block}\n"
    page.write_text(new, encoding="utf-8")


def publish(
    args: argparse.Namespace, subject: str, result: dict[str, Any], table: Callable[[dict[str, Any]], str]
) -> int:
    """Print a benchmark's figures, as JSON or as its table, and write the page if that was asked for."""
    print(json.dumps(result, indent=2) if args.json else table(result))
    if args.write:
        write(subject, table(result))
    return 0
