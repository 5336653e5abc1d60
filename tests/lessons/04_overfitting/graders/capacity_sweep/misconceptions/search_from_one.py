# diagnosis: first_width_kept
# seen: the lowest loss so far starts at 1, as if losses were shares
def capacity_sweep(train_model, widths, train, val, test):
    models = [train_model(width, train) for width in widths]
    train_loss = [loss_on(train) for loss_on in models]
    val_loss = [loss_on(val) for loss_on in models]
    best, lowest = 0, 1.0
    for i, loss in enumerate(val_loss):
        if loss < lowest or (loss == lowest and widths[i] < widths[best]):
            best, lowest = i, loss
    return {
        "train_loss": train_loss,
        "val_loss": val_loss,
        "best_width": widths[best],
        "test_loss": models[best](test),
    }
