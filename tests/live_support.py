"""Gestures in JupyterLab that the browser tests of the live plot and the explorers share."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

#: The indicator in the toolbar says "idle" before there is a kernel; a cell run then is asked "Select Kernel".
KERNEL_IS_READY = """() => {
    const kernel = window.jupyterapp?.shell.currentWidget?.context?.sessionContext?.session?.kernel;
    return kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
}"""
OUTPUT = ".jp-Notebook .jp-OutputArea-output"
#: A live view whose run is over, in the place of its saved picture.
DONE = ".jp-Notebook .course-live[data-done=true]"


class Bench:
    """A page on which notebooks are written, opened, run and saved."""

    def __init__(self, page: Any, lab: Any, open_notebook: Callable[[str], Any], artefacts: Path) -> None:
        self.page, self.lab, self._open, self._artefacts = page, lab, open_notebook, artefacts
        self.trouble: list[str] = []
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.notebook: Any = None

    @property
    def file(self) -> Path:
        return self.notebook.path

    def open(self, name: str, *cells: str) -> None:
        """Write a notebook of these cells, if any, and open it."""
        if cells:
            notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
            notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
            nbformat.write(notebook, self.lab.folder / name)
        self.notebook = self._open(name)

    def start(self, index: int = 0) -> None:
        """Run one cell that never ran, and return as soon as it has begun."""
        prompt = self.page.locator(".jp-CodeCell .jp-InputPrompt").nth(index)
        for _ in range(20):  # right after the start JupyterLab may not take the key yet
            self.page.locator(".jp-CodeCell .cm-content").nth(index).click()
            self.page.keyboard.press("ControlOrMeta+Enter")
            for _ in range(20):
                if prompt.inner_text().strip() not in ("", "[ ]:"):
                    return
                self.page.wait_for_timeout(100)
        raise AssertionError("the cell could not be started")

    def finished(self) -> None:
        self.notebook.wait_until_idle()

    def is_running(self) -> bool:
        return self.page.locator(".jp-Notebook-ExecutionIndicator[data-status=busy]").count() > 0

    def save(self) -> dict[str, Any]:
        self.notebook.save()
        self.page.wait_for_function("!document.querySelector('.jp-mod-dirty')")
        return json.loads(self.file.read_text(encoding="utf-8"))

    def stop_kernels(self) -> None:
        """End every kernel of the server, as happens overnight."""
        for session in self._request("sessions"):
            self._request(f"sessions/{session['id']}", "DELETE")

    def _request(self, path: str, method: str = "GET") -> Any:
        request = urllib.request.Request(f"{self.lab.url}/api/{path}", method=method)
        request.add_header("Authorization", f"token {self.lab.token}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def screenshot(self, name: str) -> None:
        self.page.screenshot(path=self._artefacts / f"{name}.png")
