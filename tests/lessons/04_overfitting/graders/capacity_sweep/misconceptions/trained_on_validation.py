# diagnosis: trained_on_other_rows
# seen: trained on the rows that choose
def capacity_sweep(train_model, widths, train, val, test):
    models = [train_model(w, val) for w in widths]
    t = [m(train) for m in models]
    v = [m(val) for m in models]
    best = min(range(len(v)), key=lambda i: (v[i], widths[i]))
    return {"train_loss": t, "val_loss": v, "best_width": widths[best], "test_loss": models[best](test)}
