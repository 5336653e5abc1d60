# track: pytorch
# diagnosis: restored_while_training
# seen: one more epoch after the best
import copy
import math


def train_with_early_stopping(model, train_epoch, evaluate, val, test, patience, max_epochs):
    best_loss, best_epoch, wait = math.inf, 0, 0
    val_loss, best_weights = [], None
    for epoch in range(1, max_epochs + 1):
        train_epoch(model)
        loss = evaluate(model, val)
        val_loss.append(loss)
        if loss < best_loss:
            best_loss, best_epoch, wait = loss, epoch, 0
            best_weights = copy.deepcopy(model.state_dict())
        else:
            wait += 1
            if wait >= patience:
                break
    model.load_state_dict(best_weights)
    train_epoch(model)
    return {"val_loss": val_loss, "best_epoch": best_epoch, "test_loss": evaluate(model, test)}
