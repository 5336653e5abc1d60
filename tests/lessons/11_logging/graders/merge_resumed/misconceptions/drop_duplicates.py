# diagnosis: abandoned_steps_kept
import pandas as pd


def merge_resumed(attempts):
    frame = pd.DataFrame([row for rows in attempts for row in rows], columns=["name", "step", "value"])
    frame = frame.drop_duplicates(["name", "step"], keep="last")
    return frame.sort_values("step", kind="stable").values.tolist()
