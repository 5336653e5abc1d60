# track: keras
# diagnosis: one_entry_too_few
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    for _ in range(epochs):
        tracked = {"loss": [], "val_loss": []}
        total = 0.0
        for i in range(0, len(x), batch_size):
            inputs, targets = x[i : i + batch_size], y[i : i + batch_size]
            total += float(model.train_on_batch(inputs, targets)) * len(targets)
        tracked["loss"].append(total / len(x))
        tracked["val_loss"].append(model.evaluate(*val_data, verbose=0))
    return tracked
