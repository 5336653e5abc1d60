"""Many notebooks: any executor grades them, this process alone writes. Memory stays flat: few are under way."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from course_lib.instructor.grading.results import Job, Outcome
from course_lib.instructor.grading.sandbox import SandboxError
from course_lib.instructor.grading.worker import close_wardens, grade_one, warm_up
from course_lib.instructor.orphans import end_with_parent
from course_lib.printable import printable
from course_lib.trouble import CourseError

__all__ = ["dask_executor", "local_executor", "outcomes"]

#: How often a notebook is tried when the worker that had it is gone.
ATTEMPTS = 3
#: How long nothing may be done before the executor is asked whether it still lives.
SECONDS_TO_LOOK = 5.0
#: How long a Dask scheduler is waited for, at the start and when it was lost.
SECONDS_TO_CONNECT = 20
#: So many notebooks one after the other whose sandbox ended or could not be made: it is the machine.
MOST_WITHOUT_SANDBOX = 3


def _begin_worker() -> None:
    import atexit

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started the workers
    end_with_parent()
    atexit.register(close_wardens)
    multiprocessing.util.Finalize(None, close_wardens, exitpriority=10)  # type: ignore[attr-defined]


def local_executor(workers: int) -> ProcessPoolExecutor:
    """Return an executor of fresh processes on this machine."""
    import multiprocessing.util

    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_begin_worker)


def _lost(job: Job, error: BaseException) -> Outcome:
    why = printable(error, 200)
    reason = f"the worker that graded it ended ({type(error).__name__}: {why})"
    return Outcome(job.student, job.notebook, job.digest, "failed", reason=reason)


class _Batch:
    """The notebooks that are under way, and those that must be tried again."""

    def __init__(
        self,
        jobs: Iterator[Job],
        under_way: int,
        grade: Callable[[Job], Outcome],
        look: Callable[[], None] | None = None,
    ):
        self.jobs, self.under_way, self.grade, self.look = jobs, under_way, grade, look
        self.waiting: dict[Future[Outcome], Job] = {}
        self.tries: dict[tuple[str, str], int] = {}
        self.again: list[Job] = []
        self.without_sandbox = 0
        self.broken = False

    def hand_out(self, executor: Executor) -> bool:
        """Hand out what there are places for; return whether anything is left to do."""
        # After a worker was lost, notebooks go one at a time until those that were under way are done:
        # only the one that ends its worker is then charged with it.
        while len(self.waiting) < (1 if any(count > 1 for count in self.tries.values()) else self.under_way):
            job = self.again.pop() if self.again else next(self.jobs, None)
            if job is None:
                break
            self.tries[job.key] = self.tries.get(job.key, 0) + 1
            try:
                self.waiting[executor.submit(self.grade, job)] = job
            except BrokenProcessPool:
                self.tries[job.key] -= 1
                self.again.append(job)
                break
        self.broken = not self.waiting
        return bool(self.waiting or self.again)

    def take(self, done: Future[Outcome]) -> Outcome | None:
        """Return what came of one notebook, or None if it is tried again."""
        job = self.waiting.pop(done)
        try:
            outcome = done.result()
        except (KeyboardInterrupt, GeneratorExit):
            raise
        except BaseException as error:
            if self.look is not None:
                self.look()
            self._judge_the_machine(error)
            self.broken = self.broken or isinstance(error, BrokenProcessPool)
            if self.tries[job.key] < ATTEMPTS:
                self.again.append(job)
                return None
            outcome = _lost(job, error)
        else:
            self.without_sandbox = 0
        del self.tries[job.key]
        return outcome

    def _judge_the_machine(self, error: BaseException) -> None:
        """Raise what concerns all notebooks; a sandbox that one notebook ended is that notebook's."""
        if not isinstance(error, SandboxError):
            if isinstance(error, CourseError):
                raise error
            return
        self.without_sandbox += 1
        if self.without_sandbox >= MOST_WITHOUT_SANDBOX * ATTEMPTS:
            raise error

    def stalled(self, seconds: float) -> Outcome | None:
        """Note that no worker came to an end; the notebook that was alone is charged with it."""
        self.broken = True
        if len(self.waiting) > 1:
            return None
        _, job = self.waiting.popitem()
        del self.tries[job.key]
        reason = f"its worker had not come to an end after {seconds:g} s and was ended"
        return Outcome(job.student, job.notebook, job.digest, "failed", reason=reason)

    def recover(self) -> None:
        """Take back what was under way in workers that are gone."""
        self.again += self.waiting.values()
        self.waiting.clear()


