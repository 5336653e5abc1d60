"""Joins an explorer's saved HTML to live controls, where a front end with widgets is listening."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from course_lib.notebook.host import has_widgets, keep_until_rerun

__all__ = ["attach"]


def attach(
    name: str,
    controls: list[Any],
    answer: Callable[..., None],
    script: Path | str,
    *,
    recording: bytes = b"",
    look: str = "",
) -> Any:
    """Open the controls of the output whose ``data-course-explorer`` is `name`; None where nobody listens.

    Parameters
    ----------
    name : str
    controls : list
        What the script gets to know about them.
    answer : callable
        Gets the script's messages.
    script : Path or str
        A file, or the script itself.
    recording, look : bytes and str
        For explorers: what was recorded, and a style sheet.
    """
    if not has_widgets():
        return None
    import anywidget
    import traitlets

    class ExplorerControls(anywidget.AnyWidget):
        """The browser's half of an explorer; it has no view of its own."""

        _esm = script
        target = traitlets.Unicode().tag(sync=True)
        controls = traitlets.Any().tag(sync=True)
        recording = traitlets.Bytes().tag(sync=True)
        look = traitlets.Unicode().tag(sync=True)

    widget = ExplorerControls(target=name, controls=controls, recording=recording, look=look)
    widget.on_msg(answer)
    keep_until_rerun(widget)
    return widget
