# diagnosis: blocks_assumed
# seen: the rows of a person taken for neighbours
import numpy as np


def group_split(groups, val_groups, seed):
    people, counts = np.unique(groups, return_counts=True)
    ends = np.cumsum(counts)
    drawn = np.random.default_rng(seed).permutation(len(people))[:val_groups]
    val = np.concatenate([np.arange(ends[k] - counts[k], ends[k]) for k in drawn])
    return np.setdiff1d(np.arange(len(groups)), val), val
