import numpy as np


class StreamingF1:
    def __init__(self):
        self.table = np.zeros((2, 2))

    def update(self, logits, y):
        predicted = (1 / (1 + np.exp(-np.asarray(logits, float).reshape(-1))) > 0.5).astype(int)
        np.add.at(self.table, (np.asarray(y).astype(int), predicted), 1)

    def compute(self):
        (_, false), (missed, hits) = self.table
        with np.errstate(invalid="ignore"):
            return np.nan_to_num(2 * hits / (2 * hits + false + missed))

    def reset(self):
        self.table[:] = 0
