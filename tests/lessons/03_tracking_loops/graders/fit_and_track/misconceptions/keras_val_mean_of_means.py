# track: keras
# diagnosis: mean_of_means
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        history["loss"] += model.fit(x, y, epochs=1, batch_size=batch_size, verbose=0).history["loss"]
        losses = []
        for start in range(0, len(val_data[0]), batch_size):
            rows = slice(start, start + batch_size)
            losses.append(model.evaluate(val_data[0][rows], val_data[1][rows], verbose=0))
        history["val_loss"].append(sum(losses) / len(losses))
    return history
