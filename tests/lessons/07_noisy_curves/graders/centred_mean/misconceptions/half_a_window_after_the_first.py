# diagnosis: half_a_step_off
# seen: the middle is taken to be half a window after the first step
import numpy as np


def centred_mean(values, window):
    n = len(values)
    return [k + 1 + window / 2 for k in range(n - window + 1)], [float(np.mean(values[k : k + window])) for k in range(n - window + 1)]
