"""Prove every check on right and wrong answers, and on small faults planted in the solutions.

For each exercise and track: every accepted answer must get all points; every misconception must lose
points and be named by its diagnosis; the untouched stub must get 0 and one line; every mutant of the
reference solution must lose points, unless it is listed as equivalent. All under several seeds: no
verdict may change with the seed.

Examples
--------
  course verify-graders
  course verify-graders --lesson 03 --track pytorch
  course verify-graders --exercise epoch_loss --json
"""

from __future__ import annotations

import argparse
import ast
import gc
import json
import multiprocessing
import os
import resource
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from course_lib.checks.run import Stop
from course_lib.cli import CourseError
from course_lib.exercises import TRACKS, lessons, load
from course_lib.instructor.bank import Entry, bank_root, entries, load_answer

__all__ = ["SEEDS", "Row", "Verdict", "add_arguments", "main", "plan", "verify"]

SEEDS = (0, 1, 2, 3, 4)
MUTANTS_WANTED = 0.98
#: A mutant may loop for ever; that is noticed, too. Processor time, so that a busy machine changes no
#: verdict; and for one that sleeps for ever, time by the clock.
SECONDS_PER_ANSWER = 60
CLOCK_SECONDS_PER_ANSWER = 300.0

#: What need not run any more once an answer of a kind was found wrong.
_STOP: dict[str, Stop] = {"mutant": "fault", "misconception": "hidden"}

_FORK = multiprocessing.get_context("fork")
#: The process that imports the framework starts fresh: forked from one that has threads (a notebook, a test run
#: that has loaded TensorFlow), it could wait for ever for a lock that no thread holds any more.
_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Verdict:
    """What the check said about one answer of the bank under each seed."""

    entry: Entry
    scores: list[float]
    diagnoses: list[str | None]
    statuses: list[str]
    messages: list[str]
    rejudged: float | None
    seconds: float
    note: str = ""

    @property
    def full(self) -> list[bool]:
        """Whether it got all points, by seed."""
        points = load(self.entry.lesson, self.entry.track)[self.entry.exercise].points
        return [score >= points for score in self.scores]

    @property
    def flipped(self) -> bool:
        """Whether the verdict hangs on the seed."""
        return len(set(self.full)) > 1 or (self.entry.kind == "misconception" and len(set(self.diagnoses)) > 1)

    @property
    def miss(self) -> str:
        """What is wrong with the check's verdict, or an empty string."""
        kind = self.entry.kind
        if self.note and not (kind == "mutant" and self.note == "timed out"):
            return self.note
        if kind == "accepted":
            if not all(self.full):
                return f"is right, and got {min(self.scores):g} points: {self.messages[0]}"
            if self.rejudged is not None and self.rejudged < self.scores[0]:
                return f"is right, and its stored evidence gives {self.rejudged:g} points when judged again"
        if kind == "misconception":
            if any(self.full):
                return "is wrong, and got all points"
            if set(self.diagnoses) != {self.entry.diagnosis}:
                seen = ", ".join(sorted({str(d) for d in self.diagnoses}))
                return f"should be named {self.entry.diagnosis}, is named {seen}: {self.messages[0]}"
        if kind == "stub" and (any(self.scores) or set(self.statuses) != {"not_done"}):
            return f"is the untouched stub, and got {max(self.scores):g} points with status {self.statuses[0]}"
        if kind == "mutant" and self.entry.equivalent is None and any(self.full):
            return "survived"
        if kind == "mutant" and self.entry.equivalent is not None and not all(self.full):
            return "is listed as equivalent, and loses points"
        return "flipped" if self.flipped else ""


