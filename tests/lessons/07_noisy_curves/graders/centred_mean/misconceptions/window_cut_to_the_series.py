# diagnosis: longer_window_cut
# seen: a window longer than the series is cut to the series
import numpy as np


def centred_mean(values, window):
    window = min(window, len(values))
    n = len(values)
    return [k + (window + 1) / 2 for k in range(n - window + 1)], [float(np.mean(values[k : k + window])) for k in range(n - window + 1)]
