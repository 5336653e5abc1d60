"""What live plots cost: ours beside others, in one run, through a real kernel.

Two questions. How long does one update take, and how many bytes does it send, when 100, 1,000, 10,000 and
100,000 points are already there? And how much longer does a whole training run take with the plot than
without? A kernel is started, cells are sent to it as JupyterLab sends them, and all that comes back is
counted. No browser takes part: this is what training waits for.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from typing import Any

from course_lib.bench.kernel import Kernel, started_kernel
from course_lib.bench.live_page import goals, table
from course_lib.bench.live_peers import PEERS, installed
from course_lib.bench.page import add_output_arguments, publish, versions

__all__ = ["add_arguments", "main", "measure"]

PACKAGES = ("anywidget", "ipykernel", "matplotlib", "keras", "fastprogress", "livelossplot", "torch")

POINTS = [100, 1_000, 10_000, 100_000]
_RUN = """
import time, torch
torch.set_num_threads(1)
from course_lib.data import digits
from course_lib.pytorch import fit
from course_lib.training.callbacks import Callback
from course_lib.live.plot import LivePlot
data = digits()
class Note(Callback):
    order = 3
    def on_train_end(self, logs=None): self.at = time.perf_counter()
class Opened(LivePlot):
    closing = (0.0, 0.0)
    def _end(self):
        started = time.perf_counter(), time.process_time()
        super()._end()
        self.closing = time.perf_counter() - started[0], time.process_time() - started[1]
