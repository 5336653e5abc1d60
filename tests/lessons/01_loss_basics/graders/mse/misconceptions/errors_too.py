# diagnosis: more_than_the_mean
# seen: the errors returned beside their mean square
import numpy as np


def mse(predictions, targets):
    errors = np.ravel(predictions) - np.ravel(targets)
    return errors, float(np.mean(errors**2))
