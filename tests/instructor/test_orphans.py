"""Worker processes end with the command that started them, even if it is killed."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys

POOL = """
import os, sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from course_lib.instructor.orphans import end_with_parent

if __name__ == "__main__":
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=end_with_parent)
    print(pool.submit(os.getpid).result(), flush=True)
    pool.submit(time.sleep, 3600).result()
"""


def test_a_worker_ends_with_a_command_that_was_killed(tmp_path) -> None:
    script = tmp_path / "pool.py"
    script.write_text(POOL)
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as command:
        assert command.stdout is not None
        worker = os.pidfd_open(int(command.stdout.readline()))
        command.send_signal(signal.SIGKILL)
        ended, _, _ = select.select([worker], [], [], 60)  # readable as soon as the process has ended
        os.close(worker)
    assert ended
