# seen: best is None at first, and NaN is asked for by name
import math


class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0):
        self.patience = patience
        self.min_delta = min_delta
        self.reset()

    def reset(self):
        self.best = None
        self.best_epoch = None
        self.epochs_seen = 0
        self.bad_epochs = 0

    def step(self, val_loss):
        self.epochs_seen += 1
        if math.isnan(val_loss):
            self.bad_epochs += 1
        elif self.best is None or val_loss < self.best - self.min_delta:
            self.best = val_loss
            self.best_epoch = self.epochs_seen
            self.bad_epochs = 0
        else:
            self.bad_epochs += 1
        if self.bad_epochs >= self.patience:
            return True
        return False
