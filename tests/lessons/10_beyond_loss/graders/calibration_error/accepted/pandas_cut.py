import numpy as np
import pandas as pd


def calibration_error(probabilities, labels, bins):
    table = pd.DataFrame(np.asarray(probabilities, float))
    rows = pd.DataFrame({"confidence": table.max(axis=1), "right": table.idxmax(axis=1) == np.asarray(labels)})
    groups = rows.groupby(pd.cut(rows.confidence, np.linspace(0, 1, bins + 1)), observed=True)
    gaps = (groups.right.mean() - groups.confidence.mean()).abs()
    return float((gaps * groups.size()).sum() / len(rows))
