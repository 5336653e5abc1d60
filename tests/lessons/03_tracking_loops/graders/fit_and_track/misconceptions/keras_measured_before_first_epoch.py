# track: keras
# diagnosis: one_entry_too_many
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    history = {"loss": [], "val_loss": []}
    history["val_loss"].append(model.evaluate(*val_data, verbose=0))
    for _ in range(epochs):
        history["loss"] += model.fit(x, y, epochs=1, batch_size=batch_size, verbose=0).history["loss"]
        history["val_loss"].append(model.evaluate(*val_data, verbose=0))
    return history
