# track: keras
import numpy as np


def evaluate(model, batches, loss_fn):
    losses, sizes = zip(*((float(loss_fn(y, model.predict_on_batch(x))), y.shape[0]) for x, y in batches))
    return np.average(losses, weights=sizes)
