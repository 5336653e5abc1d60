import numpy as np


class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0):
        self.patience = patience
        self.min_delta = min_delta
        self.reset()

    def reset(self):
        self.best, self.best_epoch = np.inf, 0
        self._machine = self._run()
        next(self._machine)

    def _run(self):
        bad = 0
        epoch = 0
        stop = False
        while True:
            loss = yield stop
            epoch += 1
            if loss + self.min_delta < self.best:
                self.best = loss
                self.best_epoch = epoch
                bad = 0
            else:
                bad += 1
            stop = bad >= self.patience

    def step(self, val_loss):
        return self._machine.send(val_loss)
