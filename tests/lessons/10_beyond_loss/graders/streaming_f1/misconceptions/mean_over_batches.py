# diagnosis: mean_of_batch_scores
# seen: Keras 1, which removed its precision and F1 for this
import numpy as np


def f1(logits, y):
    alarm, positive = np.ravel(logits) > 0, np.ravel(y) == 1
    counted = alarm.sum() + positive.sum()
    return 2 * (alarm & positive).sum() / counted if counted else 0.0


class StreamingF1:
    def __init__(self):
        self.scores, self.sizes = [], []

    def update(self, logits, y):
        self.scores.append(f1(logits, y))
        self.sizes.append(len(y))

    def compute(self):
        return float(np.mean(self.scores))

    def reset(self):
        self.scores, self.sizes = [], []
