# diagnosis: nan_improves
# seen: misses asked first, so NaN lands among the improvements
class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.reset()

    def reset(self):
        self.best, self.best_epoch, self.epoch, self.wait = float("inf"), 0, 0, 0

    def step(self, val_loss):
        self.epoch += 1
        if val_loss >= self.best - self.min_delta:
            self.wait += 1
        else:
            self.best, self.best_epoch, self.wait = val_loss, self.epoch, 0
        return self.wait >= self.patience
