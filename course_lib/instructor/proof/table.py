"""What `course verify-graders` prints: a table of the exercises, the misses, one line at the end; or JSON."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from course_lib.instructor.proof.bank import Entry
from course_lib.instructor.proof.verdict import Row, Verdict

__all__ = ["as_json", "say"]


def _ratio(pair: list[int]) -> str:
    return f"{pair[0]}/{pair[1]}" if pair[0] == pair[1] else f"[bold]{pair[0]}/{pair[1]} ✗[/bold]"


def _table(rows: Sequence[Row]) -> Table:
    table = Table(title="Graders, by exercise")
    for name in ("exercise", "track"):
        table.add_column(name, no_wrap=True)
    for name in ("accepted", "caught", "named", "stub", "mutants", "equal", "flips", "s"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        pairs = [_ratio(p) for p in (row.accepted, row.caught, row.named, row.stubs, row.killed)]
        figures = [str(row.equivalent), str(row.flips), f"{row.seconds:.1f}"]
        table.add_row(f"{row.lesson[:2]} {row.exercise}", row.track, *pairs, *figures)
    return table


def _report(verdict: Verdict) -> str:
    entry = verdict.entry
    text = f"{entry.lesson} {entry.track} {entry.exercise}: {entry.kind} {entry.name!r} {verdict.miss}"
    return text + "".join(f"\n    {line}" for line in _source_of(entry))


def _source_of(entry: Entry) -> list[str]:
    """Return a mutant's source without docstrings and blank lines; nothing for other answers."""
    if entry.kind != "mutant":
        return []
    tree = ast.parse(entry.source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return [line for line in ast.unparse(tree).splitlines() if line.strip()]


def as_json(rows: Sequence[Row], misses: Sequence[Verdict], total: dict[str, Any], **about: Any) -> str:
    """Return all figures and misses as JSON."""
    found = about | {
        "total": total,
        "exercises": [asdict(row) for row in rows],
        "misses": [asdict(v.entry) | {"miss": v.miss} for v in misses],
    }
    return json.dumps(found, indent=2)


def say(console: Console, rows: Sequence[Row], misses: Sequence[Verdict], total: dict[str, Any], **about: Any) -> None:
    """Print the table, the misses, and the line that sums them up."""
    console.print(_table(sorted(rows, key=lambda r: (r.lesson, r.exercise, r.track))))
    for verdict in misses:
        print(_report(verdict))
    killed, mutants = total["killed"]
    share = f"{100 * killed / mutants:.1f} %" if mutants else "no mutants"
    accepted, caught = ("{} of {}".format(*total[name]) for name in ("accepted", "caught"))
    kept = f", {total['kept']} verdicts from the cache" if total["kept"] else ""
    console.print(
        f"{accepted} accepted, {caught} caught, "
        f"{total['named'][0]} named, {killed} of {mutants} mutants killed ({share}), {total['flips']} flips, "
        f"{len(about['seeds'])} seeds{kept}, {about['seconds']:.0f} s: {'proven' if about['passed'] else 'not proven'}",
        highlight=False,
    )
