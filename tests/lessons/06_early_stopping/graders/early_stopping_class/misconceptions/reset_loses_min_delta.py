# diagnosis: stale_object
# seen: reset() calls __init__ without the second setting
import math


class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0):
        self.patience = patience
        self.min_delta = min_delta
        self.best, self.best_epoch, self.epoch, self.wait = math.inf, 0, 0, 0

    def reset(self):
        self.__init__(self.patience)

    def step(self, val_loss):
        self.epoch += 1
        if val_loss < self.best - self.min_delta:
            self.best, self.best_epoch, self.wait = val_loss, self.epoch, 0
        else:
            self.wait += 1
        return self.wait >= self.patience
