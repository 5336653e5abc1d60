# diagnosis: first_valley
# seen: the search ends at the first rise, though all are trained
def capacity_sweep(train_model, widths, train, val, test):
    models = [train_model(width, train) for width in widths]
    train_loss = [loss_on(train) for loss_on in models]
    val_loss = [loss_on(val) for loss_on in models]
    best = 0
    order = sorted(range(len(widths)), key=widths.__getitem__)
    for before, best in zip([order[0], *order], order):
        if val_loss[best] > val_loss[before]:
            best = before
            break
    best = min(range(len(widths)), key=lambda i: (val_loss[i] != val_loss[best], widths[i]))
    return {
        "train_loss": train_loss,
        "val_loss": val_loss,
        "best_width": widths[best],
        "test_loss": models[best](test),
    }
