import numpy as np


def augment(images, rng):
    n, height, width = images.shape
    down, right = rng.integers(-1, 2, size=(2, n, 1, 1))
    rows = np.arange(height)[None, :, None] - down
    columns = np.arange(width)[None, None, :] - right
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    picked = images[np.arange(n)[:, None, None], rows.clip(0, height - 1), columns.clip(0, width - 1)]
    return np.where(inside, picked, 0).astype(images.dtype)
