from sklearn.metrics import mean_squared_error


def mse(predictions, targets):
    return mean_squared_error(targets.ravel(), predictions.ravel())
