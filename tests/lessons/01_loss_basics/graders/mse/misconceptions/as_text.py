# diagnosis: returned_text
# seen: an f-string
import numpy as np


def mse(predictions, targets):
    errors = predictions.ravel().astype(float) - targets.ravel().astype(float)
    return f"{np.mean(errors**2):.4f}"
