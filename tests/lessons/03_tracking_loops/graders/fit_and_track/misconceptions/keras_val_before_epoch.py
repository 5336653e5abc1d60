# track: keras
# diagnosis: val_before_epoch
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        history["val_loss"].append(model.evaluate(*val_data, verbose=0))
        history["loss"] += model.fit(x, y, epochs=1, batch_size=batch_size, verbose=0).history["loss"]
    return history
