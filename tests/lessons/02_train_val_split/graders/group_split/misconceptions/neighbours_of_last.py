# diagnosis: rows_lost
import numpy as np


def group_split(groups, val_groups, seed):
    people = list(dict.fromkeys(groups.tolist()))
    np.random.default_rng(seed).shuffle(people)
    val = [row for row, p in enumerate(groups.tolist()) if p in people[:val_groups]]
    train = [row for row, p in enumerate(groups.tolist()) if p in people[val_groups + 1:]]
    return train, val
