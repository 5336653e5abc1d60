import numpy as np
import pandas as pd


def align_axes(batch_losses, batch_sizes, steps_per_epoch):
    frame = pd.DataFrame({"loss": batch_losses, "size": batch_sizes, "step": np.arange(1, len(batch_losses) + 1)})
    frame["epoch"] = (frame["step"] - 1) // steps_per_epoch
    whole = len(frame) // steps_per_epoch
    frame = frame[frame["epoch"] < whole].assign(total=lambda f: f["loss"] * f["size"])
    groups = frame.groupby("epoch")
    return {
        "train_at": groups["step"].mean().tolist(),
        "train_loss": (groups["total"].sum() / groups["size"].sum()).tolist(),
        "val_at": groups["step"].max().tolist(),
    }
