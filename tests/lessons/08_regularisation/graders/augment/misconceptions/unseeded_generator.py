# diagnosis: not_seeded
import numpy as np


def augment(images, rng):
    n, height, width = images.shape
    rng = np.random.default_rng()
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    moved = np.empty_like(images)
    for k in range(n):
        down, right = rng.integers(0, 3, 2)
        moved[k] = padded[k, down : down + height, right : right + width]
    return moved
