# diagnosis: one_move_for_all
import numpy as np


def augment(images, rng):
    n, height, width = images.shape
    down, right = rng.integers(0, 3, 2)
    return np.pad(images, ((0, 0), (1, 1), (1, 1)))[:, down : down + height, right : right + width]
