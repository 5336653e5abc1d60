# seen: keeps all losses and works the answer out anew at each step
import math


class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.reset()

    def reset(self):
        self.losses = []

    def _walk(self):
        best, best_epoch = math.inf, 0
        for epoch, loss in enumerate(self.losses, start=1):
            if best - loss > self.min_delta:
                best, best_epoch = loss, epoch
        return best, best_epoch

    @property
    def best(self):
        return self._walk()[0]

    @property
    def best_epoch(self):
        return self._walk()[1]

    def step(self, val_loss):
        self.losses.append(val_loss)
        return len(self.losses) - self.best_epoch >= self.patience
