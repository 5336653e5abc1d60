"""One run of grading: find, grade in parallel, journal, write, report; and go on where a killed run ended."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from course_lib.cli import CourseError
from course_lib.instructor.grading.batch import dask_executor, local_executor, outcomes
from course_lib.instructor.grading.gradebook import Writer, has_gradebook, not_released
from course_lib.instructor.grading.journal import Journal, checks_digest, one_at_a_time, write_whole
from course_lib.instructor.grading.limits import Limits
from course_lib.instructor.grading.reference import Reference, read_references
from course_lib.instructor.grading.results import Job, Outcome
from course_lib.instructor.grading.sandbox import Mode, require
from course_lib.instructor.grading.submissions import Submission, find_submissions

__all__ = ["Options", "RunReport", "grade_assignment"]


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
    limits: Limits = field(default_factory=Limits)


@dataclass
class RunReport:
    """What a run did, a line for each student that needs one."""

    assignment: str
    graded: list[dict[str, Any]] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    repaired: list[dict[str, Any]] = field(default_factory=list)
    flagged: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)
    hints: list[dict[str, Any]] = field(default_factory=list)
    stale: int = 0
    dry_run: bool = False
    seconds: float = 0.0

    def note(self, outcome: Outcome) -> None:
        """Take up what came of one notebook."""
        who = {"student": outcome.student, "notebook": outcome.notebook}
        if outcome.status == "failed":
            self.failed.append({**who, "why": outcome.reason})
            return
        self.graded.append({**who, "score": outcome.score, "seconds": round(outcome.seconds.get("total", 0.0), 2)})
        for kind, lines in (("repaired", outcome.repairs), ("flagged", outcome.flags), ("hints", outcome.hints)):
            if lines:
                getattr(self, kind).append({**who, "why": lines})

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON data."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


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
    run: str = ""
    checks: str = ""
    kept: list[dict[str, Any]] = field(default_factory=list)

    def jobs(self) -> Iterator[Job]:
        """Yield what has to be graded; what a journal holds already is kept."""
        for submission in self.submissions:
            beside: dict[str, bytes] | None = None
            for name in submission.notebooks:
                try:
                    raw = submission.read(name)
                    beside = submission.beside() if beside is None else beside
                    digest = submission.digest(name, raw, beside)
                    known = self.journal.known(submission.student, name)
                    if known and known.get("digest") == digest and self._still_good(known):
                        self.kept.append(known)
                        continue
                except OSError as error:
                    self.report.failed.append({"student": submission.student, "notebook": name, "why": str(error)})
                    continue
                yield self._job(submission, name, raw, digest, beside)

    def _job(self, submission: Submission, name: str, raw: bytes, digest: str, beside: dict[str, bytes]) -> Job:
        options = self.options
        return Job(
            student=submission.student,
            notebook=name,
            raw=raw,
            reference=self.references[name],
            limits=options.limits,
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
        from course_lib.instructor.grading.judge import package

        about = self.references[name]
        return {c.exercise: package(about.lesson, about.track, c.exercise) for c in about.cells if c.exercise}

    def warm(self) -> list[Job]:
        """Return what workers can prepare for while this process still imports: one notebook's surroundings."""
        for submission in self.submissions:
            for name in submission.notebooks:
                if self.journal.known(submission.student, name) and not self.options.regrade:
                    continue  # most likely graded already: nothing to warm up for
                options, reference = self.options, self.references[name]
                threads = _threads(options.workers)
                one = Job("", name, b"", reference, options.limits, options.sandbox, threads, str(self.root), "")
                return [one] * options.workers
        return []

    def _still_good(self, known: dict[str, Any]) -> bool:
        if known.get("status") != "graded":
            return known.get("run") == self.run
        return not self.options.regrade or known.get("run") == self.run


def _executors(options: Options) -> tuple[Callable[[], Executor], Callable[[], None]]:
    if options.dask:
        client, executor = dask_executor(options.dask)
        return lambda: executor, client.close
    return functools.partial(local_executor, options.workers), lambda: None


