# diagnosis: first_width_kept
# seen: the lowest loss so far starts at 0, as a sum does
def capacity_sweep(train_model, widths, train, val, test):
    models = [train_model(width, train) for width in widths]
    train_loss = [loss_on(train) for loss_on in models]
    val_loss = [loss_on(val) for loss_on in models]
    best, lowest = 0, 0
    for i, loss in enumerate(val_loss):
        if loss < lowest:
            best, lowest = i, loss
    return {
        "train_loss": train_loss,
        "val_loss": val_loss,
        "best_width": widths[best],
        "test_loss": models[best](test),
    }
