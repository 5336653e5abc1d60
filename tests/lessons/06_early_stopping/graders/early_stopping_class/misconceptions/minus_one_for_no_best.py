# diagnosis: zero_taken_for_none
# seen: -1 as the sign that nothing was seen yet
class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.reset()

    def reset(self):
        self.best, self.best_epoch, self.epoch, self.wait = -1, 0, 0, 0

    def step(self, val_loss):
        self.epoch += 1
        if val_loss == val_loss and (self.best == -1 or val_loss < self.best - self.min_delta):
            self.best, self.best_epoch, self.wait = val_loss, self.epoch, 0
        else:
            self.wait += 1
        return self.wait >= self.patience
