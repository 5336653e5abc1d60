import numpy as np


def three_way_split(n_rows, val_rows, test_rows, seed):
    part = np.array(["val"] * val_rows + ["test"] * test_rows + ["train"] * (n_rows - val_rows - test_rows))
    np.random.default_rng(seed).shuffle(part)
    return [np.where(part == p)[0] for p in ("train", "val", "test")]
