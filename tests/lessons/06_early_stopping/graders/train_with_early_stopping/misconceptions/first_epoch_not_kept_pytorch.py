# track: pytorch
# diagnosis: initial_weights
# seen: the copy from before training stands for the first epoch's
import copy


def train_with_early_stopping(model, train_epoch, evaluate, val, test, patience, max_epochs):
    best_weights = copy.deepcopy(model.state_dict())
    val_loss, best_epoch, wait = [], 1, 0
    for epoch in range(1, max_epochs + 1):
        train_epoch(model)
        val_loss.append(evaluate(model, val))
        if epoch == 1:
            best = val_loss[0]
        elif val_loss[-1] < best:
            best, best_epoch, wait = val_loss[-1], epoch, 0
            best_weights = copy.deepcopy(model.state_dict())
        else:
            wait += 1
            if wait == patience:
                break
    model.load_state_dict(best_weights)
    return {"val_loss": val_loss, "best_epoch": best_epoch, "test_loss": evaluate(model, test)}
