"""TensorBoard's event files, written and read without TensorBoard.

An event file is a row of records, each behind its length::

    length (8 bytes)   checksum of it (4)   data (length bytes)   checksum of the data (4)

All numbers are little-endian. The data is a protocol-buffer message, *Event*: a time, a step, and a *Summary* with a
value for each tag. Values are float32, steps int64. A crash can cut the last record only, and a reader leaves out what
is not whole.

`torch.utils.tensorboard` and TensorBoard's own writer load TensorFlow where that is installed, which takes seconds and
which the PyTorch track never does; this module needs neither.
"""

from __future__ import annotations

import itertools
import os
import struct
import time
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["EventWriter", "Point", "event_files", "read_events"]

_NAMES = itertools.count()
_START = 1  # SessionLog.START: what earlier files say of this step and later ones is void


class Point(NamedTuple):
    """A number in an event file.

    Attributes
    ----------
    tag : str
    step : int
    value : float
        As a float32 holds it.
    time : float
        When it was written, in seconds since 1970.
    """

    tag: str
    step: int
    value: float
    time: float


# --- checksums: CRC-32C, rotated, so that the checksum of data with checksums in it isn't special -------------------


@cache
def _table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


def _checksum(data: bytes) -> bytes:
    table, crc = _table(), 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 255] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


# --- protocol buffers: as much of them as an event needs -------------------------------------------------------------


def _varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    parts = bytearray()
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def _part(field: int, content: bytes) -> bytes:
    """Return a text or a message as a field of another message."""
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield the fields of a message: their numbers, and their values as they are stored."""
    at = 0

    def varint() -> int:
        nonlocal at
        number = shift = 0
        while True:
            byte = message[at]
            at += 1
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return number

    while at < len(message):
        field, kind = divmod(varint(), 8)
        if kind == 0:
            yield field, varint()
            continue
        size = {1: 8, 5: 4}[kind] if kind != 2 else varint()
        yield field, message[at : at + size]
        at += size


# --- writing ---------------------------------------------------------------------------------------------------------


class EventWriter:
    """Write a new event file; each record is handed to the operating system at once.

    Parameters
    ----------
    folder : path
        Of the run; made if it is missing. Files that are there stay.
    first_step : int, optional
        A run that begins again from this step: readers that know about it, TensorBoard among them, forget what earlier
        files of the folder say about this step and later ones. Give it for the first file, too: one of TensorBoard's
        loaders takes the first mark that it meets for the beginning of the run.

    Attributes
    ----------
    path : pathlib.Path
        The file.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> writer = EventWriter(folder)
    >>> writer.add(1, {"loss": 2.5})
    >>> writer.close()
    >>> [(point.tag, point.step, point.value) for point in read_events(folder)]
    [('loss', 1, 2.5)]
    """

    def __init__(self, folder: str | os.PathLike[str], first_step: int | None = None) -> None:
        Path(folder).mkdir(parents=True, exist_ok=True)
        seconds, rest = divmod(time.time_ns(), 10**9)  # readers take the files of a folder in the order of their names
        name = f"events.out.tfevents.{seconds}.{rest:09}.{os.getpid()}.{next(_NAMES)}"
        self.path = Path(folder, name)
        self._file = self.path.open("xb", buffering=0)
        self._event(_part(3, b"brain.Event:2"))
        if first_step is not None:
            self._event(_varint(2 << 3) + _varint(first_step) + _part(7, bytes([1 << 3, _START])))

    def _event(self, content: bytes) -> None:
        data = struct.pack("<Bd", 1 << 3 | 1, time.time()) + content
        length = struct.pack("<Q", len(data))
        self._file.write(length + _checksum(length) + data + _checksum(data))

    def add(self, step: int, values: Mapping[str, float]) -> None:
        """Write the values of a step, by tag."""
        summary = b"".join(
            _part(1, _part(1, tag.encode()) + struct.pack("<Bf", 2 << 3 | 5, value)) for tag, value in values.items()
        )
        self._event(_varint(2 << 3) + _varint(step) + _part(5, summary))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


# --- reading ---------------------------------------------------------------------------------------------------------


def event_files(folder: str | os.PathLike[str]) -> list[Path]:
    """Return a run's event files, in the order in which they were begun."""
    return sorted(Path(folder).glob("*tfevents*"))


def read_events(source: str | os.PathLike[str]) -> list[Point]:
    """Read every number in an event file, or in all those of a run's folder, as they were written.

    Nothing is left out, thinned or put in order: a step that was written twice is there twice. Whoever wrote the file,
    torch's ``SummaryWriter``, Keras's ``TensorBoard`` callback or this package, TensorBoard is not needed.

    Parameters
    ----------
    source : path
        A file, or a folder with event files in it (folders further down are other runs).

    Returns
    -------
    list of Point
        A record that is cut or damaged ends its file.

    Raises
    ------
    FileNotFoundError
        If there is no such file, or no event file in the folder.

    Examples
    --------
    >>> points = read_events("runs/first/train")    # doctest: +SKIP
    """
    files = event_files(source) if Path(source).is_dir() else [Path(source)]
    if not files:
        raise FileNotFoundError(f"there is no event file in {source}; its name has 'tfevents' in it")
    return [point for file in files for data in _records(file.read_bytes()) for point in _points(data)]


def _records(content: bytes) -> Iterator[bytes]:
    """Yield the data of each whole record."""
    at = 0
    while len(content) >= at + 12:
        (length,) = struct.unpack_from("<Q", content, at)
        data, end = content[at + 12 : at + 12 + length], at + 16 + length
        whole = _checksum(content[at : at + 8]) == content[at + 8 : at + 12] and len(content) >= end
        if not whole or _checksum(data) != content[end - 4 : end]:
            return
        yield data
        at = end


def _points(event: bytes) -> Iterator[Point]:
    """Yield the numbers of an event."""
    told = dict(_fields(event))
    (when,) = struct.unpack("<d", told.get(1, bytes(8)))  # type: ignore[arg-type]
    step = int(told.get(2, 0))
    step -= (1 << 64) * (step >> 63)
    for number, value in _fields(told.get(5, b"")):  # type: ignore[arg-type]
        parts = dict(_fields(value)) if number == 1 else {}  # type: ignore[arg-type]
        stored = parts.get(2, _tensor(parts.get(8)))
        if isinstance(stored, bytes) and len(stored) == 4:
            (scalar,) = struct.unpack("<f", stored)
            yield Point(bytes(parts[1]).decode(), step, scalar, when)


def _tensor(content: int | bytes | None) -> int | bytes | None:
    """Return the number in a tensor that holds a single float32, which is how Keras stores a scalar."""
    parts = dict(_fields(content)) if isinstance(content, bytes) else {}
    return parts.get(4, parts.get(5)) if parts.get(1) == 1 else None
