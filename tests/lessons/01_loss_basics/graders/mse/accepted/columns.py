def mse(predictions, targets):
    p = predictions.reshape(-1, 1).astype(float)
    t = targets.reshape(-1, 1).astype(float)
    return ((t - p) ** 2).mean(axis=0)[0]
