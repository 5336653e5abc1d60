# diagnosis: blocks_assumed
# seen: as many neighbouring rows for each person
import numpy as np


def group_split(groups, val_groups, seed):
    count = len(np.unique(groups))
    size = len(groups) // count
    drawn = np.random.default_rng(seed).permutation(count)[:val_groups]
    val = [row for k in drawn for row in range(k * size, (k + 1) * size)]
    return [row for row in range(len(groups)) if row not in val], val
