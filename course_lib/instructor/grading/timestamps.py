"""Reading ``timestamp.txt``: when a submission came, in UTC, or why that cannot be told.

Time zones decide whether work is late, so nothing is guessed: a zone's name and an offset are understood, an
abbreviation only if it means one offset on that day (``CET`` does, ``IST`` and ``CST`` do not), and a date without
a time, or with day and month in an order that cannot be told, is no moment at all.
"""

from __future__ import annotations

import codecs
import contextlib
import email.utils
import functools
import re
import zoneinfo
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from course_lib.printable import printable

__all__ = ["MOST_BYTES", "as_text", "moment"]

#: A file that is longer holds no moment.
MOST_BYTES = 1000
_MOST_CHARACTERS = 120
#: Anything outside is a mistake, and arithmetic with it may overflow.
_YEARS = range(1990, 2200)
_ISO = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T_,-]| )? ?(\d{1,2})[:h.-](\d{2})(?:[:.-](\d{2})(?:[.,](\d{1,9}))?)?"
)
_BASIC = re.compile(r"(\d{4})(\d{2})(\d{2})[T ](\d{2})(\d{2})(?:(\d{2})(?:[.,](\d{1,9}))?)?")
#: As `date` prints it: Tue Jan  8 12:00:00 UTC 2030.
_DATE = re.compile(r"[A-Za-z]{3} ([A-Za-z]{3}) (\d{1,2}) (\d\d):(\d\d):(\d\d)(?: ([A-Za-z+\-\d:]+))? (\d{4})")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_OFFSET = re.compile(r"(?:UTC|GMT|UT)? ?([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?", re.IGNORECASE)


class _Unclear(ValueError):
    """The message says why a text is no moment."""


