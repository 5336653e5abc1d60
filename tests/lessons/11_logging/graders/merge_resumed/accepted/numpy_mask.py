import numpy as np


def merge_resumed(attempts):
    rows = [(*row, k) for k, attempt in enumerate(attempts) for row in attempt]
    steps = np.array([row[1] for row in rows])
    owner = np.array([row[3] for row in rows])
    keep = np.ones(len(rows), dtype=bool)
    for k in np.unique(owner):
        keep &= (owner >= k) | (steps < steps[owner == k].min())
    order = np.argsort(steps, kind="stable")
    return [rows[i][:3] for i in order if keep[i]]
