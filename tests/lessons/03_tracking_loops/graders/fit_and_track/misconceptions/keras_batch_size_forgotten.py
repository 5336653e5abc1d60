# track: keras
# diagnosis: other_batches
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    tracked = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        total = 0.0
        for start in range(0, len(x), 32):
            inputs, targets = x[start : start + 32], y[start : start + 32]
            total += float(model.train_on_batch(inputs, targets)) * len(targets)
        tracked["loss"].append(total / len(x))
        tracked["val_loss"].append(model.evaluate(*val_data, verbose=0))
    return tracked
