"""The processes in which answers are tried: one a track that imports its framework, and forks of it that run answers.

All of them are gone when the command ends, however it ends.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import json
import multiprocessing
import os
import resource
import signal
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Semaphore
from typing import Any, NamedTuple, get_args

from course_lib.instructor.proof.bank import Entry, Kind
from course_lib.instructor.proof.trial import prepare, try_answer
from course_lib.instructor.proof.verdict import verdict_on
from course_lib.trouble import CourseError

__all__ = ["SECONDS_PER_ANSWER", "judged"]

#: A mutant may loop for ever; that is noticed, too. Processor time, so that a busy machine changes no
#: verdict; and for one that sleeps for ever, time by the clock.
SECONDS_PER_ANSWER = 60
#: A mutant does about what the reference solution does, in a second or two, or it loops for ever.
SECONDS_PER_MUTANT = 20
CLOCK_SECONDS_PER_ANSWER = 300.0

_FORK = multiprocessing.get_context("fork")
#: The process that imports the framework starts fresh: forked from one that has threads (a notebook, a test run
#: that has loaded TensorFlow), it could wait for ever for a lock that no thread holds any more.
_SPAWN = multiprocessing.get_context("spawn")


class _How(NamedTuple):
    """How a track's answers are tried."""

    track: str
    work: list[Entry]
    seeds: Sequence[int]
    jobs: int
    slots: Semaphore
    limits: dict[str, int]
    scratch: str


def _may_not_end(entry: Entry) -> bool:
    """Whether this is a mutant with a loop that a fault may keep from ending."""
    return entry.kind == "mutant" and any(isinstance(node, ast.While) for node in ast.walk(ast.parse(entry.source)))


def _child(company: Sequence[Entry], seeds: Sequence[int], limits: dict[str, int], out: Connection) -> None:
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]
    for entry in company:
        used = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))
        resource.setrlimit(resource.RLIMIT_CPU, (used + limits[entry.kind], most))
        try:
            out.send_bytes(json.dumps(try_answer(entry, seeds)).encode())
        except BaseException as error:
            out.send_bytes(json.dumps({"note": f"the check crashed: {type(error).__name__}: {error}"[:500]}).encode())
    out.close()
    os._exit(0)


def _try(company: Sequence[Entry], seeds: Sequence[int], limits: dict[str, int]) -> list[dict[str, Any]]:
    """Fork a process for these answers; `limits` says how many seconds of processor time each may use, by its kind.

    Return what it found: of an answer that ends the process that it ended, and nothing of those after it.
    """
    inward, outward = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=_child, args=(company, seeds, limits, outward), daemon=True)
    process.start()
    outward.close()
    found: list[dict[str, Any]] = []
    try:
        while len(found) < len(company):
            if not inward.poll(CLOCK_SECONDS_PER_ANSWER):
                return [*found, {"note": "timed out", "seconds": CLOCK_SECONDS_PER_ANSWER}]
            found.append(json.loads(inward.recv_bytes()))
        return found
    except EOFError:
        process.join()
        if process.exitcode == -signal.SIGXCPU:
            return [*found, {"note": "timed out", "seconds": float(limits[company[len(found)].kind])}]
        return [*found, {"note": "the process ended without a verdict"}]
    finally:
        process.kill()
        process.join()
        inward.close()


