"""Prove every check on right and wrong answers, and on small faults planted in the solutions.

For each exercise and track: every accepted answer must get all points; every misconception must lose
points and be named by its diagnosis; the untouched stub must get 0 and one line; every mutant of the
reference solution must lose points, unless it is listed as equivalent. All under several seeds: no
verdict may change with the seed.

Where both tracks have the very same exercise, hidden cases included, wrong answers and mutants are tried in one of
them and right answers in both; --track tries everything in that track.

Five seeds are the rule; --seeds 2, as `make test` does, takes half of the time.

Verdicts are kept in .proof-cache/, each under a number for all that it hangs on, so that only what a
change touches is proven anew; --fresh proves everything.

Examples
--------
  course verify-graders
  course verify-graders --lesson 03 --track pytorch
  course verify-graders --exercise epoch_loss --json
  course verify-graders --fresh --seeds 2
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from course_lib.instructor.hidden import hidden_cases, is_personal
from course_lib.instructor.proof.bank import Entry, bank_root, entries
from course_lib.instructor.proof.kept import FOLDER, Kept
from course_lib.instructor.proof.table import as_json, say
from course_lib.instructor.proof.verdict import Row, Verdict, passes, total, verdict_on
from course_lib.instructor.proof.workers import judged
from course_lib.lessons import lessons, load
from course_lib.tracks import TRACKS
from course_lib.trouble import CourseError

__all__ = ["SEEDS", "Row", "Verdict", "add_arguments", "main", "plan", "verify"]

SEEDS = (0, 1, 2, 3, 4)
#: A verdict is settled when it was twice the same, and a flip shows only where there is something to compare.
FEWEST_SEEDS = 2


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
                    mine = entries(root, name, one, spec.name)
                    found += mine if track else _not_tried_before(root, mine)
    if not found:
        raise CourseError("no answers fit these options; `course verify-graders` without any lists all exercises")
    return found


def _not_tried_before(root: Path, mine: list[Entry]) -> list[Entry]:
    """Leave out what the first track's run shows as well: wrong answers to the very same exercise."""
    lesson, track, exercise = mine[0].lesson, mine[0].track, mine[0].exercise
    first = TRACKS[0]
    if track == first or not _same_exercise(lesson, exercise, first, track):
        return mine
    tried = {(entry.kind, entry.name, entry.source) for entry in entries(root, lesson, first, exercise)}
    return [e for e in mine if e.kind in ("accepted", "stub") or (e.kind, e.name, e.source) not in tried]


def _same_exercise(lesson: str, exercise: str, *tracks: str) -> bool:
    """Whether two tracks have one exercise: not one like the other, but the same, and the same hidden cases."""
    one, other = (load(lesson, track).get(exercise) for track in tracks)
    if one is None or one is not other or is_personal(lesson, tracks[0], exercise):
        return False
    cases, others = (hidden_cases(lesson, track).get(exercise, ()) for track in tracks)
    return len(cases) == len(others) and all(a is b for a, b in zip(cases, others, strict=True))


def verify(
    work: Sequence[Entry],
    seeds: Sequence[int] = SEEDS,
    jobs: int | None = None,
    kept: Kept | None = None,
    *,
    fresh: bool = False,
) -> Iterator[Verdict]:
    """Judge answers of the bank and yield the verdicts, in the order in which they are found.

    Parameters
    ----------
    work : sequence of Entry
    seeds : sequence of int
    jobs : int, optional
        How many processes run at a time; by default one more than there are cores, since each waits now and then.
    kept : Kept, optional
        Where verdicts are kept. A miss never is, so that an accident does not stay.
    fresh : bool, optional
        Whether to judge also what was found before.
    """
    todo = []
    for entry in work:
        found = kept.get(entry) if kept and not fresh else None
        if found is None:
            todo.append(entry)
        else:
            yield verdict_on(entry, found, len(seeds), kept=True)
    for entry, found in judged(todo, seeds, jobs) if todo else ():
        verdict = verdict_on(entry, found, len(seeds))
        if kept and not verdict.miss:
            kept.put(entry, found)
        yield verdict
    if kept:
        kept.tidy()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--lesson", help="only this lesson, such as 03 or 03_tracking_loops")
    parser.add_argument("--track", choices=TRACKS, help="only this track")
    parser.add_argument("--exercise", help="only this exercise")
    parser.add_argument("--jobs", type=int, help="processes at a time (default: one more than cores)")
    parser.add_argument(
        "--seeds", type=int, default=len(SEEDS), help="under how many seeds, from 0 on (default: %(default)s)"
    )
    parser.add_argument("--fresh", action="store_true", help=f"prove everything, also what {FOLDER}/ holds")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")


def main(args: argparse.Namespace) -> int:
    """Run the bank and report; 0 if nothing was missed."""
    if args.seeds < FEWEST_SEEDS:
        raise CourseError(f"--seeds {args.seeds}: at least {FEWEST_SEEDS} are needed to see whether a verdict changes")
    seeds = tuple(range(args.seeds))
    root = bank_root()
    work = plan(root, args.lesson, args.track, args.exercise)
    kept = Kept(root.parent.parent / FOLDER, seeds)
    rows: dict[tuple[str, str, str], Row] = {}
    verdicts: list[Verdict] = []
    start = time.perf_counter()
    console = Console(stderr=args.json)
    if not console.is_terminal:
        console = Console(stderr=args.json, width=110)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("answers", total=len(work))
        for verdict in verify(work, seeds, jobs=args.jobs, kept=kept, fresh=args.fresh):
            entry = verdict.entry
            key = entry.lesson, entry.track, entry.exercise
            rows.setdefault(key, Row(*key)).add(verdict)
            verdicts.append(verdict)
            progress.update(task, advance=1, description=f"{entry.track} {entry.exercise}")
    order = {id(entry): i for i, entry in enumerate(work)}
    misses = sorted((v for v in verdicts if v.miss), key=lambda v: order[id(v.entry)])
    figures = total(list(rows.values()))
    good = passes(figures, verdicts)
    about = {"passed": good, "seconds": round(time.perf_counter() - start, 1), "seeds": list(seeds)}
    if args.json:
        print(as_json(list(rows.values()), misses, figures, **about))
    else:
        say(console, list(rows.values()), misses, figures, **about)
    return 0 if good else 1
