# diagnosis: moved_too_far
import numpy as np


def augment(images, rng):
    n, height, width = images.shape
    padded = np.pad(images, ((0, 0), (2, 2), (2, 2)))
    moved = np.empty_like(images)
    for k in range(n):
        down, right = rng.integers(0, 5, 2)
        moved[k] = padded[k, down : down + height, right : right + width]
    return moved
