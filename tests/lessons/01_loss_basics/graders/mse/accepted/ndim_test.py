def mse(predictions, targets):
    if predictions.ndim == 2:
        predictions = predictions[:, 0]
    if targets.ndim == 2:
        targets = targets[:, 0]
    return float(((predictions.astype(float) - targets) ** 2).sum() / len(predictions))
