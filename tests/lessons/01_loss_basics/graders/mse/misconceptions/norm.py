# diagnosis: root_divided_by_rows
# seen: np.linalg.norm taken for a sum of squares
import numpy as np


def mse(predictions, targets):
    return float(np.linalg.norm(np.ravel(predictions) - np.ravel(targets)) / len(targets))
