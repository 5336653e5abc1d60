# track: keras
# diagnosis: last_batch_left_out
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    tracked = {"loss": [], "val_loss": []}
    steps = max(1, len(val_data[0]) // batch_size)
    for _ in range(epochs):
        tracked["loss"] += model.fit(x, y, batch_size=batch_size, verbose=0).history["loss"]
        tracked["val_loss"].append(model.evaluate(*val_data, batch_size=batch_size, steps=steps, verbose=0))
    return tracked
