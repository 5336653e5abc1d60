# diagnosis: statistics_from_all_rows
import numpy as np
from sklearn.preprocessing import StandardScaler


def standardise(train, val):
    scaler = StandardScaler().fit(np.vstack([train, val]))
    return scaler.transform(train), scaler.transform(val)
