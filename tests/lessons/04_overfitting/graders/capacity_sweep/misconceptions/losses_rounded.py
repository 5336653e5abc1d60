# diagnosis: near_tie_taken_for_tie
# seen: losses compared with three digits
def capacity_sweep(train_model, widths, train, val, test):
    models = [train_model(width, train) for width in widths]
    train_loss = [loss_on(train) for loss_on in models]
    val_loss = [loss_on(val) for loss_on in models]
    best = min(range(len(widths)), key=lambda i: (round(val_loss[i], 3), widths[i]))
    return {
        "train_loss": train_loss,
        "val_loss": val_loss,
        "best_width": widths[best],
        "test_loss": models[best](test),
    }
