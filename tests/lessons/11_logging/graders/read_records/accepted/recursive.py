import struct


def read_records(content):
    if len(content) < 4:
        return []
    end = 4 + int.from_bytes(content[:4], "little")
    if end > len(content):
        return []
    step, value, name = struct.unpack(f"<qf{end - 16}s", content[4:end])
    return [(name.decode("utf8"), step, value)] + read_records(content[end:])
