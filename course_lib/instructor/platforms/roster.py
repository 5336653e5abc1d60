"""Who is who: from what a platform calls a student to the student's id in the gradebook.

Four kinds of lists are read, known by their columns:

nbgrader   ``id, first_name, last_name, email, lms_user_id``, as ``nbgrader db student import`` takes it
Canvas     an export of its gradebook: ``Student, ID, SIS User ID, SIS Login ID, Section``
Moodle     an assignment's offline grading worksheet: ``Identifier, Full name, ID number, Email address``
Brightspace
           an export of its grades: ``OrgDefinedId, Username, Last Name, First Name, Email``, ids with a ``#`` in front

Without one, the gradebook's own students count. A name that two people have maps nobody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course_lib.instructor.grading.csv_tables import read_table
from course_lib.instructor.platforms.names import Named
from course_lib.trouble import CourseError

__all__ = ["Person", "Roster", "read_roster", "roster_of_gradebook"]


@dataclass(frozen=True)
class Person:
    """One line of a list.

    Parameters
    ----------
    id : str
        In the gradebook.
    keys : tuple of str
        What a platform knows the person by: Canvas' number of the user, Moodle's of the participant.
    names : tuple of str
        Full names.
    handed_in : str
        When Moodle's worksheet says that the submission was last changed, as it writes it.
    """

    id: str
    keys: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    handed_in: str = ""


def _plain(name: str) -> str:
    """Return a name without accents, case, punctuation and the order of its parts: platforms differ in all of them."""
    letters = unicodedata.normalize("NFKD", name)
    text = "".join(" " if not character.isalnum() else character for character in letters if not _mark(character))
    return " ".join(sorted(text.casefold().split()))


def _mark(character: str) -> bool:
    return unicodedata.combining(character) != 0


def _joined(name: str) -> str:
    """Return a name as Canvas writes it into a file's name: last name first, without spaces."""
    return re.sub(r"\W|_", "", name.casefold())


@dataclass
class Roster:
    """The students of a list.

    Parameters
    ----------
    people : list of Person
    source : str
        What it was read from, for messages.
    """

    people: list[Person] = field(default_factory=list)
    source: str = ""

    def __post_init__(self) -> None:
        self._keys: dict[str, set[str]] = {}
        self._names: dict[str, set[str]] = {}
        self.ids = {person.id for person in self.people}
        for person in self.people:
            for key in filter(None, person.keys):
                self._keys.setdefault(key, set()).add(person.id)
            for name in filter(None, person.names):
                for form in {_plain(name), _joined(name)}:
                    self._names.setdefault(form, set()).add(person.id)

    def has(self, *known: str) -> bool:
        """Tell whether anybody of the list has one of these ids.

        Examples
        --------
        >>> Roster([Person("ada", ("4711",))]).has("", "4711")
        True
        """
        return any(one in self.ids or one in self._keys for one in known if one)

    def find(self, named: Named, platform: str) -> tuple[str, str]:
        """Return a student's id, or an empty string and why there is none.

        Parameters
        ----------
        named : Named
            What the file's path says.
        platform : {"canvas", "moodle", "brightspace", "folders"}
        """
        if platform == "folders":
            return (named.key, "") if not self.people or named.key in self.ids else ("", f"is not in {self.source}")
        by_key = self._keys.get(named.key, set())
        if len(by_key) == 1:
            return next(iter(by_key)), ""
        if len(by_key) > 1:
            return "", f"the number {named.key} stands for {' and '.join(sorted(by_key))} in {self.source}"
        if platform == "canvas" and named.key in self.ids:
            return named.key, ""
        if platform == "canvas" and self._keys:  # a list with Canvas' numbers decides; two may have one name
            return "", f"is not in {self.source}"
        by_name = set().union(*(self._names.get(form, set()) for form in _forms(named.name)))
        if platform == "brightspace" and not by_name:
            by_name = self._by_id_and_name(named.name)
        if len(by_name) == 1:
            return next(iter(by_name)), ""
        if len(by_name) > 1:
            return "", f"{' and '.join(sorted(by_name))} have that name in {self.source}"
        return "", f"is not in {self.source}"

    def _by_id_and_name(self, text: str) -> set[str]:
        """Return whose id, or id and name, a text is: some sites write ``2330 Doe``, others ``jdoe Jane Doe``."""
        first, _, rest = text.partition(" ")
        words = set(_plain(rest).split())
        return {
            person.id
            for person in self.people
            if text == person.id
            or (
                first in (person.id, *person.keys)  # a first name may be somebody else's id: the rest has to fit
                and (not any(person.names) or any(words <= set(_plain(name).split()) for name in person.names))
            )
        }

    def when(self, student: str) -> str:
        """Return when the list says that a student handed in, or an empty string."""
        return next((person.handed_in for person in self.people if person.id == student), "")


