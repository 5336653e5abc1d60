# diagnosis: shared_between_objects
import numpy as np


class StreamingF1:
    counts = [0, 0, 0]

    def update(self, logits, y):
        alarm, positive = np.ravel(logits) > 0, np.ravel(y) == 1
        self.counts[0] += int(np.sum(alarm & positive))
        self.counts[1] += int(np.sum(alarm & ~positive))
        self.counts[2] += int(np.sum(~alarm & positive))

    def compute(self):
        hits, false_alarms, misses = self.counts
        counted = 2 * hits + false_alarms + misses
        return 2 * hits / counted if counted else 0.0

    def reset(self):
        self.counts[:] = [0, 0, 0]
