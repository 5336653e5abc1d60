# track: keras
def train_with_early_stopping(model, train_epoch, evaluate, val, test, patience, max_epochs):
    class Stop(Exception):
        pass

    best, losses, best_epoch, best_weights = float("inf"), [], 0, None
    try:
        for epoch in range(1, max_epochs + 1):
            train_epoch(model)
            losses += [evaluate(model, val)]
            if losses[-1] < best:
                best, best_epoch, best_weights = losses[-1], epoch, model.get_weights()
            elif epoch - best_epoch == patience:
                raise Stop
    except Stop:
        print("stopped")
    finally:
        model.set_weights(best_weights)
    return {"val_loss": losses, "best_epoch": best_epoch, "test_loss": evaluate(model, test)}
