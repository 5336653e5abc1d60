"""Where a live plot is seen: in the browser, in a terminal, or as one picture at the end."""

from __future__ import annotations

import math
import sys
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.live.feed import Feed, finite
from course_lib.notebook.host import running_cell

if TYPE_CHECKING:
    from course_lib.live.plot import LivePlot

__all__ = ["BrowserView", "TerminalView", "View", "sparkline"]


_ESM = Path(__file__).parent / "live.js"


_BARS = "▁▂▃▄▅▆▇█"


#: Seconds in which a front end may still be loading, and misses messages. Until it has answered, all that
#: is there so far is kept in the widget's state too, thinned, and renewed at growing intervals.
_START = 10.0


_widget_class: Any = None


def sparkline(values: Any, width: int = 24) -> str:
    """Draw numbers as a line of eight heights of block characters.

    Parameters
    ----------
    values : sequence of float
        The numbers; those that are not finite are left out.
    width : int
        The most characters; more numbers than that are averaged in groups.

    Returns
    -------
    str

    Examples
    --------
    >>> sparkline([3, 2, 1, 1.5])
    '█▅▁▃'
    """
    data = np.asarray(values, dtype=float)
    data = data[np.isfinite(data)]
    if not len(data):
        return ""
    data = np.array([part.mean() for part in np.array_split(data, min(width, len(data)))])
    span = float(data.max() - data.min())
    places = np.zeros(len(data), int) if span == 0 else np.round((data - data.min()) / span * 7).astype(int)
    return "".join(_BARS[place] for place in places)


class View:
    """Nobody is watching: one picture at the end."""

    def __init__(self, plot: LivePlot) -> None:
        self.plot = plot

    def update(self) -> None:
        """Nothing to do before the end."""

    def close(self) -> None:
        """Put the picture into the output."""
        from IPython.display import display

        picture, words = self.plot.picture()
        display({"text/html": picture, "text/plain": words}, raw=True)  # type: ignore[no-untyped-call]


class TerminalView(View):
    """A line of text that is written over while training goes on; one line in the end."""

    def __init__(self, plot: LivePlot) -> None:
        super().__init__(plot)
        self.live = sys.stdout.isatty()

    def line(self) -> str:
        """Compose the line."""
        history = self.plot.history
        last, val = history.last(), history.val_loss
        parts = [f"{history.epochs} epoch{'s' * (history.epochs != 1)}"]
        if not history.epochs and history.steps:
            parts.append(f"batch {history.steps}: {history.batch_losses_after(history.steps - 1)[0]:.4g}")
        if last.get("train_loss", math.nan) == last.get("train_loss", math.nan) and "train_loss" in last:
            parts.append(f"training {last['train_loss']:.4g}")
        if "val_loss" in last:
            parts.append(f"validation {last['val_loss']:.4g} {sparkline(val)}")
        if (best := self.plot._best()) is not None:
            parts.append("best epoch {}: {:.4g}".format(*best))
        return "  ".join(parts)

    def update(self) -> None:
        """Write over the line."""
        if self.live:
            print("\r\x1b[K" + self.line(), end="", flush=True)

    def close(self) -> None:
        """Write the last line."""
        reason = self.plot.history.stop_message
        print(("\r\x1b[K" if self.live else "") + self.line() + (f"  ({reason})" if reason else ""))


def _make_widget_class() -> Any:
    """Define the widget on first use, so that importing this module does not import anywidget."""
    global _widget_class
    if _widget_class is None:
        import anywidget
        import traitlets

        class LiveView(anywidget.AnyWidget):
            """The browser's half: it gets numbers and draws them."""

            _esm = _ESM
            target = traitlets.Unicode().tag(sync=True)
            start = traitlets.Dict().tag(sync=True)
            title = traitlets.Unicode().tag(sync=True)

        _widget_class = LiveView
    return _widget_class


class BrowserView(View):
    """The live view in a notebook."""

    def __init__(self, plot: LivePlot) -> None:
        from IPython.display import display

        super().__init__(plot)
        self.name = uuid.uuid4().hex
        self.feed = Feed()
        self.opened = self.kept = time.perf_counter()
        in_place = bool(running_cell())
        self.widget = _make_widget_class()(target=self.name if in_place else "", title=plot.title or "", start={})
        _answer_while_running(self.widget)
        self.widget.on_msg(self.on_message)
        if in_place:
            # The view grows inside plain HTML: should the kernel die, these words are what remains.
            bundle = {
                "text/html": f'<div data-course-live="{self.name}"><p>{_CUT_OFF}</p></div>',
                "text/plain": _CUT_OFF,
            }
        else:
            bundle = {**self.widget._repr_mimebundle_()[0], "text/plain": _CUT_OFF}
        display(bundle, raw=True, display_id=self.name)  # type: ignore[no-untyped-call]

    def on_message(self, widget: Any, content: dict[str, Any], buffers: Any) -> None:
        """Take a wish from the browser, perhaps on another thread: only note it, the loop acts on it."""
        plot, kind = self.plot, content.get("kind")
        if not plot._open:
            return
        if kind == "hello":
            plot._heard = True
        elif kind == "all":
            plot._wants_all = True
        elif kind == "stop":
            plot.stopped = True
        elif kind == "lr":
            value = finite(content.get("value"))
            if value is not None and value > 0:
                plot._wanted_lr = value
                if plot._set_lr is None and plot.lr is not None:
                    plot.lr = value

    def update(self) -> None:
        """Send what is new; or everything, thinned, for a front end that is still loading or asks for it."""
        plot, feed, now = self.plot, self.feed, time.perf_counter()
        if feed.follow(plot.history) and plot._before != (0, 0):
            plot._wants_all = True  # what an earlier run did is sent like what a late front end has missed
        status = plot._status()
        if plot._heard:
            # A message came through while this cell runs, so its controls work: only then are they shown.
            status["c"] = [True, finite(plot.lr)]
        since = now - self.opened
        if plot._wants_all or (not plot._heard and since < _START and now - self.kept >= since / 2):
            plot._wants_all, self.kept = False, now
            self.widget.start = {**feed.everything(), "s": status}
        else:
            message, data = feed.new()
            self.widget.send({"kind": "new", **message, "s": status}, buffers=[data])
        feed.sent()

    def close(self) -> None:
        """Replace the live view by the picture first, then close the widget, so that nothing flickers."""
        from IPython.display import update_display

        picture, words = self.plot.picture()
        update_display({"text/html": picture, "text/plain": words}, raw=True, display_id=self.name)  # type: ignore[no-untyped-call]
        self.widget.close()


_CUT_OFF = "Training is under way. If this stays, it was cut off before its picture could be drawn."


def _answer_while_running(widget: Any) -> None:
    """Let the browser's messages be handled while the cell runs, where kernel and front end can do that.

    JupyterLab 4.4 and later sends a widget's messages to a subshell, a thread of the kernel of its own.
    From 7.4 on, ipykernel sends such a message to the shell that last *sent* on the same channel, which
    for a cell that trains is the main one, so that it waits until the cell has ended. Here the message is
    left with the subshell it was addressed to. Handlers only set flags. Where this does not take effect,
    no message arrives, and the view shows no Stop button.
    """
    comm: Any = getattr(widget, "comm", None)
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda data, default: default
