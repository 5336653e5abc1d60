# track: keras
# diagnosis: other_batches
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    run = model.fit(x, y, validation_data=val_data, epochs=epochs, verbose=0)
    return run.history