def grade_assignment(
    root: Path, config: Any, options: Options, tell: Callable[[Outcome], None] | None = None
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

    Returns
    -------
    RunReport

    Raises
    ------
    CourseError
        If the assignment was not released, the sandbox cannot be made, or another run is grading.
    """
    started = time.monotonic()
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
        submitted = root / config.CourseDirectory.submitted_directory
        found = find_submissions(submitted, options.assignment, references, options.limits, list(options.students))
        report = RunReport(options.assignment, dry_run=options.dry_run)
        for submission in found:
            if options.track:  # the other track's notebook is none of the files beside it, in any run
                submission.notebooks = {n: p for n, p in submission.notebooks.items() if n == options.track}
            _note_folder(report, submission)
        session = _Session(root, options, references, found, Journal(root, options.assignment), report)
        session.checks = checks_digest(next(iter(references.values())).lesson)
        if options.dry_run:
            _dry_run(session)
        else:
            _grade(session, writer, tell)
            report.seconds = round(time.monotonic() - started, 2)
            _file_report(root, report)
    return report


def _note_folder(report: RunReport, submission: Submission) -> None:
    who = {"student": submission.student, "notebook": ""}
    if submission.repairs:
        report.repaired.append({**who, "why": submission.repairs})
    if submission.flags:
        report.flagged.append({**who, "why": submission.flags})
    report.failed += [{**who, "why": reason} for reason in submission.failures]


def _grade(session: _Session, writer: Writer, tell: Callable[[Outcome], None] | None) -> None:
    options, journal, report = session.options, session.journal, session.report
    session.run = journal.begin(options.regrade, session.checks)
    stamps = {s.student: s for s in session.submissions}
    make_executor, close = _executors(options)
    try:
        for outcome in outcomes(session.jobs(), make_executor, max(2, 2 * options.workers), session.warm()):
            _store(session, writer, outcome, stamps[outcome.student].timestamp)
            data = journal.keep(outcome, session.run, session.checks)
            _apply(writer, journal, data, stamps)
            report.note(outcome)
            if tell:
                tell(outcome)
    finally:
        close()
    for data in session.kept:
        if not journal.applied(data):
            _apply(writer, journal, data, stamps)
        elif data["status"] == "graded":
            writer.late(data["student"], data["notebook"])
        report.note(Outcome.from_json(data))
        report.graded = report.graded if data["status"] != "graded" else report.graded[:-1]
        report.unchanged.append(data["student"])
        report.stale += data.get("checks") != session.checks
    if options.track is None:
        _missing(session, writer)
    journal.finish()


def _store(session: _Session, writer: Writer, outcome: Outcome, stamp: str) -> None:
    """Put one notebook where formgrader looks; what goes wrong with it is this notebook's alone."""
    try:
        if outcome.status == "graded":
            writer.store_notebook(outcome.student, outcome.notebook, outcome.notebook_json, stamp)
    except OSError:
        raise  # a full disk is nobody's answer
    except Exception as error:
        outcome.status, outcome.questions = "failed", []
        outcome.reason = f"what came out of it could not be judged or stored ({type(error).__name__}: {error})"


def _apply(writer: Writer, journal: Journal, data: dict[str, Any], stamps: dict[str, Submission]) -> None:
    if data["status"] == "graded":
        writer.apply(data, stamps[data["student"]].handed_in)
    journal.mark_applied(data)


def _missing(session: _Session, writer: Writer) -> None:
    """Give nothing for a notebook that is not there beside one that is: of two tracks, a learner takes one."""
    for submission in session.submissions:
        if submission.notebooks:
            for name in submission.missing:
                writer.missing_notebook(submission.student, name, submission.handed_in)


def _dry_run(session: _Session) -> None:
    from course_lib.instructor.grading.preflight import prepare
    from course_lib.instructor.grading.salvage import Unreadable

    for job in session.jobs():
        outcome = Outcome(job.student, job.notebook, job.digest, "graded")
        try:
            prepared = prepare(job.raw, job.reference)
            outcome.repairs, outcome.flags = prepared.repairs, prepared.flags
        except Unreadable as error:
            outcome.status, outcome.reason = "failed", str(error)
        session.report.note(outcome)
    session.report.unchanged = [data["student"] for data in session.kept]


def _file_report(root: Path, report: RunReport) -> None:
    name = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ.json")
    write_whole(root / "grading" / "runs" / report.assignment / name, json.dumps(report.to_json(), indent=1).encode())
