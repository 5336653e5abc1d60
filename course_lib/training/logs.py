"""Logs that outlive the run: `RunLog` writes lines of JSON, `TensorBoardLog` what TensorBoard draws.

Both write every batch's own loss, count steps and epochs from 1 as `History` does, hand each record to the operating
system at once, and can be given to a resumed run without a step standing there twice.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from course_lib.atomic import write_atomically
from course_lib.training.callbacks import Callback, Logs
from course_lib.training.event_files import EventWriter, event_files

if TYPE_CHECKING:
    import pandas as pd

    from course_lib.training.history import History

__all__ = ["RunLog", "TensorBoardLog", "read_log"]

Record = Mapping[str, object]
#: What an epoch's record says of the computer, not of the model.
_NOT_DRAWN = ("lr", "seconds", "samples")


def _batches(history: History) -> Iterator[tuple[int, int, dict[str, float]]]:
    """Yield epoch, step and logs of each batch so far."""
    table = history.to_frame("batches")
    columns = {str(name): table[name].tolist() for name in table if name != "epoch"}
    for place, epoch in enumerate(table["epoch"].tolist()):
        yield epoch, place + 1, {name: column[place] for name, column in columns.items()}


def _last_steps(history: History) -> list[int]:
    """Return the step with which each epoch ended."""
    return [int((history.batch_epoch <= epoch).sum()) for epoch in range(1, history.epochs + 1)]


# --- lines of JSON ---------------------------------------------------------------------------------------------------


class RunLog(Callback):
    r"""Write a run as lines of JSON: one for each batch and each epoch, at once.

    Each line is a record of its own, valid JSON: ``{"record": "batch", "step": 31, "epoch": 2, "loss": 0.52, …}`` or
    ``{"record": "epoch", "step": 60, "epoch": 2, "train_loss": 0.5, "val_loss": 0.6, …}``, in both frameworks. The
    first says what began. A crash can cut the last line, which `read_log` leaves out; batches of the last tenth of a
    second may be missing, as they are told in groups.

    Parameters
    ----------
    path : path
        The file. A new run never touches an older one's log: the file that is there becomes ``run.1.jsonl``,
        ``run.2.jsonl`` and so on. A resumed run replaces its own log, with what was done up to where it goes on, and
        moves any other out of the way as well.

    Examples
    --------
    >>> log = RunLog("run.jsonl")   # then: fit(..., callbacks=[log]); read_log("run.jsonl")
    """

    grouped = True

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._file: IO[bytes] | None = None
        self._before = 0

    def on_train_begin(self, logs: Logs = None) -> None:
        """Wait: a run that does not come about leaves an old file alone."""
        self._file = None

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Begin the file, with the epochs that a resumed run has done before."""
        history = self.run.history
        self._before = history.steps
        if self._file is not None:
            return
        first = {"record": "start", "step": history.steps, "epoch": epoch, "framework": self.run.framework}
        done = [*self._done(history)] if epoch > 1 else []
        if self.path.exists() and not self._is_of_this_run(done):
            self.path.rename(self._free_name())
        write_atomically(self.path, b"".join(map(_line, [*done, first])))
        self._file = self.path.open("ab", buffering=0)

    def _is_of_this_run(self, done: list[Record]) -> bool:
        """Whether the file that is there has every batch that this run has done before."""
        lines = self.path.read_bytes().splitlines(keepends=True)
        mine = _batch_losses(done)
        try:
            there = _batch_losses(json.loads(line) for line in lines if line.endswith(b"}\n"))
        except (ValueError, KeyError, TypeError):  # no log at all
            return False
        return bool(mine) and mine <= there

    def _free_name(self) -> Path:
        names = (self.path.with_name(f"{self.path.stem}.{number}{self.path.suffix}") for number in count(1))
        return next(name for name in names if not name.exists())

    def _done(self, history: History) -> Iterator[Record]:
        """Yield the records of the run so far, in the order in which they were written."""
        ends = dict(enumerate(_last_steps(history), start=1))
        for epoch, step, values in _batches(history):
            yield {"record": "batch", "step": step, "epoch": epoch, **values}
            if ends.get(epoch) == step:
                yield {"record": "epoch", "step": step, "epoch": epoch, **history.row(epoch)}

    def _write(self, record: Record) -> None:
        if self._file is not None:
            self._file.write(_line(record))

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Append the batch's line."""
        epoch = self.run.history.epochs + 1
        self._write({"record": "batch", "step": self._before + batch, "epoch": epoch, **(logs or {})})

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Append the epoch's line."""
        self._write({"record": "epoch", "step": self.run.history.steps, "epoch": epoch, **(logs or {})})

    def on_train_end(self, logs: Logs = None) -> None:
        """Append why the run ended, and close the file."""
        if self._file is not None:
            history = self.run.history
            end = {"record": "end", "step": history.steps, "epoch": history.epochs, "reason": history.stop_reason}
            self._write(end)
            self._file.close()
            self._file = None