@dataclass
class Row:
    """The figures of one exercise in one track."""

    lesson: str
    track: str
    exercise: str
    accepted: list[int] = field(default_factory=lambda: [0, 0])
    caught: list[int] = field(default_factory=lambda: [0, 0])
    named: list[int] = field(default_factory=lambda: [0, 0])
    stubs: list[int] = field(default_factory=lambda: [0, 0])
    killed: list[int] = field(default_factory=lambda: [0, 0])
    equivalent: int = 0
    flips: int = 0
    seconds: float = 0.0

    def add(self, verdict: Verdict) -> None:
        """Count one verdict."""
        kind, full = verdict.entry.kind, verdict.full
        self.seconds += verdict.seconds
        self.flips += verdict.flipped
        if kind == "accepted":
            _count(self.accepted, not verdict.miss)
        elif kind == "misconception":
            _count(self.caught, bool(full) and not any(full))
            _count(self.named, set(verdict.diagnoses) == {verdict.entry.diagnosis})
        elif kind == "stub":
            _count(self.stubs, not verdict.miss)
        elif verdict.entry.equivalent is not None:
            self.equivalent += 1
        else:
            _count(self.killed, verdict.miss != "survived")


def _count(pair: list[int], good: bool) -> None:
    pair[0] += good
    pair[1] += 1


def plan(root: Path, lesson: str | None, track: str | None, exercise: str | None) -> list[Entry]:
    """Return the answers that the options ask for.

    Parameters
    ----------
    root : Path
        The bank's folder.
    lesson : str or None
        A lesson's id or its beginning, such as ``"03"``.
    track, exercise : str or None

    Raises
    ------
    CourseError
        If there are none.
    """
    found: list[Entry] = []
    for name in lessons():
        if lesson and not name.startswith(lesson):
            continue
        for one in (track,) if track else TRACKS:
            for spec in load(name, one).values():
                if exercise in (None, spec.name):
                    found += entries(root, name, one, spec.name)
    if not found:
        raise CourseError("no answers fit these options; `course verify-graders` without any lists all exercises")
    return found


def _run_entry(entry: Entry, seeds: Sequence[int]) -> dict[str, Any]:
    """Run one answer under all seeds; called in a forked process."""
    from course_lib.instructor.grading.secrets import repeats_hidden_inputs
    from course_lib.instructor.hidden import rejudge, run_graded

    start = time.perf_counter()
    answer = load_answer(entry)
    scores, diagnoses, statuses, messages, rejudged, note = [], [], [], [], None, ""
    for seed in seeds:
        result = run_graded(
            entry.lesson, entry.track, entry.exercise, answer, seed=seed, stop=_STOP.get(entry.kind, "never")
        )
        failed = [case for case in result.cases if not case.passed]
        scores.append(result.score)
        statuses.append(result.status)
        diagnoses.append(next((c.diagnosis for c in failed if c.diagnosis and not c.hidden), None))
        messages.append(f"[{failed[0].name}] {failed[0].message}" if failed else result.message)
        for case in failed if seed == seeds[0] and entry.kind == "misconception" else ():
            if repeats_hidden_inputs(case.message, entry.lesson, entry.track, seed):
                note = f"is told nothing: its message is taken for hidden inputs: [{case.name}] {case.message}"
        if seed == seeds[0] and entry.kind == "accepted":
            payload = json.loads(json.dumps(result.to_json(), allow_nan=False))
            rejudged = rejudge(payload, entry.lesson, entry.track, entry.exercise).score
    return {
        "scores": scores,
        "diagnoses": diagnoses,
        "statuses": statuses,
        "messages": messages,
        "rejudged": rejudged,
        "note": note,
        "seconds": time.perf_counter() - start,
    }


def _child(entry: Entry, seeds: Sequence[int], limit: int, out: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
    try:
        out.send_bytes(json.dumps(_run_entry(entry, seeds)).encode())
    except BaseException as error:
        out.send_bytes(json.dumps({"note": f"the check crashed: {type(error).__name__}: {error}"[:500]}).encode())
    finally:
        out.close()
        os._exit(0)


def _judge(entry: Entry, seeds: Sequence[int], limit: int) -> dict[str, Any]:
    """Fork a process for one answer, which may use `limit` seconds of processor time; return what it found."""
    inward, outward = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=_child, args=(entry, seeds, limit, outward), daemon=True)
    process.start()
    outward.close()
    try:
        if not inward.poll(CLOCK_SECONDS_PER_ANSWER):
            return {"note": "timed out", "seconds": CLOCK_SECONDS_PER_ANSWER}
        return json.loads(inward.recv_bytes())
    except EOFError:
        process.join()
        if process.exitcode == -signal.SIGXCPU:
            return {"note": "timed out", "seconds": float(limit)}
        return {"note": "the process ended without a verdict"}
    finally:
        process.kill()
        process.join()
        inward.close()


