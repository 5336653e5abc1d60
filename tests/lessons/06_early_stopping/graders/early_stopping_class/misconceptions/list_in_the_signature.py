# diagnosis: shared_between_objects
# seen: a list as the default of an argument, one for all objects
import math


class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0, losses=[]):
        self.patience, self.min_delta, self.losses = patience, min_delta, losses
        self.best, self.best_epoch = math.inf, 0

    def reset(self):
        self.losses.clear()
        self.best, self.best_epoch = math.inf, 0

    def step(self, val_loss):
        self.losses.append(val_loss)
        if val_loss < self.best - self.min_delta:
            self.best, self.best_epoch = val_loss, len(self.losses)
        return len(self.losses) - self.best_epoch >= self.patience
