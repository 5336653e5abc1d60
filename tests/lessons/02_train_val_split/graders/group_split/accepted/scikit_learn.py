from sklearn.model_selection import GroupShuffleSplit


def group_split(groups, val_groups, seed):
    splitter = GroupShuffleSplit(n_splits=1, test_size=val_groups, random_state=seed)
    return next(splitter.split(groups, groups=groups))
