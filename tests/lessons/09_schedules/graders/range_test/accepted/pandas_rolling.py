import numpy as np
import pandas as pd


def range_test(rates, losses, window):
    series = pd.Series(losses, dtype=float)
    usable = np.isfinite(series).cumprod().astype(bool)
    means = series.where(usable).rolling(window, center=True).mean().round(12)
    return float("nan") if means.isna().all() else rates[int(means.idxmin())] / 10
