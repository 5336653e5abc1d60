# diagnosis: weights_put_back
# track: keras


def fit_and_track(model, train_data, val_data, epochs, batch_size):
    start = model.get_weights()
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        model.set_weights(start)
        h = model.fit(*train_data, validation_data=val_data, batch_size=batch_size, verbose=0).history
        history["loss"] += h["loss"]
        history["val_loss"] += h["val_loss"]
    return history
