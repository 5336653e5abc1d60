import math


def calibration_error(probabilities, labels, bins):
    """Plain Python: a bin keeps the sum of its gaps."""
    gaps = [0.0] * bins
    for row, label in zip(probabilities, labels):
        row = list(row)
        confidence = max(row)
        right = row.index(confidence) == label
        gaps[math.ceil(confidence * bins) - 1] += right - confidence
    return sum(abs(gap) for gap in gaps) / len(labels)
