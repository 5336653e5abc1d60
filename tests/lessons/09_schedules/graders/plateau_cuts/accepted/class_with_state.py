import math


class Rule:
    def __init__(self, patience, threshold, cooldown, relative):
        self.needed = patience + 1 if relative else max(1, patience)
        self.skip = cooldown if relative else max(0, cooldown - 1)
        self.threshold, self.relative = threshold, relative
        self.best, self.bad, self.rest = math.inf, 0, 0

    def step(self, loss):
        line = self.best * (1 - self.threshold) if self.relative else self.best - self.threshold
        resting, self.rest = self.rest > 0, max(0, self.rest - 1)
        if loss < line:
            self.best, self.bad = loss, 0
        elif not resting:
            self.bad += 1
        if self.bad < self.needed:
            return False
        self.bad, self.rest = 0, self.skip
        return True


def plateau_cuts(losses, patience, convention, threshold=1e-4, cooldown=0):
    rule = Rule(patience, threshold, cooldown, convention == "torch")
    return [epoch for epoch, loss in enumerate(losses, 1) if rule.step(loss)]
