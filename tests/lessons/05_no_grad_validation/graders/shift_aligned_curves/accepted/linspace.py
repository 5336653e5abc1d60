import numpy as np


def shift_aligned_curves(train_loss, val_loss):
    count = len(val_loss)
    val_at = np.linspace(1, count, count)
    train_at = np.linspace(0.5, count - 0.5, count)
    at_ends = np.convolve(train_loss, [0.5, 0.5], mode="valid")
    return {"train_at": train_at, "val_at": val_at, "gap": np.subtract(val_loss[:-1], at_ends), "epochs": count}
