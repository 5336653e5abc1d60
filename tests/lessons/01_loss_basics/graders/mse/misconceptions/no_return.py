# diagnosis: returned_none
import numpy as np


def mse(predictions, targets):
    loss = np.mean((predictions.ravel() - targets.ravel()) ** 2)  # noqa: F841
