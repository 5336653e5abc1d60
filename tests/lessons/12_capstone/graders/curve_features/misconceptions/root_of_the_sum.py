# diagnosis: not_divided
import numpy as np


def curve_features(train, val):
    def jitter(curve):
        curve = np.asarray(curve, float)
        strays = (curve[2:-2] - np.convolve(curve, np.ones(5) / 5, "valid"))[6:]
        return np.sqrt((strays**2).sum())

    train, val = np.asarray(train, float), np.asarray(val, float)
    return {
        "start": train[0],
        "floor": train.min(),
        "gap": (val - train)[-5:].mean(),
        "train_jitter": jitter(train),
        "val_jitter": jitter(val),
    }
