# diagnosis: accuracy
import numpy as np


class StreamingF1:
    def __init__(self):
        self.reset()

    def update(self, logits, y):
        self.right += int(np.sum((np.ravel(logits) > 0) == (np.ravel(y) == 1)))
        self.rows += len(y)

    def compute(self):
        return self.right / self.rows if self.rows else 0.0

    def reset(self):
        self.right = self.rows = 0
