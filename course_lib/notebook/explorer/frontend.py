"""Joins an explorer's saved HTML to live controls, where a front end with widgets is listening."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from course_lib.notebook.host import has_widgets, request_id, running_cell

__all__ = ["attach"]

#: For each cell, which run of it opened which controls. Running it again closes the old ones.
_open: dict[str, tuple[str, list[Any]]] = {}


def attach(name: str, controls: list[Any], answer: Callable[..., None], script: Path) -> Any:
    """Open the controls of the output whose ``data-course-explorer`` is `name`; None where nobody listens."""
    if not has_widgets():
        return None
    import anywidget
    import traitlets

    class ExplorerControls(anywidget.AnyWidget):
        """The browser's half of an explorer; it has no view of its own."""

        _esm = script
        target = traitlets.Unicode().tag(sync=True)
        controls = traitlets.Any().tag(sync=True)

    cell, run = running_cell(), request_id()
    if _open.get(cell, (run,))[0] != run:
        for old in _open.pop(cell)[1]:
            old.close()
    widget = ExplorerControls(target=name, controls=controls)
    widget.on_msg(answer)
    _open.setdefault(cell, (run, []))[1].append(widget)
    return widget
