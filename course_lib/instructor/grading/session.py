"""One run of grading: find, grade in parallel, journal, write, report; and go on where a killed run ended."""

from __future__ import annotations

import contextlib
import functools
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course_lib.instructor.grading.batch import dask_executor, local_executor, outcomes
from course_lib.instructor.grading.gradebook import Writer, has_gradebook, not_released
from course_lib.instructor.grading.journal import Journal, checks_digest, one_at_a_time
from course_lib.instructor.grading.limits import Limits, limits_of
from course_lib.instructor.grading.per_student import concerns_everybody, reason
from course_lib.instructor.grading.reference import Reference, read_references
from course_lib.instructor.grading.results import Job, Outcome
from course_lib.instructor.grading.run_report import RunReport
from course_lib.instructor.grading.sandbox import Mode, require
from course_lib.instructor.grading.submissions import Submission, find_submissions
from course_lib.instructor.grading.worker import grade_one
from course_lib.instructor.hidden import is_personal
from course_lib.notebook.student import STUDENT_FILE
from course_lib.trouble import CourseError

__all__ = ["Options", "grade_assignment"]


@dataclass(frozen=True)
class Options:
    """What ``course grade`` was asked for."""

    assignment: str
    students: tuple[str, ...] = ()
    workers: int = 0
    track: str | None = None
    sandbox: Mode = "bubblewrap"
    regrade: bool = False
    dask: str | None = None
    dry_run: bool = False
    run_all: bool = False
    #: None: those of the course's configuration.
    limits: Limits | None = None


