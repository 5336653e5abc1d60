# diagnosis: mean_of_batch_scores
import numpy as np


class StreamingF1:
    def __init__(self):
        self.reset()

    def update(self, logits, y):
        alarm, positive = np.ravel(logits) > 0, np.ravel(y) == 1
        hits = (alarm & positive).sum()
        self.precisions.append(hits / alarm.sum() if alarm.any() else 0.0)
        self.recalls.append(hits / positive.sum() if positive.any() else 0.0)

    def compute(self):
        p, r = np.mean(self.precisions), np.mean(self.recalls)
        return 2 * p * r / (p + r) if p + r else 0.0

    def reset(self):
        self.precisions, self.recalls = [], []
