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

from course_lib.bench.page import add_output_arguments, footer, goal, publish, versions
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

Contestant = Callable[[], Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--quick", action="store_true", help="fewer contestants and epochs; ends within 50 s")
    parser.add_argument(
        "--largest", type=int, choices=(1, 10, 100), default=100, help="at most so many times the rows of digits"
    )
    add_output_arguments(parser)


# ---------------------------------------------------------------------------- torch


def _torch_model(data: Data) -> Any:
    import torch
    from torch import nn

    torch.manual_seed(0)
    inputs, outputs = data.train.x.shape[1], len(data.classes)
    return nn.Sequential(nn.Linear(inputs, 64), nn.ReLU(), nn.Linear(64, outputs))


def _bare(data: Data, epochs: int) -> Contestant:
    import torch

    xs, ys = torch.from_numpy(data.train.x).split(32), torch.from_numpy(data.train.y).split(32)

    def run() -> None:
        model, loss = _torch_model(data), torch.nn.CrossEntropyLoss()
        optimizer = torch.optim.Adam(model.parameters())
        for _ in range(epochs):
            for x, y in zip(xs, ys, strict=True):
                optimizer.zero_grad()
                batch_loss = loss(model(x), y)
                batch_loss.backward()
                optimizer.step()

    return run


def _callbacks(folder: str) -> list[Any]:
    from course_lib.training.callbacks import CSVLog
    from course_lib.training.early_stopping import EarlyStopping
    from course_lib.training.progress import ProgressBar

    class Quiet(ProgressBar):
        """A progress bar whose one line at the end goes nowhere."""

        def on_train_end(self, logs: Any = None) -> None:
            self._bar = None

    return [EarlyStopping(patience=10**6), CSVLog(os.path.join(folder, "run.csv")), Quiet("plain")]


def _same_work(data: Data, epochs: int) -> Contestant:
    """Return the fair opponent: it shuffles, validates, measures accuracy, and records every batch."""
    import torch

    x, y = torch.from_numpy(data.train.x), torch.from_numpy(data.train.y)
    x_val, y_val = torch.from_numpy(data.val.x), torch.from_numpy(data.val.y)

    def run() -> None:
        model, loss = _torch_model(data), torch.nn.CrossEntropyLoss()
        optimizer = torch.optim.Adam(model.parameters())
        batches, epochs_seen = [], []
        for _ in range(epochs):
            model.train()
            total = right = 0.0
            for rows in torch.randperm(len(y)).split(32):
                optimizer.zero_grad()
                output, target = model(x[rows]), y[rows]
                batch_loss = loss(output, target)
                batch_loss.backward()
                optimizer.step()
                value, hits = batch_loss.item(), (output.argmax(1) == target).sum().item()
                batches.append((value, len(rows), hits / len(rows), optimizer.param_groups[0]["lr"]))
                total, right = total + value * len(rows), right + hits
            model.eval()
            with torch.no_grad():
                output = model(x_val)
                val = loss(output, y_val).item(), (output.argmax(1) == y_val).float().mean().item()
            epochs_seen.append((total / len(y), right / len(y), *val))

    return run


def _ours(data: Data, epochs: int, folder: str, by_name: bool = False) -> Contestant:
    import torch

    from course_lib.pytorch import fit

    callbacks = _callbacks(folder)

    def run() -> None:
        model = _torch_model(data)
        optimizer = "adam" if by_name else torch.optim.Adam(model.parameters())
        fit(
            model,
            data.train,
            data.val,
            loss="cross_entropy",
            optimizer=optimizer,
            epochs=epochs,
            metrics=["accuracy"],
            callbacks=callbacks,
        )

    return run


def _loader(data: Data) -> Any:
    from course_lib.data import torch_loaders

    return torch_loaders(data)


def _hand_loader(data: Data, epochs: int) -> Contestant:
    import torch

    loaders = _loader(data)

    def run() -> None:
        model, loss = _torch_model(data), torch.nn.CrossEntropyLoss()
        optimizer = torch.optim.Adam(model.parameters())
        losses, right, val_losses, val_right = [], [], [], []
        for _ in range(epochs):
            model.train()
            for x, y in loaders["train"]:
                optimizer.zero_grad()
                output = model(x)
                batch_loss = loss(output, y)
                batch_loss.backward()
                optimizer.step()
                losses.append(batch_loss.item())
                right.append((output.argmax(1) == y).sum().item())
            model.eval()
            with torch.no_grad():
                for x, y in loaders["val"]:
                    output = model(x)
                    val_losses.append(loss(output, y).item() * len(y))
                    val_right.append((output.argmax(1) == y).sum().item())

    return run


def _ours_loader(data: Data, epochs: int) -> Contestant:
    import torch

    from course_lib.pytorch import fit

    loaders = _loader(data)

    def run() -> None:
        model = _torch_model(data)
        optimizer = torch.optim.Adam(model.parameters())
        arguments: dict[str, Any] = {"loss": "cross_entropy", "epochs": epochs, "metrics": ["accuracy"]}
        fit(model, loaders["train"], loaders["val"], optimizer=optimizer, **arguments)

    return run


def _ignite(data: Data, epochs: int) -> Contestant:
    import torch
    from ignite.engine import Events, create_supervised_evaluator, create_supervised_trainer
    from ignite.metrics import Accuracy, Loss

    loaders = _loader(data)

    def run() -> None:
        model, loss = _torch_model(data), torch.nn.CrossEntropyLoss()
        trainer = create_supervised_trainer(model, torch.optim.Adam(model.parameters()), loss)
        evaluator = create_supervised_evaluator(model, {"accuracy": Accuracy(), "loss": Loss(loss)})
        trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda: evaluator.run(loaders["val"]))
        trainer.run(loaders["train"], max_epochs=epochs)

    return run


