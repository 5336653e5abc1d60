"""Reading archives that anybody made: bounded, without links, without paths that lead out."""

from __future__ import annotations

import contextlib
import io
import stat
import struct
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.instructor.platforms.archive import Limits, members
from course_lib.trouble import CourseError


def zipped(files: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return raw.getvalue()


def read(tmp_path: Path, raw: bytes, limits: Limits | None = None) -> dict[str, str]:
    path = tmp_path / "download.zip"
    path.write_bytes(raw)
    return {member.path: member.problem or member.content.decode() for member in members(path, limits)}


def test_what_file_managers_leave_is_not_there(tmp_path: Path) -> None:
    files = {"a/x.ipynb": b"x", "__MACOSX/a/._x.ipynb": b"", "a/.DS_Store": b"", "a/._x.ipynb": b"", "a/": b""}
    assert read(tmp_path, zipped(files)) == {"a/x.ipynb": "x"}


@pytest.mark.parametrize("name", ["../../x.ipynb", "/etc/x.ipynb", "a/../../x.ipynb", "C:/x.ipynb", "..\\..\\x.ipynb"])
def test_paths_that_lead_out_are_named(tmp_path: Path, name: str) -> None:
    (problem,) = read(tmp_path, zipped({name: b"x"})).values()
    assert problem == "its name points out of the archive"


def test_links_are_named(tmp_path: Path) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        info = zipfile.ZipInfo("ada/x.ipynb")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert read(tmp_path, raw.getvalue()) == {"ada/x.ipynb": "it is a link"}


def test_a_file_without_end_is_cut_by_what_comes_out_not_by_what_it_says(tmp_path: Path) -> None:
    raw = zipped({"bomb.ipynb": bytes(3 << 20), "ada.ipynb": b"fine"})
    # The sizes that the archive states, in its directory and in front of the file, are replaced by 10.
    size = struct.pack("<I", 3 << 20)
    assert raw.count(size) == 2
    found = read(tmp_path, raw.replace(size, struct.pack("<I", 10)), Limits(file_mb=1))
    assert found["ada.ipynb"] == "fine"
    assert found["bomb.ipynb"].startswith("it ")
    assert read(tmp_path, raw, Limits(file_mb=1))["bomb.ipynb"] == "it has more than 1 MB"


def test_an_archive_without_end_is_refused_whole(tmp_path: Path) -> None:
    raw = zipped({f"{i}.ipynb": bytes(1 << 20) for i in range(4)})
    with pytest.raises(CourseError, match="more than 2 MB; nothing of it was written"):
        read(tmp_path, raw, Limits(total_mb=2))
    with pytest.raises(CourseError, match="more than 3 files"):
        read(tmp_path, raw, Limits(files=3))


def test_an_archive_within_is_opened_once(tmp_path: Path) -> None:
    inner = zipped({"x.ipynb": b"x", "deeper.zip": zipped({"y.ipynb": b"y"})})
    found = read(tmp_path, zipped({"ada_1_2_work.zip": inner, "ben_1_3_no.zip": b"no archive"}))
    assert found["x.ipynb"] == "x"
    assert found["deeper.zip"] == "it is an archive within an archive within an archive"
    assert found["ben_1_3_no.zip"].startswith("it is no zip file")


def test_names_without_the_mark_of_unicode(tmp_path: Path) -> None:
    raw = zipped({"Jürgen_1_2_x.ipynb": b"x"})
    assert struct.unpack_from("<H", raw, 6)[0] & 0x800
    unmarked = raw.replace(struct.pack("<H", 0x800), struct.pack("<H", 0))
    assert unmarked != raw
    assert list(read(tmp_path, unmarked)) == ["Jürgen_1_2_x.ipynb"]


def test_times_with_and_without_a_zone(tmp_path: Path) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        info = zipfile.ZipInfo("a.ipynb", (2030, 1, 8, 12, 0, 2))
        archive.writestr(info, "")
        info = zipfile.ZipInfo("b.ipynb", (2030, 1, 8, 12, 0, 2))
        info.extra = struct.pack("<HHBI", 0x5455, 5, 1, int(datetime(2030, 1, 8, 11, tzinfo=UTC).timestamp()))
        archive.writestr(info, "")
        archive.writestr(zipfile.ZipInfo("c.ipynb"), "")
    path = tmp_path / "times.zip"
    path.write_bytes(raw.getvalue())
    found = {member.path: member.when for member in members(path)}
    assert found["a.ipynb"] == datetime(2030, 1, 8, 12, 0, 2)
    assert found["b.ipynb"] == datetime(2030, 1, 8, 11, tzinfo=UTC)
    assert found["c.ipynb"] is None


WHOLE = zipped({"ada/x.ipynb": b"{}" * 50, "ben/y.zip": zipped({"y.ipynb": b"{}" * 50})})


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=6), st.integers(0, len(WHOLE)))
def test_a_damaged_archive_is_one_line_or_its_files(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]], cut: int
) -> None:
    raw = bytearray(WHOLE)
    for place, value in changes:
        raw[place] = value
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    path.write_bytes(raw[: cut or len(raw)])
    with contextlib.suppress(CourseError):
        assert all(len(member.content) <= 1 << 20 for member in members(path, Limits(file_mb=1, total_mb=2)))


def test_neither_a_file_nor_a_zip(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="there is no file"):
        list(members(tmp_path / "none.zip"))
    (tmp_path / "page.zip").write_text("<html>log in first</html>")
    with pytest.raises(CourseError, match="no zip file that can be read"):
        list(members(tmp_path / "page.zip"))
