# track: keras
import numpy as np


def same_weights_train_loss(model, x, y, batch_size):
    losses, sizes = [], []
    for start in range(0, len(x), batch_size):
        rows = slice(start, start + batch_size)
        losses.append(float(model.train_on_batch(x[rows], y[rows])))
        sizes.append(len(y[rows]))
    again = [
        float(model.test_on_batch(x[start : start + batch_size], y[start : start + batch_size]))
        for start in range(0, len(x), batch_size)
    ]
    return np.average(losses, weights=sizes), np.average(again, weights=sizes)
