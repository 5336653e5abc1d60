# track: keras
# diagnosis: train_loss_reported
# seen: the training losses are listed
import math


def train_with_early_stopping(model, train_epoch, evaluate, val, test, patience, max_epochs):
    best, best_epoch, wait, best_weights, losses = math.inf, 0, 0, None, []
    for epoch in range(1, max_epochs + 1):
        train_loss = train_epoch(model)
        val_loss = evaluate(model, val)
        losses.append(train_loss)
        if val_loss < best:
            best, best_epoch, wait = val_loss, epoch, 0
            best_weights = model.get_weights()
        else:
            wait += 1
        if wait >= patience:
            break
    model.set_weights(best_weights)
    return {"val_loss": losses, "best_epoch": best_epoch, "test_loss": evaluate(model, test)}
