class StreamingF1:
    """Plain Python, a row at a time."""

    def __init__(self):
        self.counts = {"tp": 0, "fp": 0, "fn": 0}

    def update(self, logits, y):
        for logit, label in zip(logits, y):
            try:
                logit = logit[0]
            except (TypeError, IndexError):
                pass
            if logit > 0:
                self.counts["tp" if label == 1 else "fp"] += 1
            elif label == 1:
                self.counts["fn"] += 1

    def compute(self):
        tp, fp, fn = self.counts.values()
        if tp == 0:
            return 0.0
        return 2 * tp / (2 * tp + fp + fn)

    def reset(self):
        self.__init__()
