# diagnosis: cut_record_crashes
import struct


def read_records(content):
    at, rows = 0, []
    while at < len(content):
        (size,) = struct.unpack_from("<I", content, at)
        step, value, name = struct.unpack_from(f"<qf{size - 12}s", content, at + 4)
        rows.append((name.decode(), step, value))
        at += 4 + size
    return rows
