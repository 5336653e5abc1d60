# diagnosis: trailing_instead_of_centred
import numpy as np
import pandas as pd


def range_test(rates, losses, window):
    finite = np.isfinite(losses)
    means = pd.Series(np.array(losses)[finite]).rolling(window).mean()
    return float("nan") if means.isna().all() else np.array(rates)[finite][int(means.argmin())] / 10
