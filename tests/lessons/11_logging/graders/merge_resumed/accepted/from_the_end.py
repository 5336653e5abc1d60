import math


def merge_resumed(attempts):
    limit, parts = math.inf, []
    for rows in reversed(attempts):
        parts.insert(0, [tuple(row) for row in rows if row[1] < limit])
        limit = min([limit, *(step for _, step, _ in rows)])
    merged = [row for part in parts for row in part]
    merged.sort(key=lambda row: row[1])
    return merged
