# track: keras
import numpy as np


def evaluate(model, batches, loss_fn):
    losses, sizes = [], []
    for x, y in batches:
        losses.append(float(loss_fn(y, model.predict_on_batch(x))))
        sizes.append(int(y.shape[0]))
    return float(np.average(losses, weights=sizes))
