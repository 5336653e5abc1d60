# diagnosis: changed_inputs
# seen: pop(0) until the list of widths is empty
def capacity_sweep(train_model, widths, train, val, test):
    tried, models = [], []
    while widths:
        tried.append(widths.pop(0))
        models.append(train_model(tried[-1], train))
    train_loss = [loss_on(train) for loss_on in models]
    val_loss = [loss_on(val) for loss_on in models]
    best = min(range(len(tried)), key=lambda i: (val_loss[i], tried[i]))
    return {
        "train_loss": train_loss,
        "val_loss": val_loss,
        "best_width": tried[best],
        "test_loss": models[best](test),
    }
