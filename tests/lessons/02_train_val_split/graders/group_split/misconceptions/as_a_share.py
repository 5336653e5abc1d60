# diagnosis: number_of_people
# seen: test_size as a share, which is rounded up
import numpy as np
from sklearn.model_selection import GroupShuffleSplit


def group_split(groups, val_groups, seed):
    share = val_groups / len(np.unique(groups))
    splitter = GroupShuffleSplit(n_splits=1, test_size=share, random_state=seed)
    return next(splitter.split(groups, groups=groups))
