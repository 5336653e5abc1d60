# seen: no counter at all: the distance to the best epoch decides
class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0):
        self.patience = patience
        self.min_delta = min_delta
        self.reset()

    def reset(self):
        self.best, self.best_epoch, self.epoch = float("inf"), 0, 0

    def step(self, val_loss):
        self.epoch += 1
        if val_loss + self.min_delta < self.best:
            self.best, self.best_epoch = val_loss, self.epoch
        return self.epoch - self.best_epoch >= self.patience
