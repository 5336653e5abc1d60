# track: keras
# diagnosis: fit_called
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    return model.fit(train_data, validation_data=val_data, epochs=epochs, batch_size=batch_size, verbose=0).history
