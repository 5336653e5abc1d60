# diagnosis: one_element_array


def mse(predictions, targets):
    p, t = predictions.reshape(-1, 1), targets.reshape(-1, 1)
    return ((p - t) ** 2).mean(axis=0)
