# track: keras
# diagnosis: small_gains_ignored
# seen: a min_delta of 1e-3 or 1e-4, as in many tutorials
import math


def train_with_early_stopping(model, train_epoch, evaluate, val, test, patience, max_epochs):
    best_loss, best_epoch, losses = math.inf, 0, []
    for epoch in range(1, max_epochs + 1):
        train_epoch(model)
        losses.append(evaluate(model, val))
        if losses[-1] < best_loss - 1e-3:
            best_loss, best_epoch = losses[-1], epoch
            best_weights = model.get_weights()
        elif epoch - best_epoch >= patience:
            break
    model.set_weights(best_weights)
    return {"val_loss": losses, "best_epoch": best_epoch, "test_loss": evaluate(model, test)}
