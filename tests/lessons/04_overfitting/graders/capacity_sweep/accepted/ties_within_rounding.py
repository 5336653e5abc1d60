import math
def capacity_sweep(train_model, widths, train, val, test):
    fs = [train_model(w, train) for w in widths]
    v = [f(val) for f in fs]
    b = min(v)
    c = [i for i in range(len(v)) if math.isclose(v[i], b, rel_tol=1e-9)]
    k = min(c, key=lambda i: widths[i])
    return {"train_loss": [f(train) for f in fs], "val_loss": v, "best_width": widths[k], "test_loss": fs[k](test)}
