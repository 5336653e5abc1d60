# track: keras
# diagnosis: last_batch_left_out
# seen: batches counted with //
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    whole = len(train_data[0]) // batch_size * batch_size
    x, y = train_data[0][:whole], train_data[1][:whole]
    return model.fit(x, y, validation_data=val_data, epochs=epochs, batch_size=batch_size, verbose=0).history
