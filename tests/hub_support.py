"""What tests of a JupyterHub share: a learner's half of the course by itself, and a hub that runs as the guide says.

The hub's configuration and nbgrader's are the guide's own blocks. What differs is written here: places, an
authenticator with one password, a proxy in Python, and users that the system does not know. Each user's server runs in
a namespace in which its uid has the user's name; where root runs the tests, each student has a uid of its own, so that
the rights in the exchange are the real ones.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from lab_server import PATIENCE
from support import ROOT

from course_lib.instructor.text.bundle import learner_files

__all__ = ["GUIDE", "INSTRUCTOR", "PASSWORD", "UIDS", "Hub", "blocks", "learner_site", "serving_hub", "write_script"]

GUIDE = ROOT / "docs" / "jupyterhub.md"
PASSWORD = "not a secret: the hub listens here only"
PROXY = [f"--timeout={PATIENCE}", f"--proxy-timeout={PATIENCE}"]
TOKEN = secrets.token_hex(16)
UIDS = {"ada": 20001, "ben": 20002}
INSTRUCTOR = "prof"


def learner_site(folder: Path) -> Path:
    """Put the course's package as learners get it into a folder of its own; the instructor's half is not in it."""
    site = folder / "site"
    for path in learner_files(ROOT, []):
        if path.parts[0] == "course_lib":
            (site / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, site / path)
    return site


def write_script(path: Path, line: str) -> Path:
    """Write a program for a shell, of one line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
    return path


def blocks(language: str) -> list[str]:
    """The guide's blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@dataclass
class Hub:
    """A running hub, and the folders that are its own."""

    url: str
    folder: Path

    @property
    def course(self) -> Path:
        """The course's folder."""
        return self.folder / "course"

    @property
    def exchange(self) -> Path:
        return self.folder / "exchange"

    def home(self, name: str) -> Path:
        """A student's own folder."""
        return self.folder / "homes" / name

    def start_servers(self, names: Iterable[str]) -> None:
        """Start everybody's server at once, and wait until each is there.

        Not through the page on which a browser waits: the proxy of these tests passes an answer on only when it is
        complete, and that page's never is.
        """
        for name in names:
            self._api("POST", f"users/{name}")
            self._api("POST", f"users/{name}/server")
        deadline = time.monotonic() + PATIENCE / 1000
        for name in names:
            while not self._api("GET", f"users/{name}")["servers"].get("", {}).get("ready"):
                assert time.monotonic() < deadline, self.log()
                time.sleep(0.2)

    def _api(self, method: str, path: str) -> Any:
        headers = {"Authorization": f"token {TOKEN}"}
        request = urllib.request.Request(f"{self.url}/hub/api/{path}", method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=PATIENCE / 1000) as answer:
            return json.loads(answer.read() or "null")

    def log(self) -> str:
        return (self.folder / "hub.log").read_text(errors="replace")


def _set(text: str, **values: object) -> str:
    """Give the guide's constants other values; each has to be there."""
    for name, value in values.items():
        text, count = re.subn(rf"^{re.escape(name)} = .*$", f"{name} = {value!r}", text, flags=re.MULTILINE)
        assert count == 1, f"the guide has no line `{name} = ...`"
    return text


def _opened(needed: list[Path]) -> list[str]:
    """bubblewrap's arguments that let other users reach folders below closed ones, such as below /root."""
    words: list[str] = []
    for path in needed:
        closed = [p for p in path.parents if p != Path("/") and not p.stat().st_mode & 0o001]
        if not closed:
            continue
        if str(closed[-1]) not in words:
            words += ["--perms", "0755", "--tmpfs", str(closed[-1])]
        for parent in reversed(path.parents[: path.parents.index(closed[-1])]):
            words += ["--dir", str(parent)]
        words += ["--ro-bind", str(path), str(path)]
    return words


def _as_user(folder: Path, name: str) -> list[str]:
    """The command line in which a user's server runs: its uid has the user's name there."""
    uid = UIDS.get(name, os.getuid())
    passwd = folder / f"passwd-{name}"
    passwd.write_text(f"{name}:x:{uid}:{uid}::{folder / 'homes' / name}:/bin/sh\n")
    words = ["bwrap", "--die-with-parent", "--dev-bind", "/", "/", "--ro-bind", str(passwd), "/etc/passwd"]
    if os.getuid() != 0:
        return [*words, "--unshare-user", "--uid", str(uid), "--gid", str(uid), "--"]
    if name not in UIDS:
        return [*words, "--cap-add", "ALL", "--"]
    needed = sorted({Path(sys.prefix), Path(sys.base_prefix).resolve(), ROOT})
    become = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    return [*words, *_opened(needed), "--cap-add", "ALL", "--", *become]


