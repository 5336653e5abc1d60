# track: keras
# diagnosis: loss_remeasured
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    tracked = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        for start in range(0, len(x), batch_size):
            inputs, targets = x[start : start + batch_size], y[start : start + batch_size]
            model.train_on_batch(inputs, targets)
        tracked["loss"].append(model.evaluate(x, y, verbose=0))
        tracked["val_loss"].append(model.evaluate(*val_data, verbose=0))
    return tracked
