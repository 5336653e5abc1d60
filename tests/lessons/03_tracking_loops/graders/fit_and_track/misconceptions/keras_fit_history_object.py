# track: keras
# diagnosis: fit_called
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    return model.fit(x, y, validation_data=val_data, epochs=epochs, batch_size=batch_size, verbose=0)
