import numpy as np


class StreamingF1:
    def __init__(self):
        self.reset()

    def reset(self):
        self.alarms = self.positives = self.both = 0

    def update(self, logits, y):
        alarms = (np.asarray(logits).squeeze() > 0).astype(int)
        labels = np.asarray(y)
        self.alarms += alarms.sum()
        self.positives += labels.sum()
        self.both += (alarms * labels).sum()

    def compute(self):
        if self.both == 0:
            return 0.0
        precision, recall = self.both / self.alarms, self.both / self.positives
        return 2 / (1 / precision + 1 / recall)
