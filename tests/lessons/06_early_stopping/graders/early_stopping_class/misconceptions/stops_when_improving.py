# diagnosis: stops_when_improving
# seen: the counter counts the improvements, and an epoch without one sets it back
class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0):
        self.patience = patience
        self.min_delta = min_delta
        self.reset()

    def reset(self):
        self.best = float("inf")
        self.best_epoch = 0
        self.epoch = 0
        self.wait = 0

    def step(self, val_loss):
        self.epoch += 1
        if val_loss < self.best - self.min_delta:
            self.best = val_loss
            self.best_epoch = self.epoch
            self.wait += 1
        else:
            self.wait = 0
        return self.wait >= self.patience