def _skorch(data: Data, epochs: int) -> Contestant:
    import torch
    from skorch import NeuralNetClassifier
    from skorch.dataset import Dataset
    from skorch.helper import predefined_split

    def run() -> None:
        net = NeuralNetClassifier(
            _torch_model(data),
            criterion=torch.nn.CrossEntropyLoss,
            optimizer=torch.optim.Adam,
            lr=1e-3,
            max_epochs=epochs,
            batch_size=32,
            iterator_train__shuffle=True,
            train_split=predefined_split(Dataset(*data.val)),
            verbose=0,
        )
        net.fit(*data.train)

    return run


def _lightning(data: Data, epochs: int) -> Contestant:
    import logging

    import lightning
    import torch

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    loaders = _loader(data)

    class Module(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.model, self.loss = _torch_model(data), torch.nn.CrossEntropyLoss()

        def training_step(self, batch: Any, index: int) -> Any:
            x, y = batch
            loss = self.loss(self.model(x), y)
            self.log("train_loss", loss, on_step=False, on_epoch=True)
            return loss

        def validation_step(self, batch: Any, index: int) -> None:
            x, y = batch
            output = self.model(x)
            self.log("val_loss", self.loss(output, y))
            self.log("val_accuracy", (output.argmax(1) == y).float().mean())

        def configure_optimizers(self) -> Any:
            return torch.optim.Adam(self.parameters())

    def run() -> None:
        trainer = lightning.Trainer(
            max_epochs=epochs,
            accelerator="cpu",
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(Module(), loaders["train"], loaders["val"])

    return run


# ---------------------------------------------------------------------------- Keras


def _keras_model(data: Data, **compiling: Any) -> Any:
    import keras

    keras.utils.set_random_seed(0)
    kinds = keras.layers
    inputs, outputs = data.train.x.shape[1], len(data.classes)
    model = keras.Sequential([kinds.Input((inputs,)), kinds.Dense(64, "relu"), kinds.Dense(outputs)])
    if compiling:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("adam", loss, metrics=["accuracy"], **compiling)
    return model


def _ours_keras(data: Data, epochs: int, folder: str) -> Contestant:
    from course_lib.keras import fit

    model, callbacks = _keras_model(data), _callbacks(folder)

    def run() -> None:
        fit(
            model,
            data.train,
            data.val,
            loss="cross_entropy",
            epochs=epochs,
            metrics=["accuracy"],
            callbacks=callbacks,
        )

    return run


def _same_work_keras(data: Data, epochs: int) -> Contestant:
    """Return the fair opponent in Keras: a traced step, and in Python what a loop by hand records of every batch."""
    import keras
    import numpy as np
    import tensorflow as tf

    model = _keras_model(data)
    loss, optimizer = keras.losses.SparseCategoricalCrossentropy(from_logits=True), keras.optimizers.Adam()
    optimizer.build(model.trainable_variables)
    rng = np.random.default_rng(0)

    @tf.function(reduce_retracing=True)
    def step(x: Any, y: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            output = model(x, training=True)
            value = loss(y, output)
        optimizer.apply(tape.gradient(value, model.trainable_variables), model.trainable_variables)
        return value, tf.reduce_sum(tf.cast(tf.argmax(output, 1) == y, tf.float32))

    @tf.function(reduce_retracing=True)
    def look(x: Any, y: Any) -> tuple[Any, Any]:
        output = model(x, training=False)
        return loss(y, output), tf.reduce_mean(tf.cast(tf.argmax(output, 1) == y, tf.float32))

    def run() -> None:
        batches, epochs_seen = [], []
        for _ in range(epochs):
            total = right = 0.0
            order = rng.permutation(len(data.train.y))
            for start in range(0, len(order), 32):
                rows = order[start : start + 32]
                value, hits = (float(one) for one in step(data.train.x[rows], data.train.y[rows]))
                batches.append((value, len(rows), hits / len(rows), float(optimizer.learning_rate)))
                total, right = total + value * len(rows), right + hits
            val = [float(one) for one in look(data.val.x, data.val.y)]
            epochs_seen.append((total / len(order), right / len(order), *val))

    return run


def _stock(data: Data, epochs: int) -> Contestant:
    model = _keras_model(data, run_eagerly=False)
    return lambda: model.fit(*data.train, validation_data=data.val, epochs=epochs, batch_size=32, verbose=0)


def _stock_dataset(data: Data, epochs: int, steps: int = 1) -> Contestant:
    import tensorflow as tf

    model = _keras_model(data, steps_per_execution=steps)
    rows = len(data.train.y)
    train = tf.data.Dataset.from_tensor_slices(tuple(data.train)).cache().shuffle(rows).batch(32).prefetch(2)
    val = tf.data.Dataset.from_tensor_slices(tuple(data.val)).batch(1024).cache()
    return lambda: model.fit(train, validation_data=val, epochs=epochs, verbose=0)


def _train_on_batch(data: Data, epochs: int) -> Contestant:
    model = _keras_model(data, run_eagerly=False)

    def run() -> None:
        for _ in range(epochs):
            for start in range(0, len(data.train.y), 32):
                model.train_on_batch(data.train.x[start : start + 32], data.train.y[start : start + 32])
            model.evaluate(*data.val, verbose=0, batch_size=1024)

    return run


# ---------------------------------------------------------------------------- measuring


def _contestants(data: Data, epochs: int, folder: str, peers: bool) -> dict[str, Contestant]:
    made: dict[str, Contestant] = {
        BARE: _bare(data, epochs),
        OURS: _ours(data, epochs, folder),
        OURS_BY_NAME: _ours(data, epochs, folder, by_name=True),
        SAME_WORK: _same_work(data, epochs),
        HAND_LOADER: _hand_loader(data, epochs),
        OURS_LOADER: _ours_loader(data, epochs),
        OURS_KERAS: _ours_keras(data, epochs, folder),
        SAME_WORK_KERAS: _same_work_keras(data, epochs),
        STOCK: _stock(data, epochs),
    }
    if peers:
        steps = -(-len(data.train.y) // 32)
        made["Keras model.fit, cached tf.data"] = _stock_dataset(data, epochs)
        made["Keras model.fit, tf.data, steps_per_execution 8"] = _stock_dataset(data, epochs, 8)
        made[f"Keras model.fit, tf.data, steps_per_execution {steps}"] = _stock_dataset(data, epochs, steps)
        made["Keras train_on_batch"] = _train_on_batch(data, epochs)
        for name, maker in (("ignite", _ignite), ("skorch", _skorch), ("Lightning", _lightning)):
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
    races: list[tuple[str, Data, int, int, bool]] = [("digits", digits(), 10 if quick else 20, 7, not quick)]
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
                result["loader"] = _pairs(contestants[OURS_LOADER], contestants[HAND_LOADER], 9)
                progress("fit beside a loop that does the same work, in pairs")
                result["same_work"] = _pairs(contestants[OURS], contestants[SAME_WORK], 21)
                result["same_work_keras"] = _pairs(contestants[OURS_KERAS], contestants[SAME_WORK_KERAS], 9)
                result["bare"] = _pairs(contestants[OURS], contestants[BARE], 21)
                result["bare_by_name"] = _pairs(contestants[OURS_BY_NAME], contestants[BARE], 9)
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
