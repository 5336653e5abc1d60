# diagnosis: big_endian
import struct


def read_records(content):
    at, rows = 0, []
    while at + 4 <= len(content):
        size = struct.unpack_from("<I", content, at)[0]
        if at + 4 + size > len(content):
            break
        step, value = struct.unpack_from(">qf", content, at + 4)
        rows.append((content[at + 16 : at + 4 + size].decode("utf-8"), step, value))
        at += 4 + size
    return rows
