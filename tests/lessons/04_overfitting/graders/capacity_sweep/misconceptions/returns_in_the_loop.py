# diagnosis: widths_missing
# seen: the return is indented one step too far
def capacity_sweep(train_model, widths, train, val, test):
    fs, t, v = [], [], []
    for w in widths:
        f = train_model(w, train)
        fs.append(f); t.append(f(train)); v.append(f(val))
        k = min(range(len(v)), key=lambda i: (v[i], widths[i]))
        return {"train_loss": t, "val_loss": v, "best_width": widths[k], "test_loss": fs[k](test)}
