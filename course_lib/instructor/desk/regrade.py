"""After a test was mended: whose score changes and why, listed before anything is written.

Every submission is graded again in a copy beside the gradebook; nothing that counts is touched. With
--apply the changed scores are then written. Marks that a person gave stay as they are.

Examples
--------
  course regrade 03
  course regrade 03 --apply
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from course_lib.instructor.grading.gradebook import open_gradebook
from course_lib.instructor.grading.journal import Journal, one_at_a_time
from course_lib.instructor.grading.limits import add_limit_options, limits_of
from course_lib.instructor.grading.per_student import one_student
from course_lib.instructor.grading.sandbox import MODES
from course_lib.instructor.grading.scores import Score, read_scores, tell_refused
from course_lib.instructor.places import handed_out
from course_lib.instructor.text.release import load_config
from course_lib.instructor.text.render import course_root
from course_lib.printable import say

__all__ = ["Change", "add_arguments", "changes", "main"]


@dataclass(frozen=True)
class Change:
    """One question of one student whose score is another one now."""

    student: str
    notebook: str
    question: str
    before: float
    after: float
    why: str
    manual: float | None = None


def _cases(result: dict[str, Any] | None) -> dict[str, bool]:
    return {str(case["name"]): bool(case["passed"]) for case in (result or {}).get("cases", [])}


def _why(old: dict[str, Any] | None, new: dict[str, Any] | None) -> str:
    """Say which cases judge otherwise than before."""
    before, after = _cases(old), _cases(new)
    told = [f"'{name}' is right now" for name, ok in after.items() if ok and before.get(name) is False]
    told += [f"'{name}' is not right now" for name, ok in after.items() if not ok and before.get(name)]
    told += [
        f"'{name}' is new and {'right' if ok else 'not right'}" for name, ok in after.items() if name not in before
    ]
    told += [f"'{name}' is no case any more" for name in before if name not in after]
    return "; ".join(told) or str((new or {}).get("message", "")) or "its points changed"


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """Compare two results of one notebook.

    Parameters
    ----------
    before, after : dict
        As the journal keeps them.
    """
    old = {q["grade_id"]: q for q in before.get("questions", [])}
    found = []
    for question in after.get("questions", []):
        name, was = question["grade_id"], old.get(question["grade_id"], {})
        if question["score"] is None and was.get("score") is None:
            continue
        a, b = float(was.get("score") or 0.0), float(question["score"] or 0.0)
        if abs(a - b) > 1e-9:
            why = _why(was.get("result"), question.get("result"))
            found.append(Change(after["student"], after["notebook"], name, a, b, why))
    return found


def _copy_gradebook(config: Any, other: Any) -> None:
    """Copy every row of the gradebook, whatever database keeps it, into the new one that `other` names."""
    from nbgrader.api import Base
    from sqlalchemy import delete, insert, select

    with open_gradebook(config) as source, open_gradebook(other) as target:
        for table in reversed(Base.metadata.sorted_tables):  # a new gradebook holds its course already
            target.db.execute(delete(table))
        for table in Base.metadata.sorted_tables:
            rows = source.db.execute(select(table).execution_options(yield_per=1000)).mappings()
            for chunk in rows.partitions():
                target.db.execute(insert(table), [dict(row) for row in chunk])
        target.db.commit()


@contextmanager
def _trial_folder(root: Path) -> Iterator[Path]:
    """Make a folder beside the gradebook, and remove it, and those that killed runs left behind."""
    with one_at_a_time(root, ".regrade.lock", "regrading"):
        for left in (root / "grading").glob("regrade-*"):
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix="regrade-", dir=root / "grading") as folder:
            yield Path(folder)


def _trial(root: Path, config: Any, options: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Grade everything again in a folder of its own; return the results, and what was not graded."""
    from course_lib.instructor.grading.session import grade_assignment

    with _trial_folder(root) as trial:
        (trial / "grading").mkdir()
        places = handed_out(root, options.assignment)
        (trial / "lessons").symlink_to(next((p for p in places if p.is_dir()), places[-1]).parent)
        (trial / "grading" / "submitted").symlink_to(root / config.CourseDirectory.submitted_directory)
        other = copy.deepcopy(config)  # Config.copy() would share its sections
        other.CourseDirectory.db_url = f"sqlite:///{trial / 'gradebook.db'}"
        _copy_gradebook(config, other)
        other.CourseDirectory.submitted_directory = "grading/submitted"
        other.CourseDirectory.root = str(trial)
        report = grade_assignment(trial, other, options)
        return list(Journal(trial, options.assignment).all()), report.failed


