import numpy as np


class Curve:
    def __init__(self, losses):
        self.losses = np.array([float(loss) for loss in losses])

    @property
    def jitter(self):
        sums = np.concatenate([[0.0], np.cumsum(self.losses)])
        means = (sums[5:] - sums[:-5]) / 5
        strays = self.losses[2:-2] - means
        late = strays[6:]
        return float(np.sqrt(np.mean(late**2) - np.mean(late) ** 2)) if np.ptp(late) > 1e-9 else 0.0


def curve_features(train, val):
    a, b = Curve(train), Curve(val)
    return {
        "val_jitter": b.jitter,
        "train_jitter": a.jitter,
        "gap": float(b.losses[-5:].sum() - a.losses[-5:].sum()) / 5,
        "floor": float(sorted(a.losses)[0]),
        "start": float(a.losses[0]),
    }
