# diagnosis: shared_between_objects
# seen: the counter written to the class, and set to 0 by every new object
import math


class EarlyStopping:
    waited = 0

    def __init__(self, patience=5, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.reset()

    def reset(self):
        self.best, self.best_epoch, self.epoch = math.inf, 0, 0
        EarlyStopping.waited = 0

    def step(self, val_loss):
        self.epoch += 1
        if val_loss < self.best - self.min_delta:
            self.best, self.best_epoch = val_loss, self.epoch
            EarlyStopping.waited = 0
        else:
            EarlyStopping.waited += 1
        return EarlyStopping.waited >= self.patience
