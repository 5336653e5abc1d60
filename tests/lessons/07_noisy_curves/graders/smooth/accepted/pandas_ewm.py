import numpy as np
import pandas as pd


def smooth(values, beta):
    series = pd.Series(list(values), dtype=float)
    finite = series.where(np.isfinite(series))
    averages = finite.ewm(alpha=1 - beta, adjust=True, ignore_na=True).mean()
    return averages.where(np.isfinite(series), series).tolist()
