from sklearn.model_selection import StratifiedShuffleSplit


def stratified_split(labels, val_share, seed):
    splitter = StratifiedShuffleSplit(n_splits=1, test_size=val_share, random_state=seed)
    train, val = next(splitter.split(labels, labels))
    return train.tolist(), val.tolist()
