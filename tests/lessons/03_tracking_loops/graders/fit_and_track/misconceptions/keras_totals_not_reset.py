# track: keras
# diagnosis: not_reset_per_epoch
# seen: the lists of an epoch created before the loop over epochs
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    tracked = {"loss": [], "val_loss": []}
    losses, sizes = [], []
    for _ in range(epochs):
        for start in range(0, len(x), batch_size):
            inputs, targets = x[start : start + batch_size], y[start : start + batch_size]
            losses.append(float(model.train_on_batch(inputs, targets)) * len(targets))
            sizes.append(len(targets))
        tracked["loss"].append(sum(losses) / sum(sizes))
        tracked["val_loss"].append(model.evaluate(*val_data, verbose=0))
    return tracked
