"""A JupyterLab that runs for a test, on a port of its own."""

from __future__ import annotations

import contextlib
import secrets
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

__all__ = ["PATIENCE", "Lab", "serving"]

#: Milliseconds that anything in the browser may take before a test gives up.
PATIENCE = 120_000


class Lab:
    """A running JupyterLab: its address, and the folder it serves."""

    def __init__(self, folder: Path, url: str, token: str):
        self.folder = folder
        self.url = url
        self.token = token

    def address(self, path: str) -> str:
        """The page that opens a file, in a workspace of its own."""
        return f"{self.url}/lab/workspaces/{secrets.token_hex(4)}/tree/{path}?token={self.token}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(folder: Path, words: list[str], environment: dict[str, str], base: str = "") -> Iterator[Lab]:
    """Serve `folder` with the command in `words` and a port and a token of its own, until the block ends.

    ``base`` is the path below which everything lies, such as ``/user/ann`` on a JupyterHub.
    """
    token, port = secrets.token_hex(16), _free_port()
    url = f"http://127.0.0.1:{port}{base}"
    log = open(folder / "server.log", "wb")  # noqa: SIM115  (as long as the server runs)
    server = subprocess.Popen(
        [
            *(*words, "--no-browser", "--allow-root", "--ip=127.0.0.1"),
            *(f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"),
            f"--ServerApp.base_url={base}/",
            *("--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True"),
        ],
        env=environment,
        stdout=log,
        stderr=log,
    )
    try:
        deadline = time.monotonic() + PATIENCE / 1000
        while True:
            assert server.poll() is None, (folder / "server.log").read_text()
            try:
                urllib.request.urlopen(f"{url}/api/status?token={token}", timeout=5).close()
                break
            except (urllib.error.URLError, OSError):
                assert time.monotonic() < deadline, (folder / "server.log").read_text()
                time.sleep(0.1)
        yield Lab(folder, url, token)
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
        log.close()