def _companies(work: Sequence[Entry]) -> list[list[int]]:
    """Return the numbers of the answers that share a process: some of an exercise's, and a right one last.

    A process takes its time to start a framework up. That the right answer still gets all points shows that the
    ones before it have left nothing behind; where there is no right answer, each has a process of its own. So has
    what may never end: it would take the verdicts of all others in its process along.
    """
    by_exercise: dict[tuple[str, str], list[int]] = {}
    for i, entry in enumerate(work):
        by_exercise.setdefault((entry.lesson, entry.exercise), []).append(i)
    found: list[list[int]] = []
    for numbers in by_exercise.values():
        right = [i for i in numbers if work[i].kind == "accepted"]
        others = [i for i in numbers if work[i].kind != "accepted" and not _may_not_end(work[i])]
        found += [[i] for i in numbers if _may_not_end(work[i])]
        count = max(1, len(right) // 2)  # two right answers in each
        if right:
            found += [[*others[k::count], *right[k::count]] for k in range(count)]
        else:
            found += [[i] for i in others]
    return found


def _try_company(company: Sequence[Entry], seeds: Sequence[int], limits: dict[str, int]) -> list[dict[str, Any]]:
    """Try answers in one process, and again alone whatever may not be as it should because of the others."""
    found = _try(company, seeds, limits)
    misses = [bool(verdict_on(entry, seen, len(seeds)).miss) for entry, seen in zip(company, found, strict=False)]
    if len(company) == 1 or (len(found) == len(company) and not any(misses)):
        return found
    sound = len(found) == len(company) and not misses[-1]
    return [found[i] if sound and not misses[i] else _try([entry], seeds, limits)[0] for i, entry in enumerate(company)]


def _end_with(life: Connection) -> None:
    """End this process and all that it forked as soon as the command has ended, and with it the pipe's other end."""

    def watch() -> None:
        with contextlib.suppress(EOFError, OSError):
            life.recv_bytes()
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def _serve(how: _How, life: Connection, out: Connection) -> None:
    """Import a track's framework once, then fork a process for each company of answers; files lie in `scratch`."""
    os.setpgid(0, 0)  # a group of its own, so that it can be ended with all that it forked
    _end_with(life)
    tempfile.tempdir = os.environ["TMPDIR"] = how.scratch
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 2)
    prepare(how.track)
    if how.track == "pytorch":
        from course_lib.checks.watch import spies_pytorch  # noqa: F401
    else:
        from course_lib.checks.watch import spies_keras  # noqa: F401
    from course_lib.instructor.grading.gate import Gate

    for lesson in {entry.lesson for entry in how.work}:
        Gate(lesson, how.track).problem([repr(10**digits) for digits in range(4, 10)])  # cases and their numbers, once
    gc.freeze()  # collecting in a child would touch, and so copy, all that was imported here

    def work_on(numbers: list[int]) -> list[tuple[int, dict[str, Any]]]:
        with how.slots:
            found = _try_company([how.work[i] for i in numbers], how.seeds, how.limits)
        return list(zip(numbers, found, strict=True))

    with ThreadPoolExecutor(how.jobs) as pool:
        # Threads only wait for pipes; the forks happen one after the other under the interpreter's lock.
        for one in as_completed([pool.submit(work_on, numbers) for numbers in _companies(how.work)]):
            out.send_bytes(json.dumps(one.result()).encode())
    out.send_bytes(b"null")
    os._exit(0)


def _end(server: SpawnProcess) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if server.pid and os.getpgid(server.pid) == server.pid:
            os.killpg(server.pid, signal.SIGKILL)
    server.kill()
    server.join()


def judged(
    work: Sequence[Entry], seeds: Sequence[int], jobs: int | None = None
) -> Iterator[tuple[Entry, dict[str, Any]]]:
    """Try answers of the bank and yield what was found, in the order in which that comes.

    Parameters
    ----------
    work : sequence of Entry
    seeds : sequence of int
    jobs : int, optional
        How many processes run at a time; by default one more than there are cores, since each waits now and then.
    """
    jobs = jobs or (os.cpu_count() or 1) + 1
    slots = _SPAWN.Semaphore(jobs)
    limits = {kind: SECONDS_PER_MUTANT if kind == "mutant" else SECONDS_PER_ANSWER for kind in get_args(Kind)}
    with contextlib.ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="course-verify-", ignore_cleanup_errors=True))
        servers: dict[Connection, _How] = {}
        for track in dict.fromkeys(entry.track for entry in work):
            mine = [entry for entry in work if entry.track == track]
            how = _How(track, mine, seeds, jobs, slots, limits, scratch)
            inward, outward = _SPAWN.Pipe(duplex=False)
            life, held = _SPAWN.Pipe(duplex=False)
            server = _SPAWN.Process(target=_serve, args=(how, life, outward))
            server.start()
            stack.callback(held.close)
            stack.callback(_end, server)
            outward.close()
            life.close()
            servers[inward] = how
        yield from _answers(servers)


def _answers(servers: dict[Connection, _How]) -> Iterator[tuple[Entry, dict[str, Any]]]:
    working = set(servers)
    while working:
        for inward in list(working.intersection(wait(working))):
            how = servers[inward]  # type: ignore[index]
            try:
                message = json.loads(inward.recv_bytes())  # type: ignore[union-attr]
            except EOFError:
                reason = f"the process that checks the {how.track} answers ended; is the framework installed?"
                raise CourseError(reason) from None
            if message is None:
                working.remove(inward)  # type: ignore[arg-type]
            for i, found in message or ():
                yield how.work[i], found
