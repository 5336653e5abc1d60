# diagnosis: counter_lowered_by_one
# seen: an improvement pays back one epoch
import math


class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.reset()

    def reset(self):
        self.best, self.best_epoch = math.inf, 0
        self.epoch = self.wait = 0

    def step(self, val_loss):
        self.epoch += 1
        if val_loss < self.best - self.min_delta:
            self.best, self.best_epoch = val_loss, self.epoch
            self.wait = max(0, self.wait - 1)
        else:
            self.wait += 1
        return self.wait >= self.patience
