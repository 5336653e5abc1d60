# track: keras
# diagnosis: never_updates_best
# seen: the loss to beat stays infinite
import math


def train_with_early_stopping(model, train_epoch, evaluate, val, test, patience, max_epochs):
    best_loss, best_epoch, wait = math.inf, 0, 0
    val_loss, best_weights = [], None
    for epoch in range(1, max_epochs + 1):
        train_epoch(model)
        loss = evaluate(model, val)
        val_loss.append(loss)
        if loss < best_loss:
            best_epoch, wait = epoch, 0
            best_weights = model.get_weights()
        else:
            wait += 1
            if wait >= patience:
                break
    model.set_weights(best_weights)
    return {"val_loss": val_loss, "best_epoch": best_epoch, "test_loss": evaluate(model, test)}
