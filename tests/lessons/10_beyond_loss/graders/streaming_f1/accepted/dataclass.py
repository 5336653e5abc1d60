from dataclasses import dataclass

import numpy as np


@dataclass
class StreamingF1:
    predicted: int = 0
    actual: int = 0
    hits: int = 0

    def update(self, logits, y):
        alarm = np.array(logits).flatten() > 0
        label = np.array(y, dtype=bool)
        self.predicted += np.count_nonzero(alarm)
        self.actual += np.count_nonzero(label)
        self.hits += np.count_nonzero(alarm & label)
        return self

    def compute(self):
        return 2 * self.hits / max(1, self.predicted + self.actual)

    def reset(self):
        self.predicted, self.actual, self.hits = 0, 0, 0
