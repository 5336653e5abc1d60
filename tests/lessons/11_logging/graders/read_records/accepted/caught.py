import struct


def read_records(content):
    rows, at = [], 0
    try:
        while True:
            (size,) = struct.unpack_from("<I", content, at)
            step, value, name = struct.unpack_from(f"<qf{size - 12}s", content, at + 4)
            rows.append((name.decode(), step, value))
            at += 4 + size
    except struct.error:
        return tuple(rows)
