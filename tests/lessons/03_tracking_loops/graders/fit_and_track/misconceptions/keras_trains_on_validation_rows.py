# track: keras
# diagnosis: updates_on_validation_rows
# seen: one helper for both sets
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        for name, (x, y) in (("loss", train_data), ("val_loss", val_data)):
            total = 0.0
            for i in range(0, len(x), batch_size):
                inputs, targets = x[i : i + batch_size], y[i : i + batch_size]
                total += float(model.train_on_batch(inputs, targets)) * len(targets)
            history[name].append(total / len(x))
    return history
