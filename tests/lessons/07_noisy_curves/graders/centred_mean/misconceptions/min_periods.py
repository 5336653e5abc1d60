# diagnosis: shortened_at_the_ends
import numpy as np
import pandas as pd


def centred_mean(values, window):
    means = pd.Series(list(values), dtype=float).rolling(window, center=True, min_periods=1).mean()
    return np.arange(1, len(values) + 1), means.to_numpy()
