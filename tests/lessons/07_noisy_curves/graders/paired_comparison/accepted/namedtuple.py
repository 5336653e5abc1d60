import math
from typing import NamedTuple

import numpy as np


class Comparison(NamedTuple):
    difference: float
    standard_error: float
    seeds_needed: float


def paired_comparison(a, b):
    d = np.array(b) - np.array(a)
    if len(d) == 1:
        return Comparison(d.item(), math.nan, math.nan)
    spread = np.std(d, ddof=1)
    if d.mean() == 0:
        return Comparison(0.0, spread / len(d) ** 0.5, math.inf)
    return Comparison(d.mean(), spread / len(d) ** 0.5, max(2, math.ceil((2.8 * spread / d.mean()) ** 2)))
