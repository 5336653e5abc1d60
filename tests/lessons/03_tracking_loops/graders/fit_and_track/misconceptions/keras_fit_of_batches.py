# track: keras
# diagnosis: fit_called
import numpy as np


def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        losses = []
        for start in range(0, len(x), batch_size):
            inputs, targets = x[start : start + batch_size], y[start : start + batch_size]
            losses.append(model.fit(inputs, targets, batch_size=batch_size, verbose=0).history["loss"][0])
        history["loss"].append(np.mean(losses))
        history["val_loss"].append(model.evaluate(*val_data, verbose=0))
    return history
