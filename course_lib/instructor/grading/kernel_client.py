"""Talking to one kernel: nbclient, with a cap on output, and patient with messages that no kernel sends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import queue
import time
from collections.abc import Callable
from typing import Any

import nbformat
from jupyter_core.utils import ensure_async
from nbclient import NotebookClient
from nbclient.client import CellExecutionComplete

from course_lib.instructor.grading.inside.observe import EVIDENCE
from course_lib.instructor.grading.limits import Limits
from course_lib.instructor.grading.provisioner import kernel_manager
from course_lib.instructor.grading.sandbox import WardenClient

__all__ = ["KernelClient"]

#: What the checks of one notebook may hand out, in characters.
MOST_EVIDENCE = 32_000_000
#: All cells together may put out as much as this many cells.
MOST_CELLS = 20

#: Stands for a message that nothing can read: it belongs to no request, so it is passed over.
_NO_MESSAGE = {"msg_id": "", "msg_type": "unreadable", "metadata": {}, "content": {}, "buffers": []}


def _tolerant(session: Any, noticed: Callable[[], None]) -> Any:
    """Let a session pass over what is no message: nested without end, without a header, not of its kernel."""
    read = session.deserialize

    def deserialize(parts: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        try:
            message = read(parts, *args, **kwargs)
            whole = isinstance(message["parent_header"], dict) and isinstance(message["content"], dict)
        except Exception:  # a kernel of one's own making may send anything
            whole = False
        if whole:
            return message
        noticed()
        return {**_NO_MESSAGE, "header": {}, "parent_header": {}}

    session.deserialize = deserialize
    return session


class KernelClient(NotebookClient):
    """nbclient, with a cap on output and with a look at the kernel after a time limit."""

    def __init__(self, nb: nbformat.NotebookNode, warden: WardenClient, limits: Limits):
        manager: Any = kernel_manager(warden)
        super().__init__(
            nb,
            km=manager,
            timeout=limits.cell_seconds,
            interrupt_on_timeout=True,
            error_on_timeout={
                "ename": "CellTimeoutError",
                "evalue": f"stopped after {limits.cell_seconds} s",
                "traceback": [f"CellTimeoutError: stopped after {limits.cell_seconds} s"],
            },
            allow_errors=True,
            shutdown_kernel="immediate",
            iopub_timeout=10,
            store_widget_state=False,
            record_timing=False,
            coalesce_streams=False,  # it takes quadratic time where backspaces are printed; `joined` does not
        )
        self.owns_km = True
        self.manager: Any = manager
        self.most = int(limits.output_mb * 1e6)
        self.size, self.flooded, self.timed_out = 0, False, False
        self.total = self.evidence = 0  # of all cells
        self.probing = self.malformed = False
        self.stopping: Any = None

    async def async_start_new_kernel_client(self) -> Any:
        """Connect as soon as the kernel's sockets are there, and return once it answers on both channels.

        jupyter_client's own wait ends with a fifth of a second of silence, which a class pays for each notebook.
        """
        manager, deadline = self.manager, time.monotonic() + self.startup_timeout
        ports = (manager.shell_port, manager.iopub_port, manager.stdin_port, manager.hb_port, manager.control_port)
        try:
            while not all(os.path.exists(f"{manager.ip}-{port}") for port in ports):
                await self._must_live(deadline)
                await asyncio.sleep(0.005)
            client: Any = manager.client()
            client.session = _tolerant(client.session, self._unreadable)
            self.kc = client
            client.start_channels()
            while True:
                asked = client.kernel_info()
                with contextlib.suppress(queue.Empty):
                    while True:
                        told = await ensure_async(client.get_iopub_msg(timeout=0.5))
                        if told["parent_header"].get("msg_id") == asked:
                            client.allow_stdin = False
                            return client
                await self._must_live(deadline)
        except BaseException:
            await self._async_cleanup_kernel()
            raise

    def _unreadable(self) -> None:
        self.malformed = True

    async def _must_live(self, deadline: float) -> None:
        if not await ensure_async(self.manager.is_alive()):
            raise RuntimeError("the kernel ended before it answered")
        if time.monotonic() > deadline:
            raise RuntimeError(f"the kernel did not answer in {self.startup_timeout} s")

    def begin_cell(self, probing: bool = False) -> None:
        """Count anew; while probing, what a check hands out has a limit of its own."""
        self.stopping = None
        self.size, self.flooded, self.timed_out, self.malformed = 0, False, False, False
        self.probing = probing

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Take up one message, if there is room for it; what makes no sense is noted and passed over."""
        kind = msg["msg_type"]
        if kind.startswith("comm"):
            return None  # nobody looks at a widget here, and its state has no limit
        try:
            if kind in ("stream", "display_data", "execute_result", "error", "update_display_data"):
                size = len(json.dumps(msg["content"], default=str))
                if self.probing and EVIDENCE in msg["content"].get("data", {}):
                    self.evidence += size
                elif not self._has_room(size):
                    return None
                if self.evidence > MOST_EVIDENCE:
                    self.flooded = True
                    return None
            return super().process_message(msg, cell, cell_index)
        except CellExecutionComplete:
            raise
        except Exception:  # a kernel of one's own making may send anything
            self.malformed = True
            return None

    def _has_room(self, size: int) -> bool:
        """Count what a cell puts out; tell whether it is still kept."""
        self.size += size
        self.total += size
        if self.size <= self.most and self.total <= MOST_CELLS * self.most:
            return True
        if self.size > 20 * self.most and self.stopping is None:
            self.stopping = asyncio.ensure_future(self._stop_flood())
        self.flooded = True
        return False

    async def _stop_flood(self) -> None:
        """Interrupt a cell that prints without end; end the kernel if that does not help."""
        for _ in range(2):
            with contextlib.suppress(Exception):
                await ensure_async(self.manager.interrupt_kernel())
            at = self.size
            await asyncio.sleep(1)
            if self.size - at < self.most:
                return
        await self.manager.provisioner.kill()

    async def _async_handle_timeout(self, timeout: int, cell: Any = None) -> Any:
        self.timed_out = True
        return await super()._async_handle_timeout(timeout, cell)

    async def responds(self, seconds: float = 5) -> bool:
        """Tell whether the kernel answers after an interrupt; code in native libraries may not stop."""
        client: Any = self.kc
        probe = await ensure_async(client.execute("", silent=True, store_history=False))
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(Exception):
                reply = await ensure_async(client.shell_channel.get_msg(timeout=0.5))
                if reply["parent_header"].get("msg_id") == probe:
                    return True
        return False
