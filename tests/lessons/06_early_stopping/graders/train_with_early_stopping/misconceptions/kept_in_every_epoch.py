# track: keras
# diagnosis: alias
# seen: the copy is made before the comparison
import math


def train_with_early_stopping(model, train_epoch, evaluate, val, test, patience, max_epochs):
    best_loss, best_epoch, wait = math.inf, 0, 0
    val_loss, best_weights = [], None
    for epoch in range(1, max_epochs + 1):
        train_epoch(model)
        best_weights = model.get_weights()
        loss = evaluate(model, val)
        val_loss.append(loss)
        if loss < best_loss:
            best_loss, best_epoch, wait = loss, epoch, 0
        else:
            wait += 1
            if wait >= patience:
                break
    model.set_weights(best_weights)
    return {"val_loss": val_loss, "best_epoch": best_epoch, "test_loss": evaluate(model, test)}
