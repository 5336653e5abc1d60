# diagnosis: end_not_drawn
import numpy as np


def augment(images, rng):
    n, height, width = images.shape
    moved = np.empty_like(images)
    for k in range(n):
        down, right = rng.integers(0, 2, 2)
        moved[k] = np.pad(images[k], 1)[1 - down : 1 - down + height, 1 - right : 1 - right + width]
    return moved
