"""The warden: imports a track's framework once, then forks a kernel for each notebook.

It is the first program in the sandbox that bubblewrap makes. It runs no learner's code itself and holds
nothing secret; it has one thread and opens neither session nor device, so that a fork of it is sound.
Each kernel gets namespaces of its own: it cannot see, signal or change its siblings or the warden.

The other end of the socket sends one JSON object a message: start, signal, kill. When it closes, the
warden ends, and every kernel with it.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from typing import Any

__all__ = ["main"]

_PROC = "/proc"


def _children(parent: int) -> list[int]:
    """Return the processes whose parent is `parent`, from /proc."""
    found = []
    for name in os.listdir(_PROC):
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError), open(f"{_PROC}/{name}/stat") as file:
                if int(file.read().rpartition(")")[2].split()[1]) == parent:
                    found.append(int(name))
    return found


def _tree_memory(root: int, most: int) -> int:
    """Return the bytes that a process and all below it hold; shared pages count once, where it matters."""
    parents: dict[int, list[int]] = {}
    resident: dict[int, int] = {}
    page = os.sysconf("SC_PAGE_SIZE")
    for name in os.listdir(_PROC):
        if not name.isdigit():
            continue
        with contextlib.suppress(OSError, ValueError, IndexError):
            with open(f"{_PROC}/{name}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
            parents.setdefault(int(fields[1]), []).append(int(name))
            resident[int(name)] = int(fields[21]) * page
    tree, todo = [], [root]
    while todo:
        pid = todo.pop()
        tree.append(pid)
        todo += parents.get(pid, [])
    rough = sum(resident.get(pid, 0) for pid in tree)
    if rough <= most:
        return rough
    return sum(_proportional(pid, resident.get(pid, 0)) for pid in tree)


def _proportional(pid: int, otherwise: int) -> int:
    try:
        with open(f"{_PROC}/{pid}/smaps_rollup") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:"))
    except (OSError, StopIteration, ValueError):
        return otherwise


class Kernel:
    """One forked kernel: the helper that waits for it, and process 1 of its namespace."""

    def __init__(self, helper: int, first: int):
        self.helper = helper
        self.first = first
        self.reason = ""

    def interrupt(self, number: int) -> None:
        """Signal the kernel itself: the child of process 1."""
        targets = _children(self.first) if self.first != self.helper else [self.helper]
        for pid in sorted(targets)[:1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self, reason: str = "") -> None:
        """End the kernel and every process in its namespace."""
        self.reason = self.reason or reason
        with contextlib.suppress(ProcessLookupError):
            if self.first == self.helper:  # no namespace: its session, then itself
                os.killpg(self.first, signal.SIGKILL)
            else:
                os.kill(self.first, signal.SIGKILL)


class Warden:
    """Answers the messages of one worker."""

    def __init__(self, channel: socket.socket, settings: dict[str, Any]):
        self.channel = channel
        self.settings = settings
        self.kernels: dict[str, Kernel] = {}

    def tell(self, **message: Any) -> None:
        """Send one message to the worker."""
        self.channel.send(json.dumps(message).encode())

    def serve(self) -> None:
        """Answer until the worker closes its end."""
        watched = 0.0
        while True:
            ready, _, _ = select.select([self.channel], [], [], 0.02 if self.kernels else None)
            if ready:
                data = self.channel.recv(1 << 16)
                if not data:
                    return
                self.obey(json.loads(data))
            self.bury()
            if time.monotonic() - watched > 0.2:
                watched = time.monotonic()
                self.watch_memory()

    def obey(self, message: dict[str, Any]) -> None:
        """Do what one message asks."""
        name = message["id"]
        if message["do"] == "start":
            try:
                self.kernels[name] = self.fork(name)
            except OSError as error:
                self.tell(event="exited", id=name, status=-1, reason=f"could not start: {error}")
        elif kernel := self.kernels.get(name):
            if message["do"] == "signal":
                kernel.interrupt(message["number"])
            else:
                kernel.kill()

    def bury(self) -> None:
        """Report the kernels that have ended."""
        for name, kernel in list(self.kernels.items()):
            pid, status = os.waitpid(kernel.helper, os.WNOHANG)
            if pid:
                if kernel.first == kernel.helper:
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.killpg(kernel.first, signal.SIGKILL)
                del self.kernels[name]
                self.tell(event="exited", id=name, status=os.waitstatus_to_exitcode(status), reason=kernel.reason)

    def watch_memory(self) -> None:
        """End a kernel that, with all its processes, holds more than it may."""
        most = self.settings["memory_mb"] << 20
        for kernel in self.kernels.values():
            if _tree_memory(kernel.first, most) > most:
                kernel.kill("memory")

    def fork(self, name: str) -> Kernel:
        """Fork a kernel; return once its process 1 is known."""
        inner, outer = os.pipe()
        helper = os.fork()
        if helper:
            os.close(outer)
            with os.fdopen(inner, "rb") as pipe:
                answer = pipe.readline()
            first = int(answer or 0) or helper
            return Kernel(helper, first)
        status = 1
        try:
            os.close(inner)
            self.channel.close()
            status = self.become_helper(name, outer)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)

    def become_helper(self, name: str, outer: int) -> int:
        """In the forked process: make the namespaces, then wait for process 1 of them."""
        if not self.settings["isolated"]:
            os.setsid()
            os.write(outer, b"0\n")
            os.close(outer)
            folder = f"{self.settings['runs']}/{name}"
            os.makedirs(f"{folder}/box", exist_ok=True)
            from forked_kernel import run_kernel

            run_kernel(self.settings, f"{folder}/conn", f"{folder}/box", f"{folder}/files", None)
        from namespaces import enter_namespaces

        enter_namespaces()
        first = os.fork()
        if first:
            os.write(outer, f"{first}\n".encode())
            os.close(outer)
            _, status = os.waitpid(first, 0)
            return max(0, os.waitstatus_to_exitcode(status))
        os.close(outer)
        status = 1
        try:
            status = self.become_first(name)
        except BaseException:
            traceback.print_exc()
        os._exit(status)

    def become_first(self, name: str) -> int:
        """As process 1 of the namespace: mount, fork the kernel, close its folder, wait for it."""
        from namespaces import be_traceable, drop_all_rights, mount_private_folders, read_only

        mount_private_folders(f"/runs/{name}", self.settings["scratch_mb"], self.settings["shared_memory_mb"])
        read_only("/files")  # it lies on the grader's disk, without a limit; the kernel works on a copy
        inner, outer = os.pipe()
        go_inner, go_outer = os.pipe()
        kernel = os.fork()
        if not kernel:
            os.close(inner)
            os.close(go_outer)
            try:
                from forked_kernel import run_kernel

                run_kernel(self.settings, "/conn", "/box", "/files", (outer, go_inner))
            except BaseException:
                traceback.print_exc()
            os._exit(1)
        os.close(outer)
        os.close(go_inner)
        if os.read(inner, 1):  # its sockets are there: from now on it can write nothing outside
            read_only("/conn")
            drop_all_rights()
            be_traceable(False)
            os.write(go_outer, b"!")
        while True:
            pid, status = os.wait()
            if pid == kernel:
                return max(0, os.waitstatus_to_exitcode(status)) or 0


def _threads() -> int:
    with contextlib.suppress(OSError), open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Threads:"))
    return 1


def _import_all(names: list[str]) -> list[str]:
    """Import what lessons import; return what could not be."""
    missing = []
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:
            missing.append(f"{name} ({error})")
    return missing


def main() -> None:
    """Read the settings from the command line, import, and serve."""
    settings = json.loads(sys.argv[1])
    sys.argv[1:] = []
    channel = socket.socket(fileno=settings["channel"])
    channel.set_inheritable(False)
    if settings["become"] is not None and os.getuid() == 0:
        from namespaces import MS_NODEV, MS_NOEXEC, MS_NOSUID, be_traceable, mount

        # Started by root, bubblewrap covers parts of /proc; the kernels' own can only be mounted beside a whole one.
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
        os.setgroups([])
        os.setresgid(*[settings["become"]] * 3)
        os.setresuid(*[settings["become"]] * 3)
        be_traceable(True)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    started = time.monotonic()
    missing = _import_all(settings["preload"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    import gc

    gc.collect()
    gc.freeze()
    warden = Warden(channel, settings)
    warden.tell(event="ready", seconds=time.monotonic() - started, threads=_threads(), missing=missing)
    with contextlib.suppress(ConnectionError, KeyboardInterrupt):
        warden.serve()
    for kernel in warden.kernels.values():
        kernel.kill()
    os._exit(0)


if __name__ == "__main__":
    main()
