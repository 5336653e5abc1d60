import numpy as np
import pandas as pd


def final_run(lab):
    runs = pd.DataFrame([(c, s, lab.fit(c, s)) for s in lab.seeds for c in lab.configs], columns=["config", "seed", "model"])
    runs["loss"] = runs.model.map(lab.val_loss)
    by = runs.groupby("config", sort=False).loss
    chosen = by.mean().idxmin()
    share = pd.Series(lab.train_y).value_counts(normalize=True)
    model = runs[(runs.config == chosen) & (runs.seed == lab.seeds[0])].model.iloc[0]
    test = pd.Series(lab.test_losses(model))
    return {
        "baseline": -np.log(pd.Series(lab.val_y).map(share)).mean(),
        "chosen": chosen,
        "val_loss": by.mean()[chosen],
        "val_error": by.sem()[chosen],
        "test_loss": test.mean(),
        "test_error": test.sem(),
    }
