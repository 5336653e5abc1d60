# diagnosis: non_finite_ages
import numpy as np
import pandas as pd


def smooth(values, beta):
    series = pd.Series(values, dtype=float)
    return series.ewm(alpha=1 - beta).mean().where(np.isfinite(series), series).tolist()
