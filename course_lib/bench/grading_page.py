"""What the measurement of grading says on its page: the goals and the table."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from course_lib.bench.page import footer, goal

__all__ = ["goals", "table"]


def _times_stock(one: dict[str, Any], workers: str) -> float:
    """Return notebooks per second as a multiple of stock's."""
    return float(one["stock"]["s"] / one["stock_students"] * one["students"] / one["ours"][workers]["s"])


def goals(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what is wanted of the figures, and whether it is met."""
    found: list[dict[str, Any]] = []

    def add(name: str, value: float, limit: float, at_least: bool = False) -> None:
        found.append(goal(name, value, limit, at_least=at_least))

    for one in result["classes"]:
        ratio = _times_stock(one, "2")
        limit = 4 if one["track"] == "pytorch" else 8
        add(f"times stock, {one['track']}, {one['class']} class of {one['students']}, 2 workers", ratio, limit, True)
        start = one["ours"]["2"]["shares"].get("start", 0.0)
        add(f"seconds until a warm kernel is ready, {one['track']}, {one['class']}", start, 0.6)
        add(f"scores that differ from stock's, {one['track']}, {one['class']}", float(not one["same_scores"]), 0)
    rows = result["growth"]
    if len(rows) > 1:
        first, last = rows[0], rows[-1]
        add("peak memory, largest class over smallest", last["peak_mb"] / first["peak_mb"], 1.2)
        per = [(b["s"] - a["s"]) / (b["students"] - a["students"]) for a, b in pairwise(rows)]
        if len(per) > 1:
            add("seconds per further notebook, largest over smallest step", max(per) / min(per), 1.5)
    return found


def table(result: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    lines = [
        "Notebooks a minute, with everything from the start of the command to its end; beside it the median seconds",
        "that one notebook spends in each part, and the most memory that all processes held together.",
        "",
        "| class | command | notebooks/min | times stock | start | import | execution | judging | peak MB |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for one in result["classes"]:
        what = f"{one['track']}, {one['class']}, {one['students']} students"
        stock = one["stock"]
        rate = 60 * one["stock_students"] / stock["s"]
        few = f" ({one['stock_students']} of them)" if one["stock_students"] < one["students"] else ""
        lines.append(f"| {what} | nbgrader autograde{few} | {rate:.1f} | 1 | | | | | {stock['peak_mb']:.0f} |")
        for workers, ours in one["ours"].items():
            parts = " | ".join(f"{ours['shares'].get(key, 0):.2f}" for key in ("start", "import", "execution", "judge"))
            lines.append(
                f"| {what} | course grade --workers {workers} | {60 * one['students'] / ours['s']:.1f} | "
                f"{_times_stock(one, workers):.1f} | {parts} | {ours['peak_mb']:.0f} |"
            )
    if result["growth"]:
        lines += ["", "| students | seconds | notebooks/min | peak MB | of it the writer |", "|---|---|---|---|---|"]
        lines += [
            f"| {row['students']} | {row['s']:.0f} | {60 * row['students'] / row['s']:.1f} | {row['peak_mb']:.0f} | "
            f"{row['writer_mb']:.0f} |"
            for row in result["growth"]
        ]
    return "\n".join([*lines, *footer(result)])
