"""What the file names in a platform's download say: whose file it is, and what it was called.

Canvas     ``doejane_LATE_4711_815_pytorch-1.ipynb``: name, LATE if it is, the student's number, the file's number, and
           the file's own name. Canvas reads its own names by the first two parts that are all digits
           (``infer_comment_context_from_filename`` in its ``abstract_assignment.rb``), and so does this.
Moodle     ``Jane Doe_123456_assignsubmission_file/pytorch.ipynb``: full name (behind the group's, if there are groups),
           the participant's number in this assignment, and what kind of submission it is. Older versions write a ``_``
           after ``file``; without *Download in folders* the file's name follows it. With blind marking the full name is
           ``Participant``, in the language of the site.
Brightspace
           ``27236-46025 - Jane Doe - Mar 5, 2030 612 PM/pytorch.ipynb``: two numbers that stand for the download and
           not for the student, whom the site names in its own way (an id and the last name, a user name and the full
           name, ...), and when it came, without a colon. D2L documents none of it; this is what programs of several
           universities read. Each attempt is a folder.
folders    ``ada/pytorch.ipynb``: a folder for each student, named as the gradebook names them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

__all__ = ["PLATFORMS", "Named", "platform_of", "read_name"]

PLATFORMS = ("canvas", "moodle", "brightspace", "folders")

_DIGITS = re.compile(r"[0-9]{1,19}")
_MOODLE = re.compile(r"(?P<name>.+)_(?P<number>[0-9]{1,19})_assignsubmission_(?P<kind>[a-z]+)(?P<rest>_.*)?", re.DOTALL)
_BRIGHTSPACE = re.compile(r"[0-9]{1,19}-[0-9]{1,19} - (?P<name>.*\S) - (?P<when>(?=[^-]*[0-9])[^-]+)", re.DOTALL)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
#: ``Mar 5, 2030 612 PM`` and ``05 March 2030 612 PM``, with or without the colon.
_WHEN = re.compile(
    r"(?:(?P<month>[a-z]{3,9})\.? (?P<day>[0-9]{1,2}),?|(?P<day2>[0-9]{1,2}) (?P<month2>[a-z]{3,9})\.?,?)"
    r" (?P<year>[0-9]{4}),? (?P<hour>[0-9]{1,2}):?(?P<minute>[0-9]{2}) ?(?P<half>[ap])\.?m\.?"
)


@dataclass(frozen=True)
class Named:
    """What a path in a download says.

    Parameters
    ----------
    key : str
        What the platform knows the student by: Canvas' number of the student, Moodle's of the participant,
        Brightspace's name of the student, or the folder's name.
    name : str
        The student's name as the platform writes it.
    file : str
        The file's own name, as it was handed in.
    prefix : str
        What comes before it in the download: feedback goes back under the same.
    late : bool
        Whether Canvas marks it as late.
    number : int
        A later hand-in has a higher one: Canvas' number of the file, Brightspace's minute. 0 elsewhere.
    kind : str
        ``"file"``, or what else Moodle puts into the same download, such as ``"onlinetext"``.
    when : datetime or None
        When Brightspace says that it came, by the site's clock.
    """

    key: str
    name: str
    file: str
    prefix: str
    late: bool = False
    number: int = 0
    kind: str = "file"
    when: datetime | None = None


def _canvas(path: str) -> Named | None:
    base = path.rpartition("/")[2]
    parts = base.split("_")
    digits = [i for i, part in enumerate(parts) if _DIGITS.fullmatch(part)][:2]
    if len(digits) < 2 or digits[1] + 1 >= len(parts):
        return None
    before = parts[: digits[0]]
    file = "_".join(parts[digits[1] + 1 :])
    return Named(
        key=parts[digits[0]],
        name="_".join(part for part in before if part != "LATE"),
        file=file,
        prefix=path[: len(path) - len(file)],
        late="LATE" in before,
        number=int(parts[digits[1]]),
    )


def _moodle(path: str) -> Named | None:
    parts = path.split("/")
    for i, part in enumerate(parts):
        found = _MOODLE.fullmatch(part)
        if found is None:
            continue
        above = "".join(f"{one}/" for one in parts[:i])
        rest = (found["rest"] or "").removeprefix("_")
        if i + 1 < len(parts):
            file, prefix = "/".join(parts[i + 1 :]), f"{above}{part}/"
        elif rest:
            file, prefix = rest, f"{above}{part[: len(part) - len(rest)]}"
        else:
            return None
        return Named(found["number"], found["name"], file, prefix, kind=found["kind"])
    return None


def _brightspace_time(text: str) -> datetime | None:
    """Return the time in a folder's name; None where it is written in another way, as in another language."""
    found = _WHEN.fullmatch(" ".join(text.casefold().split()))
    if found is None:
        return None
    month = (found["month"] or found["month2"])[:3]
    hour = int(found["hour"]) % 12 + (12 if found["half"] == "p" else 0)
    try:
        day = int(found["day"] or found["day2"])
        return datetime(int(found["year"]), _MONTHS.index(month) + 1, day, hour, int(found["minute"]))
    except ValueError:
        return None


def _brightspace(path: str) -> Named | None:
    parts = path.split("/")
    for i, part in enumerate(parts[:-1]):
        found = _BRIGHTSPACE.fullmatch(part)
        if found is None:
            continue
        name = found["name"].strip()
        when = _brightspace_time(found["when"])
        number = int(f"{when:%Y%m%d%H%M}") if when else 0
        prefix = "".join(f"{one}/" for one in parts[: i + 1])
        return Named(name, name, "/".join(parts[i + 1 :]), prefix, number=number, when=when)
    return None


def _folder(path: str) -> Named | None:
    student, _, file = path.partition("/")
    return Named(student, student, file, f"{student}/") if student and file else None


_READERS = {"canvas": _canvas, "moodle": _moodle, "brightspace": _brightspace, "folders": _folder}


def read_name(path: str, platform: str) -> Named | None:
    """Return what a path in a download says, or None if no submission is called so.

    Parameters
    ----------
    path : str
        With ``/`` between its parts.
    platform : {"canvas", "moodle", "brightspace", "folders"}

    Examples
    --------
    >>> found = read_name("doejane_LATE_4711_815_my_work-1.ipynb", "canvas")
    >>> found.key, found.file, found.late
    ('4711', 'my_work-1.ipynb', True)
    >>> read_name("Jane Doe_123456_assignsubmission_file/pytorch.ipynb", "moodle").prefix
    'Jane Doe_123456_assignsubmission_file/'
    """
    return _READERS[platform](path)


def platform_of(paths: Sequence[str]) -> str:
    """Return whose download it is, by its paths: what the platforms write is unlike any other name.

    Examples
    --------
    >>> platform_of(["ada/pytorch.ipynb", "ben/pytorch.ipynb"])
    'folders'
    """
    if any(_moodle(path) for path in paths):
        return "moodle"
    if any(_brightspace(path) for path in paths):
        return "brightspace"
    named = sum(_canvas(path) is not None for path in paths)
    return "canvas" if named and 2 * named >= len(paths) else "folders"
