# diagnosis: number_by_chance
# seen: each person has a chance of val_groups / people
import numpy as np


def group_split(groups, val_groups, seed):
    people = np.unique(groups)
    chosen = people[np.random.default_rng(seed).random(len(people)) < val_groups / len(people)]
    in_val = np.isin(groups, chosen)
    return np.flatnonzero(~in_val), np.flatnonzero(in_val)
