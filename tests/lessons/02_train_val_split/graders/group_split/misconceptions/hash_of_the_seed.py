# diagnosis: not_seeded
# seen: a seed "mixed" with hash(), which is another one in every process
import numpy as np


def group_split(groups, val_groups, seed):
    rng = np.random.default_rng(abs(hash(f"split {seed}")) % 2**32)
    in_val = np.isin(groups, rng.permutation(np.unique(groups))[:val_groups])
    return np.flatnonzero(~in_val), np.flatnonzero(in_val)
