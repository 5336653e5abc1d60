"""A jupyter_client kernel provisioner whose kernels are forked by a warden, spoken to over ipc."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import uuid
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import zmq.asyncio
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerBase, KernelProvisionerFactory
from traitlets import Any as AnyTrait

from course_lib.instructor.grading.sandbox import WardenClient

__all__ = ["WardenProvisioner", "kernel_manager"]

NAME = "loss-curves-warden"
#: A larger message than this closes the connection: no output of a lesson comes near.
MOST_MESSAGE = 32 << 20
#: How many messages wait on this side of a connection: a kernel that floods it must not fill the grader's memory.
MOST_WAITING = 64


class WardenProvisioner(KernelProvisionerBase):
    """Starts, signals and ends a kernel through a warden."""

    warden: Any = AnyTrait()

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.name = uuid.uuid4().hex[:12]
        self._started = False
        self._folder: Path | None = None
        self.reason = ""  # why the kernel ended, where the warden knows

    @property
    def has_process(self) -> bool:
        """Whether a kernel was started and not yet waited for."""
        return self._started

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Write the two connection files: ours with the outer paths, the kernel's with its own."""
        self._folder = self.warden.folder(self.name)
        conn = self._folder / "conn"
        manager: Any = self.parent
        manager.transport, manager.ip = "ipc", str(conn / "k")
        manager.connection_file = str(self._folder / "client.json")
        manager.write_connection_file()
        self.connection_info = manager.get_connection_info()
        info = json.loads(Path(manager.connection_file).read_text())
        if self.warden.mode == "bubblewrap":
            info["ip"] = "/conn/k"
        (conn / "kernel.json").write_text(json.dumps(info))
        (conn / "kernel.json").chmod(0o644)
        for path, content in kwargs.pop("files", {}).items():
            target = self._folder / "files" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        return await super().pre_launch(cmd=["warden"], **kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork the kernel."""
        self.warden.start(self.name)
        self._started = True
        return self.connection_info

    async def poll(self) -> int | None:
        """Return None while the kernel runs, else its exit status."""
        if not self._started:
            return 0
        ended = self.warden.ended(self.name)
        if ended is None:
            return None
        self.reason = str(ended.get("reason", ""))
        return int(ended["status"])

    async def wait(self) -> int | None:
        """Wait until the kernel has ended."""
        while (status := await self.poll()) is None:
            await asyncio.sleep(0.01)
        self._started = False
        return status

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel."""
        if signum == signal.SIGKILL:
            await self.kill()
        elif self._started and signum:
            self.warden.signal(self.name, signum)

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and all its processes."""
        if self._started:
            with contextlib.suppress(Exception):
                self.warden.kill(self.name)

    async def terminate(self, restart: bool = False) -> None:
        """End the kernel: the sandbox is thrown away, so there is nothing to tidy up."""
        await self.kill()

    async def cleanup(self, restart: bool = False) -> None:
        """Remove the kernel's folder."""
        self.warden.forget(self.name)


def kernel_manager(warden: WardenClient) -> AsyncKernelManager:
    """Return a kernel manager whose kernels come from `warden`."""
    factory = KernelProvisionerFactory.instance()
    factory.provisioners[NAME] = EntryPoint(NAME, f"{__name__}:WardenProvisioner", KernelProvisionerFactory.GROUP_NAME)
    context = zmq.asyncio.Context()
    context.setsockopt(zmq.MAXMSGSIZE, MOST_MESSAGE)
    context.setsockopt(zmq.RCVHWM, MOST_WAITING)
    manager = AsyncKernelManager(kernel_name="python3", context=context)
    stanza = {"kernel_provisioner": {"provisioner_name": NAME, "config": {"warden": warden}}}
    manager._kernel_spec = KernelSpec(argv=["warden"], display_name="graded", language="python", metadata=stanza)
    return manager
