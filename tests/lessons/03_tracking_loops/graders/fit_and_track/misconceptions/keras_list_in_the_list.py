# track: keras
# diagnosis: nested_lists
# seen: the list of batch losses appended as it is
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    tracked = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        losses = []
        for i in range(0, len(x), batch_size):
            losses.append(float(model.train_on_batch(x[i : i + batch_size], y[i : i + batch_size])))
        tracked["loss"].append(losses)
        tracked["val_loss"].append(model.evaluate(*val_data, verbose=0))
    return tracked
