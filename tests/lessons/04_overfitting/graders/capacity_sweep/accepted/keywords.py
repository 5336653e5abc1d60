def capacity_sweep(train_model, widths, train, val, test):
    fitted = []
    for width in widths:
        fitted.append((width, train_model(width=width, rows=train)))
    result = dict(train_loss=[f(train) for _, f in fitted], val_loss=[f(val) for _, f in fitted])
    low = min(result["val_loss"])
    result["best_width"] = min(w for w, v in zip(widths, result["val_loss"]) if v == low)
    result["test_loss"] = dict(fitted)[result["best_width"]](test)
    return result
