# diagnosis: nan_at_the_start
# seen: epochs since the best, which is set to 1 before the first loss
import math


class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.reset()

    def reset(self):
        self.best, self.best_epoch, self.epoch, self.wait = math.inf, 0, 0, 0

    def step(self, val_loss):
        self.epoch += 1
        if val_loss < self.best - self.min_delta:
            self.best, self.best_epoch = val_loss, self.epoch
        return self.epoch - max(1, self.best_epoch) >= self.patience