def _forms(name: str) -> list[str]:
    # Moodle puts a group's name and a hyphen before the student's.
    return [_plain(name), _joined(name), *([_plain(name.split("-", 1)[1])] if "-" in name else [])]


def _own(row: Mapping[str, str]) -> Person | None:
    names = (f"{row.get('first_name', '')} {row.get('last_name', '')}".strip(), row.get("name", ""))
    return Person(row["id"], (row.get("lms_user_id", ""),), names) if row["id"] else None


def _of_canvas(row: Mapping[str, str]) -> Person | None:
    if not row.get("ID"):  # "Points Possible", and the line of the test student
        return None
    own = row.get("SIS User ID") or row.get("SIS Login ID") or row["ID"]
    return Person(own, (row["ID"],), (row.get("Student", ""),))


def _of_moodle(row: Mapping[str, str]) -> Person | None:
    number = re.search(r"([0-9]{1,19})$", row.get("Identifier", ""))
    own = row.get("ID number") or row.get("Username") or row.get("Email address") or row.get("Identifier", "")
    if number is None or not own:
        return None
    when = next((v for k, v in row.items() if k.startswith("Last modified (submission)")), "")
    return Person(own, (number[1],), (row.get("Full name", ""),), "" if when == "-" else when)


def _of_brightspace(row: Mapping[str, str]) -> Person | None:
    ids = [row.get(name, "").removeprefix("#") for name in ("OrgDefinedId", "OrgDefinedID", "Username")]
    own = next(filter(None, ids), "")
    return (
        Person(own, tuple(ids), (f"{row.get('First Name', '')} {row.get('Last Name', '')}".strip(),)) if own else None
    )


#: The column by which a list is known, and how its lines are read.
_KINDS = (
    ("Identifier", _of_moodle),
    ("SIS User ID", _of_canvas),
    ("End-of-Line Indicator", _of_brightspace),
    ("id", _own),
)


def read_roster(path: Path) -> Roster:
    """Read a list of students.

    Parameters
    ----------
    path : Path
        A CSV file with commas, semicolons or tabs, in UTF-8 or UTF-16.

    Raises
    ------
    CourseError
        If it cannot be read, has none of the known columns, or lists one person twice.
    """
    rows = [{k.strip(): v.strip() for k, v in row.items()} for row in read_table(path, "the roster")[1]]
    columns = set(rows[0]) if rows else set()
    for column, read in _KINDS:
        if column in columns:
            people = [person for person in map(read, rows) if person is not None]
            _check(people, path)
            return Roster(people, path.name)
    raise CourseError(
        f"the roster {path} has the columns {', '.join(sorted(columns)) or '(none)'}; expected those of nbgrader "
        "(id, first_name, last_name, email, lms_user_id), of Canvas' gradebook (Student, ID, SIS User ID, ...), of "
        "Moodle's grading worksheet (Identifier, Full name, ...), or of Brightspace's grades (OrgDefinedId, Username, "
        "..., End-of-Line Indicator)"
    )


def _check(people: Iterable[Person], path: Path) -> None:
    seen: set[str] = set()
    for person in people:
        if person.id in seen:
            raise CourseError(f"the roster {path} lists {person.id} twice; leave one line")
        seen.add(person.id)
    if not seen:
        raise CourseError(f"the roster {path} lists nobody")


def roster_of_gradebook(students: Iterable[Any]) -> Roster:
    """Return the gradebook's students as a list."""
    people = [
        Person(
            one.id,
            (getattr(one, "lms_user_id", None) or "",),
            (f"{one.first_name or ''} {one.last_name or ''}".strip(),),
        )
        for one in students
    ]
    return Roster(people, "the gradebook")
