import io
import struct


def read_records(content):
    file, rows = io.BytesIO(content), []
    while True:
        head = file.read(4)
        if len(head) < 4:
            return rows
        body = file.read(int.from_bytes(head, "little"))
        if len(body) < int.from_bytes(head, "little"):
            return rows
        rows.append([str(body[12:], "utf-8"), *struct.unpack("<qf", body[:12])])
