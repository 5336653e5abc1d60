# diagnosis: remembers_earlier_call
# seen: a list as default argument
def capacity_sweep(train_model, widths, train, val, test, models=[]):
    models += [train_model(width, train) for width in widths]
    train_loss = [loss_on(train) for loss_on in models]
    val_loss = [loss_on(val) for loss_on in models]
    best = min(range(len(models)), key=lambda i: (val_loss[i], (list(widths) * 99)[i]))
    return {
        "train_loss": train_loss,
        "val_loss": val_loss,
        "best_width": (list(widths) * 99)[best],
        "test_loss": models[best](test),
    }
