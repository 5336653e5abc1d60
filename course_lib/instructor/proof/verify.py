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
import pickle
import resource
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Semaphore
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from course_lib.checks.case import Case
from course_lib.checks.run import Stop, observe_case
from course_lib.commands.cli import CourseError
from course_lib.instructor.proof.bank import Entry, bank_root, entries, load_answer
from course_lib.lessons import TRACKS, lessons, load

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


class _Repeats:
    """Runs cases, but not again where inputs and all that was seen were twice the same under different seeds.

    Examples
    --------
    >>> case, calls = Case("a number", inputs=(3.0,)), []
    >>> observe = _Repeats()
    >>> for seed in range(5):
    ...     seen = observe(case, lambda x: calls.append(x), seed)
    >>> calls
    [3.0, 3.0]
    """

    def __init__(self) -> None:
        self._last: dict[str, tuple[bytes, dict[str, Any]]] = {}
        self._settled: dict[str, tuple[bytes, dict[str, Any]]] = {}

    def __call__(self, case: Case, answer: Any, seed: int) -> dict[str, Any]:
        """Return what is seen under a seed, as `observe_case` does."""
        try:
            inputs = pickle.dumps(case.make_inputs(seed))
        except Exception:
            return observe_case(case, answer, seed)
        if case.key in self._settled and self._settled[case.key][0] == inputs:
            return self._settled[case.key][1]
        now = inputs, observe_case(case, answer, seed)
        if self._last.get(case.key) == now:
            self._settled[case.key] = now
        self._last[case.key] = now
        return now[1]


def _run_entry(entry: Entry, seeds: Sequence[int]) -> dict[str, Any]:
    """Run one answer under all seeds; called in a forked process."""
    from course_lib.instructor.grading.gate import MOST_TEXT, Gate
    from course_lib.instructor.hidden import rejudge, run_graded

    start = time.perf_counter()
    answer, observe = load_answer(entry), _Repeats()
    scores, diagnoses, statuses, messages, rejudged, note = [], [], [], [], None, ""
    # An equivalent does what the reference solution does; one seed shows whether it is listed rightly.
    for seed in seeds[:1] if entry.equivalent is not None else seeds:
        how: dict[str, Any] = {"seed": seed, "stop": _STOP.get(entry.kind, "never"), "observe": observe}
        result = run_graded(entry.lesson, entry.track, entry.exercise, answer, **how)
        failed = [case for case in result.cases if not case.passed]
        scores.append(result.score)
        statuses.append(result.status)
        diagnoses.append(next((c.diagnosis for c in failed if c.diagnosis and not c.hidden), None))
        messages.append(f"[{failed[0].name}] {failed[0].message}" if failed else result.message)
        if failed and result.score >= result.points:
            note = f"got all points, though a case failed: {messages[-1]}"
        told = [case.message for case in failed if not case.hidden]
        if seed == seeds[0] and entry.kind == "misconception":
            problem = Gate(entry.lesson, entry.track, seed).problem(told)
            if problem or max(map(len, told), default=0) > MOST_TEXT:
                note = f"is told nothing: {problem or 'its message is too long'}: {told[0]}"
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


def _child(company: Sequence[Entry], seeds: Sequence[int], limit: int, out: Connection) -> None:
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]
    for entry in company:
        used = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))
        resource.setrlimit(resource.RLIMIT_CPU, (used + limit, most))
        try:
            out.send_bytes(json.dumps(_run_entry(entry, seeds)).encode())
        except BaseException as error:
            out.send_bytes(json.dumps({"note": f"the check crashed: {type(error).__name__}: {error}"[:500]}).encode())
    out.close()
    os._exit(0)


def _judge(company: Sequence[Entry], seeds: Sequence[int], limit: int) -> list[dict[str, Any]]:
    """Fork a process for these answers, each of which may use `limit` seconds of processor time.

    Return what it found: of an answer that ends the process that it ended, and nothing of those after it.
    """
    inward, outward = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=_child, args=(company, seeds, limit, outward), daemon=True)
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
            return [*found, {"note": "timed out", "seconds": float(limit)}]
        return [*found, {"note": "the process ended without a verdict"}]
    finally:
        process.kill()
        process.join()
        inward.close()


