# diagnosis: sign_dropped
# seen: a loss is never negative, they say, so abs can do no harm
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
        if abs(val_loss) < abs(self.best) - self.min_delta:
            self.best, self.best_epoch, self.wait = val_loss, self.epoch, 0
        else:
            self.wait += 1
        return self.wait >= self.patience
