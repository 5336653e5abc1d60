# diagnosis: wraps_round
# seen: the shift of many a notebook
import numpy as np


def augment(images, rng):
    n, height, width = images.shape
    moved = np.empty_like(images)
    for k in range(n):
        down, right = rng.integers(-1, 2, 2)
        moved[k] = np.roll(images[k], (down, right), axis=(0, 1))
    return moved
