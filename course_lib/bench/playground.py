"""How the loss playground runs in a browser: frames a second while it trains, and the work in each frame.

The page trains at full speed on 1,000 rows at width 32. A frame's work is all that the page does in it: a slice of
training, and drawing. Frames are counted in a headless Chromium, which aims at 60 a second as a screen does.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import Any

from course_lib.bench.browser import FLAGS, find_browser
from course_lib.bench.page import add_output_arguments, footer, goal, publish, versions

__all__ = ["add_arguments", "main", "measure", "table"]

_STATE = "rows=1000&width=32&batch=32&speed=fast"
#: A fast machine would be through with the epochs that the page offers.
_WITHOUT_END = "() => { playground.settings = { ...playground.settings, epochs: 1e9 }; playground.reset(false); }"

#: Before the page's scripts: note when each frame began, and how long all that was asked for in it took.
_WATCH = """
const asked = window.requestAnimationFrame.bind(window);
window.frames = [];
window.requestAnimationFrame = (call) => asked((now) => {
  const began = performance.now(), last = window.frames.at(-1);
  call(now);
  const took = performance.now() - began;
  if (last && last[0] === now) last[1] += took;
  else window.frames.push([now, took]);
});
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--quick", action="store_true", help="2 seconds of training instead of 10; ends within 50 s")
    add_output_arguments(parser)


def _copy_page(folder: Path) -> str:
    from course_lib.instructor.site.playground import playground_files

    for name, path in playground_files().items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return f"{(folder / 'playground.html').as_uri()}#{_STATE}"


def _cpu_seconds(devtools: Any) -> float:
    """Return the processor time of the page's main thread so far."""
    metrics = {one["name"]: one["value"] for one in devtools.send("Performance.getMetrics")["metrics"]}
    return float(metrics["TaskDuration"])


def measure(browser: str, seconds: float) -> dict[str, Any]:
    """Train in a browser for so many seconds and return the figures.

    Parameters
    ----------
    browser : str
        Path of a Chromium.
    seconds : float
        How long to watch, after a second in which the scripts become warm.

    Returns
    -------
    dict
        ``frames_per_second``; ``work_ms`` and ``work_ms_95`` of a frame by the clock, ``cpu_ms`` of the page's thread
        in a frame; ``epochs_per_second``, ``versions``, ``goals``.
    """
    import numpy as np
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=FLAGS)
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.add_init_script(_WATCH)
        devtools = page.context.new_cdp_session(page)
        devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(_copy_page(Path(folder)))
        page.evaluate(_WITHOUT_END)
        page.get_by_role("button", name="Start").click()
        page.wait_for_timeout(1000)
        epochs = "() => [window.playground.run.epochs, window.frames.length]"
        cpu_before = _cpu_seconds(devtools)
        before, first = page.evaluate(epochs)
        page.wait_for_timeout(1000 * seconds)
        after, last = page.evaluate(epochs)
        cpu = _cpu_seconds(devtools) - cpu_before
        frames = np.array(page.evaluate("() => window.frames"))[first:last]
        chromium.close()
    passed = (frames[-1, 0] - frames[0, 0]) / 1000
    result: dict[str, Any] = {
        "frames_per_second": (len(frames) - 1) / passed,
        "work_ms": float(np.median(frames[:, 1])),
        "work_ms_95": float(np.quantile(frames[:, 1], 0.95)),
        "cpu_ms": 1000 * cpu / len(frames),
        "epochs_per_second": (after - before) / passed,
        "versions": versions(["playwright"]),
    }
    result["goals"] = [
        goal("frames a second", result["frames_per_second"], 58, at_least=True),
        goal("milliseconds of work in 95 of 100 frames", result["work_ms_95"], 1000 / 60),
        goal("milliseconds of processor time in a frame", result["cpu_ms"], 1000 / 60),
    ]
    return result


def table(result: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    lines = [
        "Training at full speed on 1,000 rows at width 32 in batches of 32, in a headless Chromium.",
        "",
        "| frames a second | work in a frame, ms | in 95 of 100 frames, ms | processor time, ms | epochs a second |",
        "|---|---|---|---|---|",
        f"| {result['frames_per_second']:.1f} | {result['work_ms']:.1f} | {result['work_ms_95']:.1f} "
        f"| {result['cpu_ms']:.1f} | {result['epochs_per_second']:.0f} |",
    ]
    return "\n".join([*lines, *footer(result)])


def main(args: argparse.Namespace) -> int:
    """Run the benchmark."""
    return publish(args, "playground", measure(find_browser(), 2 if args.quick else 10), table)
