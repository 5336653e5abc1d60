# track: pytorch
# diagnosis: returned_model
# seen: the model comes back
import copy
import math


def train_with_early_stopping(model, train_epoch, evaluate, val, test, patience, max_epochs):
    best, best_epoch, wait, best_weights, losses = math.inf, 0, 0, None, []
    for epoch in range(1, max_epochs + 1):
        train_epoch(model)
        val_loss = evaluate(model, val)
        losses.append(val_loss)
        if val_loss < best:
            best, best_epoch, wait = val_loss, epoch, 0
            best_weights = copy.deepcopy(model.state_dict())
        else:
            wait += 1
        if wait >= patience:
            break
    model.load_state_dict(best_weights)
    return model
