def capacity_sweep(train_model, widths, train, val, test):
    train_loss, val_loss = [], []
    best = None
    for width in widths:
        loss_on = train_model(width, train)
        train_loss.append(loss_on(train))
        val_loss.append(loss_on(val))
        if best is None or (val_loss[-1], width) < best[:2]:
            best = (val_loss[-1], width, loss_on)
    return {"train_loss": train_loss, "val_loss": val_loss, "best_width": best[1], "test_loss": best[2](test)}
