"""What a fork of the warden becomes: a Jupyter kernel within its limits."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
from typing import Any, NoReturn

__all__ = ["refuse_crowded_lines", "run_kernel"]

#: Bytes that one line may cost while it is cut into tokens.
MOST_BYTES = 1_500_000_000
_TOKEN = re.compile(r"\d[\w.]*|\w+|[^\w\s]")


def run_kernel(settings: dict[str, Any], conn: str, box: str, files: str, pipes: tuple[int, int] | None) -> NoReturn:
    """Give up all rights, set the limits, and be a Jupyter kernel until the end.

    Parameters
    ----------
    settings : dict
        The warden's.
    conn, box, files : str
        Where the connection file is, where the learner's code runs, and what is copied there first.
    pipes : (int, int) or None
        Where to say that the sockets are there, and to wait for the go; `None` without a namespace.
    """
    if pipes is not None:
        from namespaces import drop_all_rights

        os.setsid()
        drop_all_rights()
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    from namespaces import limit

    limit(settings["memory_mb"], settings["processes"], settings["file_mb"], settings["cpu_seconds"])
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    errors = sys.stderr
    if os.path.isdir(files):
        shutil.copytree(files, box, dirs_exist_ok=True, symlinks=True)
    os.chdir(box)
    # IPython's folder is never the learner's: a start-up file in it would run before the kernel is closed off.
    ipython = "/tmp/.ipython" if pipes else f"{conn}/ipython"
    os.environ.update(HOME=box, TMPDIR="/tmp" if pipes else box, IPYTHONDIR=ipython)
    sys.path.insert(0, box)
    import random

    random.seed()
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance(connection_file=f"{conn}/kernel.json", log_level=50)
    app.initialize(["--HistoryManager.enabled=False", "--InteractiveShell.colors=nocolor"])
    _keep_going(app.shell)
    if (3, 12) <= sys.version_info < (3, 12, 4):
        refuse_crowded_lines(app.shell)
    errors.flush()
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    if pipes is not None:
        os.write(pipes[0], b"!")
        os.close(pipes[0])
        os.read(pipes[1], 1)
        os.close(pipes[1])
    app.start()
    os._exit(0)


def _keep_going(shell: Any) -> None:
    """Let ``exit()`` end nothing, and let no cell leave the next ones without an output that can be flushed.

    Both would otherwise cost whatever cell happens to run while the kernel comes to its end.
    """
    streams = {name: getattr(sys, name) for name in ("stdout", "stderr")}

    def restore(*_unused: Any) -> None:
        for name, stream in streams.items():
            if not callable(getattr(getattr(sys, name, None), "flush", None)):
                setattr(sys, name, stream)

    shell.events.register("post_execute", restore)
    type(shell).ask_exit = lambda shell: None


def refuse_crowded_lines(shell: Any) -> None:
    """Have a shell refuse a cell whose line would fill the memory before it runs.

    Until Python 3.12.4, each token got a copy of its line (https://github.com/python/cpython/issues/119118), so that
    a line of 40,000 signs costs 1.5 GB. The kernel would end, and with it what the cells below need.

    Parameters
    ----------
    shell : IPython.core.interactiveshell.InteractiveShell
        What reads the cells; a refused one ends with a SyntaxError of its own.
    """
    read = shell.transform_cell

    def transform_cell(source: str) -> str:
        for line in source.splitlines():
            if len(line) ** 2 > MOST_BYTES and len(line) * len(_TOKEN.findall(line)) > MOST_BYTES:
                version = ".".join(map(str, sys.version_info[:3]))
                raise SyntaxError(
                    f"a line of {len(line):,} characters with so many signs is more than Python {version} can read; "
                    "break it into shorter lines"
                )
        return str(read(source))

    shell.transform_cell = transform_cell