def _batch_losses(records: Iterable[Record]) -> set[tuple[object, object]]:
    return {(r["step"], _storable(r["loss"])) for r in records if r["record"] == "batch"}


def _line(record: Record) -> bytes:
    return json.dumps({name: _storable(value) for name, value in record.items()}, allow_nan=False).encode() + b"\n"


def _storable(value: Any) -> Any:
    """Return what JSON has a word for: NaN becomes ``null``, infinities become texts."""
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value


def read_log(path: str | os.PathLike[str]) -> pd.DataFrame:
    r"""Read what `RunLog` wrote, also while the run goes on or after it crashed.

    Parameters
    ----------
    path : path

    Returns
    -------
    pandas.DataFrame
        A row for each line, in their order; ``record`` says what kind. A last line that was cut is left out.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp(), "run.jsonl")
    >>> _ = path.write_text('{"record": "batch", "step": 1, "loss": 2.5}\n{"record": "batch", "st')
    >>> read_log(path)[["step", "loss"]].values.tolist()
    [[1.0, 2.5]]
    """
    import pandas as pd

    *lines, _ = Path(path).read_bytes().split(b"\n")  # after the last line break is nothing, or a line that was cut
    frame = pd.DataFrame([json.loads(line) for line in lines])
    words = ["record", "framework", "reason"]
    for name in frame.columns.difference(words):
        frame[name] = pd.to_numeric(frame[name])
    return frame


# --- TensorBoard -----------------------------------------------------------------------------------------------------


class TensorBoardLog(Callback):
    """Write a run for TensorBoard, at once; neither TensorBoard nor TensorFlow is loaded.

    ``folder/train`` gets ``batch_loss``, the loss of each batch by itself, and ``learning_rate``, the rate that the
    batch was used with, at the batch's step. ``epoch_loss`` and the metrics are in ``folder/train`` and
    ``folder/validation`` under the same tags, so that they share a chart. All steps count batches, from 1: what was
    measured after an epoch is at its last step, and the mean over its batches at the middle one.

    Parameters
    ----------
    folder : path
        Of this run. A second run in the same folder begins a new file, and TensorBoard shows only the second. A
        resumed run goes on where the checkpoint was written, and what came after it there is not shown any more.

    Examples
    --------
    >>> log = TensorBoardLog("runs/first")   # then: fit(..., callbacks=[log]), and `course tensorboard runs`
    """

    grouped = True

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self._train: EventWriter | None = None
        self._validation: EventWriter | None = None
        self._before = 0

    def on_train_begin(self, logs: Logs = None) -> None:
        """Wait: a run that does not come about begins no file."""
        self._train = self._validation = None

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Begin the files; where a resumed run finds none of its own, with what was done before."""
        history = self.run.history
        self._before = history.steps
        if self._train is not None:
            return
        new = not event_files(self.folder / "train")
        self._train = self._writer("train")
        self._validation = self._writer("validation") if any(n.startswith("val_") for n in self.run.names) else None
        if new and epoch > 1:
            for _, step, values in _batches(history):
                self._train.add(step, _of_batch(values))
            ends = [0, *_last_steps(history)]
            for done in range(1, epoch):
                self._epoch(history.row(done), ends[done - 1], ends[done])

    def _writer(self, name: str) -> EventWriter:
        return EventWriter(self.folder / name, first_step=self._before + 1)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Write the batch's own loss, and its rate."""
        if self._train is not None:
            self._train.add(self._before + batch, _of_batch(logs or {}))

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Write the epoch's values."""
        self._epoch(logs or {}, self._before, self.run.history.steps)

    def _epoch(self, values: Mapping[str, float], before: int, after: int) -> None:
        """Write an epoch's values, by the number of steps before it and after it."""
        kinds: dict[str, dict[str, float]] = {"val": {}, "mean": {}, "end": {}}
        for name, value in values.items():
            if name.startswith("val_"):
                kinds["val"][f"epoch_{name.removeprefix('val_')}"] = value
            elif name not in _NOT_DRAWN and not name.startswith("lr_"):
                kind = "end" if name.endswith("_remeasured") else "mean"
                kinds[kind][f"epoch_{name.removeprefix('train_')}"] = value
        for writer, kind, step in (
            (self._train, "mean", (before + 1 + after) // 2),
            (self._train, "end", after),
            (self._validation, "val", after),
        ):
            if writer is not None and kinds[kind]:
                writer.add(step, kinds[kind])

    def on_train_end(self, logs: Logs = None) -> None:
        """Close the files."""
        for writer in (self._train, self._validation):
            if writer is not None:
                writer.close()
        self._train = self._validation = None


def _of_batch(logs: Mapping[str, float]) -> dict[str, float]:
    """Return a batch's values by tag: its own loss, and its rate where that is known."""
    rate = {} if math.isnan(logs["lr"]) else {"learning_rate": logs["lr"]}
    return {"batch_loss": logs["loss"], **rate}
