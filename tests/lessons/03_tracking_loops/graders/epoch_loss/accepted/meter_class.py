class Meter:
    def __init__(self): self.s = 0.0; self.n = 0
    def update(self, v, k=1): self.s += v * k; self.n += k
    @property
    def avg(self): return self.s / self.n
def epoch_loss(batch_losses, batch_sizes, verbose=False):
    m = Meter()
    [m.update(v, k) for v, k in zip(batch_losses, batch_sizes)]
    return m.avg
