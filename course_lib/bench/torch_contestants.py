"""Who races in PyTorch: the same network by hand, with the course's `fit`, and with other libraries."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from course_lib.data import Data

__all__ = [
    "Contestant",
    "bare",
    "callbacks",
    "hand_loader",
    "ignite",
    "lightning",
    "ours",
    "ours_loader",
    "same_work",
    "skorch",
]

Contestant = Callable[[], Any]


def _torch_model(data: Data) -> Any:
    import torch
    from torch import nn

    torch.manual_seed(0)
    inputs, outputs = data.train.x.shape[1], len(data.classes)
    return nn.Sequential(nn.Linear(inputs, 64), nn.ReLU(), nn.Linear(64, outputs))


def bare(data: Data, epochs: int) -> Contestant:
    """Return the barest loop: no validation, nothing recorded."""
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


def callbacks(folder: str) -> list[Any]:
    """Return what a run is usually told to: early stopping that never stops, a log, a bar that shows nothing."""
    from course_lib.training.callbacks import CSVLog
    from course_lib.training.early_stopping import EarlyStopping
    from course_lib.training.progress import ProgressBar

    class Quiet(ProgressBar):
        """A progress bar whose one line at the end goes nowhere."""

        def on_train_end(self, logs: Any = None) -> None:
            self._bar = None

    return [EarlyStopping(patience=10**6), CSVLog(os.path.join(folder, "run.csv")), Quiet("plain")]


def same_work(data: Data, epochs: int) -> Contestant:
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


def ours(data: Data, epochs: int, folder: str, by_name: bool = False) -> Contestant:
    """Return the course's `fit`, with an optimizer of torch's or with its own, which is asked for by name."""
    import torch

    from course_lib.pytorch import fit

    told = callbacks(folder)

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
            callbacks=told,
        )

    return run


def _loader(data: Data) -> Any:
    from course_lib.data import torch_loaders

    return torch_loaders(data)


def hand_loader(data: Data, epochs: int) -> Contestant:
    """Return a loop by hand around a DataLoader, with validation."""
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


def ours_loader(data: Data, epochs: int) -> Contestant:
    """Return the course's `fit` with that DataLoader."""
    import torch

    from course_lib.pytorch import fit

    loaders = _loader(data)

    def run() -> None:
        model = _torch_model(data)
        optimizer = torch.optim.Adam(model.parameters())
        arguments: dict[str, Any] = {"loss": "cross_entropy", "epochs": epochs, "metrics": ["accuracy"]}
        fit(model, loaders["train"], loaders["val"], optimizer=optimizer, **arguments)

    return run


def ignite(data: Data, epochs: int) -> Contestant:
    """Return ignite's engines."""
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


def skorch(data: Data, epochs: int) -> Contestant:
    """Return skorch's classifier."""
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


def lightning(data: Data, epochs: int) -> Contestant:
    """Return Lightning's trainer."""
    import logging

    import lightning as library
    import torch

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    loaders = _loader(data)

    class Module(library.LightningModule):
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
        trainer = library.Trainer(
            max_epochs=epochs,
            accelerator="cpu",
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(Module(), loaders["train"], loaders["val"])

    return run
