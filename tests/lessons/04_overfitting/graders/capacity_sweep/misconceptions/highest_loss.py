# diagnosis: higher_is_better
# seen: loss treated as a score
def capacity_sweep(train_model, widths, train, val, test):
    models = [train_model(w, train) for w in widths]
    t = [m(train) for m in models]
    v = [m(val) for m in models]
    best = v.index(max(v))
    return {"train_loss": t, "val_loss": v, "best_width": widths[best], "test_loss": models[best](test)}