def as_text(raw: bytes) -> str:
    """Return the text of a file that Windows may have written: UTF-8 or UTF-16, with or without its mark.

    Examples
    --------
    >>> as_text("12:00 UTC".encode("utf-16"))
    '12:00 UTC'
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", errors="replace").strip()
    for encoding, zeros in (("utf-16-le", raw[1::2]), ("utf-16-be", raw[::2])):
        if zeros and not any(zeros):  # plain characters, each with an empty half
            return raw.decode(encoding, errors="replace").strip()
    return raw.decode("utf-8-sig", errors="replace").strip()


def moment(text: str, default_zone: str = "UTC") -> tuple[datetime | None, str]:
    """Read a moment.

    Parameters
    ----------
    text : str
        Such as ``2030-01-08 12:00:00 UTC``, ``2030-01-08T13:00:00+01:00`` or ``2030-01-08 13:00 Europe/Berlin``.
        Without a zone it is in UTC, as for nbgrader.
    default_zone : str, optional
        The time zone of the course's own timestamps (``c.Exchange.timezone``): an abbreviation that it uses means it.

    Returns
    -------
    when : datetime or None
        In UTC, without a zone, as the gradebook keeps it; None if it cannot be told.
    why : str
        Why not, or an empty string.

    Examples
    --------
    >>> moment("2030-01-08 13:00:00 CET")
    (datetime.datetime(2030, 1, 8, 12, 0), '')
    >>> moment("2030-01-08 12:00:00 CST")[1]
    'CST means UTC-06:00, UTC-05:00 or UTC+08:00'
    """
    try:
        return _moment(text, default_zone), ""
    except _Unclear as unclear:
        return None, str(unclear)
    except (ValueError, OverflowError):
        return None, f"{printable(text, 60)!r} is no date with a time"


def _moment(text: str, default_zone: str) -> datetime:
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise _Unclear("it is empty")
    if len(lines) > 1 or len(lines[0]) > _MOST_CHARACTERS:
        raise _Unclear("it holds more than one date with a time")
    line = " ".join(lines[0].strip("\0 \t\"'").split())
    naive, zone = _split(line)
    if naive.year not in _YEARS:
        raise _Unclear(f"the year {naive.year} cannot be right")
    when = _in_zone(naive, zone, default_zone)
    return (when.astimezone(UTC)).replace(tzinfo=None)


def _split(line: str) -> tuple[datetime, str]:
    """Return the date with its time, and what is said of the zone."""
    for pattern in (_ISO, _BASIC):
        if found := pattern.match(line):
            groups = [g for g in found.groups() if g not in ("-", "/", ".")]
            numbers = [int(g or 0) for g in groups[:6]]
            fraction = int((groups[6] or "0").ljust(6, "0")[:6]) if len(groups) > 6 else 0
            return _date(numbers, fraction), line[found.end() :].strip()
    if (found := _DATE.fullmatch(line)) and found[1].lower() in _MONTHS:
        month, day, *clock, zone, year = found.groups()
        return _date([int(year), _MONTHS.index(month.lower()) + 1, int(day), *map(int, clock)], 0), zone or ""
    with contextlib.suppress(ValueError, TypeError, IndexError):
        parsed = email.utils.parsedate(line)  # Tue, 08 Jan 2030 12:00:00 +0000
        if parsed is not None and re.search(r"\d:\d\d", line):
            tail = re.split(r"\d:\d\d(?::\d\d)?", line, maxsplit=1)[1]
            return datetime(*parsed[:6]), re.sub(r"^ ?\d{4}", "", tail).strip()
    raise _Unclear(f"{printable(line, 60)!r} is no date with a time, such as 2030-01-08 12:00:00 UTC")


def _date(numbers: list[int], microsecond: int) -> datetime:
    year, month, day, hour, minute, second = numbers
    leap = second == 60  # a leap second is the next minute's first
    when = datetime(year, month, day, hour, minute, 59 if leap else second, microsecond)
    return when + timedelta(seconds=1) if leap else when


def _in_zone(naive: datetime, zone: str, default_zone: str) -> datetime:
    text = re.sub(r"\s*[\[(][^\])]*[\])]$", "", zone)  # +01:00[Europe/Berlin], +0100 (CET)
    if not text and zone:
        text = zone.strip("[]() ")
    if re.match(r"(?i)[ap]\.?m\b", text):
        raise _Unclear("a time with AM or PM is not read; write it in 24 hours")
    if not text or text.upper() in ("Z", "UTC", "GMT", "UT"):
        return naive.replace(tzinfo=UTC)
    if found := _OFFSET.fullmatch(text):
        sign, hours, minutes, seconds = found.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0), seconds=int(seconds or 0))
        if offset > timedelta(hours=14) or int(minutes or 0) > 59:
            raise _Unclear(f"no place is at {printable(text, 20)}")
        return naive.replace(tzinfo=timezone(offset if sign == "+" else -offset))
    key = _names().get(text.lower())
    if key is not None and "/" in key:
        return _local(naive, zoneinfo.ZoneInfo(key), key)
    if re.fullmatch(r"[A-Za-z]{2,5}", text):
        return _abbreviated(naive, text.upper(), default_zone)
    raise _Unclear(f"{printable(text, 40)!r} is no time zone")


def _local(naive: datetime, zone: tzinfo, name: str) -> datetime:
    first, second = (naive.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        raise _Unclear(f"the clocks in {name} change at that time: it exists twice, or not at all")
    return first


def _abbreviated(naive: datetime, name: str, default_zone: str) -> datetime:
    key = _names().get(default_zone.lower())
    own = _offsets(naive, name, [key]) if key else set()
    offsets = own or _offsets(naive, name, _users(naive.year).get(name, []))
    if len(offsets) == 1:
        return naive.replace(tzinfo=timezone(offsets.pop()))
    if not offsets:
        raise _Unclear(f"{name} is no time zone that is used on that day")
    *most, last = [str(timezone(offset)) for offset in sorted(offsets)]
    raise _Unclear(f"{name} means {', '.join(most)} or {last}")


def _offsets(naive: datetime, name: str, keys: list[str]) -> set[timedelta]:
    """Return what an abbreviation means at a wall-clock time, over the given zones."""
    found = set()
    for key in keys:
        for fold in (0, 1):  # in the hour that comes twice, each half has its own abbreviation
            local = naive.replace(tzinfo=zoneinfo.ZoneInfo(key), fold=fold)
            if local.tzname() == name and (offset := local.utcoffset()) is not None:
                found.add(offset)
    return found


@functools.lru_cache(maxsize=8)
def _users(year: int) -> dict[str, list[str]]:
    """Return by abbreviation the zones whose clocks use it in a year: a class has the same few over and over."""
    days = [datetime(year, month, day) for month in range(1, 13) for day in (1, 15)]
    found: dict[str, list[str]] = {}
    for key in sorted(_names().values()):
        zone = zoneinfo.ZoneInfo(key)
        for name in {day.replace(tzinfo=zone).tzname() for day in days}:
            found.setdefault(str(name), []).append(key)
    return found


@functools.cache
def _names() -> dict[str, str]:
    """Return the zones that this machine knows, by their names in lower case."""
    return {key.lower(): key for key in zoneinfo.available_timezones()}
