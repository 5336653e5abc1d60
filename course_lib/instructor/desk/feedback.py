"""Make a feedback page for each student from the structured results of the checks.

A page says for each exercise what is not right yet and what was seen, each mistake once, as in the notebook;
which cases are right; and where to read on. It shows the marks and comments of the person who graded the texts.
It is written from the verdicts alone: no notebook output, no traceback and no hidden input or expected value can
get into it.

The page is written as feedback.html, and under the notebook's name with what nbgrader's exchange needs, so that
`nbgrader release_feedback` returns it to students who submitted through the exchange.

With --zip, the pages also go into one file for Canvas, Moodle or Brightspace, under the names that `course collect`
kept. Canvas adds a comment at every upload, and shows the page as a notebook, since its file keeps the name of the
submission.

Examples
--------
  course feedback 03
  course feedback 03 --student ada
  course feedback 03 --zip feedback.zip
"""

from __future__ import annotations

import argparse
import html
import re
import secrets
import sys
from functools import partial
from pathlib import Path
from typing import Any

from course_lib.atomic import write_atomically
from course_lib.checks.display import cases_as_html
from course_lib.checks.result import CaseResult
from course_lib.instructor.grading.notebook_scores import Cell
from course_lib.instructor.grading.per_student import one_student
from course_lib.instructor.grading.plain_files import small_file
from course_lib.instructor.grading.scores import Score, read_scores, tell_groups, tell_refused
from course_lib.instructor.places import SECRET_FILE, TIMESTAMP_FILE, handed_out
from course_lib.instructor.platforms.manifest import Manifest
from course_lib.instructor.platforms.upload import write_upload
from course_lib.instructor.text.release import load_config
from course_lib.instructor.text.render import course_root
from course_lib.printable import few, printable, say

__all__ = ["POLICY", "add_arguments", "feedback_page", "main"]

