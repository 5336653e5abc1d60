import numpy as np


def standardise(train, val):
    mean = np.mean(train, axis=0, keepdims=True)
    deviation = np.sqrt(np.mean(np.square(train - mean), axis=0, keepdims=True))
    deviation[deviation < 1e-12] = 1

    def scale(rows):
        return (rows - mean) / deviation

    return tuple(map(scale, (train, val)))
