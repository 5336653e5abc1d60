# diagnosis: both_classes_scored
import numpy as np
from sklearn.metrics import f1_score


class StreamingF1:
    def __init__(self):
        self.reset()

    def update(self, logits, y):
        self.guesses.extend(int(z > 0) for z in np.ravel(logits))
        self.labels.extend(int(label) for label in np.ravel(y))

    def compute(self):
        if not self.labels:
            return 0.0
        return float(f1_score(self.labels, self.guesses, average="weighted", zero_division=0))

    def reset(self):
        self.guesses, self.labels = [], []