#: A folder with more notebooks than this has no names that the exchange asks for.
_MOST_NOTEBOOKS = 10
#: A page shows text and nothing else, whatever got into it.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_STYLE = """
body { font-family: system-ui, sans-serif; line-height: 1.5; max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
       color: #1b1b1b; background: #fff; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.cases { overflow-wrap: anywhere; } summary { cursor: pointer; }
blockquote { margin: .5rem 0; padding: .2rem 1rem; border-left: 4px solid #0072b2; white-space: pre-wrap; }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #1b1b1b; } blockquote { border-color: #56b4e9; } }
"""


def _number(value: float) -> str:
    return f"{round(value, 2):g}"


def _title(name: str) -> str:
    return name.removeprefix("check_").replace("_", " ")


def _case(case: dict[str, Any]) -> CaseResult:
    """Return a case as it was written down; what a damaged file lacks is empty."""
    named, diagnosis = case.get("named"), case.get("diagnosis")
    return CaseResult(
        name=str(case.get("name", "")),
        passed=bool(case.get("passed")),
        message=str(case.get("message", "")),
        points=0.0,
        of=0.0,
        hidden=bool(case.get("hidden")),
        diagnosis=str(diagnosis) if diagnosis else None,
        named=named if isinstance(named, int) else 0,
    )


def _section(title: str, cell: Cell, headings: dict[str, str]) -> list[str]:
    lines = [f"<h2>{html.escape(title)}: {_number(cell.score)} of {_number(cell.points)} points</h2>"]
    result = cell.result
    if cell.waiting:
        lines.append("<p>A person has still to grade this.</p>")
    if result:
        lines.append(f"<p>{html.escape(str(result.get('message', '')))}</p>")
        if result.get("cases"):
            lines.append(f'<div class="cases">{cases_as_html([_case(case) for case in result["cases"]])}</div>')
        if cell.score < cell.points and (where := headings.get(cell.name)):
            lines.append(f"<p>Where to read: “{html.escape(where)}” in the lesson.</p>")
    if cell.manual is not None and cell.auto is not None and cell.manual != cell.auto:
        lines.append(f"<p>A person set the marks of this question to {_number(cell.manual)}.</p>")
    if cell.comment:
        lines.append(f"<blockquote>{html.escape(cell.comment)}</blockquote>")
    return lines


def feedback_page(score: Score, headings: dict[str, str] | None = None) -> str:
    """Return one student's page.

    Parameters
    ----------
    score : Score
    headings : dict of str, optional
        The section of the lesson that belongs to each graded cell.

    Returns
    -------
    str
        A complete HTML page without scripts or anything from elsewhere.
    """
    total = f"{_number(score.total)} of {_number(score.points)} points"
    lines = [
        "<!DOCTYPE html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{html.escape(score.assignment)}: {total}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        f"<style>{_STYLE}</style></head><body><main>",
        f"<h1>{html.escape(score.assignment)}</h1>",
        f"<p>{html.escape(score.student)}: <strong>{total}</strong></p>",
    ]
    if score.group:
        by = f"; {html.escape(score.shared_from)} handed it in" if score.shared_from else ""
        lines.append(f"<p>This is the notebook of the group {html.escape(score.group)}{by}.</p>")
    if score.extra:
        lines.append(f"<p>{_number(score.extra)} points of extra credit are among them.</p>")
    if score.penalty:
        lines.append(f"<p>{_number(score.penalty)} points were taken off for handing in late.</p>")
    lines += [f"<p>The notebook {name} does not count: {why}.</p>" for name, why in score.aside.items()]
    if score.waiting:
        lines.append("<p>Not final: a person has still to grade a part.</p>")
    several = len({cell.notebook for cell in score.cells}) > 1 or bool(score.aside)
    for cell in score.cells:
        title = f"{_title(cell.name)} ({cell.notebook})" if several else _title(cell.name)
        lines += _section(title, cell, headings or {})
    lines.append("</main></body></html>")
    return "\n".join(lines) + "\n"


def section_headings(root: Path, assignment: str) -> dict[str, str]:
    """Return under which heading of the released notebook each graded cell stands."""
    import nbformat

    found: dict[str, str] = {}
    folder = next((place for place in handed_out(root, assignment) if place.is_dir()), None)
    for path in sorted(folder.glob("*.ipynb")) if folder else []:
        heading = ""
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                titles = re.findall(r"^#{1,4}\s+(.+?)\s*$", cell.source, re.MULTILINE)
                heading = titles[-1].replace("`", "") if titles else heading
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name:
                found[name] = heading
    return found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``course feedback``."""
    parser.add_argument("assignment", metavar="ASSIGNMENT", help="such as 03 or 03_tracking_loops")
    parser.add_argument("--student", metavar="ID", help="only this one")
    parser.add_argument("--allow-extra-credit", action="store_true", help="count nbgrader's extra credit")
    parser.add_argument("--zip", type=Path, metavar="FILE", help="also write the upload for the platform")


def _for_the_exchange(folder: Path, handed_in: Path, graded: Path, score: Score, page: bytes) -> bool:
    """Put what nbgrader's exchange needs beside a page, so that `release_feedback` returns it.

    The exchange knows a page by the notebook's name as it was handed in, and finds it with the secret that came with
    the submission. Where none came, nobody can fetch it, and a made-up one keeps it from stopping at this student.
    The page tells of the attempt that was graded; returns whether a newer one has come since.
    """
    secrets_of = [small_file(place / SECRET_FILE) for place in (handed_in, graded)]
    newer = None not in secrets_of and len(set(secrets_of)) > 1
    # Under the name of a track that does not count as well: JupyterLab's list offers a page only when there is one
    # for each notebook that was handed in.
    names = {cell.notebook for cell in score.cells}
    if not newer:
        names |= {path.stem for path in handed_in.glob("*.ipynb") if printable(path.stem) == path.stem}
    for name in sorted(names)[:_MOST_NOTEBOOKS]:
        write_atomically(folder / f"{name}.html", page)
    for name, otherwise in ((TIMESTAMP_FILE, score.handed_in), (SECRET_FILE, secrets.token_hex(32))):
        kept = small_file((graded if newer else handed_in) / name)
        if kept is not None or not (folder / name).is_file():
            write_atomically(folder / name, otherwise.encode() if kept is None else kept)
    return newer


def main(args: argparse.Namespace) -> int:
    """Run ``course feedback``."""
    from course_lib.instructor.desk.grade import assignment_name

    root = course_root()
    config = load_config(root)
    assignment = assignment_name(root, args.assignment)
    headings = section_headings(root, assignment)
    top = root / config.CourseDirectory.feedback_directory
    submitted = root / config.CourseDirectory.submitted_directory
    autograded = root / config.CourseDirectory.autograded_directory
    scores = read_scores(root, config, assignment, args.student, args.allow_extra_credit)
    manifest = Manifest(root, assignment) if args.zip else None
    written: dict[str, str] = {}
    waiting: list[str] = []
    newer: list[str] = []
    failed: list[str] = []
    for score in scores:
        if not score.counts:
            continue
        with one_student(partial(_failed, failed, score.student), "writing the page"):
            text = feedback_page(score, headings)
            page = text.encode(errors="backslashreplace")
            folder = top / score.student / assignment
            write_atomically(folder / "feedback.html", page)
            own = Path(score.student, assignment)
            if _for_the_exchange(folder, submitted / own, autograded / own, score, page):
                newer.append(score.student)
            written[score.student] = text
            waiting += [score.student] if score.waiting else []
    pages = "1 page" if len(written) == 1 else f"{len(written)} pages"
    say(f"wrote {pages} below {top.relative_to(root)}")
    if waiting:
        say(f"not final, since a person has still to grade a part, and the page says so: {', '.join(few(waiting))}")
    absent = [f"{score.student} ({score.absent})" for score in scores if score.absent]
    if absent:
        say(f"no page for {', '.join(few(absent))}")
    if newer:
        say(f"handed in again, and not graded since: {', '.join(few(newer))}; their pages tell of the attempt before")
    if manifest is not None:
        _zip(args.zip, manifest, written, {s.student: s.shared_from for s in scores if s.shared_from})
    for line in failed:
        say(line, sys.stderr)
    return max(tell_refused(scores), tell_groups(scores), 1 if failed else 0)


def _zip(path: Path, manifest: Manifest, pages: dict[str, str], shared: dict[str, str]) -> None:
    others = write_upload(path, manifest, pages, shared)
    platforms = sorted({one.platform for one in manifest.students.values()})
    say(f"wrote {path} for {' and '.join(platforms)}")
    if "canvas" in platforms:
        say("  Canvas adds a comment to each submission at every upload: upload it once")
    together = sorted(student for student in others if shared.get(student) in manifest.students)
    if together:
        say(f"  members of groups, whose page is in the file of who handed in: {', '.join(few(together))}")
    if others := sorted(set(others) - set(together)):
        say(f"  not in it, since they were not collected from there: {', '.join(few(others))}")


def _failed(lines: list[str], student: str, line: str) -> None:
    lines.append(f"no page for {student}: {line}")
