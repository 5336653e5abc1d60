"""Groups: one notebook for several students. Each of them gets its marks and its page.

``grading/groups.csv`` says who belongs together; only the instructor writes it, so that nobody can put a stranger
into a group. One line a student:

group       the group's name
student     the id in the gradebook
assignment  such as ``03``; empty for all. A student's line for an assignment wins over the one for all
submits     ``yes`` on the line of the member whose notebook counts; needed only where several handed in

One member hands in, is graded and has the notebook in formgrader; the others get a copy of that result whenever scores
are read. A penalty for being late is therefore worked out once and is the same for all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from course_lib.instructor.grading.csv_tables import read_table
from course_lib.trouble import CourseError

if TYPE_CHECKING:
    from course_lib.instructor.grading.scores import Score

__all__ = ["GROUPS_FILE", "Group", "members_with", "read_groups", "share"]

#: Where groups are written down, from the course's folder.
GROUPS_FILE = "grading/groups.csv"
_COLUMNS = ("group", "student", "assignment", "submits")


@dataclass
class Group:
    """The students who hand in one notebook.

    Parameters
    ----------
    name : str
    members : list of str
        In the order of the file.
    submits : list of str
        Those whose line says that their notebook counts; more than one is a mistake of the file.
    """

    name: str
    members: list[str] = field(default_factory=list)
    submits: list[str] = field(default_factory=list)


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    names, table, _ = read_table(path, "the table of groups")
    columns = [name.strip() for name in names]
    rows = [{key.strip(): value.strip() for key, value in row.items()} for row in table]
    if not {"group", "student"} <= set(columns) <= set(_COLUMNS):
        raise CourseError(
            f"{path} has the columns {', '.join(columns) or '(none)'}; expected group and student, and if needed "
            "assignment and submits"
        )
    return rows


def _is_for(said: str, assignment: str) -> bool:
    number = said.zfill(2) if said.isdecimal() else said
    return assignment == said or assignment.startswith(f"{number}_")


def read_groups(root: Path, assignment: str, known: Collection[str] = ()) -> list[Group]:
    """Read an assignment's groups.

    Parameters
    ----------
    root : Path
        The course's folder.
    assignment : str
    known : collection of str, optional
        Every assignment that there is beside the lessons: a line for none of them is a mistake.

    Returns
    -------
    list of Group
        In the order of the file; none where there is no file.

    Raises
    ------
    CourseError
        If the file cannot be read, or a line has no group, no student, or an assignment that is not there.
    """
    path = root / GROUPS_FILE
    rows = _rows(path)
    everything = {*known, assignment, *(text.stem for text in (root / "solutions").glob("*.md"))}
    chosen: dict[str, list[tuple[bool, str, bool]]] = {}
    for number, row in enumerate(rows, start=2):
        group, student, said, submits = (row.get(name, "") for name in _COLUMNS)
        if not any((group, student, said, submits)):
            continue
        if not group or not student:
            raise CourseError(f"{path}, line {number}: expected a group and a student, given {group!r} and {student!r}")
        if submits.casefold() not in ("", "yes", "no"):
            raise CourseError(f"{path}, line {number}: submits is yes, no or empty, not {submits!r}")
        if said and not any(_is_for(said, name) for name in everything):
            raise CourseError(f"{path}, line {number}: there is no assignment {said!r}; such as 03, or empty for all")
        if not said or _is_for(said, assignment):
            chosen.setdefault(student, []).append((bool(said), group, submits.casefold() == "yes"))
    groups: dict[str, Group] = {}
    for student, lines in chosen.items():
        own = [line for line in lines if line[0]] or lines
        for _, name, submits_it in own:
            group_of = groups.setdefault(name, Group(name))
            if student not in group_of.members:
                group_of.members.append(student)
            if submits_it and student not in group_of.submits:
                group_of.submits.append(student)
    return list(groups.values())


def members_with(groups: Iterable[Group], student: str) -> set[str]:
    """Return a student and everybody in the same groups.

    Examples
    --------
    >>> sorted(members_with([Group("red", ["ada", "ben"]), Group("blue", ["cy"])], "ben"))
    ['ada', 'ben']
    """
    return {student}.union(*(group.members for group in groups if student in group.members))


def share(scores: list[Score], groups: list[Group], known: Collection[str]) -> list[Score]:
    """Give every member of a group the result of the one who handed in.

    Parameters
    ----------
    scores : list of Score
        Of one assignment, also of those who have no result.
    groups : list of Group
    known : collection of str
        Everybody whom the gradebook or the folder of submissions has.

    Returns
    -------
    list of Score
        In the same order. What a person should know of the groups is in a score's `notes`; a student in two groups is
        refused.
    """
    found = {score.student: score for score in scores}
    notes: dict[str, list[str]] = {}
    inside: dict[str, list[str]] = {}
    for group in groups:
        for member in group.members:
            inside.setdefault(member, []).append(group.name)
    for student, names in inside.items():
        if len(names) > 1 and student in found:
            why = f"is in {len(names)} groups ({', '.join(names)}); leave one of these lines in {GROUPS_FILE}"
            found[student] = replace(found[student], faults=[*found[student].faults, why], absent="")
    for group in groups:
        missing = [member for member in group.members if member not in known]
        there = [member for member in group.members if member in found and len(inside[member]) == 1]
        lines = [
            f"group {group.name}: {member} is neither in the gradebook nor among the submissions, and gets nothing; "
            f"correct {GROUPS_FILE}, or add the student with `nbgrader db student add`"
            for member in missing
        ]
        lines += _one_group(group, there, found)
        to = next(iter(there), scores[0].student if scores else "")
        notes.setdefault(to, []).extend(lines)
    return [
        replace(found[score.student], notes=[*score.notes, *notes[score.student]])
        if notes.get(score.student)
        else found[score.student]
        for score in scores
    ]


def _one_group(group: Group, members: list[str], found: dict[str, Score]) -> list[str]:
    """Share one group's result; return what a person should know."""
    handed_in = [member for member in members if found[member].absent != "nothing handed in"]
    chosen = [member for member in group.submits if member in members] or handed_in
    same = {tuple(sorted(found[member].digests)) for member in chosen}
    if len(chosen) > 1 and not group.submits and len(same) == 1 and any(same):
        # A platform's group assignment: the same file under each name. The copy with a person's marks counts.
        chosen = handed_in = sorted(chosen, key=lambda member: found[member].waiting)[:1]
    if not chosen:
        return []
    where = f"`submits` in {GROUPS_FILE}"
    if len(chosen) > 1:
        what = (
            "have yes under"
            if group.submits
            else "handed in, so each has the own result, and the others have none; see"
        )
        return [f"group {group.name}: {' and '.join(chosen)} {what} {where}: one member's notebook counts for all"]
    (source,) = chosen
    if source not in handed_in:
        return [f"group {group.name}: {source} has yes under {where} and handed in nothing, so nobody gets a copy"]
    lines = []
    for member in members:
        if member == source:
            found[member] = replace(found[member], group=group.name)
            continue
        if member in handed_in:
            lines.append(f"group {group.name}: what {member} handed in alone does not count, {source}'s notebook does")
        found[member] = _copy(found[source], found[member], group.name)
    return lines


def _copy(source: Score, member: Score, group: str) -> Score:
    """Return a member's score: the result of one, the person of the other."""
    return replace(
        source,
        student=member.student,
        first_name=member.first_name,
        last_name=member.last_name,
        email=member.email,
        lms_user_id=member.lms_user_id,
        faults=[*source.faults],
        group=group,
        shared_from=source.student,
        notes=[],
    )
