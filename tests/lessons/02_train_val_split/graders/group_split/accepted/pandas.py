import pandas as pd


def group_split(groups, val_groups, seed):
    people = pd.Series(pd.unique(groups)).sample(val_groups, random_state=seed)
    rows = pd.Series(groups)
    inside = rows.isin(people)
    return rows.index[~inside], rows.index[inside]
