"""What is on the other side of the kernel: a front end with widgets, one that only stores, or a terminal.

A widget opened while nobody is listening is worse than none: nbclient, and with it nbconvert, nbgrader and
nbval, would store its state and its source in the notebook. JupyterLab and Notebook 7 name the cell in
every execution request, which programs that merely run notebooks do not.
"""

from __future__ import annotations

import os
import sys
from typing import Any

__all__ = ["close_widget", "has_widgets", "in_notebook", "keep_until_rerun", "request_id", "running_cell"]


def _shell() -> Any:
    if "IPython" not in sys.modules:
        return None
    from IPython.core.getipython import get_ipython

    return get_ipython()  # type: ignore[no-untyped-call]


def _request() -> dict[str, Any]:
    kernel = getattr(_shell(), "kernel", None)
    try:
        return (kernel.get_parent() or {}) if kernel is not None else {}
    except LookupError:
        return {}


def in_notebook() -> bool:
    """Tell whether the code runs in a Jupyter kernel, whoever may be listening."""
    return getattr(_shell(), "kernel", None) is not None


def running_cell() -> str:
    """Return the identifier of the running cell as the front end names it; empty where it has none."""
    return str((_request().get("metadata") or {}).get("cellId") or "")


def request_id() -> str:
    """Return the identifier of the running execution; empty outside a kernel."""
    return str((_request().get("header") or {}).get("msg_id") or "")


def has_widgets() -> bool:
    """Tell whether a front end that draws widgets is listening.

    The environment variable ``COURSE_WIDGETS`` set to ``1`` or ``0`` overrules the guess.

    Examples
    --------
    >>> has_widgets()
    False
    """
    forced = os.environ.get("COURSE_WIDGETS")
    if forced in ("0", "1"):
        return forced == "1" and in_notebook()
    if not in_notebook():
        return False
    return bool(running_cell()) or "VSCODE_PID" in os.environ or "google.colab" in sys.modules


#: For each cell, which run of it opened which widgets. Running it again closes the old ones.
_open: dict[str, tuple[str, list[Any]]] = {}


def keep_until_rerun(widget: Any) -> None:
    """Leave a widget open after its cell has run, until the same cell runs again."""
    cell, run = running_cell(), request_id()
    if _open.get(cell, (run,))[0] != run:
        for old in _open.pop(cell)[1]:
            close_widget(old)
    _open.setdefault(cell, (run, []))[1].append(widget)


def close_widget(widget: Any) -> None:
    """Close a widget, and the layout that ipywidgets makes for each one and would leave open."""
    layout = getattr(widget, "layout", None)
    widget.close()
    if layout is not None:
        layout.close()
