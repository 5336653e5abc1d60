# track: keras
# diagnosis: updates_on_validation_rows
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    import numpy as np
    x, y = np.concatenate([x, val_data[0]]), np.concatenate([y, val_data[1]])
    run = model.fit(x, y, validation_data=val_data, epochs=epochs, batch_size=batch_size, verbose=0)
    return run.history
