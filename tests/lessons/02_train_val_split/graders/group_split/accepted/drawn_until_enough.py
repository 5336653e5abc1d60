import numpy as np


def group_split(groups, val_groups, seed):
    rng, chosen = np.random.default_rng(seed), []
    while len(chosen) < val_groups:
        person = rng.choice(groups)
        if person not in chosen:
            chosen.append(person)
    in_val = np.array([person in chosen for person in groups])
    return np.flatnonzero(~in_val), np.flatnonzero(in_val)
