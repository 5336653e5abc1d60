# diagnosis: both_classes_scored
import numpy as np


class StreamingF1:
    def __init__(self):
        self.reset()

    def update(self, logits, y):
        for alarm, label in zip((np.ravel(logits) > 0).astype(int), np.asarray(y).astype(int)):
            self.table[label, alarm] += 1

    def compute(self):
        scores = []
        for k in (0, 1):
            counted = self.table[k].sum() + self.table[:, k].sum()
            scores.append(2 * self.table[k, k] / counted if counted else 0.0)
        return sum(scores) / 2

    def reset(self):
        self.table = np.zeros((2, 2))
