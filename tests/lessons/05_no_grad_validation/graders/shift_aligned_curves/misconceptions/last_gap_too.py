# diagnosis: gap_extrapolated
# seen: np.interp holds the last value beyond the end
import numpy as np


def shift_aligned_curves(train_loss, val_loss):
    ends = np.arange(1.0, len(val_loss) + 1)
    gap = np.asarray(val_loss) - np.interp(ends, ends - 0.5, train_loss)
    return {"train_at": ends - 0.5, "val_at": ends, "gap": gap}
