# track: keras
# diagnosis: nested_lists
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    tracked = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        tracked["loss"].append(model.fit(x, y, batch_size=batch_size, verbose=0).history["loss"])
        tracked["val_loss"].append(model.evaluate(*val_data, verbose=0))
    return tracked
