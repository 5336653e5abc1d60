"""Names in a platform's download: what they say is what was put into them."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.instructor.platforms.names import platform_of, read_name

NUMBERS = st.integers(min_value=1, max_value=10**12).map(str)
# Canvas takes everything but letters and digits out of a name; a whole name of digits it would itself misread.
CANVAS_NAMES = st.text("abcdefghijklmnopqrstuvwxyzäé0123456789", min_size=1, max_size=20).filter(
    lambda name: not name.isdecimal()
)
FILES = st.text("abcXYZ019_-. ()", min_size=1, max_size=30).map(lambda stem: f"{stem}.ipynb")
FULL_NAMES = st.text("abc ABC'-éß.", min_size=1, max_size=30)


@given(CANVAS_NAMES, st.booleans(), NUMBERS, NUMBERS, FILES)
def test_canvas_names_say_what_they_were_made_of(name: str, late: bool, user: str, attachment: str, file: str) -> None:
    path = "_".join([name, *(["LATE"] if late else []), user, attachment, file])
    found = read_name(path, "canvas")
    assert found is not None
    assert (found.key, found.number, found.file, found.late) == (user, int(attachment), file, late)
    assert found.name == name
    assert found.prefix + found.file == path
    assert platform_of([path]) == "canvas"


@given(FULL_NAMES, NUMBERS, FILES, st.sampled_from(["file/", "file_/", "file_"]))
def test_moodle_names_in_each_of_its_three_forms(name: str, number: str, file: str, form: str) -> None:
    path = f"{name}_{number}_assignsubmission_{form}{file}"
    found = read_name(path, "moodle")
    assert found is not None
    assert (found.key, found.name, found.file, found.kind) == (number, name, file, "file")
    assert found.prefix + found.file == path
    assert platform_of([path]) == "moodle"


@given(
    FULL_NAMES.map(str.strip).filter(bool), NUMBERS, NUMBERS, FILES, st.datetimes(datetime(2000, 1, 1)), st.booleans()
)
def test_brightspace_names_with_the_time_in_both_forms(
    name: str, first: str, second: str, file: str, when: datetime, day_first: bool
) -> None:
    month = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October")
    month += ("November", "December")
    called = month[when.month - 1]
    hour = f"{when.hour % 12 or 12}{when.minute:02} {'PM' if when.hour >= 12 else 'AM'}"
    date = f"{when.day:02} {called} {when.year}" if day_first else f"{called[:3]} {when.day}, {when.year}"
    path = f"{first}-{second} - {name} - {date} {hour}/{file}"
    found = read_name(path, "brightspace")
    assert found is not None
    assert (found.key, found.file, found.when) == (name, file, when.replace(second=0, microsecond=0))
    assert found.prefix + found.file == path
    assert platform_of([path, "index.html"]) == "brightspace"


@pytest.mark.parametrize("date", ["le 5 mars 2030 18 12", "31 February 2030 612 PM", "5.3.2030 1812"])
def test_a_time_in_another_form_is_not_known_and_the_file_still_is(date: str) -> None:
    found = read_name(f"27236-46025 - Jane - Ann Doe - {date}/a.ipynb", "brightspace")
    assert found is not None
    assert (found.key, found.when, found.number) == ("Jane - Ann Doe", None, 0)


@pytest.mark.parametrize(
    ("path", "platform", "key", "file"),
    [
        ("Week 3/27236-46025 - 2330 Doe - Mar 5, 2030 612 PM/a/b.ipynb", "brightspace", "2330 Doe", "a/b.ipynb"),
        ("doejane_4711_815_a_1_2.ipynb", "canvas", "4711", "a_1_2.ipynb"),
        ("doejane_LATE_4711_815_LATE_9.ipynb", "canvas", "4711", "LATE_9.ipynb"),
        ("submissions/doejane_4711_815_a.ipynb", "canvas", "4711", "a.ipynb"),
        ("Group A-Jane Doe_12_assignsubmission_file/b/c.ipynb", "moodle", "12", "b/c.ipynb"),
        ("Participant_987_assignsubmission_file_/a.ipynb", "moodle", "987", "a.ipynb"),
        ("all/Jane_Doe_12_assignsubmission_file/a.ipynb", "moodle", "12", "a.ipynb"),
        ("ada/03/pytorch.ipynb", "folders", "ada", "03/pytorch.ipynb"),
    ],
)
def test_names_seen_in_downloads(path: str, platform: str, key: str, file: str) -> None:
    found = read_name(path, platform)
    assert found is not None
    assert (found.key, found.file) == (key, file)


@pytest.mark.parametrize(
    ("path", "platform"),
    [
        ("doejane_815_link.html", "canvas"),
        ("readme.txt", "canvas"),
        ("a_1_2", "canvas"),
        ("Jane Doe_12_assignsubmission_file", "moodle"),
        ("27236-46025 - Jane Doe - Mar 5, 2030 612 PM", "brightspace"),
        ("index.html", "brightspace"),
        ("loose.ipynb", "folders"),
    ],
)
def test_other_names_are_nobodys(path: str, platform: str) -> None:
    assert read_name(path, platform) is None


def test_a_participant_has_a_text_beside_the_file() -> None:
    found = read_name("Jane Doe_12_assignsubmission_onlinetext/onlinetext.html", "moodle")
    assert found is not None
    assert found.kind == "onlinetext"
