# track: keras
# diagnosis: no_eval
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        history["loss"] += model.fit(x, y, epochs=1, batch_size=batch_size, verbose=0).history["loss"]
        outputs = model(val_data[0], training=True)
        history["val_loss"].append(float(model.compute_loss(y=val_data[1], y_pred=outputs)))
    return history
