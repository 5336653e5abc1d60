import numpy as np


def shift_aligned_curves(train_loss, val_loss):
    ends = np.arange(1, len(val_loss) + 1)
    middles = ends - 0.5
    gap = np.asarray(val_loss)[:-1] - np.interp(ends[:-1], middles, train_loss)
    return {"train_at": middles, "val_at": ends, "gap": gap}
