# track: keras
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x_train, y_train = train_data
    h = model.fit(x_train, y_train, validation_data=val_data, epochs=epochs, batch_size=batch_size).history
    return {"loss": h["loss"], "val_loss": tuple(h["val_loss"])}
