"""What the trainers cost: ours, a loop written by hand, and other libraries, in one run.

Every contestant trains the same multilayer perceptron with Adam on the same rows in batches of 32.
All take turns in every repetition, so that a busy machine slows all of them; a time is given as a
multiple of the bare loop's in the same repetition. Each has trained once before, so that tracing and
first-time costs are not in the figures. Arithmetic runs on one thread.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from typing import Any

from course_lib.bench import keras_contestants as in_keras
from course_lib.bench import torch_contestants as in_torch
from course_lib.bench.page import add_output_arguments, footer, goal, publish, versions
from course_lib.bench.torch_contestants import Contestant
from course_lib.data import Data, digits, moons
from course_lib.training.history import History

__all__ = ["add_arguments", "main", "measure", "table"]

BARE = "bare loop over pre-split tensors"
OURS = "course_lib.pytorch.fit"
OURS_BY_NAME = "course_lib.pytorch.fit, optimizer='adam'"
HAND_LOADER = "loop by hand around a DataLoader"
OURS_LOADER = "course_lib.pytorch.fit with that DataLoader"
OURS_KERAS = "course_lib.keras.fit"
SAME_WORK = "loop by hand that does the same work"
SAME_WORK_KERAS = "loop by hand that does the same work, Keras"
STOCK = "Keras model.fit(x, y)"
PEERS = ("keras", "lightning", "pytorch-ignite", "skorch", "tensorflow", "torch")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--quick", action="store_true", help="fewer contestants and epochs; ends within 50 s")
    parser.add_argument(
        "--largest", type=int, choices=(1, 10, 100), default=100, help="at most so many times the rows of digits"
    )
    add_output_arguments(parser)


def _contestants(data: Data, epochs: int, folder: str, peers: bool) -> dict[str, Contestant]:
    made: dict[str, Contestant] = {
        BARE: in_torch.bare(data, epochs),
        OURS: in_torch.ours(data, epochs, folder),
        OURS_BY_NAME: in_torch.ours(data, epochs, folder, by_name=True),
        SAME_WORK: in_torch.same_work(data, epochs),
        HAND_LOADER: in_torch.hand_loader(data, epochs),
        OURS_LOADER: in_torch.ours_loader(data, epochs),
        OURS_KERAS: in_keras.ours_keras(data, epochs, folder),
        SAME_WORK_KERAS: in_keras.same_work_keras(data, epochs),
        STOCK: in_keras.stock(data, epochs),
    }
    if peers:
        steps = -(-len(data.train.y) // 32)
        made["Keras model.fit, cached tf.data"] = in_keras.stock_dataset(data, epochs)
        made["Keras model.fit, tf.data, steps_per_execution 8"] = in_keras.stock_dataset(data, epochs, 8)
        made[f"Keras model.fit, tf.data, steps_per_execution {steps}"] = in_keras.stock_dataset(data, epochs, steps)
        made["Keras train_on_batch"] = in_keras.train_on_batch(data, epochs)
        for name, maker in (
            ("ignite", in_torch.ignite),
            ("skorch", in_torch.skorch),
            ("Lightning", in_torch.lightning),
        ):
            try:
                made[name] = maker(data, epochs)
            except ModuleNotFoundError:
                print(f"... {name} is not installed and left out", file=sys.stderr)
    return made


def _race(contestants: dict[str, Contestant], steps: int, repetitions: int) -> dict[str, dict[str, float]]:
    """Let all take turns; return seconds, and multiples of the bare loop in the same repetition."""
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for repetition in range(repetitions + 1):  # the first one warms up
        for name, run in contestants.items():
            started = time.perf_counter()
            run()
            if repetition:
                seconds[name].append(time.perf_counter() - started)
    rows = {}
    for name, times in seconds.items():
        multiples = sorted(t / bare for t, bare in zip(times, seconds[BARE], strict=True))
        low, _, high = statistics.quantiles(multiples, n=4)
        rows[name] = {
            "multiple": statistics.median(multiples),
            "low": low,
            "high": high,
            "us_per_step": statistics.median(times) / steps * 1e6,
        }
    return rows


def _pairs(one: Contestant, other: Contestant, repetitions: int) -> float:
    """Return the median over repetitions of the first's time as a multiple of the second's."""
    ratios = []
    for _ in range(repetitions):
        started = time.perf_counter()
        one()
        between = time.perf_counter()
        other()
        ratios.append((between - started) / (time.perf_counter() - between))
    return statistics.median(ratios)


def _record_cost(count: int = 200_000) -> tuple[float, float]:
    """Return microseconds and bytes for one batch record with loss, size and learning rate."""
    times = []
    for _ in range(7):
        history = History()
        started = time.perf_counter()
        for _ in range(count):
            history.batch(0.5, 32, lr=0.1)
        times.append(time.perf_counter() - started)
    return statistics.median(times) / count * 1e6, history.nbytes / count


def _import_ms() -> float:
    code = "import time; t = time.perf_counter(); import course_lib; print(time.perf_counter() - t)"
    times = [float(subprocess.check_output([sys.executable, "-c", code], text=True)) for _ in range(7)]
    return statistics.median(times) * 1000


def measure(
    quick: bool = False, progress: Callable[[str], None] = lambda text: None, largest: int = 100
) -> dict[str, Any]:
    """Run everything and return the figures.

    Parameters
    ----------
    quick : bool
        Digits only, 10 epochs, without the peers.
    progress : callable
        Told what is being measured.
    largest : int
        Leave out data with more than so many times the rows of digits.

    Returns
    -------
    dict
        ``tables`` (by data set: by contestant: multiple, low, high, us_per_step), ``history``,
        ``import_ms``, ``versions``, ``goals``.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf
    import torch

    torch.set_num_threads(1)
    try:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        progress("tensorflow was in use before; its threads stay as they are")
    tf.get_logger().setLevel("ERROR")
    races: list[tuple[str, Data, int, int, bool]] = [("digits", digits(), *((4, 3) if quick else (20, 7)), not quick)]
    few, many = (3, 5) if quick else (9, 21)
    if not quick:
        races.append(("moons", moons(), 100, 7, False))
        more = [(10, 2), (100, 1)]
        races += [
            (f"digits, {copies} times the rows", digits(copies=copies), epochs, 7, False)
            for copies, epochs in more
            if copies <= largest
        ]
    result: dict[str, Any] = {"quick": quick, "tables": {}}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, data, epochs, repetitions, peers in races:
            progress(f"{name}: {len(data.train.y):,} rows, {epochs} epochs, {repetitions} repetitions")
            steps = epochs * -(-len(data.train.y) // 32)
            contestants = _contestants(data, epochs, folder, peers)
            result["tables"][name] = _race(contestants, steps, repetitions)
            if name == "digits":
                progress("loops around a DataLoader, in pairs")
                result["loader"] = _pairs(contestants[OURS_LOADER], contestants[HAND_LOADER], few)
                progress("fit beside a loop that does the same work, in pairs")
                result["same_work"] = _pairs(contestants[OURS], contestants[SAME_WORK], many)
                result["same_work_keras"] = _pairs(contestants[OURS_KERAS], contestants[SAME_WORK_KERAS], few)
                result["bare"] = _pairs(contestants[OURS], contestants[BARE], many)
                result["bare_by_name"] = _pairs(contestants[OURS_BY_NAME], contestants[BARE], few)
    progress("History and import")
    microseconds, size = _record_cost()
    result["history"] = {"us": microseconds, "bytes": size}
    result["import_ms"] = _import_ms()
    result["versions"] = versions(PEERS)
    result["goals"] = _goals(result)
    return result


def _goals(result: dict[str, Any]) -> list[dict[str, Any]]:
    rows = result["tables"]["digits"]
    stock = rows[STOCK]["us_per_step"] / rows[OURS_KERAS]["us_per_step"]
    figures = [
        ("PyTorch fit, as a multiple of a loop that does the same work, same Adam", result["same_work"], 1.03, False),
        ("Keras fit, as a multiple of a loop that does the same work", result["same_work_keras"], 1.03, False),
        ("PyTorch fit with its own Adam, as a multiple of the bare loop", result["bare_by_name"], 1.10, False),
        ("PyTorch fit with the bare loop's Adam, as a multiple of the bare loop", result["bare"], 1.10, False),
        ("PyTorch fit with a DataLoader, as a multiple of the loop by hand", result["loader"], 1.05, False),
        ("Keras fit, as a multiple of the bare torch loop", rows[OURS_KERAS]["multiple"], 1.2, False),
        ("Keras fit, times faster than model.fit(x, y), at least", stock, 3.0, True),
        ("History, microseconds a batch record", result["history"]["us"], 1.0, False),
        ("History, bytes a batch record", result["history"]["bytes"], 64, False),
        ("import course_lib, milliseconds", result["import_ms"], 50, False),
    ]
    return [goal(name, value, limit, at_least=least) for name, value, limit, least in figures]


def table(result: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    lines = [__doc__.split("\n\n", 1)[1].strip()]
    for name, rows in result["tables"].items():
        lines += ["", f"**{name[0].upper() + name[1:]}**", ""]
        lines += ["| | times the bare loop | middle half | µs a step |", "|---|---|---|---|"]
        for contestant, row in sorted(rows.items(), key=lambda item: item[1]["multiple"]):
            spread = f"{row['low']:.2f} to {row['high']:.2f}"
            lines.append(f"| {contestant} | {row['multiple']:.2f} | {spread} | {row['us_per_step']:.0f} |")
    return "\n".join([*lines, *footer(result)])


def main(args: argparse.Namespace) -> int:
    """Run the benchmark."""
    result = measure(args.quick, lambda text: print(f"... {text}", file=sys.stderr), args.largest)
    return publish(args, "trainers", result, table)
