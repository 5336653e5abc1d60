# diagnosis: result_gives_nothing
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
        counted = 2 * self.hits + self.false_alarms + self.misses
        print(2 * self.hits / counted if counted else 0.0)

    def reset(self):
        self.hits = self.false_alarms = self.misses = 0
