"""TensorBoard in a notebook's cell or beside it: offline, and through JupyterLab's own address.

IPython's ``%tensorboard`` points the browser at a port of the browser's own computer, where nothing listens if the
notebook runs on a server. `open_tensorboard` goes through the notebook server, wherever that is.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import json
import os
import queue
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

__all__ = ["MISSING", "Server", "Showing", "address", "open_tensorboard", "start"]

#: What to do where TensorBoard is not installed. A bare pip may be another Python's.
MISSING = (
    "TensorBoard is not installed; in the course's folder, run: "
    f"{shlex.quote(sys.executable)} -m pip install -e '.[tensorboard]'"
)
#: Seconds until TensorBoard has to answer.
_PATIENCE = 120.0
#: TensorBoard loads TensorFlow where that is installed, which takes many seconds, unless it finds a module "notf".
#: It ends when its standard input does: with the process that started it, however that ends.
_BEGIN = """
import os, sys, threading, types

threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
sys.modules["tensorboard.compat.notf"] = types.ModuleType("tensorboard.compat.notf")
from tensorboard.main import run_main

run_main()
"""
#: Points of a curve that are shown. (0 would be none of them, whatever old advice says.)
_POINTS = 1_000_000
#: Where TensorBoard says that it listens.
_LISTENS = re.compile(r" at https?://\S*:(\d+)/")


@dataclass(frozen=True)
class Server:
    """A TensorBoard that runs: its process, its port, its folder."""

    process: subprocess.Popen[str]
    port: int
    folder: Path

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        if self.process.poll() is None:
            self.process.kill()


def start(folder: str | os.PathLike[str], port: int = 0, extra: Sequence[str] = ()) -> Server:
    """Start TensorBoard on a folder, and wait until it answers.

    Every point is shown: without being told so, TensorBoard sends a thousand of a curve.

    Parameters
    ----------
    folder : path
        With runs in it, at any depth.
    port : int, optional
        By default one that is free.
    extra : sequence of str, optional
        More options for TensorBoard.

    Raises
    ------
    ModuleNotFoundError
        If TensorBoard is not installed; the message says how to get it.
    RuntimeError
        If it ends at once, with the last that it said.
    """
    if importlib.util.find_spec("tensorboard") is None:
        raise ModuleNotFoundError(MISSING, name="tensorboard")
    words = [sys.executable, "-c", _BEGIN, "--logdir", os.fspath(folder), "--port", str(port)]
    process = subprocess.Popen(
        [*words, "--samples_per_plugin", f"scalars={_POINTS}", *extra],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    told: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(process, told), daemon=True).start()
    said: list[str] = []
    with contextlib.suppress(queue.Empty):
        while line := told.get(timeout=_PATIENCE):
            if found := _LISTENS.search(line):
                return Server(process, int(found[1]), Path(folder))
            said.append(line.strip())
    process.kill()
    raise RuntimeError(f"TensorBoard did not start; the last it said: {' '.join(filter(None, said[-3:])) or 'nothing'}")


def _listen(process: subprocess.Popen[str], told: queue.SimpleQueue[str]) -> None:
    """Read what a process says as long as it runs, so that it never waits for a reader; the empty text is the end."""
    if process.stderr is not None:
        for line in process.stderr:
            told.put(line)
    told.put("")


def address(port: int) -> str | None:
    """Return where the browser finds a port of this computer, if the surroundings say.

    They do in ``TENSORBOARD_PROXY_URL``, in which ``%PORT%`` stands for the port, as for ``%tensorboard``, and on
    JupyterHub, which says the path of a person's server.

    Examples
    --------
    >>> import os
    >>> os.environ["TENSORBOARD_PROXY_URL"] = "/user/ann/proxy/%PORT%/"
    >>> address(6006)
    '/user/ann/proxy/6006/'
    >>> del os.environ["TENSORBOARD_PROXY_URL"]
    """
    if told := os.environ.get("TENSORBOARD_PROXY_URL"):
        return told.replace("%PORT%", str(port))
    hub = os.environ.get("JUPYTERHUB_SERVICE_PREFIX")
    return f"{hub.rstrip('/')}/proxy/{port}/" if hub else None


#: Makes the frame in the browser, which alone knows the address of the notebook server.
_FRAME = """
(() => {
  const told = %(told)s, port = %(port)d, proxied = %(proxied)s;
  const page = document.getElementById("jupyter-config-data");
  const base = page && proxied ? JSON.parse(page.textContent).baseUrl : null;
  const direct = `http://${location.hostname}:${port}/`;
  const frame = document.createElement("iframe");
  frame.src = told ?? (base ? `${base.replace(/\\/?$/, "/")}proxy/${port}/` : direct);
  frame.title = "TensorBoard";
  frame.style.cssText = "border: 0; width: 100%%; height: %(height)dpx";
  document.getElementById("%(id)s").replaceChildren(frame);
})();
"""


class Showing:
    """TensorBoard in a cell's output; somewhere else, its address."""

    def __init__(self, server: Server, height: int) -> None:
        self.server, self._height = server, int(height)

    def __repr__(self) -> str:
        port = self.server.port
        return f"TensorBoard on {self.server.folder} at {address(port) or f'http://localhost:{port}/'}"

    def _repr_html_(self) -> str:
        port = self.server.port
        name = f"course-tensorboard-{port}-{os.urandom(4).hex()}"
        proxied = importlib.util.find_spec("jupyter_server_proxy") is not None
        values = {"told": json.dumps(address(port)), "port": port, "proxied": json.dumps(proxied)}
        script = _FRAME % {**values, "height": self._height, "id": name}
        shut = f"TensorBoard on {escape(str(self.server.folder))} was open here. Run the cell to open it again."
        return f'<div id="{name}"><p>{shut}</p></div><script>{script}</script>'


_running: dict[Path, Server] = {}


def open_tensorboard(folder: str | os.PathLike[str], height: int = 640) -> Showing | None:
    """Open TensorBoard on a folder, as the output of a cell.

    It runs as long as the kernel does; the same folder again is the same TensorBoard. Where it is not installed, one
    line says how to get it, and the cell does no more.

    Parameters
    ----------
    folder : path
        With runs in it, at any depth.
    height : int
        Of the frame, in pixels.

    Returns
    -------
    Showing or None
        Shown by being the last line of a cell.

    Examples
    --------
    >>> open_tensorboard("runs")    # doctest: +SKIP
    """
    if importlib.util.find_spec("tensorboard") is None:
        print(MISSING)
        return None
    place = Path(folder).resolve()
    if place not in _running or _running[place].process.poll() is not None:
        _running[place] = server = start(place)
        atexit.register(server.stop)
    return Showing(_running[place], height)
