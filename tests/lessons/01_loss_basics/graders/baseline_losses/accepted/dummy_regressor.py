import numpy as np

from sklearn.dummy import DummyRegressor
from sklearn.metrics import mean_squared_error


def baseline_losses(n_classes, targets):
    x = np.zeros((len(targets), 1))
    return {
        "cross_entropy": np.log(n_classes),
        "mse": mean_squared_error(targets, DummyRegressor().fit(x, targets).predict(x)),
    }