def _configuration(folder: Path, port: int, ports: list[int]) -> str:
    """The guide's configuration with this machine's places, and what a test needs besides."""
    (guide,) = [block for block in blocks("python") if "Spawner.cmd" in block]
    guide = _set(
        guide,
        COURSE=str(folder / "course"),
        STUDENT=str(folder / "student"),
        INSTRUCTOR=str(folder / "instructor"),
        INSTRUCTORS={INSTRUCTOR},
    )
    users = {name: _as_user(folder, name) for name in (*UIDS, INSTRUCTOR)}
    return f"""{guide}
from jupyterhub.spawner import SimpleLocalProcessSpawner


class Named(SimpleLocalProcessSpawner):
    async def start(self):
        self.cmd = {users!r}[self.user.name] + self.cmd
        return await super().start()


c.JupyterHub.spawner_class = Named
c.SimpleLocalProcessSpawner.home_dir_template = {str(folder / "homes")!r} + "/{{username}}"
c.Spawner.environment["JUPYTER_CONFIG_PATH"] = {str(folder / "etc")!r}
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = {PASSWORD!r}
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{ports[0]}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{ports[1]}"
c.ConfigurableHTTPProxy.command = {[str(Path(sys.executable).parent / "configurable-http-proxy"), *PROXY]!r}
c.JupyterHub.services = [{{"name": "starter", "api_token": {TOKEN!r}}}]
c.JupyterHub.load_roles = [{{"name": "starter", "services": ["starter"], "scopes": ["admin:users", "admin:servers"]}}]
c.JupyterHub.db_url = "sqlite:///" + {str(folder / "hub.sqlite")!r}
c.JupyterHub.cookie_secret_file = {str(folder / "cookie_secret")!r}
c.ConfigurableHTTPProxy.pid_file = {str(folder / "proxy.pid")!r}
c.JupyterHub.cleanup_servers = True
"""


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def _lay_out(folder: Path) -> None:
    """Make the folders and programs that the guide's configuration names."""
    folder.chmod(0o755)
    for name in ("exchange", "homes", "etc"):
        (folder / name).mkdir()
    (folder / "exchange").chmod(0o1777)
    (nbgrader,) = [block for block in blocks("python") if "Exchange.root" in block]
    nbgrader = _set(nbgrader, **{"c.Exchange.root": str(folder / "exchange")})
    (folder / "etc" / "nbgrader_config.py").write_text(nbgrader)
    site = learner_site(folder)
    write_script(folder / "student/bin/course", f'PYTHONPATH="{site}" exec "{sys.executable}" -m course_lib "$@"')
    write_script(folder / "instructor/bin/course", f'exec "{sys.executable}" -m course_lib "$@"')
    for name, uid in UIDS.items():
        (folder / "homes" / name).mkdir(mode=0o700)
        if os.getuid() == 0:
            os.chown(folder / "homes" / name, uid, uid)


def _end_servers(folder: Path) -> None:
    """End what a hub left behind: a server that became another user forgets --die-with-parent."""
    for process in psutil.process_iter(["environ"]):
        if str(folder) in (process.info["environ"] or {}).get("HOME", ""):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


@contextlib.contextmanager
def serving_hub(folder: Path) -> Iterator[Hub]:
    """Run a hub whose course lies in ``folder / "course"`` until the block ends."""
    _lay_out(folder)
    port, *ports = _free_ports(3)
    (folder / "jupyterhub_config.py").write_text(_configuration(folder, port, ports))
    hub = Hub(f"http://127.0.0.1:{port}", folder)
    with open(folder / "hub.log", "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "--config", str(folder / "jupyterhub_config.py")],
            cwd=folder,
            # A hub's own PATH has none of the course's environments.
            env=os.environ | {"JUPYTER_CONFIG_DIR": str(folder / "config"), "PATH": "/usr/local/bin:/usr/bin:/bin"},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            deadline = time.monotonic() + PATIENCE / 1000
            while True:
                assert process.poll() is None, hub.log()
                try:
                    urllib.request.urlopen(f"{hub.url}/hub/api", timeout=5).close()
                    break
                except (urllib.error.URLError, OSError):
                    assert time.monotonic() < deadline, hub.log()
                    time.sleep(0.1)
            yield hub
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            _end_servers(folder)
