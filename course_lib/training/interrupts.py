"""Ctrl-C during training: the batch under way is finished first."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

__all__ = ["Interrupts"]


class Interrupts:
    """Turns the first Ctrl-C into a flag, so that no batch is cut in half; the second one interrupts at once.

    Attributes
    ----------
    seen : bool
        Whether Ctrl-C was pressed.
    """

    def __init__(self) -> None:
        self.seen = False
        self._old_handler: Any = None

    def catch(self) -> None:
        """Begin to listen, where this thread may; a program that ignores Ctrl-C goes on ignoring it."""
        if threading.current_thread() is threading.main_thread() and callable(signal.getsignal(signal.SIGINT)):
            self._old_handler = signal.signal(signal.SIGINT, self._on_interrupt)

    def _on_interrupt(self, number: int, frame: FrameType | None) -> None:
        if self.seen:
            raise KeyboardInterrupt
        self.seen = True

    def release(self) -> None:
        """Hand Ctrl-C back to what handled it before."""
        if self._old_handler is not None:
            signal.signal(signal.SIGINT, self._old_handler)
            self._old_handler = None