def outcomes(
    jobs: Iterator[Job],
    make_executor: Callable[[], Executor],
    under_way: int,
    warm: list[Job] | None = None,
    grade: Callable[[Job], Outcome] = grade_one,
    stalled_seconds: float | None = None,
    look: Callable[[], None] | None = None,
) -> Iterator[Outcome]:
    """Grade notebooks and yield what came of them, as they are done.

    Parameters
    ----------
    jobs : iterator of Job
        Read as places come free.
    make_executor : callable
        Makes the executor, and a new one when one has broken.
    under_way : int
        How many notebooks are handed out at once.
    warm : list of Job, optional
        What the workers prepare for before the first job is there.
    grade : callable, optional
    stalled_seconds : float, optional
        After how long without any result the workers of this machine are ended and what they had is tried again,
        one notebook at a time; the one that stalls its worker alone is not tried again.
    look : callable, optional
        Called whenever nothing was done for a few seconds; it raises when the executor will never do anything again.

    Yields
    ------
    Outcome
        One for each job, whatever happens to the workers.
    """
    executor = make_executor()
    for job in warm or ():
        executor.submit(warm_up, job)
    batch = _Batch(jobs, under_way, grade, look)
    limit = stalled_seconds if isinstance(executor, ProcessPoolExecutor) else None
    try:
        while batch.hand_out(executor):
            done = _first_done(batch.waiting, limit, look)
            if batch.waiting and not done and limit is not None:
                outcome = batch.stalled(limit)
                if outcome is not None:
                    yield outcome
            for future in done:
                outcome = batch.take(future)
                if outcome is not None:
                    yield outcome
            if batch.broken:
                batch.recover()
                _end(executor)
                executor = make_executor()
    finally:
        _end(executor)


def _first_done(
    waiting: dict[Future[Outcome], Job], limit: float | None, look: Callable[[], None] | None
) -> set[Future[Outcome]]:
    """Wait for one of what is under way; return nothing if the limit passed first."""
    if look is None or not waiting:
        return wait(waiting, limit, FIRST_COMPLETED).done if waiting else set()
    while not (done := wait(waiting, SECONDS_TO_LOOK, FIRST_COMPLETED).done):
        look()
    return done


def _end(executor: Executor) -> None:
    """End an executor and, of a local one, every worker process."""
    if not isinstance(executor, ProcessPoolExecutor):
        executor.shutdown(wait=False)
        return
    processes = list((executor._processes or {}).values())
    executor.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.join(5)
        if process.is_alive() and process.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)


def dask_executor(address: str) -> tuple[Any, Any, Callable[[], None]]:
    """Connect to a Dask cluster; return the client, an executor on it, and what raises when its scheduler is gone.

    Workers that are lost Dask replaces by others. Without a scheduler, what is under way would never end.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise CourseError("Dask is missing; install it with `pip install -e '.[dask]'`") from None
    try:
        client = Client(address, timeout=f"{SECONDS_TO_CONNECT}s", set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise CourseError(f"no Dask scheduler answers at {address}: {error}") from None
    for name in ("distributed", "distributed.client", "distributed.comm", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what they have to say is said below, in one line

    def look() -> None:
        if client.status in ("closing", "closed"):
            raise CourseError(
                f"the Dask scheduler at {address} has not answered for {SECONDS_TO_CONNECT} s. What was graded is "
                "kept. Start a cluster and run the command again: it goes on from there"
            )

    return client, client.get_executor(pure=False, retries=ATTEMPTS), look
