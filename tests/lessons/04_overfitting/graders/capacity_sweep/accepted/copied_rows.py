def capacity_sweep(train_model, widths, train, val, test):
    rows = tuple(part.copy() for part in train)
    models = [train_model(w, rows) for w in widths]
    val_loss = [m((val[0].copy(), val[1].copy())) for m in models]
    order = sorted(range(len(widths)), key=lambda i: widths[i])
    best = order[0]
    for i in order[1:]:
        if val_loss[i] < val_loss[best]:
            best = i
    return {
        "test_loss": models[best](test),
        "best_width": widths[best],
        "val_loss": tuple(val_loss),
        "train_loss": tuple(m(train) for m in models),
        "models": len(models),
    }
