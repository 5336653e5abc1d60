# diagnosis: non_finite_ages
# seen: the function that the lesson names
import pandas as pd


def smooth(values, beta):
    return pd.Series(values, dtype=float).ewm(alpha=1 - beta, adjust=True).mean().tolist()
