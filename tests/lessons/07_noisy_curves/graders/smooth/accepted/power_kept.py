import numpy as np


def smooth(values, beta):
    result, ema, left = [], 0.0, 1.0
    for v in np.asarray(values, dtype=np.float64):
        if np.isnan(v) or np.isinf(v):
            result.append(float(v))
        else:
            left *= beta
            ema = beta * ema + (1 - beta) * v
            result.append(ema / (1 - left))
    return np.array(result)
