import numpy as np


def calibration_error(probabilities, labels, bins):
    p, y = np.array(probabilities), np.array(labels)
    confidence = p.max(1)
    accuracy = (p.argmax(1) == y).astype(float)
    edges = np.linspace(0, 1, bins + 1)
    total = 0.0
    for low, high in zip(edges[:-1], edges[1:]):
        rows = (confidence > low) & (confidence <= high)
        if rows.sum() > 0:
            total += abs(accuracy[rows].mean() - confidence[rows].mean()) * rows.sum() / len(y)
    return total
