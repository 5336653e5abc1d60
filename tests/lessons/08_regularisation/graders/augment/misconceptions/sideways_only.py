# diagnosis: one_direction
import numpy as np


def augment(images, rng):
    n, height, width = images.shape
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    moved = np.empty_like(images)
    for k in range(n):
        down, right = 1, rng.integers(0, 3)
        moved[k] = padded[k, down : down + height, right : right + width]
    return moved
