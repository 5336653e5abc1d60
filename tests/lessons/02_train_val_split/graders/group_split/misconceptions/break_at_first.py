# diagnosis: first_row_of_each_person
# seen: the loop over the rows left at the first match
import numpy as np


def group_split(groups, val_groups, seed):
    drawn = np.random.default_rng(seed).permutation(np.unique(groups))[:val_groups]
    val = []
    for person in drawn:
        for row in range(len(groups)):
            if groups[row] == person:
                val.append(row)
                break
    return [row for row in range(len(groups)) if row not in val], val
