# diagnosis: chosen_on_both_losses
# seen: the smallest sum of both losses chosen
def capacity_sweep(train_model, widths, train, val, test):
    models = {w: train_model(w, train) for w in widths}
    t = [models[w](train) for w in widths]
    v = [models[w](val) for w in widths]
    _, best = min(zip((a + b for a, b in zip(t, v)), widths))
    return {"train_loss": t, "val_loss": v, "best_width": best, "test_loss": models[best](test)}
