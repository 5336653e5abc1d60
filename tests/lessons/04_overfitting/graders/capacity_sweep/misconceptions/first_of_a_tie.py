# diagnosis: tie_to_larger
# seen: the first of two equals taken
def capacity_sweep(train_model, widths, train, val, test):
    models = [train_model(w, train) for w in widths]
    t = [m(train) for m in models]
    v = [m(val) for m in models]
    best = v.index(min(v))
    return {"train_loss": t, "val_loss": v, "best_width": widths[best], "test_loss": models[best](test)}
