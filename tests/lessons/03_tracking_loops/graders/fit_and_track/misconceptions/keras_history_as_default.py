# track: keras
# diagnosis: remembers_earlier_call
# seen: a dictionary as default argument
def fit_and_track(model, train_data, val_data, epochs, batch_size, tracked={"loss": [], "val_loss": []}):
    record = model.fit(*train_data, validation_data=val_data, epochs=epochs, batch_size=batch_size, verbose=0)
    for name, values in tracked.items():
        values.extend(record.history[name])
    return tracked
