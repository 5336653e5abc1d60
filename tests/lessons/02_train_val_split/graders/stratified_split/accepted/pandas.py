import numpy as np
import pandas as pd


def stratified_split(labels, val_share, seed):
    table = pd.Series(np.arange(len(labels)))
    val = table.groupby(labels).sample(frac=val_share, random_state=seed)
    return table.drop(val.index).to_numpy(), val.to_numpy()
