# diagnosis: missing_key
import numpy as np


def curve_features(train, val):
    def jitter(curve):
        curve = np.asarray(curve, float)
        return (curve[2:-2] - np.convolve(curve, np.ones(5) / 5, "valid"))[6:].std()

    gap = np.mean(np.subtract(val, train)[-5:])
    return {"start": train[0], "gap": gap, "train_jitter": jitter(train), "val_jitter": jitter(val)}