def _serve(
    track: str, work: list[Entry], seeds: Sequence[int], jobs: int, limit: int, scratch: str, out: Connection
) -> None:
    """Import a track's framework once, then fork a process for each answer; their files lie in `scratch`."""
    tempfile.tempdir = os.environ["TMPDIR"] = scratch
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 2)
    if track == "pytorch":
        import torch
        import torch._dynamo  # the first step of an optimizer loads it; once is enough

        from course_lib.checks import spies_pytorch  # noqa: F401

        torch.set_num_threads(1)
    else:
        import tensorflow as tf

        from course_lib.checks import spies_keras  # noqa: F401

        # Rewriting a graph takes longer than the few steps that an answer makes with it.
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    from course_lib.instructor.grading import secrets

    for lesson in {entry.lesson for entry in work}:
        secrets.repeats_hidden_inputs("0.125", lesson, track)  # cases and their numbers, once
    gc.freeze()  # collecting in a child would touch, and so copy, all that was imported here
    with ThreadPoolExecutor(jobs) as pool:
        # Threads only wait for pipes; the forks happen one after the other under the interpreter's lock.
        for i, found in enumerate(pool.map(lambda entry: _judge(entry, seeds, limit), work)):
            out.send_bytes(json.dumps([i, found]).encode())
    out.send_bytes(b"null")
    os._exit(0)


def verify(work: Sequence[Entry], seeds: Sequence[int] = SEEDS, jobs: int | None = None) -> Iterator[Verdict]:
    """Judge answers of the bank, each in a process of its own, and yield the verdicts.

    Parameters
    ----------
    work : sequence of Entry
    seeds : sequence of int
    jobs : int, optional
        How many processes run at a time; by default one more than there are cores, since each waits now and then.
    """
    jobs = jobs or (os.cpu_count() or 1) + 1
    with tempfile.TemporaryDirectory(prefix="course-verify-", ignore_cleanup_errors=True) as scratch:
        for track in dict.fromkeys(entry.track for entry in work):
            mine = [entry for entry in work if entry.track == track]
            inward, outward = _SPAWN.Pipe(duplex=False)
            limit = SECONDS_PER_ANSWER
            server = _SPAWN.Process(target=_serve, args=(track, mine, seeds, jobs, limit, scratch, outward))
            server.start()
            outward.close()
            try:
                while (message := json.loads(inward.recv_bytes())) is not None:
                    yield _verdict(mine[message[0]], message[1], len(seeds))
            except EOFError:
                reason = f"the process that checks the {track} answers ended; is the framework installed?"
                raise CourseError(reason) from None
            finally:
                server.kill()
                server.join()


def _verdict(entry: Entry, found: dict[str, Any], seeds: int) -> Verdict:
    return Verdict(
        entry,
        found.get("scores", [0.0] * seeds),
        found.get("diagnoses", [None] * seeds),
        found.get("statuses", ["crashed"] * seeds),
        found.get("messages", [""] * seeds),
        found.get("rejudged"),
        found.get("seconds", 0.0),
        found.get("note", ""),
    )


def _ratio(pair: list[int]) -> str:
    return f"{pair[0]}/{pair[1]}" if pair[0] == pair[1] else f"[bold]{pair[0]}/{pair[1]} ✗[/bold]"


