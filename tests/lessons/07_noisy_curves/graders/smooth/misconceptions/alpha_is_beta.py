# diagnosis: beta_swapped
# seen: pandas' alpha is the weight of the new value
import numpy as np
import pandas as pd


def smooth(values, beta):
    series = pd.Series(list(values), dtype=float)
    if beta == 0:
        return series.tolist()
    finite = series.where(np.isfinite(series))
    averages = finite.ewm(alpha=beta, adjust=True, ignore_na=True).mean()
    return averages.where(np.isfinite(series), series).tolist()
