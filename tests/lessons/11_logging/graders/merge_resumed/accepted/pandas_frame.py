import pandas as pd


def merge_resumed(attempts):
    kept = pd.DataFrame(columns=["name", "step", "value"])
    for rows in attempts:
        new = pd.DataFrame(rows, columns=["name", "step", "value"])
        if len(new):
            old = kept[kept["step"] < new["step"].min()]
            kept = pd.concat([old, new]) if len(old) else new
    return kept.sort_values("step", kind="stable").values.tolist()
