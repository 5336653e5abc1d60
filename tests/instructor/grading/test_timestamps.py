"""``timestamp.txt`` says when work came: it is read as what it says, or a person is told and nobody is late."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.instructor.grading.timestamps import as_text, moment

NOON = datetime(2030, 1, 8, 12)
#: Each says noon in UTC.
CLEAR = [
    "2030-01-08 12:00:00 UTC",
    "2030-01-08 12:00:00",
    "2030-01-08 12:00",
    "2030-01-08 12:00:00.000000 ",
    "2030-01-08 12:00:00 GMT",
    "2030-01-08T12:00:00Z",
    "2030-01-08T13:00:00+01:00",
    "2030-01-08 13:00:00 +01:00",
    "2030-01-08 13:00:00 +0100",
    "2030-01-08 13:00:00+01",
    "2030-01-08 17:45:00 +05:45",
    "2030-01-08 13:00:00 UTC+1",
    "2030-01-08 07:00:00 EST",
    "2030-01-08 05:00:00 MST",
    "2030-01-08 13:00:00 CET",
    "2030-01-08 21:00:00 JST",
    "2030-01-08 13:00:00 Europe/Berlin",
    "2030-01-08 17:30:00 asia/kolkata",
    "2030-01-08T13:00:00+01:00[Europe/Berlin]",
    "2030-01-08 13:00:00 +0100 (CET)",
    "2030/01/08 12:00:00",
    "2030-01-08-12-00-00",
    "20300108T120000Z",
    "Tue, 08 Jan 2030 13:00:00 +0100",
    "Tue Jan  8 12:00:00 UTC 2030",
    "8 Jan 2030 12:00 UTC",
    '"2030-01-08 12:00:00 UTC"',
]
#: Each could mean several moments, or none.
UNCLEAR = {
    "": "empty",
    "T9999609999999999999h": "no date",
    "soon": "no date",
    "12:00": "no date",
    "2030-01-08": "no date",
    "1/8/2030 12:00": "no date",
    "2030-13-08 12:00 UTC": "no date",
    "2030-02-30 12:00 UTC": "no date",
    "2030-01-08 25:00:00 UTC": "no date",
    "2030-01-08 12:00:00 PM": "24 hours",
    "2030-01-08 17:30:00 IST": "IST means UTC",
    "2030-01-08 12:00:00 CST": "CST means UTC",
    "2030-01-08 04:00:00 PST": "PST means UTC",
    "2030-01-08 12:00:00 CEST": "no time zone",
    "2030-01-08 12:00:00 XYZ": "no time zone",
    "2030-01-08 12:00:00 %Z": "no time zone",
    "2030-01-08 12:00:00 ../../etc/passwd": "no time zone",
    "2030-01-08 12:00:00 +99:00": "no place",
    "2030-10-27 02:30:00 Europe/Berlin": "exists twice",
    "2030-03-31 02:30:00 Europe/Berlin": "not at all",
    "9999-12-31 23:59:59 -1200": "cannot be right",
    "0001-01-01 00:00:00 +1200": "cannot be right",
    "2030-01-08 12:00:00 UTC\n2030-01-09 12:00:00 UTC": "more than one",
    "9" * 900: "more than one",
}


@pytest.mark.parametrize("text", CLEAR)
def test_a_clear_moment_is_read_as_it_says(text: str) -> None:
    assert moment(text) == (NOON, "")


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_could_mean_several_moments_means_none(text: str) -> None:
    when, why = moment(text)
    assert when is None
    assert UNCLEAR[text] in why
    assert why.isprintable()


@pytest.mark.parametrize(
    ("text", "zone", "when"),
    [
        ("2030-01-08 17:30:00 IST", "Asia/Kolkata", NOON),
        ("2030-07-08 13:00:00 IST", "Europe/Dublin", datetime(2030, 7, 8, 12)),
        ("2030-01-08 04:00:00 PST", "America/Los_Angeles", NOON),
        ("2030-01-08 20:00:00 PST", "Asia/Manila", NOON),
        ("2030-10-27 02:30:00 CEST", "Europe/Berlin", datetime(2030, 10, 27, 0, 30)),
        ("2030-10-27 02:30:00 CET", "Europe/Berlin", datetime(2030, 10, 27, 1, 30)),
        ("2030-01-08 13:00:00 CET", "no/such", NOON),
    ],
)
def test_the_courses_own_zone_tells_what_its_abbreviation_means(text: str, zone: str, when: datetime) -> None:
    assert moment(text, zone) == (when, "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_that_windows_wrote_is_read(encoding: str) -> None:
    assert moment(as_text("2030-01-08 12:00:00.5 UTC\r\n".encode(encoding))) == (NOON.replace(microsecond=500000), "")


@pytest.mark.slow
@given(st.binary(max_size=200))
def test_no_bytes_end_the_reading(raw: bytes) -> None:
    when, why = moment(as_text(raw))
    assert (when is None) == bool(why)
    assert why.isprintable()


@pytest.mark.slow
@given(
    st.from_regex(
        r"\d{4}-\d\d?-\d\d?[T ]\d\d?:\d\d(:\d\d)?([.,]\d{1,9})? ?([+-]\d\d:?\d\d|[A-Z]{1,5})?", fullmatch=True
    )
)
def test_no_numbers_end_the_reading(text: str) -> None:
    when, why = moment(text)
    assert (when is None) == bool(why)
