import numpy as np


def group_split(groups, val_groups, seed):
    rows_of = {}
    for row, person in enumerate(groups):
        rows_of.setdefault(person, []).append(row)
    rng = np.random.default_rng(seed)
    drawn = rng.choice(len(rows_of), val_groups, replace=False)
    train, val = [], []
    for place, rows in enumerate(rows_of.values()):
        (val if place in drawn else train).extend(rows)
    return train, val
