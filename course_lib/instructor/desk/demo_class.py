"""Make up a class, so that the whole way from submission to feedback can be seen in two minutes.

The students hand in right, half-right and mistaken answers, blank notebooks, late ones, damaged ones, and
a few that fight the grader, all harmless. The same number of students gives the same class. Where real students have
handed in, or a due date is set, nothing is made; `--remove` takes every made-up student away again.

Examples
--------
  course demo-class
  course demo-class 03 --track keras --students 50
  course demo-class 03 --remove
"""

from __future__ import annotations

import argparse
import copy
import datetime
import random
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat

from course_lib.instructor.places import TIMESTAMP_FILE, handed_out
from course_lib.instructor.text.lesson_text import read_lesson
from course_lib.instructor.text.release import load_config, release
from course_lib.instructor.text.render import course_root, lesson_texts
from course_lib.printable import few
from course_lib.tracks import TRACKS
from course_lib.trouble import CourseError

__all__ = ["KINDS", "add_arguments", "answer", "main", "make_class"]

EXPLANATION = (
    "The training loss was collected while the weights were still moving, the validation loss after the epoch. "
    "Measuring the training rows again after the epoch would tell."
)
_HOSTILE = (
    "import os\nos._exit(0)",
    "while True: print('x' * 1000)",
    "print(open('../../gradebook.db').read())",
    "import os\nfor base, _, names in os.walk('/'):\n    for name in names:\n        if name == 'gradebook.db':\n"
    "            print(os.path.join(base, name))",
    "from IPython.display import publish_display_data\n"
    "publish_display_data({'application/vnd.loss-curves.evidence+json': {'score': 100}})",
)


def answer(notebook: Any, answers: dict[str, str], explanation: str = EXPLANATION) -> None:
    """Write answers into a notebook's exercise cells, and the explanation into its text cells."""
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if about.get("grade_id") in answers:
            cell.source = answers[about["grade_id"]]
        elif about.get("solution") and about.get("grade") and cell.cell_type == "markdown" and explanation:
            cell.source = explanation


def _mistakes(root: Path, lesson: str, track: str, answers: dict[str, str]) -> dict[str, list[str]]:
    """Return the typical mistakes of each exercise, from the bank that proves the checks, if it is here."""
    from course_lib.instructor.proof.bank import entries

    found: dict[str, list[str]] = {}
    bank = root / "tests" / "lessons"
    for name in answers:
        wrong = entries(bank, lesson, track, name) if (bank / lesson / "graders" / name).is_dir() else []
        found[name] = [e.source for e in wrong if e.kind == "misconception"]
    return found


def _right(notebook: Any, answers: dict[str, str], wrong: dict[str, list[str]], rng: random.Random) -> None:
    answer(notebook, answers)


