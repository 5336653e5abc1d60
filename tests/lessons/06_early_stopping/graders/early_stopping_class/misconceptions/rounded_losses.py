# diagnosis: small_gains_ignored
# seen: close losses are taken for equal ones
import math


class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.reset()

    def reset(self):
        self.best, self.best_epoch, self.epoch, self.wait = math.inf, 0, 0, 0

    def step(self, val_loss):
        self.epoch += 1
        if val_loss < self.best - self.min_delta and not math.isclose(val_loss, self.best, abs_tol=1e-3):
            self.best, self.best_epoch, self.wait = val_loss, self.epoch, 0
        else:
            self.wait += 1
        return self.wait >= self.patience