def _table(rows: Sequence[Row]) -> Table:
    table = Table(title="Graders, by exercise")
    for name in ("exercise", "track"):
        table.add_column(name, no_wrap=True)
    for name in ("accepted", "caught", "named", "stub", "mutants", "equal", "flips", "s"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        pairs = [_ratio(p) for p in (row.accepted, row.caught, row.named, row.stubs, row.killed)]
        figures = [str(row.equivalent), str(row.flips), f"{row.seconds:.1f}"]
        table.add_row(f"{row.lesson[:2]} {row.exercise}", row.track, *pairs, *figures)
    return table


def _total(rows: Sequence[Row]) -> dict[str, Any]:
    total: dict[str, Any] = {}
    for name in ("accepted", "caught", "named", "stubs", "killed"):
        total[name] = [sum(getattr(row, name)[i] for row in rows) for i in (0, 1)]
    return total | {"equivalent": sum(r.equivalent for r in rows), "flips": sum(r.flips for r in rows)}


def _passes(total: dict[str, Any], verdicts: Sequence[Verdict]) -> bool:
    killed, mutants = total["killed"]
    others = [v for v in verdicts if v.miss and v.miss != "survived"]
    return not others and (mutants == 0 or killed / mutants >= MUTANTS_WANTED)


def _report(verdict: Verdict) -> str:
    entry = verdict.entry
    text = f"{entry.lesson} {entry.track} {entry.exercise}: {entry.kind} {entry.name!r} {verdict.miss}"
    return text + "".join(f"\n    {line}" for line in _source_of(entry))


def _source_of(entry: Entry) -> list[str]:
    """Return a mutant's source without docstrings and blank lines; nothing for other answers."""
    if entry.kind != "mutant":
        return []
    tree = ast.parse(entry.source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return [line for line in ast.unparse(tree).splitlines() if line.strip()]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--lesson", help="only this lesson, such as 03 or 03_tracking_loops")
    parser.add_argument("--track", choices=TRACKS, help="only this track")
    parser.add_argument("--exercise", help="only this exercise")
    parser.add_argument("--jobs", type=int, help="processes at a time (default: one more than cores)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")


def main(args: argparse.Namespace) -> int:
    """Run the bank and report; 0 if nothing was missed."""
    work = plan(bank_root(), args.lesson, args.track, args.exercise)
    rows: dict[tuple[str, str, str], Row] = {}
    verdicts: list[Verdict] = []
    start = time.perf_counter()
    console = Console(stderr=args.json)
    if not console.is_terminal:
        console = Console(stderr=args.json, width=110)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("answers", total=len(work))
        for verdict in verify(work, jobs=args.jobs):
            entry = verdict.entry
            key = entry.lesson, entry.track, entry.exercise
            rows.setdefault(key, Row(*key)).add(verdict)
            verdicts.append(verdict)
            progress.update(task, advance=1, description=f"{entry.track} {entry.exercise}")
    seconds = time.perf_counter() - start
    total = _total(list(rows.values()))
    good = _passes(total, verdicts)
    misses = [verdict for verdict in verdicts if verdict.miss]
    if args.json:
        print(
            json.dumps(
                {
                    "passed": good,
                    "seconds": round(seconds, 1),
                    "seeds": list(SEEDS),
                    "total": total,
                    "exercises": [asdict(row) for row in rows.values()],
                    "misses": [asdict(v.entry) | {"miss": v.miss} for v in misses],
                },
                indent=2,
            )
        )
        return 0 if good else 1
    console.print(_table(sorted(rows.values(), key=lambda r: (r.lesson, r.exercise, r.track))))
    for verdict in misses:
        print(_report(verdict))
    killed, mutants = total["killed"]
    share = f"{100 * killed / mutants:.1f} %" if mutants else "no mutants"
    accepted, caught = ("{} of {}".format(*total[name]) for name in ("accepted", "caught"))
    console.print(
        f"{accepted} accepted, {caught} caught, "
        f"{total['named'][0]} named, {killed} of {mutants} mutants killed ({share}), {total['flips']} flips, "
        f"{len(SEEDS)} seeds, {seconds:.0f} s: {'proven' if good else 'not proven'}",
        highlight=False,
    )
    return 0 if good else 1
