import math
from fractions import Fraction


def mse(predictions, targets):
    return Fraction(
        sum((Fraction(float(p)) - Fraction(float(t))) ** 2 for p, t in zip(predictions.ravel(), targets.ravel())),
        len(predictions),
    )
