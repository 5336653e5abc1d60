# track: keras
# diagnosis: never_trained
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        history["loss"].append(model.evaluate(x, y, verbose=0))
        history["val_loss"].append(model.evaluate(*val_data, verbose=0))
    return history
