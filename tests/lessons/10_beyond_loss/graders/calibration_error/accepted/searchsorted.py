import numpy as np


def calibration_error(probabilities, labels, bins):
    p = np.stack([np.asarray(row, dtype=np.float64) for row in probabilities])
    top = np.argmax(p, axis=-1)
    sure = np.take_along_axis(p, top[:, None], axis=-1)[:, 0]
    hit = np.equal(top, labels)
    place = np.searchsorted(np.linspace(0, 1, bins + 1), sure, side="left") - 1
    member = np.eye(bins)[place]
    return np.abs(member.T @ hit - member.T @ sure).sum() / len(top)
