def capacity_sweep(train_model, widths, train, val, test):
    import pandas as pd

    table = pd.DataFrame({"width": widths})
    table["model"] = [train_model(w, train) for w in widths]
    table["train_loss"] = [m(train) for m in table.model]
    table["val_loss"] = [m(val) for m in table.model]
    chosen = table.sort_values(["val_loss", "width"]).iloc[0]
    return {
        "train_loss": table.train_loss.tolist(),
        "val_loss": table.val_loss.tolist(),
        "best_width": int(chosen.width),
        "test_loss": float(chosen.model(test)),
    }
