import math


class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.reset()

    def reset(self):
        self.best, self.best_epoch, self.epoch, self.left = None, None, 0, self.patience
        self.over = False

    def step(self, val_loss):
        self.epoch += 1
        if not math.isnan(val_loss) and (self.best is None or self.best - val_loss > self.min_delta):
            self.best, self.best_epoch, self.left = val_loss, self.epoch, self.patience
        else:
            self.left -= 1
        self.over = self.over or self.left <= 0  # once over, it stays over
        return 1 if self.over else 0
