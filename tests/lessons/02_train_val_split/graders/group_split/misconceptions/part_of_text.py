# diagnosis: parts_of_names
# seen: people looked for in a text that holds those who were drawn
import numpy as np


def group_split(groups, val_groups, seed):
    drawn = np.random.default_rng(seed).permutation(np.unique(groups))[:val_groups]
    text = " ".join(str(one) for one in drawn)
    inside = np.array([str(one) in text for one in groups])
    return np.flatnonzero(~inside), np.flatnonzero(inside)
