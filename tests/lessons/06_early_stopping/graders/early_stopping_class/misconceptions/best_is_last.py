# diagnosis: best_is_last
# seen: what is compared has another name, and `best` is written in every epoch
class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0):
        self.patience = patience
        self.min_delta = min_delta
        self.reset()

    def reset(self):
        self.best = self.lowest = float("inf")
        self.best_epoch = 0
        self.epoch = 0
        self.wait = 0

    def step(self, val_loss):
        self.epoch += 1
        self.best = val_loss
        if val_loss < self.lowest - self.min_delta:
            self.lowest = val_loss
            self.best_epoch = self.epoch
            self.wait = 0
        else:
            self.wait += 1
        return self.wait >= self.patience
