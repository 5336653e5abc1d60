"""Many notebooks: any executor grades them, this process alone writes. Memory stays flat: few are under way."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from course_lib.cli import CourseError
from course_lib.instructor.grading.results import Job, Outcome
from course_lib.instructor.grading.worker import close_wardens, end_with_parent, grade_one, warm_up

__all__ = ["dask_executor", "local_executor", "outcomes"]

#: How often a notebook is tried when the worker that had it is gone.
ATTEMPTS = 3


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
    reason = f"the worker that graded it ended ({type(error).__name__}: {str(error)[:200]})"
    return Outcome(job.student, job.notebook, job.digest, "failed", reason=reason)


def outcomes(
    jobs: Iterator[Job],
    make_executor: Callable[[], Executor],
    under_way: int,
    warm: list[Job] | None = None,
    grade: Callable[[Job], Outcome] = grade_one,
) -> Iterator[Outcome]:
    """Grade notebooks and yield what came of them, as they are done.

    Parameters
    ----------
    jobs : iterator of Job
        Read as places come free.
    make_executor : callable
        Makes the executor, and makes it anew when one has broken.
    under_way : int
        How many notebooks are handed out at once.
    warm : list of Job, optional
        What the workers prepare for before the first job is there.
    grade : callable, optional

    Yields
    ------
    Outcome
        One for each job, whatever happens to the workers.
    """
    executor = make_executor()
    for job in warm or ():
        executor.submit(warm_up, job)
    waiting: dict[Future[Outcome], Job] = {}
    tries: dict[tuple[str, str], int] = {}
    again: list[Job] = []
    try:
        while True:
            # After a worker was lost, notebooks go one at a time until those that were under way are done:
            # only the one that ends its worker is then charged with it.
            while len(waiting) < (1 if any(count > 1 for count in tries.values()) else under_way):
                following = again.pop() if again else next(jobs, None)
                if following is None:
                    break
                job = following
                tries[job.key] = tries.get(job.key, 0) + 1
                try:
                    waiting[executor.submit(grade, job)] = job
                except BrokenProcessPool:
                    tries[job.key] -= 1
                    again.append(job)
                    break
            if not waiting and not again:
                return
            broken = not waiting
            for done in wait(waiting, return_when=FIRST_COMPLETED).done if waiting else ():
                job = waiting.pop(done)
                try:
                    yield done.result()
                    tries.pop(job.key, None)
                except CourseError:
                    raise
                except BaseException as error:
                    broken = broken or isinstance(error, BrokenProcessPool)
                    if tries[job.key] >= ATTEMPTS or isinstance(error, (KeyboardInterrupt, GeneratorExit)):
                        if isinstance(error, (KeyboardInterrupt, GeneratorExit)):
                            raise
                        yield _lost(job, error)
                    else:
                        again.append(job)
            if broken:
                for job in waiting.values():
                    again.append(job)
                waiting.clear()
                _end(executor)
                executor = make_executor()
    finally:
        _end(executor)


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


def dask_executor(address: str) -> tuple[Any, Any]:
    """Connect to a Dask cluster; return the client and an executor on it."""
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise CourseError("Dask is missing; install it with `pip install -e '.[dask]'`") from None
    try:
        client = Client(address, timeout="20s", set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise CourseError(f"no Dask scheduler answers at {address}: {error}") from None
    return client, client.get_executor(pure=False, retries=ATTEMPTS)
