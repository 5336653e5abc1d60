# track: keras
# diagnosis: wrong_number_of_epochs
# seen: the loop over epochs written twice
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        total = 0.0
        for _ in range(epochs):
            for i in range(0, len(x), batch_size):
                inputs, targets = x[i : i + batch_size], y[i : i + batch_size]
                total += float(model.train_on_batch(inputs, targets)) * len(targets)
        history["loss"].append(total / len(x) / epochs)
        history["val_loss"].append(model.evaluate(*val_data, verbose=0))
    return history
