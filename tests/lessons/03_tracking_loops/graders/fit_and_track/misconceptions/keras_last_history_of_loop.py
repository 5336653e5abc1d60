# track: keras
# diagnosis: one_entry_too_few
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    for _ in range(epochs):
        run = model.fit(*train_data, validation_data=val_data, epochs=1, batch_size=batch_size, verbose=0)
    return run.history
