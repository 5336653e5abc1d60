# track: keras
# diagnosis: val_measured_once
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    loss = model.fit(x, y, epochs=epochs, batch_size=batch_size, verbose=0).history["loss"]
    return {"loss": loss, "val_loss": [model.evaluate(*val_data, verbose=0)] * epochs}
