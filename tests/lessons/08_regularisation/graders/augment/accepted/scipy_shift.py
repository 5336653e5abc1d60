import numpy as np
from scipy import ndimage


def augment(images, rng):
    moves = rng.integers(-1, 2, size=(len(images), 2))
    return np.array(
        [ndimage.shift(image, move, order=0, mode="constant", cval=0) for image, move in zip(images, moves)],
        dtype=images.dtype,
    )
