import numpy as np

from collections import Counter


def stratified_split(labels: np.ndarray, val_share: float, seed: int = 0) -> tuple[list[int], list[int]]:
    want = {c: round(n * val_share) for c, n in Counter(labels.tolist()).items()}
    train: list[int] = []
    val: list[int] = []
    for i in np.random.default_rng(seed).permutation(len(labels)).tolist():
        c = labels.tolist()[i]
        if want[c] > 0:
            want[c] -= 1
            val.append(i)
        else:
            train.append(i)
    return train, val
