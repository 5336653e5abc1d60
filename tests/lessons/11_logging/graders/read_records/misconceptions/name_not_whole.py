# diagnosis: half_a_record_kept
import struct


def read_records(content):
    at, rows = 0, []
    while at + 16 <= len(content):
        size = struct.unpack_from("<I", content, at)[0]
        step, value = struct.unpack_from("<qf", content, at + 4)
        rows.append((content[at + 16 : at + 4 + size].decode("utf-8"), step, value))
        at += 4 + size
    return rows
