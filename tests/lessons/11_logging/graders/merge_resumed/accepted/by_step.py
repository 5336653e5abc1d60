from collections import defaultdict


def merge_resumed(attempts):
    by_step = defaultdict(list)
    for rows in attempts:
        first = min((step for _, step, _ in rows), default=None)
        if first is not None:
            for step in [step for step in by_step if step >= first]:
                del by_step[step]
        for row in rows:
            by_step[row[1]].append(row)
    return [row for step in sorted(by_step) for row in by_step[step]]
