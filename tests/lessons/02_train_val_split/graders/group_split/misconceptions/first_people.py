# diagnosis: end_people
# seen: the people who come first in the table
import numpy as np


def group_split(groups, val_groups, seed):
    people = list(dict.fromkeys(groups.tolist()))[:val_groups]
    inside = np.array([person in people for person in groups.tolist()])
    return np.flatnonzero(~inside), np.flatnonzero(inside)
