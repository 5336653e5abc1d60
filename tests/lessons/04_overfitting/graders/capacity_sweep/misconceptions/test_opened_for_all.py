# diagnosis: test_opened_often
# seen: the test rows measured for every width, for the table
def capacity_sweep(train_model, widths, train, val, test):
    models = [train_model(w, train) for w in widths]
    t = [m(train) for m in models]
    v = [m(val) for m in models]
    best = min(range(len(v)), key=lambda i: (v[i], widths[i]))
    tests = [m(test) for m in models]
    return {"train_loss": t, "val_loss": v, "best_width": widths[best], "test_loss": tests[best]}
