"""A kernel for measurements: cells go in as JupyterLab sends them, and all that comes back is counted."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Kernel", "started_kernel"]


class Kernel:
    """A kernel that is spoken to as JupyterLab speaks to it."""

    def __init__(self) -> None:
        from jupyter_client.manager import KernelManager

        self.manager = KernelManager(kernel_name="python3")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}  # --json promises nothing but JSON
        self.manager.start_kernel(**quiet, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "COURSE_WIDGETS": "1"})
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)

    def run(self, code: str, timeout: float = 120) -> tuple[str, int]:
        """Run a cell; return its printed text and the bytes of all messages that it caused."""
        client = self.client
        content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}}
        message = client.session.msg("execute_request", content, metadata={"cellId": "bench"})
        client.shell_channel.send(message)
        text, size = "", 0
        while True:
            answer = client.get_iopub_msg(timeout=timeout)
            if answer["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            kind, body = answer["msg_type"], answer["content"]
            if kind == "status":
                if body["execution_state"] == "idle":
                    return text, size
                continue
            if kind == "execute_input":
                continue
            if kind == "error":
                raise RuntimeError(re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(body["traceback"][-3:])))
            if kind == "stream" and "@@" in body["text"]:
                text += body["text"]
                continue
            parts = (answer["header"], answer["parent_header"], answer["metadata"], body)
            size += sum(len(json.dumps(part, default=str)) for part in parts)
            size += sum(len(buffer) for buffer in answer["buffers"])

    def close(self) -> None:
        """End the kernel."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@contextmanager
def started_kernel() -> Iterator[Kernel]:
    """Start a kernel for a ``with`` block, and end it with it."""
    kernel = Kernel()
    try:
        yield kernel
    finally:
        kernel.close()
