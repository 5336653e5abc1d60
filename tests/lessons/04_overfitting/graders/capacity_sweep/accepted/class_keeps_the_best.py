class Sweep:
    def __init__(self, train_model): self.t = train_model; self.best = (float("inf"), float("inf"), None)
    def step(self, w, train, val):
        f = self.t(w, train)
        r = f(train), f(val)
        print(w, *r)
        if (r[1], w) < self.best[:2]: self.best = (r[1], w, f)
        return r
def capacity_sweep(train_model, widths, train, val, test, verbose=True):
    s = Sweep(train_model)
    tr, va = zip(*[s.step(w, train, val) for w in widths])
    return {"train_loss": list(tr), "val_loss": list(va), "best_width": s.best[1], "test_loss": s.best[2](test)}
