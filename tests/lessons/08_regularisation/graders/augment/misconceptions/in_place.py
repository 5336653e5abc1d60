# diagnosis: changed_inputs
import numpy as np


def augment(images, rng):
    n, height, width = images.shape
    for k, (down, right) in enumerate(rng.integers(0, 3, (n, 2))):
        images[k] = np.pad(images[k], 1)[down : down + height, right : right + width]
    return images
