# track: pytorch
# diagnosis: wrong_number_of_epochs
# seen: `range(1, max_epochs)`: the last epoch allowed is never trained
import copy
def train_with_early_stopping(model, train_epoch, evaluate, val, test, patience, max_epochs):
    losses, best_loss, best_epoch = [], None, 0
    for epoch in range(1, max_epochs):
        train_epoch(model)
        losses.append(evaluate(model, val))
        if best_loss is None or losses[-1] < best_loss:
            best_loss, best_epoch, best = losses[-1], epoch, copy.deepcopy(model.state_dict())
        elif epoch - best_epoch >= patience:
            break
    model.load_state_dict(best)
    return {"val_loss": losses, "best_epoch": best_epoch, "test_loss": evaluate(model, test)}
