# diagnosis: near_tie_taken_for_tie
# seen: the smallest width within one per cent of the lowest loss
def capacity_sweep(train_model, widths, train, val, test):
    models = [train_model(width, train) for width in widths]
    train_loss = [loss_on(train) for loss_on in models]
    val_loss = [loss_on(val) for loss_on in models]
    good = [i for i, loss in enumerate(val_loss) if loss <= 1.001 * min(val_loss)]
    best = min(good, key=lambda i: widths[i])
    return {
        "train_loss": train_loss,
        "val_loss": val_loss,
        "best_width": widths[best],
        "test_loss": models[best](test),
    }
