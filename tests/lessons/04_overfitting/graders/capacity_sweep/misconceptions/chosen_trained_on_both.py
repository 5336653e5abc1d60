# diagnosis: trained_on_other_rows
# seen: the chosen width trained again on training and validation rows, for the test
def capacity_sweep(train_model, widths, train, val, test):
    import numpy as np

    models = [train_model(w, train) for w in widths]
    t = [m(train) for m in models]
    v = [m(val) for m in models]
    best = min(range(len(v)), key=lambda i: (v[i], widths[i]))
    both = tuple(np.concatenate(parts) for parts in zip(train, val))
    final = train_model(widths[best], both)
    return {"train_loss": t, "val_loss": v, "best_width": widths[best], "test_loss": final(test)}