def _half(notebook: Any, answers: dict[str, str], wrong: dict[str, list[str]], rng: random.Random) -> None:
    done = rng.sample(sorted(answers), max(1, len(answers) // 2))
    answer(notebook, {name: answers[name] for name in done})


def _mistaken(notebook: Any, answers: dict[str, str], wrong: dict[str, list[str]], rng: random.Random) -> None:
    own = dict(answers)
    for name in rng.sample(sorted(answers), max(1, len(answers) // 2)):
        if wrong.get(name):
            own[name] = f"# Exercise {name}\n{rng.choice(wrong[name])}"
    answer(notebook, own)


def _blank(notebook: Any, answers: dict[str, str], wrong: dict[str, list[str]], rng: random.Random) -> None:
    return


def _damaged(notebook: Any, answers: dict[str, str], wrong: dict[str, list[str]], rng: random.Random) -> None:
    answer(notebook, answers)
    graded = [i for i, cell in enumerate(notebook.cells) if cell.metadata.get("nbgrader")]
    place = rng.choice(graded)
    deed = rng.randrange(3)
    if deed == 0:
        notebook.cells.insert(place, copy.deepcopy(notebook.cells[place]))
        notebook.cells[place]["id"] = "copied"
    elif deed == 1:
        notebook.cells[place].metadata = nbformat.from_dict({})
    else:
        notebook.cells[place].metadata.nbgrader.grade_id = "renamed"


def _hostile(notebook: Any, answers: dict[str, str], wrong: dict[str, list[str]], rng: random.Random) -> None:
    answer(notebook, answers)
    notebook.cells.insert(3, nbformat.v4.new_code_cell(rng.choice(_HOSTILE), id="extra"))


#: What kinds of students there are, in their order of appearance.
KINDS: dict[str, Callable[..., None]] = {
    "right": _right,
    "half": _half,
    "mistaken": _mistaken,
    "blank": _blank,
    "late": _right,
    "damaged": _damaged,
    "mistaken2": _mistaken,
    "hostile": _hostile,
}
#: The made-up students' ids, and when their work is due.
_MADE_UP = re.compile(rf"demo\d{{4,}}-({'|'.join(KINDS)})")
DUE = datetime.datetime(2030, 1, 7)


def make_class(root: Path, lesson: str, track: str, students: int) -> Iterator[tuple[str, Path]]:
    """Write the submissions of a made-up class.

    Parameters
    ----------
    root : Path
        The course's folder.
    lesson : str
        A released lesson.
    track : {"pytorch", "keras"}
    students : int

    Yields
    ------
    kind : str
    path : Path
        The notebook that was handed in.
    """
    config = load_config(root)
    places = [folder / f"{track}.ipynb" for folder in handed_out(root, lesson)]
    released = next((path for path in places if path.is_file()), None)
    if released is None:
        raise CourseError(f"{lesson} has no released notebook {track}.ipynb; run `course release {lesson}`")
    original = nbformat.read(released, as_version=4)
    answers = read_lesson(root / "solutions" / f"{lesson}.md").solutions(track)
    wrong = _mistakes(root, lesson, track, answers)
    for number in range(students):
        kind = list(KINDS)[number % len(KINDS)]
        notebook = copy.deepcopy(original)
        KINDS[kind](notebook, answers, wrong, random.Random(number))
        folder = root / config.CourseDirectory.submitted_directory / f"demo{number:04d}-{kind}" / lesson
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, folder / f"{track}.ipynb")
        day = "2030-01-08" if kind == "late" else "2030-01-01"
        (folder / TIMESTAMP_FILE).write_text(f"{day} 12:00:00 UTC\n")
        yield kind, folder / f"{track}.ipynb"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``course demo-class``."""
    parser.add_argument("assignment", nargs="?", default="03", metavar="ASSIGNMENT", help="default: 03")
    parser.add_argument("--students", type=int, default=8, metavar="N", help="default: 8")
    parser.add_argument("--track", choices=TRACKS, default="pytorch", help="default: pytorch")
    parser.add_argument("--remove", action="store_true", help="take the made-up students away, and all that they have")


def _folders(root: Path, config: Any, lesson: str) -> list[Path]:
    """Return every student's folders of an assignment: what was handed in, results, graded notebooks, feedback."""
    directory = config.CourseDirectory
    names = (directory.submitted_directory, directory.autograded_directory, directory.feedback_directory)
    found = [path for name in names for path in (root / name).glob(f"*/{lesson}")]
    return found + [path for path in (root / "grading" / "results" / lesson).glob("*") if path.is_dir()]


def _student_of(folder: Path, lesson: str) -> str:
    return folder.parent.name if folder.name == lesson else folder.name


def _hold_free(root: Path, config: Any, lesson: str, assignment: Any) -> None:
    """Stop where an assignment is in use.

    Raises
    ------
    CourseError
        If somebody else than a made-up student handed in, or a due date is set.
    """
    real = {_student_of(folder, lesson) for folder in _folders(root, config, lesson)}
    real |= {submission.student.id for submission in assignment.submissions} if assignment else set()
    real = {student for student in real if not _MADE_UP.fullmatch(student)}
    if real:
        who = ", ".join(few(sorted(real), 3))
        raise CourseError(f"{lesson} has submissions of {who}; make the class in another lesson, or in a fresh clone")
    if assignment and assignment.duedate not in (None, DUE):
        raise CourseError(f"{lesson} is due {assignment.duedate}, which a made-up class would change; take another one")


def _remove(root: Path, lesson: str) -> int:
    """Take every made-up student of an assignment away."""
    from nbgrader.api import MissingEntry

    from course_lib.instructor.grading.gradebook import open_gradebook

    config = load_config(root)
    gone = set()
    for folder in _folders(root, config, lesson):
        if _MADE_UP.fullmatch(student := _student_of(folder, lesson)):
            gone.add(student)
            shutil.rmtree(folder)
            if folder.name == lesson and not any(folder.parent.iterdir()):
                folder.parent.rmdir()
    with open_gradebook(config) as gradebook:
        try:
            assignment = gradebook.find_assignment(lesson)
        except MissingEntry:
            assignment = None
        for student in [s.student.id for s in assignment.submissions] if assignment else []:
            if _MADE_UP.fullmatch(student):
                gone.add(student)
                gradebook.remove_submission(lesson, student)
        for student in [s.id for s in gradebook.students if s.id in gone and not s.submissions]:
            gradebook.remove_student(student)
        if assignment and assignment.duedate == DUE:
            assignment.duedate = None
            gradebook.db.commit()
    print(f"took {len(gone)} made-up students of {lesson} away")
    return 0


def main(args: argparse.Namespace) -> int:
    """Run ``course demo-class``."""
    from nbgrader.api import MissingEntry

    from course_lib.instructor.grading.gradebook import open_gradebook

    root = course_root()
    lesson = lesson_texts(root, [args.assignment])[0].stem
    if args.students < 1:
        raise CourseError(f"--students is the number of students, at least 1, not {args.students}")
    if args.remove:
        return _remove(root, lesson)
    config = load_config(root)
    with open_gradebook(config) as gradebook:
        try:
            assignment = gradebook.find_assignment(lesson)
            known = [n.name for n in assignment.notebooks]
        except MissingEntry:
            assignment, known = None, []
        _hold_free(root, config, lesson, assignment)
    if args.track not in known:
        if known:
            raise CourseError(f"{lesson} was released for {known[0]}; make the class with `--track {known[0]}`")
        release(root, lesson, args.track)
    with open_gradebook(load_config(root)) as gradebook:
        gradebook.update_or_create_assignment(lesson, duedate=DUE)
    made = list(make_class(root, lesson, args.track, args.students))
    print(f"{len(made)} students handed in {lesson} ({args.track}), due 2030-01-07:")
    for kind, path in made[: len(KINDS)]:
        print(f"  {path.parent.parent.name:<22} {kind.rstrip('2')}")
    if len(made) > len(KINDS):
        print(f"  and {len(made) - len(KINDS)} more of the same kinds")
    print(f"now: course grade {lesson}; course feedback {lesson}; course report {lesson}; course export --format csv")
    return 0
