# diagnosis: nan_resets_counter
# seen: a NaN sets the counter back to 0
import math
class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0):
        self.patience = patience
        self.min_delta = min_delta
        self.reset()

    def reset(self):
        self.best, self.best_epoch, self.epoch, self.bad = None, None, 0, 0

    def step(self, val_loss):
        self.epoch += 1
        if not math.isnan(val_loss) and (self.best is None or self.best - val_loss > self.min_delta):
            self.best, self.best_epoch, self.bad = val_loss, self.epoch, 0
        else:
            self.bad = 0 if math.isnan(val_loss) else self.bad + 1
        return self.bad >= self.patience
