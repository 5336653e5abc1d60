# seen: a dataclass
from dataclasses import dataclass, field


@dataclass
class EarlyStopping:
    patience: int = 5
    min_delta: float = 0.0
    best: float = field(default_factory=lambda: float("inf"), init=False)
    best_epoch: int = field(default_factory=int, init=False)
    count: int = field(default_factory=int, init=False)
    now: int = field(default_factory=int, init=False)

    def reset(self):
        self.__init__(self.patience, self.min_delta)

    def step(self, val_loss):
        self.now += 1
        better = val_loss < self.best and self.best - val_loss > self.min_delta
        if not better:
            self.count += 1
            return self.count >= self.patience
        self.best, self.best_epoch, self.count = val_loss, self.now, 0
        return False
