"""A progress bar for training: one line that moves, and one that stays."""

from __future__ import annotations

import sys
import time
from typing import Any

from course_lib.training.callbacks import GROUP_SECONDS, Callback, Logs

__all__ = ["ProgressBar"]

_KINDS = ("auto", "terminal", "notebook", "plain")


def _bar_of(kind: str) -> tuple[Any, bool]:
    """Return tqdm's class for a kind of bar, and whether it is a widget; imported here, since that takes a while."""
    from tqdm.auto import tqdm as automatic
    from tqdm.notebook import tqdm_notebook
    from tqdm.std import tqdm as plain

    bar = {"auto": automatic, "notebook": tqdm_notebook}.get(kind, plain)
    return bar, issubclass(bar, tqdm_notebook)


class ProgressBar(Callback):
    """Show how far training is: tqdm's bar in a terminal, its widget in a notebook.

    When training ends, the bar gives way to one line with the last numbers, which is also what a saved notebook shows.
    Where there is neither terminal nor notebook (output goes to a file, say) there is that line alone.

    Parameters
    ----------
    kind : {"auto", "terminal", "notebook", "plain"}
        Where to show it.
    """

    grouped = True

    def __init__(self, kind: str = "auto") -> None:
        if kind not in _KINDS:
            raise ValueError(f"kind is '{kind}'; expected one of {', '.join(_KINDS)}")
        self.kind = kind
        self._bar: Any = None
        self._place: Any = None
        self._text = ""
        self._moved = 0.0

    def on_train_begin(self, logs: Logs = None) -> None:
        """Wait: how many epochs a resumed run has done before is known when its first epoch begins."""
        self._bar, self._place, self._text = None, None, ""

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Show the bar, once."""
        if self._bar is None:
            self._open()

    def _open(self) -> None:
        kind, in_notebook = _bar_of(self.kind)
        hidden = self.kind == "plain" or (self.kind == "auto" and not in_notebook and not sys.stdout.isatty())
        self._bar = kind(
            total=self.run.epochs,
            initial=self.run.history.epochs,
            file=sys.stdout,
            disable=hidden,
            leave=False,
            miniters=0,  # a bar that moves by shares of an epoch: time alone says when to draw
            bar_format="{desc} |{bar}| {elapsed}<{remaining}{postfix}",
            **({"display": False} if in_notebook else {}),
        )
        if in_notebook:
            from IPython.display import display

            self._place = display(self._bar.container, display_id=True)
        self._bar.set_description_str(self._done())

    def _done(self) -> str:
        return f"{self.run.history.epochs} of {self.run.epochs} epochs"

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Move within the epoch, as often as one sees; to ask the bar each time costs up to a microsecond a batch."""
        now = time.monotonic()
        if now - self._moved > GROUP_SECONDS and self.run.steps:
            self._moved = now
            self._bar.update(self.run.history.epochs + batch / self.run.steps - self._bar.n)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Move to the epoch's end and show its numbers."""
        shown = ("train_loss", "val_loss")
        self._text = "  ".join(f"{name} {logs[name]:.4f}" for name in shown if logs and name in logs)
        self._bar.set_description_str(self._done(), refresh=False)
        self._bar.set_postfix_str(self._text, refresh=False)
        self._bar.update(epoch - self._bar.n)

    def on_train_end(self, logs: Logs = None) -> None:
        """Put one line in the place of the bar."""
        if self._bar is not None:
            self._bar.close()
        line = "  ".join(filter(None, (self._done(), self._text, self.run.history.stop_message)))
        if self._place is not None:
            self._place.update({"text/plain": line}, raw=True)
        else:
            print(line)
        self._bar = None
