# track: keras
# diagnosis: one_entry_too_few
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    run = model.fit(x, y, validation_data=val_data, epochs=epochs, batch_size=batch_size, verbose=0)
    return {k: v[-1] for k, v in run.history.items()}
