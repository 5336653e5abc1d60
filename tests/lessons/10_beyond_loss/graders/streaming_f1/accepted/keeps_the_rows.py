import numpy as np
from sklearn.metrics import f1_score


class StreamingF1:
    def __init__(self):
        self.logits, self.labels = [], []

    def update(self, logits, y):
        self.logits.extend(np.asarray(logits).reshape(-1).tolist())
        self.labels.extend(np.asarray(y).tolist())

    def compute(self):
        if not self.labels:
            return 0.0
        return f1_score(self.labels, [logit > 0 for logit in self.logits], zero_division=0.0)

    def reset(self):
        self.logits.clear()
        self.labels.clear()
