# diagnosis: zero_taken_for_none
# seen: `not self.best` where `self.best is None` is meant
import math


class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.reset()

    def reset(self):
        self.best, self.best_epoch, self.epoch, self.wait = None, 0, 0, 0

    def step(self, val_loss):
        self.epoch += 1
        lower = not self.best or val_loss < self.best - self.min_delta
        if lower and not math.isnan(val_loss):
            self.best, self.best_epoch, self.wait = val_loss, self.epoch, 0
        else:
            self.wait += 1
        return self.wait >= self.patience
