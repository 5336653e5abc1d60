"""What is on the other side of the kernel: a front end with widgets, one that only stores, or a terminal.

A widget opened while nobody is listening is worse than none: nbclient, and with it nbconvert, nbgrader and
nbval, would store its state and its source in the notebook. JupyterLab and Notebook 7 name the cell in
every execution request, which programs that merely run notebooks do not.
"""

from __future__ import annotations

import os
import sys
from typing import Any

__all__ = ["has_widgets", "in_notebook", "request_id", "running_cell"]


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
