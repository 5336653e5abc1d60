# diagnosis: cropped
def augment(images, rng):
    n, height, width = images.shape
    down, right = rng.integers(0, 2, 2)
    return images[:, down : down + height - 1, right : right + width - 1]
