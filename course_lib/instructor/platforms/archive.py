"""Reading a zip file that many people had a hand in: no path is followed, no link obeyed, nothing unpacked without end.

What is read stays in memory until it is written under a name of the course's own, so that no name in the archive ever
becomes a path. An archive within the archive is opened once; one within that is named and left.
"""

from __future__ import annotations

import contextlib
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from course_lib.trouble import CourseError

__all__ = ["Limits", "Member", "members"]

#: What file managers leave behind; nobody handed it in.
_LEFT_BEHIND = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".ipynb_checkpoints"}
#: The extra field that Unix programs write: the time of the last change in seconds since 1970, in UTC.
_UNIX_TIME = 0x5455
_UTF8 = 0x800
_ENCRYPTED = 0x1
_BLOCK = 1 << 16


@dataclass(frozen=True)
class Limits:
    """How much of an archive is read: files, megabytes of one file, and megabytes in all."""

    files: int = 20_000
    file_mb: int = 100
    total_mb: int = 4_000


@dataclass(frozen=True)
class Member:
    """One file of an archive, or why it is left out.

    Parameters
    ----------
    path : str
        Where it lies in the archive, with ``/`` between the parts; only ever shown and compared.
    content : bytes
    when : datetime or None
        Of its last change: with a zone if the archive says so, else by the clock of whoever made it.
    outer : str
        The path of the archive within the archive that holds it, else empty.
    problem : str
        Why it is left out; then there is no content.
    """

    path: str
    content: bytes = b""
    when: datetime | None = None
    outer: str = ""
    problem: str = ""


class _Budget:
    """What may still be read."""

    def __init__(self, limits: Limits):
        self.limits, self.files, self.bytes = limits, 0, 0

    def one_more(self) -> None:
        self.files += 1
        if self.files > self.limits.files:
            raise CourseError(f"the archive holds more than {self.limits.files} files; is it the right one?")

    def take(self, size: int) -> None:
        self.bytes += size
        if self.bytes > self.limits.total_mb << 20:
            raise CourseError(f"the archive unpacks to more than {self.limits.total_mb} MB; nothing of it was written")


def _path(info: zipfile.ZipInfo) -> str:
    name = info.orig_filename
    if not info.flag_bits & _UTF8:
        # Python takes such a name for code page 437; most programs that write none of the marks write UTF-8.
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _unsafe(path: str) -> str:
    parts = path.split("/")
    if "\0" in path:
        return "its name holds a zero byte"
    if path.startswith("/") or ".." in parts or (len(parts[0]) == 2 and parts[0][1] == ":"):
        return "its name points out of the archive"
    return ""


def _when(info: zipfile.ZipInfo) -> datetime | None:
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if kind == _UNIX_TIME and size >= 5 and len(extra) >= 9 and extra[4] & 1:
            return datetime.fromtimestamp(struct.unpack_from("<I", extra, 5)[0], UTC)
        extra = extra[4 + size :]
    try:
        found = datetime(*info.date_time)
    except ValueError:
        return None
    return found if found.year > 1980 else None  # the format's first year stands for "unknown"


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: _Budget) -> bytes | str:
    """Return a file's bytes, or why they are not read. What it says of its size is not believed."""
    most = budget.limits.file_mb << 20
    blocks: list[bytes] = []
    size = 0
    try:
        with archive.open(info) as file:
            while block := file.read(_BLOCK):
                size += len(block)
                if size > most:
                    return f"it has more than {budget.limits.file_mb} MB"
                budget.take(len(block))
                blocks.append(block)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error, ValueError) as error:
        return f"it is damaged ({type(error).__name__})"
    except (NotImplementedError, RuntimeError) as error:
        return f"it cannot be unpacked ({error})"
    return b"".join(blocks)


def _inside(archive: zipfile.ZipFile, budget: _Budget, outer: str, when: datetime | None) -> Iterator[Member]:
    for info in archive.infolist():
        budget.one_more()
        path = _path(info)
        parts = path.split("/")
        if info.is_dir() or path.endswith("/") or parts[-1].startswith("._") or _LEFT_BEHIND.intersection(parts):
            continue
        problem = _unsafe(path)
        if not problem and stat.S_ISLNK(info.external_attr >> 16):
            problem = "it is a link"
        if not problem and info.flag_bits & _ENCRYPTED:
            problem = "it is encrypted"
        content = b"" if problem else _content(archive, info, budget)
        if isinstance(content, str):
            problem, content = content, b""
        changed = _when(info) if not outer else when
        if problem or not path.lower().endswith(".zip"):
            yield Member(path, content, changed, outer, problem)
        elif outer:
            yield Member(path, b"", changed, outer, "it is an archive within an archive within an archive")
        else:
            yield from _nested(path, content, budget, changed)


def _nested(path: str, content: bytes, budget: _Budget, when: datetime | None) -> Iterator[Member]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from _inside(archive, budget, path, when)
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, ValueError, NotImplementedError) as error:
        yield Member(path, when=when, problem=f"it is no zip file that can be read ({type(error).__name__})")


def members(path: Path, limits: Limits | None = None) -> Iterator[Member]:
    """Yield an archive's files, and what is left out of it with the reason.

    Parameters
    ----------
    path : Path
        A zip file, or a folder, which is read as its zip file would be.
    limits : Limits, optional

    Raises
    ------
    CourseError
        If it is neither, or holds more than the limits allow.
    """
    budget = _Budget(limits or Limits())
    if path.is_dir():
        yield from _in_folder(path, budget)
        return
    try:
        with zipfile.ZipFile(path) as archive:
            yield from _inside(archive, budget, "", None)
    except FileNotFoundError:
        raise CourseError(f"there is no file {path}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, ValueError, NotImplementedError) as error:
        raise CourseError(f"{path} is no zip file that can be read ({error}); download it again") from None


def _in_folder(top: Path, budget: _Budget) -> Iterator[Member]:
    for path in sorted(top.rglob("*")):
        name = path.relative_to(top).as_posix()
        parts = name.split("/")
        if parts[-1].startswith("._") or _LEFT_BEHIND.intersection(parts):
            continue
        if path.is_symlink():
            yield Member(name, problem="it is a link")
        elif path.is_file():
            budget.one_more()
            about = path.stat()
            when = datetime.fromtimestamp(about.st_mtime, UTC)
            if about.st_size > budget.limits.file_mb << 20:
                yield Member(name, when=when, problem=f"it has more than {budget.limits.file_mb} MB")
                continue
            budget.take(about.st_size)
            content = path.read_bytes()
            if name.lower().endswith(".zip"):
                yield from _nested(name, content, budget, when)
            else:
                yield Member(name, content, when)
