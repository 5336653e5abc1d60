# diagnosis: shared_between_objects
# seen: a counter outside the class, with `global`
import math

waited = 0


class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.reset()

    def reset(self):
        global waited
        self.best, self.best_epoch, self.epoch, waited = math.inf, 0, 0, 0

    def step(self, val_loss):
        global waited
        self.epoch += 1
        waited += 1
        if val_loss < self.best - self.min_delta:
            self.best, self.best_epoch, waited = val_loss, self.epoch, 0
        return waited >= self.patience
