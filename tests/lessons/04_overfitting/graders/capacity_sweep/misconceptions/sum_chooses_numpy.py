# diagnosis: chosen_on_both_losses
# seen: the the sum of both losses, chosen by NumPy
import numpy as np


def capacity_sweep(train_model, widths, train, val, test):
    models = {w: train_model(w, train) for w in widths}
    t = [models[w](train) for w in widths]
    v = [models[w](val) for w in widths]
    best = widths[np.argmin(np.add(t, v))]
    return {"train_loss": t, "val_loss": v, "best_width": best, "test_loss": models[best](test)}
