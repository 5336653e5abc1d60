def capacity_sweep(train_model, widths, train, val, test):
    def measure():
        for width in widths:
            loss_on = train_model(width, train)
            yield loss_on(train), loss_on(val), width, loss_on

    t, v, w, models = zip(*measure())
    _, best_width, chosen = min(zip(v, w, models), key=lambda triple: triple[:2])
    return {"train_loss": list(t), "val_loss": list(v), "best_width": best_width, "test_loss": chosen(test)}
