# diagnosis: inputs_cut_to_whole_numbers
# seen: the predictions given the kind of numbers of the targets
import numpy as np


def mse(predictions, targets):
    t = np.ravel(targets)
    p = np.ravel(predictions).astype(t.dtype)
    return float(np.mean((p - t) ** 2))
