# track: keras
import numpy as np


def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    rng = np.random.default_rng(0)
    history = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        order = rng.permutation(len(x))
        total = 0.0
        for start in range(0, len(x), batch_size):
            rows = order[start : start + batch_size]
            total += float(model.train_on_batch(x[rows], y[rows])) * len(rows)
        history["loss"].append(total / len(x))
        history["val_loss"].append(float(model.evaluate(val_data[0], val_data[1], verbose=0)))
    return history
