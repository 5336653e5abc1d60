# diagnosis: never_left_alone
import numpy as np


def augment(images, rng):
    n, height, width = images.shape
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    moved = np.empty_like(images)
    for k in range(n):
        down, right = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1), (2, 2)][rng.integers(8)]
        moved[k] = padded[k, down : down + height, right : right + width]
    return moved
