import numpy as np


def augment(images, rng):
    out = images.copy()
    for k in range(len(out)):
        down, right = rng.integers(-1, 2, 2)
        moved = np.roll(images[k], (down, right), axis=(0, 1))
        if down == 1:
            moved[0] = 0
        elif down == -1:
            moved[-1] = 0
        if right == 1:
            moved[:, 0] = 0
        elif right == -1:
            moved[:, -1] = 0
        out[k] = moved
    return out
