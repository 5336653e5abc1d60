# seen: a generator holds the state
import math


class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.reset()

    def reset(self):
        self._run = self._follow()
        next(self._run)

    def _follow(self):
        self.best, self.best_epoch = math.inf, 0
        misses, epoch, stop = 0, 0, False
        while True:
            loss = yield stop
            epoch += 1
            if loss < self.best - self.min_delta:
                self.best, self.best_epoch, misses = loss, epoch, 0
            else:
                misses += 1
            stop = misses >= self.patience

    def step(self, val_loss):
        return self._run.send(val_loss)
