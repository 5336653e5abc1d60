"""A process that judges, and nothing else: what a kernel handed out is learner-made, and costs what it costs.

Each worker has one. It holds what is right, runs no learner's code, and has limits of processor time and memory
for every check: what goes beyond them ends this process and that check's judgement, and nothing more.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from typing import Any

from course_lib.checks.result import CaseResult, CheckResult
from course_lib.instructor.grading.limits import Limits

__all__ = ["JudgeProcess"]

_LENGTH = struct.Struct("!Q")
#: By the clock, a judgement may take so many times its processor time: the machine may be busy.
PATIENCE = 20
#: What importing a lesson's cases and working out what is right may take, by the clock.
WARM_UP_SECONDS = 300
#: An answer of this process is a verdict; it is never so long.
MOST_ANSWER = 64 << 20


def _send(channel: socket.socket, data: Any) -> None:
    content = json.dumps(data).encode()
    channel.sendall(_LENGTH.pack(len(content)) + content)


def _exactly(channel: socket.socket, count: int, deadline: float | None) -> bytes:
    parts, left = [], count
    while left:
        wait = None if deadline is None else max(0.0, deadline - time.monotonic())
        if not select.select([channel], [], [], wait)[0]:
            raise TimeoutError
        part = channel.recv(min(left, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _receive(channel: socket.socket, deadline: float | None = None, most: int | None = None) -> Any:
    (count,) = _LENGTH.unpack(_exactly(channel, _LENGTH.size, deadline))
    if most is not None and count > most:
        raise EOFError
    return json.loads(_exactly(channel, count, deadline))


def _result(data: dict[str, Any]) -> CheckResult:
    known = {name: data[name] for name in CheckResult.__dataclass_fields__ if name in data}
    cases = [{name: case[name] for name in CaseResult.__dataclass_fields__} for case in data["cases"]]
    return CheckResult(**known | {"cases": tuple(CaseResult(**c) for c in cases), "flags": tuple(data["flags"])})


def _not_judged(about: dict[str, str], why: str) -> CheckResult:
    from course_lib.instructor.grading.judge import not_judged

    return not_judged(**about, why=why)


class JudgeProcess:
    """A worker's side of its judge.

    Parameters
    ----------
    limits : Limits, optional
        ``judge_seconds`` and ``judge_mb`` are for each check.
    """

    def __init__(self, limits: Limits | None = None):
        self.limits = limits or Limits()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None

    def _start(self) -> socket.socket:
        if self._channel is not None and self._process is not None and self._process.poll() is None:
            return self._channel
        self.close()
        ours, theirs = socket.socketpair()
        settings = json.dumps([theirs.fileno(), self.limits.judge_seconds, self.limits.judge_mb])
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__, settings],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self._channel = ours
        return ours

    def warm_up(self, lesson: str, track: str) -> None:
        """Start it, and let it work out what is right in a lesson while this process does something else."""
        with contextlib.suppress(OSError):
            _send(self._start(), {"lesson": lesson, "track": track, "exercise": ""})

    def judge(
        self,
        evidence: list[dict[str, Any]],
        lesson: str,
        track: str,
        exercise: str,
        failure: str = "",
        student: str = "",
    ) -> CheckResult:
        """Judge what a check saw, as `course_lib.instructor.grading.judge.judge` does.

        Returns
        -------
        CheckResult
            Of no points and with a flag, where the limits ended it.

        Raises
        ------
        RuntimeError
            If the process cannot be started or cannot work out what is right: the machine's or a case's fault.
        """
        about = {"lesson": lesson, "track": track, "exercise": exercise}
        try:
            content = json.dumps(about | {"evidence": evidence, "failure": failure, "student": student}).encode()
        except (RecursionError, ValueError):
            return _not_judged(about, "the check's data was forged: nested without end")
        channel = self._ready(content)
        try:
            deadline = time.monotonic() + PATIENCE * self.limits.judge_seconds
            return _result(_receive(channel, deadline, MOST_ANSWER))
        except (OSError, EOFError) as error:
            return self._overrun(about, error)

    def _ready(self, content: bytes) -> socket.socket:
        """Hand a check over, and return once judging it begins; a judge that is gone is started again."""
        for attempt in range(2):
            try:
                channel = self._start()
                channel.sendall(_LENGTH.pack(len(content)) + content)
                deadline = time.monotonic() + WARM_UP_SECONDS
                while (told := _receive(channel, deadline, MOST_ANSWER)) != "ready":  # of an earlier warm-up
                    if isinstance(told, dict) and "broken" in told:
                        raise RuntimeError(told["broken"])
                return channel
            except (OSError, EOFError) as error:
                self.close()
                if attempt:
                    raise RuntimeError(f"the process that judges ended ({type(error).__name__})") from None
        raise AssertionError("unreachable")

    def _overrun(self, about: dict[str, str], error: Exception) -> CheckResult:
        """Give no points for what ended the judge, and say so; the next check gets a new one."""
        ended = self._process.wait(5) if self._process is not None and not isinstance(error, TimeoutError) else None
        self.close()
        if isinstance(error, TimeoutError) or ended == -signal.SIGPROF:
            return _not_judged(about, f"judging it took more than {self.limits.judge_seconds:g} s")
        return _not_judged(about, f"judging it took more than {self.limits.judge_mb} MB of memory")

    def close(self) -> None:
        """End the process."""
        if self._channel is not None:
            self._channel.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._channel = self._process = None


def _data_mb() -> int:
    """Return the memory that this process has asked for, in MB."""
    with contextlib.suppress(OSError), open("/proc/self/status") as file:
        return next(int(line.split()[1]) // 1024 for line in file if line.startswith("VmData:"))
    return 0


def _serve(channel: socket.socket, seconds: int, memory_mb: int) -> None:
    from course_lib.instructor.grading.judge import judge, prepare

    while True:
        try:
            asked = _receive(channel)
        except EOFError:
            return
        evidence, failure = asked.pop("evidence", []), asked.pop("failure", "")
        try:
            prepare(**asked)
        except Exception as error:
            _send(channel, {"broken": f"{type(error).__name__}: {error}"})
            continue
        if not asked["exercise"]:
            continue
        _send(channel, "ready")
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        if sys.platform == "linux":
            resource.setrlimit(resource.RLIMIT_DATA, ((_data_mb() + memory_mb) << 20, most))
        signal.setitimer(signal.ITIMER_PROF, seconds)  # its signal ends this process, whatever it is doing
        verdict = judge(evidence, **asked, failure=failure).to_json()
        signal.setitimer(signal.ITIMER_PROF, 0)
        if sys.platform == "linux":
            resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        del evidence
        _send(channel, verdict)


def main() -> None:
    """Serve the socket that the command line names."""
    number, seconds, memory_mb = json.loads(sys.argv[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    with contextlib.suppress(BrokenPipeError, ConnectionError):
        _serve(socket.socket(fileno=number), seconds, memory_mb)


if __name__ == "__main__":
    main()
