"""The one writer: puts results into nbgrader's gradebook, so that formgrader shows and edits all of it."""

from __future__ import annotations

import datetime
import functools
import logging
from pathlib import Path
from typing import Any

import nbformat

from course_lib.atomic import write_atomically
from course_lib.instructor.grading.harmless import harmless_notebook
from course_lib.instructor.grading.plain_files import small_file
from course_lib.instructor.places import SECRET_FILE, TIMESTAMP_FILE
from course_lib.trouble import CourseError

__all__ = ["Writer", "has_gradebook", "not_released", "open_gradebook"]


def not_released(assignment: str) -> CourseError:
    """Say that an assignment has to be released first."""
    return CourseError(f"{assignment} is not in the gradebook; run `course release {assignment}` first")


def has_gradebook(config: Any) -> bool:
    """Tell whether there is a gradebook; opening one that is not there would make it."""
    path = str(config.CourseDirectory.db_url).removeprefix("sqlite:///")
    return "://" in path or Path(path).is_file()


def open_gradebook(config: Any) -> Any:
    """Open nbgrader's gradebook, as the course's configuration names it."""
    import warnings

    from nbgrader.api import Gradebook

    # SQLAlchemy 2 comments on how nbgrader 0.9 adds submissions; they are added all the same.
    warnings.filterwarnings("ignore", message="Object of type .* not in session", module="nbgrader")
    _note_version(config.CourseDirectory.db_url)
    gradebook = Gradebook(config.CourseDirectory.db_url, config.CourseDirectory.course_id)
    _check_version(gradebook)
    return gradebook


@functools.cache
def _version_of_tables() -> str:
    """Return which tables this nbgrader writes, as it notes it in a gradebook."""
    import nbgrader
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory(str(Path(nbgrader.__file__).parent / "alembic")).get_current_head())


def _note_version(url: str) -> None:
    """Note in a new gradebook which tables it will have; nbgrader would start a program of its own to find out."""
    from sqlalchemy import create_engine, inspect, text

    engine = create_engine(url)
    try:
        if not inspect(engine).get_table_names():
            with engine.begin() as connection:
                connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
                connection.execute(text("INSERT INTO alembic_version VALUES (:ours)"), {"ours": _version_of_tables()})
    finally:
        engine.dispose()


def _check_version(gradebook: Any) -> None:
    """Refuse a gradebook of another version of nbgrader: its tables have other columns."""
    from sqlalchemy import text

    made_by = gradebook.db.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if made_by != (ours := _version_of_tables()):
        gradebook.close()
        raise CourseError(
            f"the gradebook was made by another version of nbgrader ({made_by}; this one writes {ours}); "
            "run `nbgrader db upgrade`, which keeps a copy, or install the version that made it"
        )


def _check_id(student: str) -> None:
    """Refuse an id that formgrader would take for markup: it writes ids into its pages as they are."""
    if any(character in '<>"' or not character.isprintable() for character in student):
        raise ValueError(
            "the student's id has a character that formgrader takes for markup (<, >, \" or an invisible one); "
            "rename the folder"
        )


