# track: keras
# diagnosis: remembers_earlier_call
# seen: a list as a default argument
def train_with_early_stopping(model, train_epoch, evaluate, val, test, patience, max_epochs, val_loss=[]):
    best, best_epoch, wait, kept = None, 0, 0, None
    for epoch in range(1, max_epochs + 1):
        train_epoch(model)
        val_loss.append(evaluate(model, val))
        if best is None or val_loss[-1] < best:
            best, best_epoch, wait, kept = val_loss[-1], epoch, 0, model.get_weights()
        else:
            wait += 1
            if wait >= patience:
                break
    model.set_weights(kept)
    return {"val_loss": val_loss, "best_epoch": best_epoch, "test_loss": evaluate(model, test)}
