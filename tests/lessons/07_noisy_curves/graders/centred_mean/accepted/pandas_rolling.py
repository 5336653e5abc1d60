import numpy as np
import pandas as pd


def centred_mean(values, window):
    means = pd.Series(list(values), dtype=float).rolling(window).mean().to_numpy()[window - 1 :]
    return np.arange(window, len(values) + 1) - (window - 1) / 2, means
