from bisect import bisect_left
from functools import reduce


def merge_resumed(attempts):
    def joined(before, rows):
        rows = sorted(rows, key=lambda row: row[1])
        if not rows:
            return before
        return before[: bisect_left([row[1] for row in before], rows[0][1])] + rows

    return reduce(joined, attempts, [])