def _threads(workers: int) -> int:
    return max(1, (os.cpu_count() or 1) // max(1, workers))


@dataclass
class _Session:
    root: Path
    options: Options
    references: dict[str, Reference]
    submissions: list[Submission]
    journal: Journal
    report: RunReport
    limits: Limits
    run: str = ""
    checks: str = ""
    kept: list[dict[str, Any]] = field(default_factory=list)
    _packages: dict[str, dict[str, str]] = field(default_factory=dict)

    def jobs(self) -> Iterator[Job]:
        """Yield what has to be graded; what a journal holds already is kept."""
        for submission in self.submissions:
            for name in submission.notebooks:
                job = None
                self.packages(name)  # the course's own: not a student's step
                with self.report.guard(submission.student, name, "reading it"):
                    job = self._unless_known(submission, name)
                if job is not None:
                    yield job

    def _unless_known(self, submission: Submission, name: str) -> Job | None:
        raw, beside = submission.read(name), submission.beside()
        digest = submission.digest(name, raw, beside)
        known = self.journal.known(submission.student, name)
        if known and known.get("digest") == digest and self._still_good(known):
            self.kept.append(known)
            return None
        return self._job(submission, name, raw, digest, beside)

    def _job(self, submission: Submission, name: str, raw: bytes, digest: str, beside: dict[str, bytes]) -> Job:
        options, reference = self.options, self.references[name]
        if is_personal(reference.lesson, reference.track):
            beside = beside | {STUDENT_FILE: submission.student.encode()}
        return Job(
            student=submission.student,
            notebook=name,
            raw=raw,
            reference=reference,
            limits=self.limits,
            sandbox=options.sandbox,
            threads=_threads(options.workers),
            root=str(self.root),
            digest=digest,
            files=beside,
            packages=self.packages(name),
            run_all=options.run_all,
            checks=self.checks,
        )

    def packages(self, name: str) -> dict[str, str]:
        """Return the packed cases of a notebook's exercises."""
        from course_lib.instructor.grading.packing import package

        about = self.references[name]
        if name not in self._packages:
            exercises = [cell.exercise for cell in about.cells if cell.exercise]
            self._packages[name] = {e: package(about.lesson, about.track, e) for e in exercises}
        return self._packages[name]

    def warm(self) -> list[Job]:
        """Return what workers can prepare for while this process still imports: one notebook's surroundings."""
        for submission in self.submissions:
            for name in submission.notebooks:
                if self.journal.known(submission.student, name) and not self.options.regrade:
                    continue  # most likely graded already: nothing to warm up for
                options, reference = self.options, self.references[name]
                threads = _threads(options.workers)
                one = Job("", name, b"", reference, self.limits, options.sandbox, threads, str(self.root), "")
                return [one] * options.workers
        return []

    def _still_good(self, known: dict[str, Any]) -> bool:
        if known.get("status") != "graded":
            return known.get("run") == self.run
        return not self.options.regrade or known.get("run") == self.run


def _executors(
    options: Options,
) -> tuple[Callable[[], Executor], Callable[[], None], Callable[[], None] | None]:
    """Return what makes the executor, what closes its connection, and what raises when it is lost."""
    if options.dask:
        client, executor, look = dask_executor(options.dask)
        return lambda: executor, client.close, look
    return functools.partial(local_executor, options.workers), lambda: None, None


def grade_assignment(
    root: Path,
    config: Any,
    options: Options,
    tell: Callable[[Outcome], None] | None = None,
    grade: Callable[[Job], Outcome] = grade_one,
) -> RunReport:
    """Grade an assignment, or what is new of it.

    Parameters
    ----------
    root : Path
        The course's folder.
    config : traitlets.config.Config
        The course's nbgrader configuration.
    options : Options
    tell : callable, optional
        Called with each `Outcome` as it comes.
    grade : callable, optional
        What a worker does with a `Job`; by default it runs the notebook.

    Returns
    -------
    RunReport

    Raises
    ------
    CourseError
        If the assignment was not released, the sandbox cannot be made, or another run is grading.
    """
    started = time.monotonic()
    limits = options.limits or limits_of(config)
    if not options.dry_run and not options.dask:
        require(options.sandbox)
    if not has_gradebook(config):
        raise not_released(options.assignment)
    alone = contextlib.nullcontext() if options.dry_run else one_at_a_time(root)
    with alone, Writer(root, config, options.assignment) as writer:
        references = read_references(root, options.assignment, writer.gradebook)
        if options.track and options.track not in references:
            known = ", ".join(references)
            raise CourseError(f"{options.assignment} has no notebook {options.track!r}; it has: {known}")
        found = _find(root, config, options, references, limits)
        report = RunReport(options.assignment, dry_run=options.dry_run)
        for submission in found:
            report.note_folder(submission)
        session = _Session(root, options, references, found, Journal(root, options.assignment), report, limits)
        session.checks = checks_digest(next(iter(references.values())).lesson)
        if options.dry_run:
            _dry_run(session)
        else:
            _grade(session, writer, tell, grade)
            report.seconds = round(time.monotonic() - started, 2)
            report.file(root)
    return report


def _find(
    root: Path, config: Any, options: Options, references: dict[str, Reference], limits: Limits
) -> list[Submission]:
    submitted = root / config.CourseDirectory.submitted_directory
    zone = str(config.get("Exchange", {}).get("timezone", "UTC"))
    found = find_submissions(submitted, options.assignment, references, limits, list(options.students), zone)
    excluded = {name.strip() for name in str(config.CourseDirectory.get("student_id_exclude", "")).split(",")}
    found = [s for s in found if s.student not in excluded or s.student in options.students]
    for submission in found:
        if options.track:  # the other track's notebook is none of the files next to it, in any run
            submission.notebooks = {n: p for n, p in submission.notebooks.items() if n == options.track}
    return found


def _grade(
    session: _Session, writer: Writer, tell: Callable[[Outcome], None] | None, grade: Callable[[Job], Outcome]
) -> None:
    options, journal, report = session.options, session.journal, session.report
    session.run = journal.begin(options.regrade, session.checks)
    stamps = {s.student: s for s in session.submissions}
    under_way = max(2, 2 * options.workers)
    make_executor, close, look = _executors(options)
    undo = writer.gradebook.db.rollback
    try:
        patience = session.limits.stalled_seconds
        for outcome in outcomes(session.jobs(), make_executor, under_way, session.warm(), grade, patience, look):
            with report.guard(outcome.student, outcome.notebook, "keeping its result", undo):
                _store(session, writer, outcome, stamps[outcome.student].timestamp)
                data = journal.keep(outcome, session.run, session.checks)
                _apply(writer, journal, data, stamps)
                report.note(outcome)
            if tell:
                tell(outcome)
    finally:
        close()
    for data in session.kept:
        with report.guard(data["student"], data["notebook"], "keeping its result", undo):
            _keep(session, writer, data, stamps)
    if options.track is None:
        _missing(session, writer)
    journal.finish()


def _keep(session: _Session, writer: Writer, data: dict[str, Any], stamps: dict[str, Submission]) -> None:
    """Take up a result of an earlier run; write it, if that run was killed before it had."""
    report = session.report
    if not session.journal.applied(data):
        _apply(writer, session.journal, data, stamps)
    elif data["status"] == "graded":
        writer.late(data["student"], data["notebook"])
    report.note(Outcome.from_json(data))
    report.graded = report.graded if data["status"] != "graded" else report.graded[:-1]
    report.unchanged.append(data["student"])
    report.stale += data.get("checks") != session.checks


def _store(session: _Session, writer: Writer, outcome: Outcome, stamp: str) -> None:
    """Put one notebook where formgrader looks; what goes wrong with it is this notebook's alone."""
    try:
        if outcome.status == "graded":
            writer.store_notebook(outcome.student, outcome.notebook, outcome.notebook_json, stamp)
    except Exception as error:
        if concerns_everybody(error):
            raise
        outcome.status, outcome.questions = "failed", []
        outcome.reason = reason(error, "storing what came of it")


def _apply(writer: Writer, journal: Journal, data: dict[str, Any], stamps: dict[str, Submission]) -> None:
    if data["status"] == "graded":
        writer.apply(data, stamps[data["student"]].handed_in)
    journal.mark_applied(data)


def _missing(session: _Session, writer: Writer) -> None:
    """Give nothing for a notebook that is not there next to one that is: of two tracks, a learner takes one."""
    undo = writer.gradebook.db.rollback
    for submission in session.submissions:
        for name in submission.missing if submission.notebooks else ():
            with session.report.guard(submission.student, name, "noting that it is missing", undo):
                writer.missing_notebook(submission.student, name, submission.handed_in)


def _dry_run(session: _Session) -> None:
    from course_lib.instructor.grading.preflight import prepare
    from course_lib.instructor.grading.salvage import Unreadable

    for job in session.jobs():
        outcome = Outcome(job.student, job.notebook, job.digest, "graded")
        with session.report.guard(job.student, job.notebook, "comparing it with the release"):
            try:
                prepared = prepare(job.raw, job.reference)
                outcome.repairs, outcome.flags, outcome.blank = prepared.repairs, prepared.flags, prepared.blank
            except Unreadable as error:
                outcome.status, outcome.reason = "failed", str(error)
            session.report.note(outcome)
    session.report.unchanged = [data["student"] for data in session.kept]
