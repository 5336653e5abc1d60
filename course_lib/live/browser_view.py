"""The live view in a notebook: a widget without a view of its own, which draws into the running cell's output."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

from course_lib.live.feed import Feed, finite
from course_lib.live.place import CUT_OFF, script, settled, waiting
from course_lib.live.views import View
from course_lib.notebook.host import close_widget, keep_until_rerun, running_cell

if TYPE_CHECKING:
    from course_lib.live.showing import Showing

__all__ = ["BrowserView"]

#: Seconds in which a front end may still be loading, and misses messages. Until it has answered, all that
#: is there so far is kept in the widget's state too, thinned, and renewed at growing intervals.
_START = 10.0

_widget_class: Any = None


def _make_widget_class() -> Any:
    """Define the widget on first use, so that importing this module does not import anywidget."""
    global _widget_class
    if _widget_class is None:
        import anywidget
        import traitlets

        class LiveView(anywidget.AnyWidget):
            """The browser's half: it gets numbers and draws them."""

            _esm = script()
            target = traitlets.Unicode().tag(sync=True)
            start = traitlets.Dict().tag(sync=True)
            title = traitlets.Unicode().tag(sync=True)

        _widget_class = LiveView
    return _widget_class


class BrowserView(View):
    """The live view in a notebook."""

    def __init__(self, plot: Showing) -> None:
        from IPython.display import display

        super().__init__(plot)
        self.name = uuid.uuid4().hex
        self.feed = Feed(scheduled=plot._has_rates())
        self.opened = self.kept = time.perf_counter()
        self.in_place = bool(running_cell())
        self.widget = _make_widget_class()(
            target=self.name if self.in_place else "", title=plot.title or "", start={"s": plot._status()}
        )
        _answer_while_running(self.widget)
        self.widget.on_msg(self.on_message)
        if self.in_place:
            keep_until_rerun(self.widget)
            bundle = {
                "text/html": waiting(self.name, metrics=plot._has_metrics(), rates=plot._has_rates()),
                "text/plain": CUT_OFF,
            }
        else:
            bundle = {**self.widget._repr_mimebundle_()[0], "text/plain": CUT_OFF}
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
        """Put the saved picture into the output, in which the view goes on; a view of another host is closed."""
        from IPython.display import update_display

        picture, words = self.plot.picture()
        if self.in_place:
            # A view that is still loading, and a page that is loaded again, get all of the run from the state.
            self.widget.start = {**self.feed.everything(), "s": self.plot._status() | {"done": True}}
            picture = settled(self.name, picture)
        update_display({"text/html": picture, "text/plain": words}, raw=True, display_id=self.name)  # type: ignore[no-untyped-call]
        if not self.in_place:
            close_widget(self.widget)


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
