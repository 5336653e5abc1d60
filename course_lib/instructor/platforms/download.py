"""A download, sorted by students: which files are whose, who is who in the gradebook, and when they came."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from course_lib.instructor.grading.timestamps import moment
from course_lib.instructor.platforms.archive import Member
from course_lib.instructor.platforms.names import Named, platform_of, read_name
from course_lib.instructor.platforms.roster import Roster
from course_lib.trouble import CourseError

__all__ = ["Download", "Submission", "identify", "sort", "times", "zone_called"]

#: Files whose times all lie so close together were written by whoever made the download.
_ONE_MOMENT = timedelta(minutes=2)
_MOST_NAME = 150


@dataclass
class Submission:
    """What one student has in a download."""

    first: Named
    named: list[tuple[Named, Member]] = field(default_factory=list)

    @property
    def newest(self) -> datetime | None:
        """When the last of its files came, as its folder's name says it, or was changed, as the archive does."""
        times = [when for named, member in self.named if (when := named.when or member.when) is not None]
        return max(times, key=lambda when: when.replace(tzinfo=None)) if times else None


@dataclass
class Download:
    """A download, sorted by students."""

    platform: str
    submissions: dict[str, Submission] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def _is_notebook(name: str) -> bool:
    return re.search(r"\.ipynb(\.(txt|json))?$", name.lower()) is not None


def _without_wrapper(found: list[Member]) -> str:
    """Return the one folder in which everything lies, if that is only the download's own."""
    tops = {member.path.split("/")[0] for member in found if "/" in member.path}
    if len(tops) != 1 or any("/" not in member.path for member in found):
        return ""
    (top,) = tops
    inner = {member.path.split("/")[1] for member in found if member.path.count("/") >= 2}
    flat = any(member.path.count("/") == 1 for member in found)
    return f"{top}/" if not flat and len(inner) > 1 else ""


def sort(found: list[Member], platform: str | None = None) -> Download:
    """Return whose each notebook of a download is, and what is left out of it with the reason.

    Parameters
    ----------
    found : list of Member
    platform : {"canvas", "moodle", "brightspace", "folders"}, optional
        By default told by the names.

    Examples
    --------
    >>> download = sort([Member("ada/pytorch.ipynb", b"{}"), Member("ada/notes.pdf")])
    >>> list(download.submissions), download.left_out
    (['ada'], ['ada/notes.pdf: no notebook'])
    """
    paths = [member.outer or member.path for member in found if not member.problem]
    chosen = Download(platform or platform_of(paths))
    top = _without_wrapper(found) if chosen.platform == "folders" else ""
    for member in found:
        path = (member.outer or member.path).removeprefix(top)
        named = read_name(path, chosen.platform)
        where = f"{member.outer}: {member.path}" if member.outer else member.path
        if member.problem:
            chosen.left_out.append(f"{where}: {member.problem}")
        elif named is None:
            chosen.left_out.append(f"{where}: no name of a submission from {chosen.platform}")
        elif named.kind != "file":
            chosen.left_out.append(f"{where}: Moodle's {named.kind}, no file")
        elif not _is_notebook(member.path):
            chosen.left_out.append(f"{where}: no notebook")
        else:
            chosen.submissions.setdefault(named.key, Submission(named)).named.append((named, member))
    return chosen


def _folder_problem(student: str) -> str:
    """Say why an id can be no folder's name, or return an empty string."""
    if student in (".", "..") or any(c in '/\\<>":|?*' or not c.isprintable() for c in student):
        return "its id has a character that no folder's name or no page may have"
    if student.startswith(".") or len(student.encode()) > _MOST_NAME:
        return "its id begins with a dot or is too long for a folder"
    return ""


def zone_called(name: str) -> ZoneInfo:
    """Return a time zone by its name, or say what was expected."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CourseError(f"{name!r} is no time zone; expected a name such as UTC or Europe/Berlin") from None


def times(found: Download, roster: Roster, ids: dict[str, str], zone: ZoneInfo) -> dict[str, str]:
    """Return when each student handed in, as ``timestamp.txt`` says it; empty where that cannot be told."""
    newest = {key: one.newest for key, one in found.submissions.items()}
    known = [when.replace(tzinfo=None) for when in newest.values() if when is not None]
    said = any(named.when for one in found.submissions.values() for named, _ in one.named)
    of_the_download = not said and len(known) > 1 and max(known) - min(known) <= _ONE_MOMENT
    result = {}
    for key, student in ids.items():
        listed = roster.when(student)
        when, _ = moment(listed) if listed else (None, "")
        own = newest[key]
        if when is not None:
            result[key] = f"{when:%Y-%m-%d %H:%M:%S} UTC"
        elif own is None or of_the_download:
            result[key] = ""
        else:
            aware = own if own.tzinfo else own.replace(tzinfo=zone)
            result[key] = f"{aware.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return result


def identify(found: Download, roster: Roster, listed: bool, keep: bool) -> tuple[dict[str, str], list[str]]:
    """Return each submission's student, and a line for each that is not collected."""
    answers = {key: roster.find(one.first, found.platform) for key, one in found.submissions.items()}
    # Without a list of the instructor's, and where the gradebook knows none of these: the platform's own ids.
    own = keep or (not listed and not any(student for student, _ in answers.values()))
    ids: dict[str, str] = {}
    problems: list[str] = []
    for key, (student, why) in answers.items():
        named = found.submissions[key].first
        if not student and own:
            student = f"{named.name}_{key}" if found.platform == "moodle" else key
        problem = why if not student else _folder_problem(student)
        if not problem and student in ids.values():
            other = next(k for k, s in ids.items() if s == student)
            problem = f"is {student} as well as {found.submissions[other].first.name} ({other}); check the roster"
        if problem:
            problems.append(f"{named.name} ({key}): {problem}")
        else:
            ids[key] = student
    return ids, problems
