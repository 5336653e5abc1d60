# diagnosis: forgotten_at_the_stop
# seen: reset() when it stops, so that the object can serve again
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
            self.best, self.best_epoch, self.wait = val_loss, self.epoch, 0
        else:
            self.wait += 1
        if self.wait >= self.patience:
            self.reset()
            return True
        return False
