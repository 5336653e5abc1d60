def capacity_sweep(train_model, widths, train, val, test):
    import numpy as np

    models = {w: train_model(w, train) for w in widths}
    losses = np.array([[models[w](train), models[w](val)] for w in widths])
    best = np.array(widths)[np.lexsort((widths, losses[:, 1]))[0]]
    return {
        "train_loss": losses[:, 0],
        "val_loss": losses[:, 1],
        "best_width": best,
        "test_loss": np.float64(models[int(best)](test)),
    }
