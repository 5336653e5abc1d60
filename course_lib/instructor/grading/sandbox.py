"""The sandbox: bubblewrap around a warden, which forks one isolated kernel for each notebook.

Inside there is no network, the system is read-only, and neither the gradebook, the solutions, other
submissions nor the home folder exist. Without bubblewrap, grading refuses; ``none`` runs unprotected
and says so.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args

from course_lib.instructor.grading.inside_view import INSIDE, bubblewrap, environment, inside_path
from course_lib.instructor.grading.limits import Limits
from course_lib.trouble import CourseError

__all__ = ["MODES", "NOBODY", "Mode", "SandboxError", "WardenClient", "bubblewrap_problem", "require"]

Mode = Literal["bubblewrap", "none"]
MODES: tuple[Mode, ...] = get_args(Mode)

#: The user that kernels run as when grading is started by root.
NOBODY = 65534
#: Seconds after which a folder that nobody holds was left behind, and is not just being made.
SETTLED = 60
INSTALL = "install it with `apt install bubblewrap`, `dnf install bubblewrap` or `pacman -S bubblewrap`"


class SandboxError(CourseError):
    """The sandbox could not be made, or has ended."""


def bubblewrap_problem(user: int | None = None) -> str | None:
    """Say why bubblewrap cannot be used here, or None.

    Parameters
    ----------
    user : int, optional
        Whose rights it is tried with, where root asks for somebody else; by default one's own.

    Returns
    -------
    str or None
        One sentence with the remedy.
    """
    if sys.platform != "linux":
        return "bubblewrap exists for Linux only; grade in a Linux virtual machine or container"
    if shutil.which("bwrap") is None:
        return f"bubblewrap is not installed; {INSTALL}"
    own_users = [] if (os.getuid() if user is None else user) == 0 else ["--unshare-user"]
    probe = [
        "bwrap",
        *own_users,
        "--unshare-pid",
        "--unshare-net",
        "--ro-bind",
        "/",
        "/",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
    ]
    result = subprocess.run(
        [*probe, "true"],
        cwd="/",
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if result.returncode == 0:
        return None
    reason = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
    return (
        f"bubblewrap is installed but cannot make a sandbox here ({reason}); allow unprivileged user namespaces "
        "(sysctl kernel.unprivileged_userns_clone=1, or an AppArmor profile for bwrap), or grade on another machine"
    )


def require(mode: Mode) -> None:
    """Refuse to grade where the sandbox that was asked for cannot be made.

    Raises
    ------
    CourseError
        With the remedy in one sentence.
    """
    if mode == "bubblewrap" and (problem := bubblewrap_problem()):
        raise SandboxError(
            f"{problem}. `--sandbox none` grades without protection: only for submissions that you trust"
        )


def _sweep(base: Path) -> None:
    """Remove the folders of runs that were killed: nobody holds their log any more."""
    for log in base.glob("grade-*/log"):
        with contextlib.suppress(OSError), open(log, "rb") as file:
            if log.stat().st_uid == os.getuid() and time.time() - log.stat().st_mtime > SETTLED:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(log.parent, ignore_errors=True)


class WardenClient:
    """A worker's side of one warden: start kernels, signal them, know when they end.

    Parameters
    ----------
    preload : sequence of str
        Modules to import before the first fork.
    mode : {"bubblewrap", "none"}
    limits : Limits
    threads : int
        For the numerical libraries of each kernel.
    root : Path, optional
        The course's folder, hidden inside even where an environment's folder contains it.
    patience : float
        Seconds that the imports may take.
    """

    def __init__(
        self,
        preload: Sequence[str],
        mode: Mode = "bubblewrap",
        limits: Limits | None = None,
        threads: int = 1,
        root: Path | None = None,
        patience: float = 180,
    ):
        self.mode, self.limits = mode, limits or Limits()
        # Socket paths must be short (107 bytes): not in a test's or a job's long temporary folder.
        base = "/tmp" if os.access("/tmp", os.W_OK) else None
        _sweep(Path(base or tempfile.gettempdir()))
        self.runs = Path(tempfile.mkdtemp(prefix="grade-", dir=base))
        self._log = open(self.runs / "log", "w+b")  # noqa: SIM115  (as long as the warden lives)
        fcntl.flock(self._log, fcntl.LOCK_EX)  # held until the last process that writes to it has ended
        self._ended: dict[str, dict[str, Any]] = {}
        self._process, self._channel = self._start(preload, threads, root)
        self.ready = self._await_ready(patience)

    def _start(self, preload: Sequence[str], threads: int, root: Path | None) -> tuple[Any, socket.socket]:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        isolated, as_root = self.mode == "bubblewrap", os.getuid() == 0
        settings = {
            "channel": theirs.fileno(),
            "preload": list(preload),
            "isolated": isolated,
            "become": NOBODY if isolated and as_root else None,
            "runs": str(self.runs),
            "memory_mb": self.limits.memory_mb,
            "processes": self.limits.processes if isolated else -1,
            "file_mb": self.limits.file_mb,
            "scratch_mb": self.limits.scratch_mb,
            "shared_memory_mb": self.limits.shared_memory_mb,
            "cpu_seconds": self.limits.notebook_seconds * (os.cpu_count() or 1),
        }
        (self.runs / "passwd").write_text("learner:x:1000:1000::/box:/bin/sh\n")
        os.chmod(self.runs, 0o711)
        inside = Path("/course/inside") if isolated else INSIDE
        python = inside_path(Path(sys.executable)) if isolated else Path(sys.executable)
        program = [str(python), str(inside / "warden.py"), json.dumps(settings)]
        try:
            process = subprocess.Popen(
                [*(bubblewrap(self.runs, root) if isolated else []), *program],
                env=environment(inside, isolated, threads),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                start_new_session=True,
            )
        except OSError as error:
            raise SandboxError(f"the sandbox could not be started: {error}") from None
        theirs.close()
        return process, ours

    def _await_ready(self, patience: float) -> dict[str, Any]:
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if select.select([self._channel], [], [], 0.1)[0]:
                data = self._channel.recv(1 << 16)
                if data:
                    return json.loads(data)
                break
            if self._process.poll() is not None:
                break
        reason = self.last_words()
        self.close()
        raise SandboxError(f"the sandbox did not come up: {reason or 'it said nothing'}")

    def last_words(self) -> str:
        """Return the last line that the warden wrote."""
        with contextlib.suppress(OSError):
            lines = (self.runs / "log").read_text(errors="replace").strip().splitlines()
            return lines[-1][:300] if lines else ""
        return ""

    def folder(self, name: str) -> Path:
        """Make the folder of one kernel: ``conn`` for its sockets, ``files`` for what was handed in."""
        place = self.runs / name
        for part in ("conn", "files"):
            (place / part).mkdir(parents=True)
        if self.mode == "bubblewrap" and os.getuid() == 0:
            for path in (place, place / "conn", place / "files"):
                os.chown(path, NOBODY, NOBODY)
        return place

    def start(self, name: str) -> None:
        """Ask for a kernel; its connection file lies in its folder already."""
        self._send(do="start", id=name)

    def signal(self, name: str, number: int) -> None:
        """Send a signal to the kernel's own process."""
        self._send(do="signal", id=name, number=number)

    def kill(self, name: str) -> None:
        """End a kernel and all its processes."""
        self._send(do="kill", id=name)

    def _send(self, **message: Any) -> None:
        try:
            self._channel.send(json.dumps(message).encode())
        except OSError as error:
            raise SandboxError(f"the sandbox has ended: {self.last_words() or error}") from None

    def ended(self, name: str) -> dict[str, Any] | None:
        """Return how a kernel ended, or None while it runs."""
        while True:
            try:
                data = self._channel.recv(1 << 16, socket.MSG_DONTWAIT)
            except BlockingIOError:
                break
            except OSError:
                data = b""
            if not data:
                return self._ended.get(name, {"status": -1, "reason": "the sandbox has ended"})
            message = json.loads(data)
            self._ended[message["id"]] = message
        return self._ended.get(name)

    def forget(self, name: str) -> None:
        """Remove what a kernel left outside: its folder with the sockets."""
        shutil.rmtree(self.runs / name, ignore_errors=True)
        self._ended.pop(name, None)

    @property
    def alive(self) -> bool:
        """Whether the warden still runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the warden, every kernel, and remove the folder."""
        self._channel.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
        shutil.rmtree(self.runs, ignore_errors=True)
