"""What a worker does with one notebook: prepare it, run it in the sandbox, have it judged, and return plain data."""

from __future__ import annotations

import json
import resource
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from course_lib.instructor.grading.execute import KernelDidNotStart, execute, observing
from course_lib.instructor.grading.journal import checks_digest
from course_lib.instructor.grading.judging import JudgeProcess
from course_lib.instructor.grading.preflight import Prepared, prepare
from course_lib.instructor.grading.reference import Reference
from course_lib.instructor.grading.results import Job, Outcome
from course_lib.instructor.grading.salvage import Unreadable
from course_lib.instructor.grading.sandbox import SandboxError, WardenClient
from course_lib.instructor.grading.slicing import cells_to_run
from course_lib.instructor.grading.suspicion import suspicions
from course_lib.instructor.grading.verdict import finish
from course_lib.trouble import CourseError

__all__ = ["close_wardens", "grade_one", "warm_up"]

#: What every kernel imports, whatever the lesson.
ALWAYS = (
    "ipykernel.kernelapp",
    "IPython.core.completer",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "cloudpickle",
    "course_lib.checks.run",
    "course_lib.checks.canary",
    "observe",
)
#: What a framework itself imports only when it is first used.
LATER = {
    "pytorch": ("torch._dynamo", "torch.utils.data", "course_lib.checks.watch.spies_pytorch"),
    "keras": ("keras", "keras.src.backend.tensorflow.trainer", "course_lib.checks.watch.spies_keras"),
}
_wardens: dict[Any, WardenClient] = {}
_judges: dict[Any, JudgeProcess] = {}
_lock = threading.Lock()


def _warden(job: Job) -> WardenClient:
    """Return this process's warden for the notebook's track, started on first use."""
    reference: Reference = job.reference
    key = reference.lesson, reference.track, job.sandbox, job.limits, job.threads
    warden = _wardens.get(key)
    if warden is not None and warden.alive:
        return warden
    if len(_wardens) > 2:  # memory: a warden holds a framework
        close_wardens()
    imports = [*reference.imports(), *ALWAYS, *LATER.get(reference.track, ())]
    root = Path(job.root) if job.root and Path(job.root).is_dir() else None
    _wardens[key] = WardenClient(imports, job.sandbox, job.limits, job.threads, root)  # type: ignore[arg-type]
    return _wardens[key]


def _judge(job: Job) -> JudgeProcess:
    """Return this process's judge, started on first use."""
    if job.limits not in _judges:
        _judges[job.limits] = JudgeProcess(job.limits)
    return _judges[job.limits]


def close_wardens() -> None:
    """End this process's wardens and all their kernels, and its judges."""
    while _wardens:
        _wardens.popitem()[1].close()
    while _judges:
        _judges.popitem()[1].close()


def grade_one(job: Job) -> Outcome:
    """Grade one notebook; never raises for anything a submission does.

    Parameters
    ----------
    job : Job

    Returns
    -------
    Outcome
    """
    started = time.perf_counter()
    outcome = Outcome(job.student, job.notebook, job.digest, "failed")
    if job.checks and job.checks != checks_digest(job.reference.lesson):
        raise CourseError("a worker has other checks than this machine; install the same version of the course there")
    try:
        prepared = prepare(job.raw, job.reference)
    except Unreadable as error:
        outcome.reason = str(error)
        return outcome
    read = time.perf_counter() - started
    try:
        with _lock:  # one kernel at a time in a process: threads of a cluster's worker take turns
            _grade(job, prepared, outcome)
            finish(outcome, job.reference, _judge(job).judge)
    except SandboxError:
        close_wardens()
        raise
    except (KernelDidNotStart, OSError):
        raise  # the machine's doing: it may go well the next time
    except Exception as error:  # the same again would end in the same way
        outcome.status, outcome.reason = "failed", f"it could not be graded ({type(error).__name__}: {error})"[:300]
        return outcome
    outcome.seconds["preflight"] = read
    outcome.seconds["total"] = time.perf_counter() - started
    children = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
    outcome.peak_mb = round(children, 1)
    return outcome


def warm_up(job: Job) -> None:
    """Start this worker's warden before there is anything to grade."""
    with _lock:
        _judge(job).warm_up(job.reference.lesson, job.reference.track)
        _warden(job)


def _grade(job: Job, prepared: Prepared, outcome: Outcome) -> None:
    reference: Reference = job.reference
    cells = prepared.notebook.cells
    places = set(range(len(cells))) if job.run_all else cells_to_run(cells, reference)
    checks = [cell for cell in reference.cells if cell.role == "check"]
    observers = {c.grade_id: observing(job.packages[c.exercise], c.answer) for c in checks if c.exercise}
    own = {cell.grade_id: cell for cell in checks if not cell.exercise}
    for cell in cells:
        if (name := _grade_id(cell)) in own:
            cell.source = own[name].graded_source
    begun = time.perf_counter()
    warden = _warden(job)
    warmed = time.perf_counter() - begun
    run = execute(prepared.notebook, observers, places, warden, job.limits, job.files)
    outcome.status = "graded"
    outcome.repairs = prepared.repairs
    outcome.flags = [*prepared.flags, *run.flags]
    outcome.blank = prepared.blank
    outcome.hints = suspicions(cells, reference)
    outcome.restarts = run.restarts
    outcome.checks = {name: asdict(seen) for name, seen in run.checks.items()}
    outcome.notebook_json = json.dumps(prepared.notebook)
    outcome.seconds = {**run.seconds, "warm": warmed}


def _grade_id(cell: Any) -> str:
    return str((cell.metadata.get("nbgrader") or {}).get("grade_id", ""))
