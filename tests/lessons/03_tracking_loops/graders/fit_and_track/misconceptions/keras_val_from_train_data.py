# track: keras
# diagnosis: validated_on_training_rows
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    run = model.fit(x, y, validation_data=train_data, epochs=epochs, batch_size=batch_size, verbose=0)
    return run.history
