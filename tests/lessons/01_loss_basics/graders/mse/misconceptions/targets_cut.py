# diagnosis: inputs_cut_to_whole_numbers
# seen: the targets given the kind of numbers of the predictions
import numpy as np


def mse(predictions, targets):
    p = np.ravel(predictions)
    t = np.ravel(targets).astype(p.dtype)
    return float(np.mean((p - t) ** 2))