def run(callbacks, epochs):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(64, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
    started = time.perf_counter(), time.process_time()
    fit(model, data.train, data.val, loss="cross_entropy", epochs=epochs, callbacks=callbacks)
    return time.perf_counter() - started[0], time.process_time() - started[1]
run([], 3); run([Opened()], 3)
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--quick", action="store_true", help="fewer repetitions; ends within 50 s")
    add_output_arguments(parser)


def _indent(code: str) -> str:
    return "".join(f"    {line}\n" for line in code.splitlines())


def _updates(kernel: Kernel, peer: str, points: int, quick: bool) -> dict[str, float]:
    """Measure one update of one peer with so many points there: median milliseconds, bytes."""
    _, opening, fill, update, closing = PEERS[peer]
    kernel.run(f"import time, math\nvalues = [1 / (1 + k / {points}) for k in range({points})]\n{opening}\n{fill}")
    kernel.run(update)  # not counted: the first drawing loads fonts
    cheap = peer in ("LivePlot", "Keras progress bar")
    times = (20 if quick else 200) if cheap else (3 if quick else 7)
    repeat = f"taken = []\nfor _ in range({times}):\n    started = time.perf_counter()\n{_indent(update)}"
    text, size = kernel.run(
        f"{repeat}    taken.append(time.perf_counter() - started)\n"
        "import statistics\nprint('@@' + str(1000 * statistics.median(taken)))"
    )
    kernel.run(closing)
    return {"ms": float(text.split("@@")[-1]), "bytes": size / times}


def _whole_run(kernel: Kernel, quick: bool) -> dict[str, float]:
    """Train digits with and without the plot in turn; return seconds and their ratio, the picture counted apart."""
    epochs, times = (60, 5) if quick else (200, 11)
    kernel.run(_RUN)
    text, _ = kernel.run(
        "plain, live, closing = [], [], []\n"
        f"for k in range({times}):\n"
        f"    plain.append(run([], {epochs}))\n"
        "    plot = Opened()\n"
        f"    live.append(run([plot], {epochs}))\n"
        "    closing.append(plot.closing)\n"
        "import json; print('@@' + json.dumps([plain, live, closing]))",
        timeout=240,
    )
    plain, live, closing = json.loads(text.split("@@")[-1])
    own = [[b - c for b, c in zip(one, end, strict=True)] for one, end in zip(live, closing, strict=True)]
    ratios, cpu = ([b[k] / a[k] for a, b in zip(plain, own, strict=True)] for k in (0, 1))
    return {
        "epochs": epochs,
        "plain_s": statistics.median(wall for wall, _ in plain),
        "live_s": statistics.median(wall for wall, _ in own),
        "ratio": statistics.median(ratios),
        "ratio_low": min(ratios),
        "ratio_high": max(ratios),
        "cpu_ratio": statistics.median(cpu),
        "picture_s": statistics.median(wall for wall, _ in closing),
        "picture_cpu_s": statistics.median(cpu for _, cpu in closing),
    }


def _memory(kernel: Kernel, quick: bool) -> dict[str, float]:
    """Send 100,000 updates in one cell; return how much the kernel grew beyond the recorded numbers."""
    updates = 20_000 if quick else 100_000
    text, size = kernel.run(
        "import psutil, time\nfrom course_lib.live.plot import LivePlot\n"
        "plot = LivePlot(every=1e9); plot.__enter__(); plot._heard = True; plot._update(time.perf_counter())\n"
        "rss = lambda: psutil.Process().memory_info().rss\n"
        "def send(count):\n"
        "    took = 0.0\n"
        "    for _ in range(count // 200):\n"
        "        started = time.perf_counter()\n"
        "        for _ in range(200):\n"
        "            plot.batch(0.5); plot._update(time.perf_counter())\n"
        "        took += time.perf_counter() - started\n"
        "        time.sleep(0.03)  # or the reader cannot keep up, and messages are dropped on their way\n"
        "    return took\n"
        "send(2000)\nbefore, kept = rss(), plot.history.nbytes\n"
        f"took = send({updates})\n"
        "print('@@' + repr([rss() - before, plot.history.nbytes - kept, took]))\n",
        timeout=240,
    )
    grown, recorded, took = json.loads(text.split("@@")[-1])
    kernel.run("plot._view = None; plot._end()")
    return {
        "updates": updates,
        "mb": max(0.0, (grown - recorded) / 1e6),
        "us_per_update": 1e6 * took / updates,
        "bytes": size / (updates + 2000),
    }


_EXPLORERS = """
import random, statistics, time
from course_lib import explorers
answers = {}
for name in explorers.__all__:
    explorer, rng, taken = getattr(explorers, name)(), random.Random(0), []
    for k in range(TIMES + 3):
        control = rng.choice(list(explorer.controls))
        others = [v for v in control.values if v != explorer.values[control.name]]
        started = time.perf_counter()
        explorer.reply({control.name: rng.choice(others)})
        taken.append(1000 * (time.perf_counter() - started))
    answers[name] = sorted(taken[3:])[int(0.95 * TIMES)]
import json; print('@@' + json.dumps(answers))
"""


def _explorers(kernel: Kernel, quick: bool) -> dict[str, float]:
    """Move a control of every explorer at random; return the 95th percentile of its answers in milliseconds."""
    text, _ = kernel.run(_EXPLORERS.replace("TIMES", "20" if quick else "60"))
    answers: dict[str, float] = json.loads(text.split("@@")[-1])
    return answers


def _saved(peer: str, points: int = 1000) -> float:
    """Run one peer in a notebook without a front end, as nbconvert does; return the saved notebook's kilobytes."""
    import nbformat
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell, new_notebook

    _, opening, fill, update, closing = PEERS[peer]
    if peer == "LivePlot":
        code = (
            "from course_lib.live.plot import LivePlot\n"
            f"with LivePlot() as plot:\n    for k in range({points}):\n        plot.batch(1 / (1 + k))\n"
            "        if k % 50 == 49: plot.epoch(val_loss=1 / (1 + k))\n"
        )
    else:
        code = f"import time\nvalues = [1 / (1 + k) for k in range({points})]\n{opening}\n{fill}\n"
        code += f"for _ in range(5):\n{_indent(update)}{closing}"
    notebook = new_notebook(cells=[new_code_cell(code)])
    client = NotebookClient(notebook, timeout=120, kernel_name="python3")
    client.execute(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return len(nbformat.writes(notebook).encode()) / 1e3


def measure(quick: bool = False, progress: Any = None) -> dict[str, Any]:
    """Measure everything.

    Parameters
    ----------
    quick : bool
        Fewer repetitions and fewer points, within 50 s.
    progress : callable, optional
        Called with a line of text as things go on.

    Returns
    -------
    dict
        ``versions``, ``updates`` (by peer and points: ms, bytes), ``run``, ``memory``, ``explorers_p95_ms``,
        ``saved_kb``, ``goals``.
    """
    say = progress or (lambda text: None)
    peers = [peer for peer, (packages, *_) in PEERS.items() if installed(packages)]
    points = [100, 10_000] if quick else POINTS
    updates: dict[str, dict[str, dict[str, float]]] = {peer: {} for peer in peers}
    with started_kernel() as kernel:
        for count in points:
            for peer in peers:
                say(f"{peer}, {count:,} points")
                updates[peer][str(count)] = _updates(kernel, peer, count, quick)
        say("100,000 updates in one cell")
        memory = _memory(kernel, quick)
    with started_kernel() as kernel:
        say("a whole run, with and without")
        run = _whole_run(kernel, quick)
        say("the explorers")
        answers = _explorers(kernel, quick)
    saved = {}
    for peer in peers if not quick else ["LivePlot"]:
        say(f"what {peer} leaves in the notebook")
        saved[peer] = _saved(peer)
    result = {"versions": versions(PACKAGES), "updates": updates, "run": run, "memory": memory, "saved_kb": saved}
    result["explorers_p95_ms"] = answers
    result["goals"] = goals(result)
    return result


def main(args: argparse.Namespace) -> int:
    """Run the benchmark."""
    result = measure(args.quick, lambda text: print(f"... {text}", file=sys.stderr))
    return publish(args, "live", result, table)
