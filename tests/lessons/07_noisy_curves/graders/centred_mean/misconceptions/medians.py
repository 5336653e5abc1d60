# diagnosis: median_for_mean
# seen: the windows' medians
import numpy as np


def centred_mean(values, window):
    n = len(values)
    return [k + (window + 1) / 2 for k in range(n - window + 1)], [float(np.median(values[k : k + window])) for k in range(n - window + 1)]