def _given(scores: list[Score]) -> dict[tuple[str, str, str], float | None]:
    return {(s.student, c.notebook, c.name): c.manual for s in scores for c in s.cells}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``course regrade``."""
    parser.add_argument("assignment", metavar="ASSIGNMENT", help="such as 03 or 03_tracking_loops")
    parser.add_argument("--student", action="append", metavar="ID", help="only this one; may be given again")
    parser.add_argument("--workers", type=int, default=0, metavar="N", help="default: one a core")
    parser.add_argument("--sandbox", choices=MODES, default="bubblewrap")
    add_limit_options(parser)
    parser.add_argument("--apply", action="store_true", help="write the new scores")
    parser.add_argument("--json", action="store_true", help="print the list as JSON, and nothing else")


def find_changes(
    root: Path, config: Any, options: Any, scores: list[Score] | None = None
) -> tuple[list[Change], list[dict[str, Any]]]:
    """Grade again beside the gradebook; list whose score would change, and what could not be graded.

    Parameters
    ----------
    root : Path
    config : traitlets.config.Config
    options : Options
        What ``course grade`` is asked for.
    scores : list of Score, optional
        As the gradebook has them; it is read where they are not given.
    """
    if scores is None:
        scores = read_scores(root, config, options.assignment, allow_extra_credit=True)
    given = _given(scores)
    journal = Journal(root, options.assignment)
    found = []
    results, failed = _trial(root, config, options)
    for after in results:
        with one_student(_noting(failed, after), "comparing it with the result before"):
            before = journal.known(after["student"], after["notebook"])
            if before is None or after["status"] != "graded":
                continue
            for change in changes(before, after):
                manual = given.get((change.student, change.notebook, change.question))
                found.append(Change(**(asdict(change) | {"manual": manual})))
    return found, failed


def _noting(failed: list[dict[str, Any]], after: dict[str, Any]) -> Callable[[str], None]:
    return lambda why: failed.append({"student": after["student"], "notebook": after["notebook"], "why": why})


def _tell(found: list[Change]) -> None:
    """Print whose score would change, and why."""
    for change in found:
        kept = f" (a person gave {change.manual:g}; that stays)" if change.manual is not None else ""
        say(
            f"{change.student} {change.notebook}/{change.question}: "
            f"{change.before:g} -> {change.after:g}{kept}: {change.why}"
        )
    students = len({c.student for c in found})
    what = "1 score" if len(found) == 1 else f"{len(found)} scores"
    whose = "1 student" if students == 1 else f"{students} students"
    print(f"{what} of {whose} change{'s' * (len(found) == 1)}" if found else "no score changes")


def main(args: argparse.Namespace) -> int:
    """Run ``course regrade``."""
    from course_lib.instructor.desk.grade import assignment_name, lines
    from course_lib.instructor.grading.session import Options, grade_assignment

    root = course_root()
    config = load_config(root)
    workers = args.workers if args.workers > 0 else os.cpu_count() or 1
    name = assignment_name(root, args.assignment)
    limits = limits_of(config, args)
    options = Options(name, tuple(args.student or ()), workers, sandbox=args.sandbox, regrade=True, limits=limits)
    if args.sandbox == "none":
        print("UNSAFE: without a sandbox, submissions can read and change everything that you can.", file=sys.stderr)
    scores = read_scores(root, config, name, allow_extra_credit=True)
    found, failed = find_changes(root, config, options, scores)
    for line in lines("not graded", failed):
        say(line, file=sys.stderr)
    if args.json:
        print(json.dumps([asdict(change) for change in found], indent=2))
    else:
        _tell(found)
    if args.apply and found:
        only = replace(options, students=tuple(sorted({c.student for c in found})))
        grade_assignment(root, config, only)
        print("written to the gradebook", file=sys.stderr if args.json else sys.stdout)
    elif found and not args.json:
        print("nothing was written; `--apply` writes it")
    return tell_refused(scores)
