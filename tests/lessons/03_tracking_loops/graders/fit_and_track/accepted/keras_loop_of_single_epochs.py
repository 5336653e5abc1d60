# track: keras
import numpy as np


def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        run = model.fit(x, y, batch_size=batch_size, epochs=1, verbose=0)
        history["loss"].append(np.float32(run.history["loss"][0]))
        history["val_loss"].append(model.evaluate(*val_data, batch_size=batch_size, verbose=0))
    return history
