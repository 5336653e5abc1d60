# track: keras
# diagnosis: mean_of_means
# seen: np.mean over a list of batch losses
import numpy as np


def evaluate(model, batches, loss_fn):
    return float(np.mean([loss_fn(y, model(x, training=False)) for x, y in batches]))
