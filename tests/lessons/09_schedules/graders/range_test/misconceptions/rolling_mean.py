# diagnosis: trailing_instead_of_centred
import numpy as np
import pandas as pd


def range_test(rates, losses, window):
    means = pd.Series(losses, dtype=float).replace(np.inf, np.nan).rolling(window).mean()
    return float("nan") if means.isna().all() else rates[int(means.idxmin())] / 10
