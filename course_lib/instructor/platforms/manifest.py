"""What was collected from a platform, kept so that feedback can go back under the names that it knows.

One file an assignment, ``grading/collected/ASSIGNMENT.json``. It also tells whose folder in ``grading/submitted`` was
written here, so that no other one is ever replaced without being asked for.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from course_lib.atomic import write_atomically
from course_lib.trouble import CourseError

__all__ = ["Collected", "Manifest", "folder_of_collected"]


def folder_of_collected(root: Path) -> Path:
    """Return where collecting keeps its own files."""
    return root / "grading" / "collected"


@dataclass
class Collected:
    """One student's submission.

    Parameters
    ----------
    platform : {"canvas", "moodle", "brightspace", "folders"}
    key, name : str
        What the platform knows the student by, and calls them.
    prefix : str
        What comes before the files' own names in the download.
    number : int
        The highest number of a file (see `Named`).
    handed_in : str
        As in ``timestamp.txt``; empty if it is not known.
    late : bool
        Whether Canvas marks it as late.
    originals : dict of str
        For each file that was written, its whole path in the download.
    digest : str
        Of all that was written.
    """

    platform: str
    key: str
    name: str
    prefix: str
    number: int = 0
    handed_in: str = ""
    late: bool = False
    originals: dict[str, str] = field(default_factory=dict)
    digest: str = ""


class Manifest:
    """What was collected for one assignment.

    Parameters
    ----------
    root : Path
        The course's folder.
    assignment : str
    """

    def __init__(self, root: Path, assignment: str):
        self.path = folder_of_collected(root) / f"{assignment}.json"
        self.students: dict[str, Collected] = {}
        try:
            stored = json.loads(self.path.read_text(encoding="utf-8"))
            self.students = {student: Collected(**data) for student, data in stored["students"].items()}
        except FileNotFoundError:
            pass
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise CourseError(
                f"{self.path} is damaged ({type(error).__name__}); put back a copy, or move it away and collect again"
            ) from None

    def save(self) -> None:
        """Write it."""
        data = {"students": {student: asdict(self.students[student]) for student in sorted(self.students)}}
        write_atomically(self.path, (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode())