class Writer:
    """Writes results, one submission after the other, each in one transaction.

    Parameters
    ----------
    root : Path
        The course's folder.
    config : traitlets.config.Config
    assignment : str
    """

    def __init__(self, root: Path, config: Any, assignment: str):
        self.root, self.config, self.assignment = root, config, assignment
        self.gradebook = open_gradebook(config)

    def close(self) -> None:
        """Close the gradebook."""
        self.gradebook.close()

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_unused: Any) -> None:
        self.close()

    def autograded(self, student: str, notebook: str) -> Path:
        """Return where formgrader looks for an executed notebook."""
        folder = self.root / self.config.CourseDirectory.autograded_directory
        return folder / student / self.assignment / f"{notebook}.ipynb"

    def store_notebook(self, student: str, notebook: str, text: str, timestamp: str | None) -> None:
        """Put the executed notebook where formgrader looks for it, without anything that formgrader would obey."""
        _check_id(student)
        path = self.autograded(student, notebook)
        shown = harmless_notebook(nbformat.reads(text, as_version=4))
        write_atomically(path, nbformat.writes(shown, version=4).encode())
        if timestamp:
            write_atomically(path.with_name(TIMESTAMP_FILE), timestamp.encode())
        handed_in = self.root / self.config.CourseDirectory.submitted_directory / student / self.assignment
        secret = small_file(handed_in / SECRET_FILE)  # nbgrader's exchange returns feedback with it
        if secret is not None:
            write_atomically(path.with_name(SECRET_FILE), secret)

    def apply(self, data: dict[str, Any], timestamp: datetime.datetime | None) -> None:
        """Write one result; writing it twice changes nothing.

        Parameters
        ----------
        data : dict
            As the journal keeps it.
        timestamp : datetime, optional
            When it was handed in, in UTC.
        """
        student, notebook = data["student"], data["notebook"]
        submission = self._submission(student, timestamp)
        stored = next((n for n in submission.notebooks if n.name == notebook), None)
        if stored is None:
            return
        resubmitted = data.get("previous") not in (None, data["digest"])
        scores = {q["grade_id"]: q["score"] for q in data["questions"]}
        changed = self._comments(stored, student, notebook)
        for grade in stored.grades:
            if grade.name not in scores:
                continue
            manual = scores[grade.name] is None
            auto = (0.0 if grade.name in changed else None) if manual else scores[grade.name]
            if grade.auto_score == auto and not resubmitted and (auto is not None or grade.needs_manual_grade):
                continue
            moved = grade.auto_score != auto or resubmitted
            grade.auto_score = auto
            if grade.manual_score is not None:
                # A person's marks stay; they are asked to look again where the answer may be another one.
                grade.needs_manual_grade = bool(grade.needs_manual_grade) or moved
            else:
                grade.needs_manual_grade = auto is None
        self.gradebook.db.commit()
        self.late(student, notebook)

    def _submission(self, student: str, timestamp: datetime.datetime | None) -> Any:
        from nbgrader.api import MissingEntry

        _check_id(student)
        try:
            submission = self.gradebook.find_submission(self.assignment, student)
            if submission.timestamp == timestamp:
                return submission
        except MissingEntry:
            pass
        self.gradebook.update_or_create_student(student)
        # Also where there is none: the date of an earlier hand-in says nothing about this one.
        return self.gradebook.update_or_create_submission(self.assignment, student, timestamp=timestamp)

    def _comments(self, stored: Any, student: str, notebook: str) -> set[str]:
        """Note unanswered cells as nbgrader does; return the names of the manual ones among them."""
        from nbgrader.utils import compute_checksum, is_grade, is_solution

        executed = nbformat.read(self.autograded(student, notebook), as_version=4)
        unanswered = set()
        blank: dict[str, bool] = {}
        for cell in executed.cells:
            if not is_solution(cell):
                continue
            name = cell.metadata["nbgrader"]["grade_id"]
            blank[name] = cell.metadata["nbgrader"].get("checksum") == compute_checksum(cell)
            if blank[name] and is_grade(cell):
                unanswered.add(name)
        for comment in stored.comments:
            if comment.name in blank:
                text = "No response." if blank[comment.name] else None
                if comment.auto_comment != text:
                    comment.auto_comment = text
        return unanswered

    def missing_notebook(self, student: str, notebook: str, timestamp: datetime.datetime | None) -> None:
        """Give 0 points for a notebook that was not handed in beside another one, as nbgrader does."""
        submission = self._submission(student, timestamp)
        for stored in submission.notebooks:
            if stored.name == notebook:
                for grade in stored.grades:
                    grade.auto_score, grade.needs_manual_grade = 0, False
        self.gradebook.db.commit()

    def late(self, student: str, notebook: str) -> None:
        """Apply the course's penalty for late submissions, through nbgrader's own plug-in.

        It depends on the points, a person's marks among them, and on the configuration, so it is worked out
        anew in each run, also where there is nothing to grade.
        """
        if "AssignLatePenalties" not in self.config and "LateSubmissionPlugin" not in self.config:
            return  # nbgrader's default takes no points off
        from nbgrader.preprocessors import AssignLatePenalties

        step = AssignLatePenalties(config=self.config)
        step.log = logging.getLogger("course.grade")
        step.log.setLevel(logging.CRITICAL)  # it would say for each student how late
        resources = {
            "nbgrader": {
                "student": student,
                "assignment": self.assignment,
                "notebook": notebook,
                "db_url": self.config.CourseDirectory.db_url,
            }
        }
        step.preprocess(nbformat.v4.new_notebook(), resources)
