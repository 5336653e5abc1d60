import numpy as np


def span(move, size):
    return slice(max(0, move), size + min(0, move)), slice(max(0, -move), size + min(0, -move))


def augment(images, rng):
    _, height, width = images.shape
    out = np.zeros_like(images)
    for image, new in zip(images, out):
        to_rows, from_rows = span(int(rng.choice([-1, 0, 1])), height)
        to_columns, from_columns = span(int(rng.choice([-1, 0, 1])), width)
        new[to_rows, to_columns] = image[from_rows, from_columns]
    return out
