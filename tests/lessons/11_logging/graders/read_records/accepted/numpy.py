import numpy as np


def read_records(content):
    rows, at = [], 0
    while len(content) - at > 4:
        size = int(np.frombuffer(content, "<u4", 1, at)[0])
        if len(content) - at - 4 < size:
            break
        step = np.frombuffer(content, "<i8", 1, at + 4)[0]
        value = np.frombuffer(content, "<f4", 1, at + 12)[0]
        rows.append((content[at + 16 : at + 4 + size].decode(), step, value))
        at += 4 + size
    return rows