def _companies(work: Sequence[Entry]) -> list[list[int]]:
    """Return the numbers of the answers that share a process: some of an exercise's, and a right one last.

    A process takes its time to start a framework up. That the right answer still gets all points shows that the
    ones before it have left nothing behind; where there is no right answer, each has a process of its own.
    """
    by_exercise: dict[tuple[str, str], list[int]] = {}
    for i, entry in enumerate(work):
        by_exercise.setdefault((entry.lesson, entry.exercise), []).append(i)
    found: list[list[int]] = []
    for numbers in by_exercise.values():
        right = [i for i in numbers if work[i].kind == "accepted"]
        others = [i for i in numbers if work[i].kind != "accepted"]
        count = max(1, len(right) // 2)  # two right answers in each
        if right:
            found += [[*others[k::count], *right[k::count]] for k in range(count)]
        else:
            found += [[i] for i in others]
    return found


def _judge_company(company: Sequence[Entry], seeds: Sequence[int], limit: int) -> list[dict[str, Any]]:
    """Judge answers in one process, and again alone whatever may not be as it should because of the others."""
    found = _judge(company, seeds, limit)
    misses = [bool(_verdict(entry, seen, len(seeds)).miss) for entry, seen in zip(company, found, strict=False)]
    if len(company) == 1 or (len(found) == len(company) and not any(misses)):
        return found
    sound = len(found) == len(company) and not misses[-1]
    return [
        found[i] if sound and not misses[i] else _judge([entry], seeds, limit)[0] for i, entry in enumerate(company)
    ]


def _serve(
    track: str,
    work: list[Entry],
    seeds: Sequence[int],
    jobs: int,
    slots: Semaphore,
    limit: int,
    scratch: str,
    out: Connection,
) -> None:
    """Import a track's framework once, then fork a process for each company of answers; files lie in `scratch`."""
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
    from course_lib.instructor.grading.gate import Gate

    for lesson in {entry.lesson for entry in work}:
        Gate(lesson, track).problem([repr(10**digits) for digits in range(4, 10)])  # cases and their numbers, once
    gc.freeze()  # collecting in a child would touch, and so copy, all that was imported here

    def judge(numbers: list[int]) -> list[tuple[int, dict[str, Any]]]:
        with slots:
            found = _judge_company([work[i] for i in numbers], seeds, limit)
        return list(zip(numbers, found, strict=True))

    with ThreadPoolExecutor(jobs) as pool:
        # Threads only wait for pipes; the forks happen one after the other under the interpreter's lock.
        for judged in as_completed([pool.submit(judge, numbers) for numbers in _companies(work)]):
            out.send_bytes(json.dumps(judged.result()).encode())
    out.send_bytes(b"null")
    os._exit(0)


def verify(work: Sequence[Entry], seeds: Sequence[int] = SEEDS, jobs: int | None = None) -> Iterator[Verdict]:
    """Judge answers of the bank and yield the verdicts, in the order in which they are found.

    Parameters
    ----------
    work : sequence of Entry
    seeds : sequence of int
    jobs : int, optional
        How many processes run at a time; by default one more than there are cores, since each waits now and then.
    """
    jobs = jobs or (os.cpu_count() or 1) + 1
    slots = _SPAWN.Semaphore(jobs)
    with tempfile.TemporaryDirectory(prefix="course-verify-", ignore_cleanup_errors=True) as scratch:
        servers: dict[Connection, tuple[str, list[Entry], SpawnProcess]] = {}
        try:
            for track in dict.fromkeys(entry.track for entry in work):
                mine = [entry for entry in work if entry.track == track]
                inward, outward = _SPAWN.Pipe(duplex=False)
                how = (track, mine, seeds, jobs, slots, SECONDS_PER_ANSWER, scratch, outward)
                server = _SPAWN.Process(target=_serve, args=how)
                server.start()
                outward.close()
                servers[inward] = track, mine, server
            working = set(servers)
            while working:
                for inward in list(working.intersection(wait(working))):
                    track, mine, _ = servers[inward]
                    try:
                        message = json.loads(inward.recv_bytes())
                    except EOFError:
                        reason = f"the process that checks the {track} answers ended; is the framework installed?"
                        raise CourseError(reason) from None
                    if message is None:
                        working.remove(inward)
                    for i, found in message or ():
                        yield _verdict(mine[i], found, len(seeds))
        finally:
            for _, _, server in servers.values():
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
    order = {id(entry): i for i, entry in enumerate(work)}
    misses = sorted((v for v in verdicts if v.miss), key=lambda v: order[id(v.entry)])
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
