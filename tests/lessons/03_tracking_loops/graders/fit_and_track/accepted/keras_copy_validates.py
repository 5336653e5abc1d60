# track: keras
import copy

import numpy as np


def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        parts = np.array_split(np.arange(len(x)), range(batch_size, len(x), batch_size))
        losses = [model.train_on_batch(x[rows], y[rows], return_dict=True)["loss"] for rows in parts]
        history["loss"].append(float(np.average(losses, weights=[len(rows) for rows in parts])))
        probe = copy.deepcopy(model)
        history["val_loss"].append(float(probe.evaluate(*val_data, verbose=0)))
    return history
