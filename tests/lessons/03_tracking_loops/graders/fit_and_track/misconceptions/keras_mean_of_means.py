# track: keras
# diagnosis: mean_of_means
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        losses = []
        for start in range(0, len(x), batch_size):
            losses.append(float(model.train_on_batch(x[start : start + batch_size], y[start : start + batch_size])))
        history["loss"].append(sum(losses) / len(losses))
        history["val_loss"].append(model.evaluate(*val_data, verbose=0))
    return history
