# track: keras
# diagnosis: flags_changed
# seen: trainable set to False for the validation, and never back
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    tracked = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        model.trainable = True
        tracked["loss"] += model.fit(*train_data, batch_size=batch_size, verbose=0).history["loss"]
        model.trainable = False
        tracked["val_loss"].append(model.evaluate(*val_data, verbose=0))
    return tracked
