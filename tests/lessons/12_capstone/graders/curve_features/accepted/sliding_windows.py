import numpy as np


def curve_features(train, val):
    both = np.array([train, val], dtype=np.float64)
    windows = np.lib.stride_tricks.sliding_window_view(both, 5, axis=1)[:, 6:]
    strays = windows[:, :, 2] - windows.mean(axis=2)
    middle = strays.mean(axis=1, keepdims=True)
    jitter = np.sqrt(((strays - middle) ** 2).mean(axis=1))
    means = both[:, -5:].mean(axis=1)
    keys = ["start", "floor", "gap", "train_jitter", "val_jitter"]
    return dict(zip(keys, [both[0, 0], both[0].min(), means[1] - means[0], *jitter]))
