# diagnosis: plain_mean_of_both
import numpy as np


class StreamingF1:
    def __init__(self):
        self.reset()

    def update(self, logits, y):
        alarm, positive = np.ravel(logits) > 0, np.ravel(y) == 1
        self.hits += int(np.sum(alarm & positive))
        self.false_alarms += int(np.sum(alarm & ~positive))
        self.misses += int(np.sum(~alarm & positive))

    def compute(self):
        p = self.hits / (self.hits + self.false_alarms) if self.hits else 0.0
        r = self.hits / (self.hits + self.misses) if self.hits else 0.0
        return (p + r) / 2

    def reset(self):
        self.hits = self.false_alarms = self.misses = 0
