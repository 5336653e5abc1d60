# diagnosis: tie_to_larger
# seen: <= in a loop that keeps the best so far
def capacity_sweep(train_model, widths, train, val, test):
    fs = [train_model(w, train) for w in widths]
    t = [f(train) for f in fs]; v = [f(val) for f in fs]
    k = max(i for i in range(len(v)) if v[i] == min(v))
    return {"train_loss": t, "val_loss": v, "best_width": widths[k], "test_loss": fs[k](test)}
