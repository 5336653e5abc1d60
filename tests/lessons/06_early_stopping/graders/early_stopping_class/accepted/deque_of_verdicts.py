import math


from collections import deque


class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.reset()

    def reset(self):
        self.best, self.best_epoch, self.count = math.inf, 0, 0
        self.recent = deque(maxlen=self.patience)

    def step(self, val_loss):
        self.count += 1
        better = val_loss < self.best - self.min_delta
        if better:
            self.best, self.best_epoch = val_loss, self.count
        self.recent.append(better)
        return len(self.recent) == self.patience and not any(self.recent)
