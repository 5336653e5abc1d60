# diagnosis: divided_by_n_minus_1
import numpy as np


def curve_features(train, val):
    def jitter(curve):
        curve = np.asarray(curve, float)
        strays = (curve[2:-2] - np.convolve(curve, np.ones(5) / 5, "valid"))[6:]
        return strays.std(ddof=1)

    train, val = np.asarray(train, float), np.asarray(val, float)
    return {
        "start": train[0],
        "floor": train.min(),
        "gap": (val - train)[-5:].mean(),
        "train_jitter": jitter(train),
        "val_jitter": jitter(val),
    }
