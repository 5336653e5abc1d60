# diagnosis: chosen_on_test_set
# seen: the lowest test loss chosen
def capacity_sweep(train_model, widths, train, val, test):
    models = [train_model(w, train) for w in widths]
    t = [m(train) for m in models]
    v = [m(val) for m in models]
    tests = [m(test) for m in models]
    best = tests.index(min(tests))
    return {"train_loss": t, "val_loss": v, "best_width": widths[best], "test_loss": models[best](test)}
