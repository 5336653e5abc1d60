# seen: NumPy numbers in and out, and a countdown
import numpy as np


class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0):
        self.patience = patience
        self.min_delta = min_delta
        self.reset()

    def reset(self):
        self.best = np.float64(np.inf)
        self.best_epoch = np.int64(0)
        self.left = self.patience
        self.epoch = np.int64(0)

    def step(self, val_loss):
        self.epoch = self.epoch + 1
        improved = np.less(np.float64(val_loss), self.best - self.min_delta)
        self.best = np.where(improved, val_loss, self.best)
        self.best_epoch = np.where(improved, self.epoch, self.best_epoch)
        self.left = self.patience if improved else self.left - 1
        return np.bool_(self.left == 0)
