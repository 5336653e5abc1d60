import math


class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0):
        self.patience = patience
        self.min_delta = min_delta
        self.reset()

    def reset(self):
        self._losses = []

    def _scan(self):
        best, at = math.inf, 0
        for i, l in enumerate(self._losses, 1):
            if l < best - self.min_delta:
                best, at = l, i
        return best, at

    @property
    def best(self):
        return self._scan()[0]

    @property
    def best_epoch(self):
        return self._scan()[1]

    def step(self, val_loss):
        self._losses.append(float(val_loss))
        return bool(len(self._losses) - self.best_epoch >= self.patience)
