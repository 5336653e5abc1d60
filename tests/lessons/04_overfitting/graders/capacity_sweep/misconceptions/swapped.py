# diagnosis: keys_swapped
# seen: two lists mixed up
def capacity_sweep(train_model, widths, train, val, test):
    models = [train_model(w, train) for w in widths]
    t = [m(train) for m in models]
    v = [m(val) for m in models]
    best = min(range(len(v)), key=lambda i: (v[i], widths[i]))
    return {"train_loss": v, "val_loss": t, "best_width": widths[best], "test_loss": models[best](test)}
