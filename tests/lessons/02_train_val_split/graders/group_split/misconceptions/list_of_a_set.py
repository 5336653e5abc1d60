# diagnosis: hash_order
# seen: list(set(names)): another order after each start
import random

import numpy as np


def group_split(groups, val_groups, seed):
    chosen = random.Random(seed).sample(list(set(groups.tolist())), val_groups)
    in_val = np.isin(groups, chosen)
    return np.flatnonzero(~in_val), np.flatnonzero(in_val)
