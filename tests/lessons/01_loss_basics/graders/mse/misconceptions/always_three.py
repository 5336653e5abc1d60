# diagnosis: always_three_rows
# seen: the number of rows of the example, written as a number
import numpy as np


def mse(predictions, targets):
    return float(np.sum((np.ravel(predictions) - np.ravel(targets)) ** 2)) / 3
