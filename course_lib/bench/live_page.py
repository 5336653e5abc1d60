"""What the measurement of live plots says on its page: the goals and the table."""

from __future__ import annotations

from typing import Any

from course_lib.bench.page import footer, goal

__all__ = ["goals", "table"]


def goals(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Hold the figures against the goals; a ratio to a peer is the smallest over the numbers of points."""
    ours = result["updates"]["LivePlot"]
    found: list[dict[str, Any]] = []

    def add(name: str, value: float, limit: float, at_least: bool = False) -> None:
        found.append(goal(name, value, limit, at_least=at_least))

    add("whole run with the plot, as a multiple of the run without", result["run"]["ratio"], 1.02)
    add("final picture, seconds", result["run"]["picture_s"], 0.15)
    for peer, limit in (("livelossplot", 200), ("fastprogress graph", 100), ("clear and redraw", 100)):
        if peer in result["updates"]:
            theirs = result["updates"][peer]
            ratio = min(theirs[count]["ms"] / ours[count]["ms"] for count in ours)
            add(f"times cheaper per update than {peer}, at least", ratio, limit, at_least=True)
    sizes, times = ([ours[count][key] for count in ours] for key in ("bytes", "ms"))
    add("bytes per update, largest over smallest number of points", max(sizes) / min(sizes), 1.1)
    add("time per update, largest over smallest number of points", max(times) / min(times), 1.5)
    add("kilobytes left in the notebook", result["saved_kb"]["LivePlot"], 62)
    add("explorers, 95th percentile of the slowest, ms", max(result["explorers_p95_ms"].values()), 200)
    add("growth of the kernel by updates, beyond the record, MB", result["memory"]["mb"], 5)
    return found


def table(result: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    counts = list(next(iter(result["updates"].values())))
    head = " | ".join(f"{int(c):,}" for c in counts)
    lines = [
        "Milliseconds for one update, and kilobytes that it sends, with so many points already there:",
        "",
        f"| | {head} | left in the notebook |",
        "|---|" + "---|" * (len(counts) + 1),
    ]
    for peer, by_points in result["updates"].items():
        cells = [f"{by_points[c]['ms']:.3g} ms, {by_points[c]['bytes'] / 1e3:.2g} kB" for c in counts]
        left = result["saved_kb"].get(peer)
        lines.append(f"| {peer} | {' | '.join(cells)} | {'' if left is None else f'{left:.0f} kB'} |")
    run, memory = result["run"], result["memory"]
    lines += [
        "",
        f"Digits in PyTorch, {run['epochs']} epochs, every batch recorded and drawn: {run['live_s']:.3f} s with the "
        f"plot, {run['plain_s']:.3f} s without, {run['ratio']:.3f} times (from {run['ratio_low']:.3f} to "
        f"{run['ratio_high']:.3f}; in processor time {run['cpu_ratio']:.3f}). The picture at the end takes "
        f"{1000 * run['picture_s']:.0f} ms more ({1000 * run['picture_cpu_s']:.0f} ms of processor time).",
        "",
        f"{memory['updates']:,} updates in one cell: {memory['us_per_update']:.0f} µs and {memory['bytes']:.0f} bytes "
        f"each; the kernel grew by {memory['mb']:.1f} MB beyond the record itself.",
        "",
        "Explorers, 95th percentile of an answer in the kernel: "
        + ", ".join(f"{name} {ms:.0f} ms" for name, ms in result["explorers_p95_ms"].items())
        + ".",
    ]
    return "\n".join([*lines, *footer(result)])
